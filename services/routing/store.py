"""Routing's tables and the questions put to them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    ColumnElement,
    ColumnExpressionArgument,
    Computed,
    Date,
    DateTime,
    Identity,
    Index,
    ScalarSelect,
    Table,
    Text,
    Uuid,
    any_,
    cast,
    func,
    literal,
    select,
    text,
    true,
    update,
)
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from services.routing.assignment import Load
from services.routing.cases import Case

_LOCK_SPACE, _ASSIGNMENTS = 0x7376_6172, 1
"""The lock that whoever gives out cases holds until the commit (locks with two keys are a space of their own)."""

_CASE_FIELDS = tuple(field.name for field in fields(Case))


class Row(DeclarativeBase):
    """What all tables of this service share."""

    type_annotation_map = {str: Text, datetime: DateTime(timezone=True), date: Date, UUID: Uuid}  # noqa: RUF012 - SQLAlchemy's way


class CaseRow(Row):
    """A case as its history tells it (`services.routing.cases.Case`), and what only the desk knows of it."""

    __tablename__ = "cases"

    case_id: Mapped[UUID] = mapped_column(primary_key=True)
    municipality: Mapped[str]
    reference: Mapped[str]
    kind: Mapped[str]
    topic: Mapped[str | None]
    area: Mapped[str | None]
    channel: Mapped[str]
    language: Mapped[str]
    reply_wanted: Mapped[bool]
    has_email: Mapped[bool]
    attachments: Mapped[int]
    received_at: Mapped[datetime]
    promise_id: Mapped[str | None]
    rule: Mapped[str | None]
    due_on: Mapped[date | None]
    promise_kept: Mapped[bool | None]
    state: Mapped[str]
    unit: Mapped[str | None]
    person: Mapped[str | None]
    assigned_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    opened_at: Mapped[datetime | None]
    expected_on: Mapped[date | None]
    answered_at: Mapped[datetime | None]
    last_answer_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    supplemented_at: Mapped[datetime | None]
    helped: Mapped[bool | None]
    undelivered_at: Mapped[datetime | None]
    attention: Mapped[str | None]
    attention_at: Mapped[datetime | None]
    urgent_on: Mapped[date | None]
    last_activity_at: Mapped[datetime]
    version: Mapped[int]

    seen_at: Mapped[datetime | None]
    """Somebody has looked at what came after the case was finished, and found nothing left to do."""
    open: Mapped[bool] = mapped_column(
        Boolean,
        Computed(
            "finished_at IS NULL"
            " OR (attention_at IS NOT NULL AND (seen_at IS NULL OR attention_at > seen_at))",
            persisted=True,
        ),
    )
    """Needs somebody: not finished, or something has come since."""

    __table_args__ = (
        # Not unique: that is intake's to see to, and a case must never be refused for it here.
        Index("cases_reference", "reference"),
        # In the order of the lists, and with what is counted, so that neither reads the table for it.
        Index(
            "cases_open_person",
            "person",
            "urgent_on",
            "received_at",
            "case_id",
            postgresql_where=text("open"),
            postgresql_include=["finished_at"],
        ),
        Index(
            "cases_open_unit",
            "unit",
            "urgent_on",
            "received_at",
            "case_id",
            postgresql_where=text("open"),
            postgresql_include=["finished_at"],
        ),
        Index("cases_open_nobodys", "unit", postgresql_where=text("open AND person IS NULL")),
        Index(
            "cases_done_person", "person", "last_activity_at", "case_id", postgresql_where=text("NOT open")
        ),
        Index("cases_done_unit", "unit", "last_activity_at", "case_id", postgresql_where=text("NOT open")),
        Index("cases_praise_unit", "unit", "received_at", postgresql_where=text("kind = 'praise'")),
        Index("cases_assigned_person", "person", "assigned_at"),
    )


class AnswerRow(Row):
    """What was answered, in the caseworker's words. The id is that of the form it was written in."""

    __tablename__ = "answers"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    at: Mapped[datetime]
    final: Mapped[bool]
    text: Mapped[str]
    person: Mapped[str]
    unit: Mapped[str]
    expected_on: Mapped[date | None]

    __table_args__ = (Index("answers_case", "case_id", "at"),)


class NoteRow(Row):
    """A word to colleagues. `event_id` is the handover it explains; None for a note by itself."""

    __tablename__ = "notes"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    at: Mapped[datetime]
    person: Mapped[str]
    text: Mapped[str]
    event_id: Mapped[UUID | None]

    __table_args__ = (Index("notes_case", "case_id", "at"),)


class AccessRow(Row):
    """Who has read which case's text, and when: the audit trail."""

    __tablename__ = "case_access"

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    case_id: Mapped[UUID]
    person: Mapped[str]
    at: Mapped[datetime]

    __table_args__ = (
        Index("case_access_case", "case_id", "at"),
        Index("case_access_person", "person", "at"),
    )


CASES: Table = CaseRow.__table__  # type: ignore[assignment]
_NEW_CASE = insert(CASES)
_SAVE_CASE = _NEW_CASE.on_conflict_do_update(
    index_elements=[CASES.c.case_id],
    set_={
        column.name: _NEW_CASE.excluded[column.name]
        for column in CASES.c
        if column.name not in {"case_id", "seen_at", "open"}
    },
)


_LOCK_CASES = text("SELECT count(pg_advisory_xact_lock(key)) FROM unnest(CAST(:keys AS bigint[])) AS key")
_LOCK_ASSIGNMENTS = text("SELECT pg_advisory_xact_lock(:space, :key)")

_WORKLOAD = text(
    """
    SELECT person,
           (SELECT count(*) FROM cases WHERE open AND cases.person = asked.person) AS open,
           (SELECT max(assigned_at) FROM cases WHERE cases.person = asked.person) AS last_assigned_at
      FROM unnest(CAST(:people AS text[])) AS asked (person)
    """
)


async def lock_cases(session: AsyncSession, case_ids: Collection[UUID]) -> None:
    """Until the commit nobody else reads and rewrites these cases.

    Two processes may each hear one event of the same case; without this each would fold a history that lacks
    the other's. Taken in the order of the keys, and before the lock of `lock_assignments`, so that nobody
    waits in a circle.
    """
    await session.execute(_LOCK_CASES, {"keys": sorted(_lock_key(case_id) for case_id in case_ids)})


async def lock_assignments(session: AsyncSession) -> None:
    """Until the commit nobody else gives out cases, so that whoever counts the work counts all of it."""
    await session.execute(_LOCK_ASSIGNMENTS, {"space": _LOCK_SPACE, "key": _ASSIGNMENTS})


async def workload(session: AsyncSession, people: Iterable[str]) -> dict[str, Load]:
    """The open work of each of these people, and when each was last given a case."""
    rows = await session.execute(_WORKLOAD, {"people": sorted(set(people))})
    return {row.person: Load(row.open, row.last_assigned_at) for row in rows}


async def answers_of(session: AsyncSession, case_id: UUID) -> Sequence[AnswerRow]:
    """What was answered in a case, oldest first."""
    rows = await session.scalars(
        select(AnswerRow).where(AnswerRow.case_id == case_id).order_by(AnswerRow.at, AnswerRow.id)
    )
    return rows.all()


async def save_cases(session: AsyncSession, cases: Iterable[Case]) -> None:
    """Writes the state of cases, new or changed; what only the desk knows of them stays."""
    rows = [_row(case) for case in cases]
    if rows:
        await session.execute(_SAVE_CASE, rows)


def _row(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in _CASE_FIELDS}


def _lock_key(case_id: UUID) -> int:
    """The random half of the id, as PostgreSQL's bigint."""
    return int.from_bytes(case_id.bytes[8:], "big", signed=True)


PAGE = 50
"""Cases a page."""
MOST_PAGES = 20
"""Nobody reads further: past it one filters or searches. It also bounds what a count may cost."""
_COUNTED = PAGE * MOST_PAGES


@dataclass(frozen=True, slots=True)
class Listing:
    """Which cases a list shows: one person's, or those of units; open ones, or those done with."""

    person: str | None = None
    units: tuple[str, ...] = ()
    done: bool = False
    kind: str | None = None
    topic: str | None = None
    unassigned: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases a listing has, never more than `MOST_PAGES` pages are counted."""

    open: int
    overdue: int
    soon: int
    done: int
    nobodys: int


async def case_by_reference(session: AsyncSession, reference: str) -> CaseRow | None:
    """The case of this reference; the newest where two have it."""
    query = select(CaseRow).where(CaseRow.reference == reference).order_by(CaseRow.received_at.desc())
    return (await session.scalars(query.limit(1))).first()


async def case_by_id(session: AsyncSession, case_id: UUID) -> CaseRow | None:
    """The case of this id."""
    return await session.get(CaseRow, case_id)


async def page_of(session: AsyncSession, listing: Listing, page: int) -> Sequence[CaseRow]:
    """A page of a list, the most urgent first; of what is done with, the latest first."""
    first = (page - 1) * PAGE
    if listing.person:
        query = select(CaseRow).where(*_conditions(listing), CaseRow.person == listing.person)
        rows = await session.scalars(query.order_by(*_order(CaseRow, listing)).offset(first).limit(PAGE))
        return rows.all()
    # The first of each unit by its index, of those the first, and only then the rows themselves: the cost
    # grows with the units, and not with their cases.
    units = func.unnest(cast(listing.units, ARRAY(Text))).table_valued("id").render_derived(name="units")
    of_unit = (
        select(CaseRow.case_id, CaseRow.urgent_on, CaseRow.received_at, CaseRow.last_activity_at)
        if listing.done
        else select(CaseRow.case_id, CaseRow.urgent_on, CaseRow.received_at)
    )
    firsts = (
        of_unit.where(*_conditions(listing), CaseRow.unit == units.c.id)
        .order_by(*_order(CaseRow, listing))
        .limit(first + PAGE)
        .lateral("firsts")
    )
    chosen = (
        select(firsts.c.case_id)
        .select_from(units.join(firsts, true()))
        .order_by(*_order(firsts.c, listing))
        .offset(first)
        .limit(PAGE)
        .subquery("chosen")
    )
    rows = await session.scalars(
        select(CaseRow).join(chosen, CaseRow.case_id == chosen.c.case_id).order_by(*_order(CaseRow, listing))
    )
    return rows.all()


async def counts_of(session: AsyncSession, listing: Listing, today: date, soon: date) -> Counts:
    """How many cases are open, overdue, due from today to `soon`, or nobody's; one question.

    `done` is counted only for a list of what is done with: nobody else asks, and it is the whole history.
    """
    scope = (
        CaseRow.person == listing.person if listing.person else CaseRow.unit == any_(literal(listing.units))
    )
    unfinished = CaseRow.finished_at.is_(None)
    still_open = replace(listing, done=False, unassigned=False)

    def counted(of: Listing, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
        some = select(literal(1)).where(*_conditions(of), scope, *conditions).limit(_COUNTED).subquery()
        return select(func.count()).select_from(some).scalar_subquery()

    none = select(literal(0)).scalar_subquery()
    row = (
        await session.execute(
            select(
                counted(still_open),
                counted(still_open, unfinished, CaseRow.urgent_on < today),
                counted(still_open, unfinished, CaseRow.urgent_on.between(today, soon)),
                counted(listing) if listing.done else none,
                none if listing.person else counted(replace(still_open, unassigned=True)),
            )
        )
    ).one()
    return Counts(*row)


async def notes_of(session: AsyncSession, case_id: UUID) -> Sequence[NoteRow]:
    """The words to colleagues about a case, oldest first."""
    rows = await session.scalars(
        select(NoteRow).where(NoteRow.case_id == case_id).order_by(NoteRow.at, NoteRow.id)
    )
    return rows.all()


async def praise_of(
    session: AsyncSession, units: Sequence[str], since: datetime, most: int
) -> Sequence[CaseRow]:
    """The latest praise for these units."""
    query = (
        select(CaseRow)
        .where(text("kind = 'praise'"), CaseRow.unit.in_(units), CaseRow.received_at >= since)
        .order_by(CaseRow.received_at.desc())
        .limit(most)
    )
    return (await session.scalars(query)).all()


async def mark_seen(session: AsyncSession, case_id: UUID, at: datetime) -> None:
    """Somebody has looked at what came after the case was finished."""
    await session.execute(update(CaseRow).where(CaseRow.case_id == case_id).values(seen_at=at))


def _conditions(listing: Listing) -> list[ColumnExpressionArgument[bool]]:
    # `open` stands alone, so that the partial indexes are seen to fit.
    conditions: list[ColumnExpressionArgument[bool]] = [~CaseRow.open if listing.done else CaseRow.open]
    if listing.kind:
        conditions.append(CaseRow.kind == listing.kind)
    if listing.topic:
        conditions.append(CaseRow.topic == listing.topic)
    if listing.unassigned:
        conditions.append(CaseRow.person.is_(None))
    return conditions


def _order(of: Any, listing: Listing) -> tuple[ColumnElement[Any], ...]:
    if listing.done:
        return (of.last_activity_at.desc(), of.case_id.desc())
    return (of.urgent_on.asc(), of.received_at.asc(), of.case_id.asc())

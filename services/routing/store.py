"""Routing's tables and the questions put to them."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Computed,
    Date,
    DateTime,
    Identity,
    Index,
    Table,
    Text,
    Uuid,
    select,
    text,
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
    promise_number: Mapped[int] = mapped_column(server_default="1")
    state: Mapped[str]
    unit: Mapped[str | None]
    person: Mapped[str | None]
    assigned_at: Mapped[datetime | None]
    reason: Mapped[str | None]
    opened_at: Mapped[datetime | None]
    waiting_until: Mapped[date | None]
    merged_into: Mapped[UUID | None]
    reopened_at: Mapped[datetime | None]
    expected_on: Mapped[date | None]
    answered_at: Mapped[datetime | None]
    last_answer_at: Mapped[datetime | None]
    ever_answered: Mapped[bool] = mapped_column(server_default="false")
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
        # In the order of the lists, and with what is counted and filtered by, so that neither reads the table
        # for it.
        Index(
            "cases_open_person",
            "person",
            "urgent_on",
            "received_at",
            "case_id",
            postgresql_where=text("open"),
            postgresql_include=["finished_at", "waiting_until", "undelivered_at"],
        ),
        Index(
            "cases_open_unit",
            "unit",
            "urgent_on",
            "received_at",
            "case_id",
            postgresql_where=text("open"),
            postgresql_include=["finished_at", "waiting_until", "undelivered_at", "kind", "topic", "person"],
        ),
        Index("cases_open_nobodys", "unit", postgresql_where=text("open AND person IS NULL")),
        Index(
            "cases_done_person", "person", "last_activity_at", "case_id", postgresql_where=text("NOT open")
        ),
        Index(
            "cases_done_unit",
            "unit",
            "last_activity_at",
            "case_id",
            postgresql_where=text("NOT open"),
            postgresql_include=["kind", "topic"],
        ),
        Index(
            "cases_waiting_person",
            "person",
            "waiting_until",
            "received_at",
            "case_id",
            postgresql_where=text("open AND waiting_until IS NOT NULL"),
        ),
        Index(
            "cases_waiting_unit",
            "unit",
            "waiting_until",
            "received_at",
            "case_id",
            postgresql_where=text("open AND waiting_until IS NOT NULL"),
        ),
        Index("cases_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        Index("cases_undelivered", "undelivered_at", postgresql_where=text("undelivered_at IS NOT NULL")),
        Index("cases_praise_unit", "unit", "received_at", postgresql_where=text("kind = 'praise'")),
        Index("cases_assigned_person", "person", "assigned_at"),
    )


class AnswerRow(Row):
    """What we wrote to the resident, in the caseworker's words. The id is that of the form it was written in.

    `expected_on` is the day it names: when an answer is to be expected, until when the clock may stand still,
    or the new due day.
    """

    __tablename__ = "answers"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    case_id: Mapped[UUID]
    at: Mapped[datetime]
    kind: Mapped[str]
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


class SensitiveTopicRow(Row):
    """A topic that was sensitive when a service with this database was last started with it."""

    __tablename__ = "sensitive_topics"

    topic: Mapped[str] = mapped_column(primary_key=True)


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


_MERGED_INTO = text(
    """
    WITH RECURSIVE following (case_id) AS (
        SELECT case_id FROM cases WHERE merged_into = :case_id
        UNION
        SELECT cases.case_id FROM cases JOIN following ON cases.merged_into = following.case_id
    )
    SELECT case_id FROM following WHERE case_id <> :case_id ORDER BY case_id
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


async def merged_into(session: AsyncSession, case_id: UUID) -> Sequence[UUID]:
    """The cases whose residents get this one's answers, those merged into a merged one included."""
    return (await session.scalars(_MERGED_INTO, {"case_id": case_id})).all()


async def save_cases(session: AsyncSession, cases: Iterable[Case]) -> None:
    """Writes the state of cases, new or changed; what only the desk knows of them stays."""
    rows = [_row(case) for case in cases]
    if rows:
        await session.execute(_SAVE_CASE, rows)


async def case_by_reference(session: AsyncSession, reference: str) -> CaseRow | None:
    """The case of this reference; the newest where two have it."""
    query = select(CaseRow).where(CaseRow.reference == reference).order_by(CaseRow.received_at.desc())
    return (await session.scalars(query.limit(1))).first()


async def case_by_id(session: AsyncSession, case_id: UUID) -> CaseRow | None:
    """The case of this id."""
    return await session.get(CaseRow, case_id)


async def notes_of(session: AsyncSession, case_id: UUID) -> Sequence[NoteRow]:
    """The words to colleagues about a case, oldest first."""
    rows = await session.scalars(
        select(NoteRow).where(NoteRow.case_id == case_id).order_by(NoteRow.at, NoteRow.id)
    )
    return rows.all()


async def mark_seen(session: AsyncSession, case_id: UUID, at: datetime) -> None:
    """Somebody has looked at what came after the case was finished."""
    await session.execute(update(CaseRow).where(CaseRow.case_id == case_id).values(seen_at=at))


def _row(case: Case) -> dict[str, Any]:
    return {name: getattr(case, name) for name in _CASE_FIELDS}


def _lock_key(case_id: UUID) -> int:
    """The random half of the id, as PostgreSQL's bigint."""
    return int.from_bytes(case_id.bytes[8:], "big", signed=True)

"""The cases a list shows, in which order, and how many there are."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    ColumnExpressionArgument,
    ScalarSelect,
    Text,
    any_,
    cast,
    func,
    literal,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.ext.asyncio import AsyncSession

from services.routing.store import CaseRow

PAGE = 50
"""Cases a page."""
MOST_PAGES = 20
"""Nobody reads further: past it one filters or searches. It also bounds what a count may cost."""
_COUNTED = PAGE * MOST_PAGES


@dataclass(frozen=True, slots=True)
class Listing:
    """Which cases a list shows: one person's, or those of units; open ones, or those done with.

    :param waiting: those that wait for their resident. They are not among the open ones, unless our question
        never reached the resident.
    """

    person: str | None = None
    units: tuple[str, ...] = ()
    done: bool = False
    waiting: bool = False
    kind: str | None = None
    topic: str | None = None
    unassigned: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases a listing has, never more than `MOST_PAGES` pages are counted."""

    open: int
    overdue: int
    soon: int
    waiting: int
    done: int
    nobodys: int


async def page_of(session: AsyncSession, listing: Listing, page: int, today: date) -> Sequence[CaseRow]:
    """A page of a list, the most urgent first; of what is done with, the latest first."""
    first = (page - 1) * PAGE
    if listing.person:
        query = select(CaseRow).where(*_conditions(listing, today), CaseRow.person == listing.person)
        rows = await session.scalars(query.order_by(*_order(CaseRow, listing)).offset(first).limit(PAGE))
        return rows.all()
    # The first of each unit by its index, of those the first, and only then the rows themselves: the cost
    # grows with the units, and not with their cases.
    units = func.unnest(cast(listing.units, ARRAY(Text))).table_valued("id").render_derived(name="units")
    of_unit = (
        select(CaseRow.case_id, CaseRow.urgent_on, CaseRow.received_at, CaseRow.last_activity_at)
        if listing.done
        else select(CaseRow.case_id, CaseRow.urgent_on, CaseRow.waiting_until, CaseRow.received_at)
    )
    firsts = (
        of_unit.where(*_conditions(listing, today), CaseRow.unit == units.c.id)
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
    still_open = replace(listing, done=False, waiting=False, unassigned=False)

    def counted(of: Listing, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
        some = (
            select(literal(1)).where(*_conditions(of, today), scope, *conditions).limit(_COUNTED).subquery()
        )
        return select(func.count()).select_from(some).scalar_subquery()

    none = select(literal(0)).scalar_subquery()
    row = (
        await session.execute(
            select(
                counted(still_open),
                counted(still_open, unfinished, CaseRow.urgent_on < today),
                counted(still_open, unfinished, CaseRow.urgent_on.between(today, soon)),
                counted(replace(still_open, waiting=True)),
                counted(listing) if listing.done else none,
                none if listing.person else counted(replace(still_open, unassigned=True)),
            )
        )
    ).one()
    return Counts(*row)


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


async def undelivered(session: AsyncSession, most: int) -> Sequence[CaseRow]:
    """The cases whose resident our last message did not reach, and nobody has otherwise since; newest first."""
    query = (
        select(CaseRow)
        .where(
            CaseRow.undelivered_at.is_not(None),
            or_(CaseRow.seen_at.is_(None), CaseRow.seen_at < CaseRow.undelivered_at),
        )
        .order_by(CaseRow.undelivered_at.desc(), CaseRow.case_id)
        .limit(most)
    )
    return (await session.scalars(query)).all()


def _conditions(listing: Listing, today: date) -> list[ColumnExpressionArgument[bool]]:
    # `open` stands alone, so that the partial indexes are seen to fit.
    conditions: list[ColumnExpressionArgument[bool]] = [~CaseRow.open if listing.done else CaseRow.open]
    if listing.waiting:
        conditions += [
            CaseRow.waiting_until.is_not(None),
            CaseRow.waiting_until >= today,
            CaseRow.undelivered_at.is_(None),
        ]
    elif not listing.done:
        conditions.append(
            or_(
                CaseRow.waiting_until.is_(None),
                CaseRow.waiting_until < today,
                CaseRow.undelivered_at.is_not(None),
            )
        )
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
    first = of.waiting_until if listing.waiting else of.urgent_on
    return (first.asc(), of.received_at.asc(), of.case_id.asc())

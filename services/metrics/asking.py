"""Questions to the cells and the facts, in all groupings and by the organisation of then or of now."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import add, sub
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.cells import TOLD, Set, contributions, set_for, sums
from services.metrics.indicators import Dimension, Key, Question
from services.metrics.months import months
from services.metrics.periods import Period, runs_of
from services.metrics.remembered import Memory, memory_of

Row = Mapping[str, int]

TELLING = frozenset({"received", "promised", "answered", "opened", "interim_needed"})
"""What a group must have some of for there to be anything to tell of it."""

# As of the evening of :seen: the promise of the stage the case was in then. A case that was reopened is under the
# promise of its latest reopening until then, and under none where none was made.
DUE_THEN = """
    CASE WHEN c.reopened_at IS NULL OR NOT EXISTS (
        SELECT FROM unnest(c.reopened_at) AS r WHERE (r AT TIME ZONE 'Europe/Oslo')::date <= :seen
    ) THEN (
        SELECT p.due_on FROM promise_fact AS p WHERE p.case_id = c.case_id AND p.number = 1
    ) ELSE (
        SELECT p.due_on FROM promise_fact AS p
        WHERE p.case_id = c.case_id AND p.number > 1
        AND (SELECT max(r) FROM unnest(c.reopened_at) AS r WHERE r <= p.made_at) = (
            SELECT max(r) FROM unnest(c.reopened_at) AS r WHERE (r AT TIME ZONE 'Europe/Oslo')::date <= :seen
        )
        ORDER BY p.number DESC LIMIT 1
    ) END
"""
_NOW = """
    LEFT JOIN unnest(CAST(:old_units AS text[]), CAST(:new_units AS text[]), CAST(:new_sections AS text[]))
        AS now (old, unit, section) ON now.old = {alias}.unit
"""


# OFFSET 0: the due day is looked up once a case, not once in every figure that asks for it. Looked up, and not
# joined: of all promises there ever were, few are of cases that were open on one evening.
STANDING = f"case_fact AS c CROSS JOIN LATERAL (SELECT {DUE_THEN} AS due_on OFFSET 0) AS stage"
"""Where the backlog is: each case `c` that was open when it is seen, with the day it was then due on."""


Grouping = tuple[Dimension, ...]
Cells = dict[tuple[Grouping, Key], list[UUID]]
"""The keys of the cells that each group consists of, by grouping and key."""


@dataclass(frozen=True)
class Asked:
    """A question in the words of SQL."""

    question: Question
    cells: Cells = field(default_factory=dict, compare=False)
    """Those that have been looked up: nothing where a group has none."""

    def places(self, alias: str) -> str:
        """The join that tells where a unit's cases belong now; nothing where then is asked for."""
        return _NOW.format(alias=alias) if self.question.now is not None else ""

    def value(self, dimension: Dimension, alias: str) -> str:
        """A dimension of a case or key."""
        if self.question.now is not None and dimension in {Dimension.UNIT, Dimension.SECTION}:
            return f"COALESCE(now.{dimension}, {alias}.{dimension})"
        return f"{alias}.{dimension}"

    def chosen(self, alias: str) -> str:
        """The condition that a case is among those in question."""
        conditions = [
            f"{self.value(dimension, alias)} = ANY(CAST(:{dimension} AS text[]))"
            for dimension in self.question.chosen
        ]
        return " AND ".join(["true", *conditions])

    def parameters(self, **more: Any) -> dict[str, Any]:
        """What stands in the places of `places` and `chosen`, and more."""
        found = {
            **more,
            **{str(dimension): list(values) for dimension, values in self.question.chosen.items()},
        }
        now = self.question.now
        if now is not None:
            found |= {
                "old_units": list(now),
                "new_units": [place.unit for place in now.values()],
                "new_sections": [place.section for place in now.values()],
            }
        return found

    def number(self, memory: Memory) -> int:
        """Which cases are asked for, and where they belong: a number, for an organisation of now has every unit."""
        now = tuple(self.question.now.items()) if self.question.now is not None else None
        return memory.number((tuple(self.question.chosen.items()), now))

    def cells_for(self, dimensions: Sequence[Dimension]) -> Set:
        """The cells that can tell of these dimensions and of what is chosen."""
        needed = {*dimensions, *self.question.chosen}
        if self.question.now is not None and Dimension.SECTION in needed:
            needed.add(Dimension.UNIT)
        return set_for(needed)


Part = tuple[str, Period]
"""A whole month, `m`, or some days of one, `d`."""
Signed = Sequence[tuple[Part, int]]
"""What is to be put together (1) and taken from it (-1)."""
Sums = Mapping[Key, tuple[int, ...]]
"""The sums of the columns in each group, in the order of `TOLD`."""
Groups = Mapping[Key, Row]
_TELLING = [TOLD.index(column) for column in sorted(TELLING)]
_OF_A_ROW = 600
"""Bytes that it takes to remember a group, roughly."""


async def sums_of(
    session: AsyncSession, question: Question, periods: Collection[Period], dimensions: Sequence[Dimension]
) -> dict[Period, Groups]:
    """The sums of the columns in each period and group that has anything in it.

    Of what was read before, only the months that have changed since are read again.
    """
    asked, memory, at = Asked(question), memory_of(session), await months(session)
    what = ("sums", asked.number(memory), tuple(dimensions))
    found: dict[Period, Groups] = {}
    for period in periods:
        known = memory.recall((*what, period), at.version(period))
        if known is not None:
            found[period] = known
    by_day = asked.cells_for(dimensions).by_day
    unknown = {
        period: parts_of(period, question.today, by_day=by_day) for period in periods if period not in found
    }
    parts = dict.fromkeys(part for signed in unknown.values() for part, _ in signed)
    await at.read_days({days.first.replace(day=1) for grain, days in parts if grain == "d"})
    versions = {
        part: at.version(part[1]) if part[0] == "m" else at.version_of_days(part[1]) for part in parts
    }
    read: dict[Part, Sums] = {}
    for part, version in versions.items():
        known = memory.recall((*what, part), version)
        if known is not None:
            read[part] = known
    missing = [part for part in parts if part not in read]
    for part, sums_of_part in (await _read(session, asked, missing, dimensions)).items():
        read[part] = sums_of_part
        memory.keep((*what, part), versions[part], sums_of_part, len(sums_of_part) * _OF_A_ROW)
    for period, signed in unknown.items():
        found[period] = groups = _together(read, signed)
        memory.keep((*what, period), at.version(period), groups, len(groups) * 4 * _OF_A_ROW)
    return found


def parts_of(period: Period, today: date, *, by_day: bool) -> Signed:
    """Months and days of them that the period consists of; each day by itself where no cells have it.

    Today, on which most happens, is by itself in any case.

    Days of a month are the month without its other days where these are fewer: of days to come hardly anything
    is known but what is due then.
    """
    signed: list[tuple[Part, int]] = []
    for grain, piece in period.months_and_days():
        for part in piece.cut():
            if grain == "m":
                signed.append((("m", part), 1))
                continue
            (month,) = part.by_month()
            rest = part.rest_of(month)
            days, sign = part, 1
            if rest and _passed(rest, today) < _passed(part, today):
                signed.append((("m", month), 1))
                days, sign = rest, -1
            alone = days.around(today) if by_day else [Period(day, day) for day in days.by_day()]
            signed += [(("d", some), sign) for some in alone]
    return signed


def _passed(days: Period, today: date) -> int:
    return max(0, (min(days.last, today) - days.first).days + 1)


def _together(read: Mapping[Part, Sums], signed: Signed) -> Groups:
    if len(signed) == 1:
        added = dict(read[signed[0][0]])
    else:
        added = {}
        for part, sign in signed:
            plus = add if sign > 0 else sub
            for key, sums in read[part].items():
                added[key] = tuple(map(plus, added.get(key, _NOUGHT), sums))
    return {
        key: dict(zip(TOLD, sums, strict=True))
        for key, sums in added.items()
        if any(sums[at] for at in _TELLING)
    }


_NOUGHT = (0,) * len(TOLD)


async def _read(
    session: AsyncSession, asked: Asked, parts: Sequence[Part], dimensions: Sequence[Dimension]
) -> dict[Part, Sums]:
    """The sums of each part, from the cells that have it, or else from the facts."""
    cells = asked.cells_for(dimensions)
    in_cells = [part for part in parts if cells.by_day or part[0] == "m"]
    days = [part[1].first for part in parts if not cells.by_day and part[0] == "d"]
    read: dict[Part, Sums] = {}
    if in_cells:
        read |= await _read_cells(session, asked, in_cells, dimensions)
    if days:
        of_days = await _read_facts(session, asked, days, dimensions)
        read |= {("d", Period(day, day)): of_days[day] for day in days}
    return read


async def _read_cells(
    session: AsyncSession, asked: Asked, parts: Sequence[Part], dimensions: Sequence[Dimension]
) -> dict[Part, Sums]:
    values = "".join(f", {asked.value(name, 'k')} AS {name}" for name in dimensions)
    group = ", ".join(["part", *dimensions])
    statement = f"""
        SELECT {group}, {sums(TOLD)} FROM (
            SELECT drawn.part {values}, {", ".join(f"cell.{name}" for name in TOLD)}
            FROM unnest(
                CAST(:parts AS int[]), CAST(:grains AS text[]), CAST(:firsts AS date[]), CAST(:lasts AS date[])
            ) AS drawn (part, grain, first, last)
            JOIN cell_key AS k ON k.by = {asked.cells_for(dimensions).by}
            JOIN cell ON cell.key = k.key AND cell.grain = drawn.grain
                AND cell.first BETWEEN drawn.first AND drawn.last
            {asked.places("k")} WHERE {asked.chosen("k")}
        ) AS cells GROUP BY {group}
    """  # noqa: S608 - of our own names alone
    given = {
        "parts": list(range(len(parts))),
        "grains": [grain for grain, _ in parts],
        "firsts": [piece.first for _, piece in parts],
        "lasts": [piece.last for _, piece in parts],
    }
    read: dict[Part, dict[Key, tuple[int, ...]]] = {part: {} for part in parts}
    first = 1 + len(dimensions)
    for row in (await session.execute(text(statement), asked.parameters(**given))).all():
        read[parts[row[0]]][tuple(row[1:first])] = tuple(row[first:])
    return dict(read)


async def _read_facts(
    session: AsyncSession, asked: Asked, days: Sequence[date], dimensions: Sequence[Dimension]
) -> dict[date, Sums]:
    # Days that stand in the condition itself are found by their index; those of a joined list are not.
    within = "{day} BETWEEN CAST(:first AS date) AND CAST(:last AS date)"
    lead = "".join(f"{asked.value(name, 'c')} AS asked_{name}, " for name in dimensions)
    facts = contributions(
        f"{within} AND {asked.chosen('c')}", lead=lead, joined=asked.places("c"), columns=TOLD
    )
    group = ", ".join(["day", *(f"asked_{name}" for name in dimensions)])
    statement = text(f"SELECT {group}, {sums(TOLD)} FROM ({facts}) AS fact GROUP BY {group}")  # noqa: S608 - our own names
    read: dict[date, dict[Key, tuple[int, ...]]] = {day: {} for day in days}
    first = 1 + len(dimensions)
    for together in runs_of(days):
        given = asked.parameters(first=together.first, last=together.last)
        for row in (await session.execute(statement, given)).all():
            read[row[0]][tuple(row[1:first])] = tuple(row[first:])
    return dict(read)

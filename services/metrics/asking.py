"""Questions to the cells and the facts, in all groupings and by the organisation of then or of now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.cells import TOLD, Set, contributions, set_for, sums
from services.metrics.indicators import Dimension, Key, Question
from services.metrics.periods import Period

Row = Mapping[str, Any]
Labelled = Sequence[tuple[int, Period]]
"""Periods, each with the label that its sums come under; several may have the same."""

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


@dataclass(frozen=True)
class Asked:
    """A question in the words of SQL."""

    question: Question

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
        conditions = [f"{self.value(dimension, alias)} = :{dimension}" for dimension in self.question.chosen]
        return " AND ".join(["true", *conditions])

    def parameters(self, **more: Any) -> dict[str, Any]:
        """What stands in the places of `places` and `chosen`, and more."""
        found = {**more, **{str(dimension): value for dimension, value in self.question.chosen.items()}}
        now = self.question.now
        if now is not None:
            found |= {
                "old_units": list(now),
                "new_units": [place.unit for place in now.values()],
                "new_sections": [place.section for place in now.values()],
            }
        return found

    def cells_for(self, dimensions: Sequence[Dimension]) -> Set:
        """The cells that can tell of these dimensions and of what is chosen."""
        needed = {*dimensions, *self.question.chosen}
        if self.question.now is not None and Dimension.SECTION in needed:
            needed.add(Dimension.UNIT)
        return set_for(needed)


async def sums_of(
    session: AsyncSession,
    question: Question,
    periods: Labelled,
    dimensions: Sequence[Dimension],
    *,
    columns: Sequence[str] = TOLD,
    only: tuple[str, Mapping[str, Any]] = ("true", {}),
) -> dict[tuple[int, Key], Row]:
    """The sums of the columns in each labelled period and group that has anything in it.

    :param only: a condition on the dimensions, by their names, and its parameters.
    """
    asked = Asked(question)
    cells = asked.cells_for(dimensions)
    pieces = [(label, grain, piece) for label, period in periods for grain, piece in period.months_and_days()]
    odd: OddDays = {}
    if not cells.by_day:
        pieces, odd = _without_days(pieces, question.today)
    given = dict(only[1])
    sources = []
    if pieces:
        source, more = drawn("cell", pieces)
        given |= more
        values = "".join(f"{asked.value(name, 'k')} AS {name}, " for name in dimensions)
        sources.append(f"""
            SELECT drawn.label, {values} {", ".join(f"cell.{name}" for name in columns)}
            FROM {source} JOIN cell_key AS k ON k.by = {cells.by}
            JOIN cell ON cell.key = k.key AND cell.grain = drawn.grain
                AND cell.first BETWEEN drawn.first AND drawn.last
            {asked.places("k")} WHERE {asked.chosen("k")}
        """)  # noqa: S608 - of our own names alone
    for number, (days, labels) in enumerate(odd.items()):
        # Days that stand in the condition itself are found by their index; those of a joined list are not.
        given |= {f"first_{number}": days.first, f"last_{number}": days.last}
        within = f"{{day}} BETWEEN CAST(:first_{number} AS date) AND CAST(:last_{number} AS date)"
        lead = "".join(f"{asked.value(name, 'c')} AS asked_{name}, " for name in dimensions)
        named = "".join(f"asked_{name} AS {name}, " for name in dimensions)
        facts = contributions(
            f"{within} AND {asked.chosen('c')}", lead=lead, joined=asked.places("c"), columns=columns
        )
        signed = ", ".join(f"sign * {column} AS {column}" for column in columns)
        sources.append(
            f"SELECT counted.label, {named} {signed} FROM ({facts}) AS fact"  # noqa: S608 - our own names
            f" CROSS JOIN (VALUES {', '.join(map(str, labels))}) AS counted (label, sign)"
        )
    if not sources:
        return {}
    group = ", ".join(["label", *dimensions])
    anything = " + ".join(column for column in columns if column in TELLING)
    statement = f"""
        SELECT {group}, {sums(columns)} FROM ({" UNION ALL ".join(sources)}) AS rows
        WHERE {only[0]} GROUP BY {group} HAVING sum({anything}) > 0
    """  # noqa: S608 - of our own names alone
    found = (await session.execute(text(statement), asked.parameters(**given))).all()
    first = 1 + len(dimensions)
    return {(row[0], tuple(row[1:first])): dict(zip(columns, row[first:], strict=True)) for row in found}


OddDays = dict[Period, list[tuple[int, int]]]
"""Days that no cell has, with the labels they count under: once (1), or taken from the month they are of (-1)."""


def _without_days(
    pieces: Sequence[tuple[int, str, Period]], today: date
) -> tuple[list[tuple[int, str, Period]], OddDays]:
    """The pieces in whole months alone, and what days are to be put to them or taken from them.

    Days of a month are the month without its other days where these are fewer: of days to come hardly anything
    is known but what is due then.
    """
    months: list[tuple[int, str, Period]] = []
    odd: OddDays = {}
    for label, grain, piece in pieces:
        if grain == "m":
            months.append((label, grain, piece))
            continue
        for days in piece.cut():
            (month,) = days.by_month()
            rest = days.rest_of(month)
            if rest and _passed(rest, today) < _passed(days, today):
                months.append((label, "m", month))
                odd.setdefault(rest, []).append((label, -1))
            else:
                odd.setdefault(days, []).append((label, 1))
    return months, odd


def _passed(days: Period, today: date) -> int:
    return max(0, (min(days.last, today) - days.first).days + 1)


def drawn(name: str, pieces: Sequence[tuple[int, str, Period]]) -> tuple[str, dict[str, Any]]:
    """A source `drawn` with a row for each piece: its label, grain, first and last day; and its parameters."""
    source = f"""unnest(
        CAST(:{name}_labels AS int[]), CAST(:{name}_grains AS text[]),
        CAST(:{name}_firsts AS date[]), CAST(:{name}_lasts AS date[])
    ) AS drawn (label, grain, first, last)"""
    return source, {
        f"{name}_labels": [label for label, _, _ in pieces],
        f"{name}_grains": [grain for _, grain, _ in pieces],
        f"{name}_firsts": [piece.first for _, _, piece in pieces],
        f"{name}_lasts": [piece.last for _, _, piece in pieces],
    }

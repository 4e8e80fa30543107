"""Questions to the cells and the facts, in all groupings and by the organisation of then or of now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.cells import COLUMNS, Set, contributions, set_for, sums
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


def standing(asked: "Asked") -> str:
    """Where the backlog is: each case `c` that was open when it is seen, with the day it was then due on."""
    # OFFSET 0: the due day is looked up once a case, not once in every figure that asks for it. Looked up, and not
    # joined: of all promises there ever were, few are of cases that were open on one evening.
    return f"""
        case_fact AS c
        CROSS JOIN LATERAL (SELECT {DUE_THEN} AS due_on OFFSET 0) AS stage
        {asked.places("c")}
    """


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
    columns: Sequence[str] = COLUMNS,
    only: tuple[str, Mapping[str, Any]] = ("true", {}),
) -> dict[tuple[int, Key], Row]:
    """The sums of the columns in each labelled period and group that has anything in it.

    :param only: a condition on the dimensions, by their names, and its parameters.
    """
    asked = Asked(question)
    cells = asked.cells_for(dimensions)
    pieces = [(label, grain, piece) for label, period in periods for grain, piece in period.months_and_days()]
    in_cells = [piece for piece in pieces if piece[1] == "m" or cells.by_day]
    in_facts = [piece for piece in pieces if piece[1] == "d" and not cells.by_day]
    given = dict(only[1])
    sources = []
    if in_cells:
        source, more = drawn("cell", in_cells)
        given |= more
        values = "".join(f"{asked.value(name, 'k')} AS {name}, " for name in dimensions)
        sources.append(f"""
            SELECT drawn.label, {values} {", ".join(f"cell.{name}" for name in columns)}
            FROM {source} JOIN cell_key AS k ON k.by = {cells.by}
            JOIN cell ON cell.key = k.key AND cell.grain = drawn.grain
                AND cell.first BETWEEN drawn.first AND drawn.last
            {asked.places("k")} WHERE {asked.chosen("k")}
        """)  # noqa: S608 - of our own names alone
    if in_facts:
        source, more = drawn("fact", in_facts)
        given |= more
        joined = f"JOIN {source} ON {{day}} BETWEEN drawn.first AND drawn.last {asked.places('c')}"
        lead = "drawn.label, " + "".join(f"{asked.value(name, 'c')} AS asked_{name}, " for name in dimensions)
        named = "".join(f"asked_{name} AS {name}, " for name in dimensions)
        facts = contributions(asked.chosen("c"), lead=lead, joined=joined)
        sources.append(f"SELECT label, {named} {', '.join(columns)} FROM ({facts}) AS fact")  # noqa: S608
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

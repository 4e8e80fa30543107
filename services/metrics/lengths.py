"""Percentiles of lengths of time, exact to the last digit, and not computed twice.

Percentiles do not add up, so they come from the facts. The cells hold a print of the lengths, which changes
whenever one of them does: what was computed for a group stands as long as its count and print do. A look at
figures in which nothing has changed since somebody last looked so costs no more than reading the cells.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.asking import Asked
from services.metrics.indicators import Dimension, Key, Question
from services.metrics.periods import Period

REMEMBERED = 50_000
"""Groups whose percentiles are remembered; each takes about half a kilobyte."""

Percentiles = tuple[float | None, float | None]
"""Median and 90th percentile, in microseconds."""
NONE: Percentiles = (None, None)


@dataclass(frozen=True)
class Length:
    """A length of time of cases, the day it belongs to, and its count and print in the cells."""

    sql: str
    day: str
    count: str
    print: str


RESPONSE = Length("c.response", "c.answered_on", "answered", "response_print")
RESPONSE_WITHOUT_PAUSES = Length(
    "c.response - COALESCE(c.waited, 0)", "c.answered_on", "answered", "response_print"
)
HANDOVER = Length("c.handover", "c.opened_on", "opened", "handover_print")

Print = tuple[int, int]
_remembered: WeakKeyDictionary[Engine, "OrderedDict[Any, tuple[Print, Percentiles]]"] = WeakKeyDictionary()


Group = tuple[int, Key]
"""A group in one of several periods: the period's number, and the group's key."""


async def percentiles(
    session: AsyncSession,
    question: Question,
    periods: Sequence[Period],
    dimensions: Sequence[Dimension],
    length: Length,
    groups: Mapping[Group, Print],
) -> dict[Group, Percentiles]:
    """The percentiles of each group; `groups` has the counts and prints of those that have any case."""
    memory = _remembered.setdefault(session.get_bind().engine, OrderedDict())
    now = tuple(question.now.items()) if question.now is not None else None
    asked = (length, tuple(dimensions), tuple(question.chosen.items()), now)
    known: dict[Group, Percentiles] = {}
    for (number, key), seen in groups.items():
        place = (asked, periods[number], key)
        remembered = memory.get(place)
        if remembered and remembered[0] == seen:
            known[number, key] = remembered[1]
            memory.move_to_end(place)
    unknown = [group for group in groups if group not in known]
    if unknown:
        computed = await _computed(session, question, periods, dimensions, length, unknown)
        for number, key in unknown:
            known[number, key] = computed.get((number, key), NONE)
            memory[asked, periods[number], key] = (groups[number, key], known[number, key])
        while len(memory) > REMEMBERED:
            memory.popitem(last=False)
    return known


async def _computed(
    session: AsyncSession,
    question: Question,
    periods: Sequence[Period],
    dimensions: Sequence[Dimension],
    length: Length,
    groups: Sequence[Group],
) -> dict[Group, Percentiles]:
    asked = Asked(question)
    values = [asked.value(dimension, "c") for dimension in dimensions]
    numbers = sorted({number for number, _ in groups})
    given: dict[str, Any] = {
        "numbers": numbers,
        "firsts": [periods[number].first for number in numbers],
        "lasts": [periods[number].last for number in numbers],
    }
    conditions = [asked.chosen("c")]
    for place, value in enumerate(values):
        wanted = {key[place] for _, key in groups}
        given[f"wanted_{place}"] = sorted(one for one in wanted if one is not None)
        none = f" OR {value} IS NULL" if None in wanted else ""
        conditions.append(f"({value} = ANY(CAST(:wanted_{place} AS text[])){none})")
    named = ", ".join(["drawn.number", *values])
    statement = f"""
        SELECT {named}, percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY {length.sql})
        FROM unnest(CAST(:numbers AS int[]), CAST(:firsts AS date[]), CAST(:lasts AS date[]))
            AS drawn (number, first, last)
        JOIN case_fact AS c ON {length.day} BETWEEN drawn.first AND drawn.last
        {asked.places("c")}
        WHERE c.received_at IS NOT NULL AND {" AND ".join(conditions)} GROUP BY {named}
    """  # noqa: S608 - of our own names alone
    rows = (await session.execute(text(statement), asked.parameters(**given))).all()
    return {(row[0], tuple(row[1:-1])): tuple(row[-1]) for row in rows if row[-1] is not None}

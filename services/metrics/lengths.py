"""Percentiles of lengths of time, exact to the last digit, and never computed twice from the same lengths.

The cells hold a print of the lengths in them, which changes whenever one of them does. What was found of a group
stands as long as its count and print do; what has changed is found on the rungs of the ladder (`places`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.asking import Asked
from services.metrics.indicators import Question
from services.metrics.ladder import HANDOVER, RESPONSE, RESPONSE_WITHOUT_PAUSES, Measure
from services.metrics.places import Sought, at_places
from services.metrics.remembered import memory_of
from services.metrics.runs import Group

MEDIAN, P90 = 0.5, 0.9

Percentiles = tuple[float | None, float | None]
"""Median and 90th percentile, in microseconds."""
NONE: Percentiles = (None, None)
Print = tuple[int, int]
"""How many lengths, and the sum of their prints."""


@dataclass(frozen=True, eq=False)
class Family:
    """Lengths of the same cases, and their count and print in the cells."""

    measures: tuple[Measure, ...]
    count: str
    print: str


ANSWERS = Family((RESPONSE, RESPONSE_WITHOUT_PAUSES), "answered", "response_print")
"""Response times: with the time a case stood still for its resident, and without."""
OPENINGS = Family((HANDOVER,), "opened", "handover_print")

Of = tuple[Group, Measure]
At = Mapping[int, int]
"""The length at each place, in microseconds."""


async def lengths_at(
    session: AsyncSession,
    question: Question,
    places: Callable[[int], tuple[int, ...]],
    seen: Mapping[Of, Print],
) -> dict[Of, At]:
    """What stands at the places among each group's lengths.

    :param places: the places among so many, the shortest at 0.
    :param seen: the counts and prints of all that are.
    """
    memory = memory_of(session)
    what = ("lengths", places, Asked(question).number(memory))
    found: dict[Of, At] = {}
    for of, print_ in seen.items():
        remembered = memory.recall((*what, *of), print_)
        if remembered is not None:
            found[of] = remembered
    unknown = [of for of in seen if of not in found]
    sought = [Sought(*of, seen[of][0], places(seen[of][0])) for of in unknown]
    for of, lengths in zip(
        unknown, await at_places(session, question, sought) if sought else [], strict=True
    ):
        if lengths.keys() >= set(places(seen[of][0])):
            memory.keep((*what, *of), seen[of], lengths)
        found[of] = lengths
    return found


async def percentiles(
    session: AsyncSession, question: Question, groups: Mapping[tuple[Group, Family], Print]
) -> dict[tuple[Group, Family], tuple[Percentiles, ...]]:
    """The percentiles of each group by the family's measures; `groups` has the counts and prints of all that are."""
    seen = {(group, measure): seen for (group, family), seen in groups.items() for measure in family.measures}
    at = await lengths_at(session, question, _places, seen)
    return {
        (group, family): tuple(_percentiles(at[group, measure], count) for measure in family.measures)
        for (group, family), (count, _) in groups.items()
    }


def _places(count: int) -> tuple[int, ...]:
    """The places of the lengths that the percentiles lie between."""
    lower = [int(share * (count - 1)) for share in (MEDIAN, P90)]
    return tuple(dict.fromkeys(place for low in lower for place in (low, min(low + 1, count - 1))))


def _percentiles(at: At, count: int) -> Percentiles:
    return _percentile(at, count, MEDIAN), _percentile(at, count, P90)


def _percentile(at: At, count: int, share: float) -> float:
    """Between the two nearest, linearly, in the steps in which PostgreSQL's `percentile_cont` reckons it."""
    place = share * (count - 1)
    low = int(place)
    if place == low:
        return float(at[low])
    return at[low] + (place - low) * (at[low + 1] - at[low])

"""Percentiles of lengths of time, exact to the last digit, and never computed twice from the same lengths.

The cells hold a print of the lengths in them, which changes whenever one of them does. What was told of a group
stands as long as its count and print do; what has changed is found on the rungs of the ladder (`places`).
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.indicators import Question
from services.metrics.ladder import HANDOVER, RESPONSE, RESPONSE_WITHOUT_PAUSES, Measure
from services.metrics.places import Group, Sought, at_places

REMEMBERED: Final = 50_000
"""Groups whose percentiles are remembered; each takes about half a kilobyte."""
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

Of = tuple[Group, Family]


@dataclass
class _Memory:
    """What is known of one database, the longest unused forgotten first."""

    told: "OrderedDict[Any, tuple[Print, tuple[Percentiles, ...]]]" = field(default_factory=OrderedDict)

    def recall(self, place: Any, seen: Print) -> tuple[Percentiles, ...] | None:
        remembered = self.told.get(place)
        if remembered is None or remembered[0] != seen:
            return None
        self.told.move_to_end(place)
        return remembered[1]

    def keep(self, place: Any, seen: Print, values: tuple[Percentiles, ...]) -> None:
        self.told[place] = (seen, values)
        self.told.move_to_end(place)
        if len(self.told) > REMEMBERED:
            self.told.popitem(last=False)


_memories: WeakKeyDictionary[Engine, _Memory] = WeakKeyDictionary()


async def percentiles(
    session: AsyncSession, question: Question, groups: Mapping[Of, Print]
) -> dict[Of, tuple[Percentiles, ...]]:
    """The percentiles of each group by the family's measures; `groups` has the counts and prints of all that are."""
    memory = _memories.setdefault(session.get_bind().engine, _Memory())
    now = tuple(question.now.items()) if question.now is not None else None
    asked = (tuple(question.chosen.items()), now)
    known: dict[Of, tuple[Percentiles, ...]] = {}
    for of, seen in groups.items():
        remembered = memory.recall((asked, *of), seen)
        if remembered is not None:
            known[of] = remembered
    unknown = [of for of in groups if of not in known]
    sought = [
        Sought(group, measure, groups[group, family][0], _places(groups[group, family][0]))
        for group, family in unknown
        for measure in family.measures
    ]
    lengths = iter(await at_places(session, question, sought) if sought else [])
    for of in unknown:
        count = groups[of][0]
        known[of] = tuple(_percentiles(next(lengths), count) for _ in of[1].measures)
        memory.keep((asked, *of), groups[of], known[of])
    return known


def _places(count: int) -> tuple[int, ...]:
    """The places of the lengths that the percentiles lie between."""
    lower = [int(share * (count - 1)) for share in (MEDIAN, P90)]
    return tuple(dict.fromkeys(place for low in lower for place in (low, min(low + 1, count - 1))))


def _percentiles(at: Mapping[int, int], count: int) -> Percentiles:
    return _percentile(at, count, MEDIAN), _percentile(at, count, P90)


def _percentile(at: Mapping[int, int], count: int, share: float) -> float:
    """Between the two nearest, linearly, in the steps in which PostgreSQL's `percentile_cont` reckons it."""
    place = share * (count - 1)
    low = int(place)
    if place == low:
        return float(at[low])
    return at[low] + (place - low) * (at[low + 1] - at[low])

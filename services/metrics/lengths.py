"""Percentiles of lengths of time, exact to the last digit, and never computed twice from the same lengths.

The cells hold a print of the lengths in them, which changes whenever one of them does. What was found of a group
stands as long as its count and print do; what has changed is found on the rungs of the ladder (`places`).
"""

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.indicators import Question
from services.metrics.ladder import HANDOVER, RESPONSE, RESPONSE_WITHOUT_PAUSES, Measure
from services.metrics.places import Group, Sought, at_places

REMEMBERED: Final = 50_000
"""Groups of which lengths are remembered; each takes about half a kilobyte."""
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


@dataclass
class _Memory:
    """What is known of one database, the longest unused forgotten first."""

    told: "OrderedDict[Any, tuple[Print, At]]" = field(default_factory=OrderedDict)
    numbers: dict[Any, int] = field(default_factory=dict)
    next_number: Iterator[int] = field(default_factory=count)

    def number(self, asked: Any) -> int:
        """In place of what was asked, whose organisation of now has every unit: it is then hashed once a look."""
        if len(self.numbers) > REMEMBERED:
            self.numbers.clear()
            self.told.clear()
        if asked not in self.numbers:
            self.numbers[asked] = next(self.next_number)
        return self.numbers[asked]

    def recall(self, what: Any, seen: Print) -> At | None:
        remembered = self.told.get(what)
        if remembered is None or remembered[0] != seen:
            return None
        self.told.move_to_end(what)
        return remembered[1]

    def keep(self, what: Any, seen: Print, lengths: At) -> None:
        self.told[what] = (seen, lengths)
        self.told.move_to_end(what)
        if len(self.told) > REMEMBERED:
            self.told.popitem(last=False)


_memories: WeakKeyDictionary[Engine, _Memory] = WeakKeyDictionary()


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
    memory = _memories.setdefault(session.get_bind().engine, _Memory())
    now = tuple(question.now.items()) if question.now is not None else None
    asked = memory.number((places, tuple(question.chosen.items()), now))
    found: dict[Of, At] = {}
    for of, print_ in seen.items():
        remembered = memory.recall((asked, *of), print_)
        if remembered is not None:
            found[of] = remembered
    unknown = [of for of in seen if of not in found]
    sought = [Sought(*of, seen[of][0], places(seen[of][0])) for of in unknown]
    for of, lengths in zip(
        unknown, await at_places(session, question, sought) if sought else [], strict=True
    ):
        if lengths.keys() >= set(places(seen[of][0])):
            memory.keep((asked, *of), seen[of], lengths)
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

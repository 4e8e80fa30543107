"""Which length of time stands at a place, were all of a group's put in order: found on the rungs of the ladder.

A period is looked at month by month, and what was read of a month stands until anything in it changes (`months`):
so a look costs the months that have changed, not those of the period.
"""

from array import array
from bisect import bisect_right
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import accumulate, chain
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.asking import Asked
from services.metrics.indicators import Question
from services.metrics.ladder import DAYS, HEIGHTS, Measure
from services.metrics.months import Months, Version, months
from services.metrics.periods import Period
from services.metrics.remembered import memory_of
from services.metrics.runs import Group, Run, Rungs, rungs_of, runs_of_facts, runs_of_rungs

What = TypeVar("What", bound=tuple[Any, ...])
Of = TypeVar("Of", bound=Run | Rungs)
_NO_RUN: Run = ()
_NO_RUNGS: Rungs = ((), ())


@dataclass(frozen=True)
class Sought:
    """The lengths at these places among a group's `count`: the shortest is at place 0."""

    group: Group
    measure: Measure
    count: int
    places: tuple[int, ...]


Found = list[dict[int, int]]
"""For each that was sought, the length at each place."""


async def at_places(session: AsyncSession, question: Question, sought: Sequence[Sought]) -> Found:
    """What stands at the places, in microseconds, of all that are sought together."""
    asked = Asked(question)
    look = _Look(session, asked, await months(session))
    found: Found = [{} for _ in sought]
    climbed = [at for at, one in enumerate(sought) if asked.cells_for(one.group.grouping).by_day]
    for at, lengths in zip(climbed, await look.on_rungs([sought[at] for at in climbed]), strict=True):
        found[at] = lengths
    # No rungs have them, or not all: an older version of the service counts without rungs.
    others = [at for at, lengths in enumerate(found) if not lengths]
    for at, lengths in zip(others, await look.among_facts([sought[at] for at in others]), strict=True):
        found[at] = lengths
    return found


class _Look:
    """A look at one moment."""

    def __init__(self, session: AsyncSession, asked: Asked, at: Months) -> None:
        self._session = session
        self._asked = asked
        self._months = at
        self._memory = memory_of(session)
        self._number = asked.number(self._memory)

    async def on_rungs(self, sought: Sequence[Sought]) -> Found:
        """Nothing for one of which the rungs do not have all lengths."""
        parts = _parts(sought)
        spans = list(dict.fromkeys((one.group, span) for one in sought for span in one.measure.numbers))
        rungs = await self._known(
            [(part, span) for group, span in spans for part in parts[group]], rungs_of, _NO_RUNGS
        )
        counts = {(group, span): _summed(rungs[part, span] for part in parts[group]) for group, span in spans}
        standing = [
            _standing(one, [counts[one.group, span] for span in one.measure.numbers]) for one in sought
        ]
        # Several measures often want the same rung of the same span.
        wanted = dict.fromkeys(
            (one.group, span, height)
            for one, heights in zip(sought, standing, strict=True)
            for height in heights
            for span in one.measure.numbers
        )
        runs = await self._known(
            [
                (part, span, height)
                for group, span, height in wanted
                for part in parts[group]
                if height in rungs[part, span][0]
            ],
            runs_of_rungs,
            _NO_RUN,
        )
        # Put in order once, and merged where another measure needs them again.
        ordered = {
            (group, span, height): self._in_order(
                parts[group], (span, height), [runs.get((part, span, height), ()) for part in parts[group]]
            )
            for group, span, height in wanted
        }
        found: Found = []
        for one, heights in zip(sought, standing, strict=True):
            found.append({})
            for height, below in heights.items():
                run = _merged(ordered[one.group, span, height] for span in one.measure.numbers)
                places = [place for place in one.places if below <= place < below + len(run)]
                found[-1] |= {place: run[place - below] // DAYS for place in places}
        return found

    async def among_facts(self, sought: Sequence[Sought]) -> Found:
        """The same from the cases themselves, of this month day by day: so many are read when one has changed."""
        parts = {group: self._days_of(months) for group, months in _parts(sought).items()}
        days = {part.period for of_group in parts.values() for part in of_group if part.period.days == 1}
        await self._months.read_days({day.first.replace(day=1) for day in days})
        runs = await self._known(
            [(part, one.measure) for one in sought for part in parts[one.group]], runs_of_facts, _NO_RUN, days
        )
        found: Found = []
        for one in sought:
            run = self._in_order(
                parts[one.group], (one.measure,), [runs[part, one.measure] for part in parts[one.group]]
            )
            found.append({place: run[place] for place in one.places if place < len(run)})
        return found

    def _in_order(self, parts: Sequence[Group], what: tuple[Any, ...], runs: Sequence[Run]) -> Run:
        """The lengths of all parts. Those of the months before this one, most of a year's, are put in order once."""
        month = self._asked.question.today.replace(day=1)
        past = sum(part.period.last < month for part in parts)
        if past > 1:
            group = parts[0]
            period = Period(group.period.first, parts[past - 1].period.last)
            of, version = (Group(group.grouping, group.key, period), *what), self._months.version(period)
            before = self._memory.recall((self._number, "in order", of), version)
            if before is None:
                before = array("q", _merged(runs[:past]))
                self._memory.keep((self._number, "in order", of), version, before, _size(before))
            runs = [before, *runs[past:]]
        return _merged(runs)

    def _days_of(self, months: Sequence[Group]) -> Sequence[Group]:
        """With each day of this month until today in its place."""
        today = self._asked.question.today
        split: list[Group] = []
        for month in months:
            days = [month.period]
            if month.period.first <= today <= month.period.last:
                days = [Period(day, day) for day in month.period.until(today).by_day()]
                if today < month.period.last:
                    days.append(Period(today + timedelta(days=1), month.period.last))
            split += [Group(month.grouping, month.key, period) for period in days]
        return split

    async def _known(
        self,
        wanted: Sequence[What],
        read: Callable[[AsyncSession, Asked, Sequence[What]], Awaitable[Mapping[What, Of]]],
        nothing: Of,
        days: Collection[Period] = (),
    ) -> dict[What, Of]:
        """All that is wanted of parts: only of those that have changed is it read.

        :param days: parts that are known by their days and not by their month.
        """
        versions: dict[What, Version] = {}
        for of in wanted:
            period = of[0].period
            by_day = period in days
            versions[of] = self._months.version_of_days(period) if by_day else self._months.version(period)
        known = {of: self._memory.recall((self._number, of), version) for of, version in versions.items()}
        missing = [of for of, found in known.items() if found is None]
        fresh = await read(self._session, self._asked, missing) if missing else {}
        for one in missing:
            known[one] = found = fresh.get(one, nothing)
            self._memory.keep((self._number, one), versions[one], found, _size(found))
        return known


def _size(of: Run | Rungs) -> int:
    """Bytes, roughly."""
    return 8 * (sum(map(len, of)) if isinstance(of, tuple) else len(of))


def _parts(sought: Sequence[Sought]) -> Mapping[Group, Sequence[Group]]:
    """The months that each group's period consists of; the first and the last may be shorter."""
    return {
        group: [Group(group.grouping, group.key, part) for part in group.period.cut()]
        for group in dict.fromkeys(one.group for one in sought)
    }


def _summed(rungs: Iterable[Rungs]) -> Sequence[int]:
    """How many lengths stand at each height."""
    counts = [0] * (len(HEIGHTS) + 1)
    for heights, of_part in rungs:
        for height, count in zip(heights, of_part, strict=True):
            counts[height] += count
    return counts


def _standing(one: Sought, counts: Sequence[Sequence[int]]) -> Mapping[int, int]:
    """The heights of the rungs that the places are on, each with how many lengths lie below it."""
    reached = list(accumulate(map(sum, zip(*counts, strict=True))))
    if reached[-1] != one.count:
        return {}
    heights = dict.fromkeys(bisect_right(reached, place) for place in one.places)
    return {height: reached[height - 1] if height else 0 for height in heights}


def _merged(runs: Iterable[Run]) -> Run:
    return sorted(chain.from_iterable(runs))

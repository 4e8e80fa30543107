"""Percentiles of lengths of time, exact to the last digit, and never computed twice from the same lengths.

Percentiles do not add up, so they come from the facts. The cells hold a print of the lengths in them, which
changes whenever one of them does. What was computed for a group stands as long as its count and print do; where
they do not, the sorted lengths of each of its months stand likewise, and only the months that have changed are
read again. So a look at a year costs what has changed since somebody last looked, not the year.
"""

from array import array
from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from sys import byteorder
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.asking import Asked, drawn, sums_of
from services.metrics.indicators import Dimension, Key, Question
from services.metrics.periods import Period

REMEMBERED_GROUPS: Final = 50_000
"""Groups whose percentiles are remembered; each takes about half a kilobyte."""
REMEMBERED_LENGTHS: Final = 4_000_000
"""Lengths of months that are remembered; each takes eight bytes."""
MEDIAN, P90 = 0.5, 0.9

Percentiles = tuple[float | None, float | None]
"""Median and 90th percentile, in microseconds."""
NONE: Percentiles = (None, None)
Lengths = Sequence["array[int]"]
Print = tuple[int, int]
Group = tuple[int, Key]
"""A group in one of several periods: the period's number, and the group's key."""


@dataclass(frozen=True)
class Family:
    """Lengths of the same cases, the day these belong to, and their count and print in the cells."""

    lengths: tuple[str, ...]
    day: str
    count: str
    print: str


ANSWERS = Family(
    ("c.response", "c.response - COALESCE(c.waited, 0)"), "c.answered_on", "answered", "response_print"
)
"""Response times: with the time a case stood still for its resident, and without."""
OPENINGS = Family(("c.handover",), "c.opened_on", "opened", "handover_print")


@dataclass
class _Memory:
    """What is known of one database, the longest unused forgotten first."""

    groups: "OrderedDict[Any, tuple[Print, tuple[Percentiles, ...]]]" = field(default_factory=OrderedDict)
    months: "OrderedDict[Any, tuple[Print, Lengths]]" = field(default_factory=OrderedDict)
    size: int = 0

    def keep(self, place: Any, seen: Print, lengths: Lengths) -> None:
        self.forget(place)
        self.months[place] = (seen, lengths)
        self.size += seen[0] * len(lengths)
        while self.size > REMEMBERED_LENGTHS:
            self.forget(next(iter(self.months)))

    def forget(self, place: Any) -> None:
        if place in self.months:
            (count, _), lengths = self.months.pop(place)
            self.size -= count * len(lengths)


_memories: WeakKeyDictionary[Engine, _Memory] = WeakKeyDictionary()


async def percentiles(
    session: AsyncSession,
    question: Question,
    periods: Sequence[Period],
    dimensions: Sequence[Dimension],
    family: Family,
    groups: Mapping[Group, Print],
) -> dict[Group, tuple[Percentiles, ...]]:
    """The percentiles of each group, by the family's lengths; `groups` has the counts and prints of all that are."""
    memory = _memories.setdefault(session.get_bind().engine, _Memory())
    now = tuple(question.now.items()) if question.now is not None else None
    asked = (family, tuple(dimensions), tuple(question.chosen.items()), now)
    known: dict[Group, tuple[Percentiles, ...]] = {}
    for (number, key), seen in groups.items():
        place = (asked, periods[number], key)
        remembered = memory.groups.get(place)
        if remembered and remembered[0] == seen:
            known[number, key] = remembered[1]
            memory.groups.move_to_end(place)
    unknown = [group for group in groups if group not in known]
    if unknown:
        reading = _Reading(session, question, dimensions, family, memory, asked)
        found = await reading.months_of(unknown, periods)
        for number, key in unknown:
            runs = found.get((number, key), [])
            values = tuple(_percentiles([run[place] for run in runs]) for place in range(len(family.lengths)))
            known[number, key] = values
            memory.groups[asked, periods[number], key] = (groups[number, key], values)
        while len(memory.groups) > REMEMBERED_GROUPS:
            memory.groups.popitem(last=False)
    return known


@dataclass
class _Reading:
    """One look for the lengths of groups, month by month."""

    session: AsyncSession
    question: Question
    dimensions: Sequence[Dimension]
    family: Family
    memory: _Memory
    asked: Any

    async def months_of(
        self, groups: Sequence[Group], periods: Sequence[Period]
    ) -> dict[Group, list[Lengths]]:
        """The sorted lengths of each group in each month, or part of one, of its period."""
        pieces = list(
            dict.fromkeys(
                piece for number in {number for number, _ in groups} for piece in periods[number].cut()
            )
        )
        places = {piece: place for place, piece in enumerate(pieces)}
        prints = await self._prints(pieces, {key for _, key in groups})
        lengths: dict[Group, Lengths] = {}
        for (place, key), seen in prints.items():
            remembered = self.memory.months.get((self.asked, pieces[place], key))
            if remembered and remembered[0] == seen:
                lengths[place, key] = remembered[1]
                self.memory.months.move_to_end((self.asked, pieces[place], key))
        missing = [group for group in prints if group not in lengths]
        if missing:
            for (place, key), run in (await self._read(pieces, missing)).items():
                lengths[place, key] = run
                if (place, key) in prints:
                    self.memory.keep((self.asked, pieces[place], key), prints[place, key], run)
        return {
            (number, key): [
                lengths[places[piece], key]
                for piece in periods[number].cut()
                if (places[piece], key) in lengths
            ]
            for number, key in groups
        }

    async def _prints(self, pieces: Sequence[Period], keys: Iterable[Key]) -> dict[Group, Print]:
        condition, given = self._wanted(keys, list(self.dimensions))
        columns = (self.family.count, self.family.print)
        found = await sums_of(
            self.session,
            self.question,
            list(enumerate(pieces)),
            self.dimensions,
            columns=columns,
            only=(condition, given),
        )
        return {group: (row[columns[0]], row[columns[1]]) for group, row in found.items()}

    async def _read(self, pieces: Sequence[Period], groups: Sequence[Group]) -> dict[Group, Lengths]:
        asked = Asked(self.question)
        values = [asked.value(dimension, "c") for dimension in self.dimensions]
        condition, given = self._wanted({key for _, key in groups}, values)
        numbers = sorted({number for number, _ in groups})
        days = [(number, "", pieces[number]) for number in numbers]
        named = ", ".join(["drawn.label", *values])
        runs = ", ".join(
            f"string_agg(int8send({length}), ''::bytea ORDER BY {length})" for length in self.family.lengths
        )
        source, labelled = drawn("fact", days)
        statement = f"""
            SELECT {named}, {runs}
            FROM {source} JOIN case_fact AS c ON {self.family.day} BETWEEN drawn.first AND drawn.last
            {asked.places("c")}
            WHERE c.received_at IS NOT NULL AND {asked.chosen("c")} AND {condition} GROUP BY {named}
        """  # noqa: S608 - of our own names alone
        rows = (await self.session.execute(text(statement), asked.parameters(**labelled, **given))).all()
        first = 1 + len(values)
        return {(row[0], tuple(row[1:first])): [_run(sent) for sent in row[first:]] for row in rows}

    def _wanted(self, keys: Iterable[Key], values: Sequence[str]) -> tuple[str, dict[str, Any]]:
        """The condition that a case or cell is of one of these groups; or of a few more."""
        keys = list(keys)
        conditions, given = ["true"], {}
        for place, value in enumerate(values):
            wanted = {key[place] for key in keys}
            given[f"wanted_{place}"] = sorted(one for one in wanted if one is not None)
            none = f" OR {value} IS NULL" if None in wanted else ""
            conditions.append(f"({value} = ANY(CAST(:wanted_{place} AS text[])){none})")
        return " AND ".join(conditions), given


def _run(sent: bytes) -> "array[int]":
    """Numbers as PostgreSQL sends them, the most significant byte first."""
    run = array("q", sent)
    if byteorder == "little":
        run.byteswap()
    return run


def _percentiles(runs: Lengths) -> Percentiles:
    count = sum(len(run) for run in runs)
    return (_percentile(runs, count, MEDIAN), _percentile(runs, count, P90)) if count else NONE


def _percentile(runs: Lengths, count: int, share: float) -> float:
    """Between the two nearest, linearly, in the steps in which PostgreSQL's `percentile_cont` reckons it."""
    place = share * (count - 1)
    low = int(place)
    at_low = _nth(runs, low)
    if place == low:
        return float(at_low)
    return at_low + (place - low) * (_nth(runs, low + 1) - at_low)


def _nth(runs: Lengths, place: int) -> int:
    """What would stand at a place, were all runs sorted into one."""
    if len(runs) == 1:
        return runs[0][place]
    low, high = min(run[0] for run in runs), max(run[-1] for run in runs)
    while low < high:
        middle = (low + high) // 2
        if sum(bisect_right(run, middle) for run in runs) > place:
            high = middle
        else:
            low = middle + 1
    return low

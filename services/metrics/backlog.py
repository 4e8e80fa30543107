"""The backlog of an evening, exact, and never counted twice from the same cases.

How many of the cases that were open are overdue or soon due does not add up over days, so it comes from the
facts. The cells hold a print of everything the backlog depends on, by the day the cases were received. What was
counted of an evening stands for each of these days as long as its print does; only the days whose print has
changed are counted again. So a look costs what has changed since the last one, not what is open.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.asking import Asked, standing
from services.metrics.indicators import Backlog, Dimension, Key, Question

REMEMBERED: Final = 400_000
"""Counts of a day and group, and prints of a day, that are remembered; each takes about a fifth of a kilobyte."""

Counts = tuple[int, int, int]
"""Open, overdue, due soon."""
Group = tuple[int, Key]
"""A group in one of several groupings: the grouping's number, and the group's key."""
Prints = Mapping[date, int]

_PRINTS = text("""
    SELECT cell.first, cell.backlog_print FROM cell JOIN cell_key AS k USING (key)
    WHERE k.by = 0 AND cell.grain = :grain AND cell.first BETWEEN :first AND :last
""")
_MONTHS_OF = text("""
    SELECT cell.first, cell.backlog_print FROM unnest(CAST(:months AS date[])) AS month
    JOIN cell_key AS k ON k.by = 0
    JOIN cell ON cell.key = k.key AND cell.grain = 'd'
        AND cell.first >= month AND cell.first < month + INTERVAL '1 month'
""")


@dataclass
class _Evening:
    """What is known of one evening, in some groupings of some cases."""

    months: dict[date, int] = field(default_factory=dict)
    days: dict[date, int] = field(default_factory=dict)
    counts: dict[date, dict[Group, Counts]] = field(default_factory=dict)
    sums: dict[Group, Counts] = field(default_factory=dict)
    received: dict[Group, dict[date, None]] = field(default_factory=dict)
    """The days on which each group's open cases were received."""
    held: int = 0
    """How many counts there are, so that no look has to count them."""
    _oldest: dict[Group, date] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.days) + self.held

    def forget(self, day: date) -> None:
        """Takes a day's cases out."""
        counted = self.counts.pop(day, {})
        self.held -= len(counted)
        for group, counts in counted.items():
            self.sums[group] = _plus(self.sums[group], counts, -1)
            del self.received[group][day]
            if self._oldest.get(group) == day:
                del self._oldest[group]
            if not self.received[group]:
                del self.received[group], self.sums[group]

    def learn(self, day: date, counted: dict[Group, Counts]) -> None:
        """Puts a day's cases in."""
        self.counts[day] = counted
        self.held += len(counted)
        for group, counts in counted.items():
            self.sums[group] = _plus(self.sums.get(group, (0, 0, 0)), counts)
            self.received.setdefault(group, {})[day] = None
            if group in self._oldest:
                self._oldest[group] = min(self._oldest[group], day)

    def oldest(self, group: Group) -> date:
        """The first of these days."""
        if group not in self._oldest:
            self._oldest[group] = min(self.received[group])
        return self._oldest[group]


@dataclass
class _Memory:
    """What is known of one database, the longest unused forgotten first; one look at a time brings it up to date."""

    evenings: "OrderedDict[Any, _Evening]" = field(default_factory=OrderedDict)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    def evening(self, place: Any) -> _Evening:
        found = self.evenings.setdefault(place, _Evening())
        self.evenings.move_to_end(place)
        return found

    def make_room(self) -> None:
        size = sum(evening.size for evening in self.evenings.values())
        while size > REMEMBERED and len(self.evenings) > 1:
            size -= self.evenings.popitem(last=False)[1].size


_memories: WeakKeyDictionary[Engine, _Memory] = WeakKeyDictionary()


async def backlogs(
    session: AsyncSession, question: Question, groupings: Sequence[Sequence[Dimension]]
) -> list[dict[Key, Backlog]]:
    """The backlog in each grouping, of the groups that have one."""
    memory = _memories.setdefault(session.get_bind().engine, _Memory())
    now = tuple(question.now.items()) if question.now is not None else None
    seen = (question.seen_on, question.not_overdue_from, question.soon_until)
    place = (seen, tuple(map(tuple, groupings)), tuple(question.chosen.items()), now)
    async with memory.turn:
        evening = memory.evening(place)
        await _bring_up_to_date(session, question, groupings, evening)
        memory.make_room()
        told: list[dict[Key, Backlog]] = [{} for _ in groupings]
        for (number, key), (count, overdue, due_soon) in evening.sums.items():
            told[number][key] = Backlog(
                seen_on=question.seen_on,
                open=count,
                overdue=overdue,
                due_soon=due_soon,
                oldest_days=(question.seen_on - evening.oldest((number, key))).days,
            )
        return told


async def _bring_up_to_date(
    session: AsyncSession, question: Question, groupings: Sequence[Sequence[Dimension]], evening: _Evening
) -> None:
    whole = {"grain": "m", "first": date.min, "last": date.max}
    months = await _prints(session, _PRINTS, whole)
    stale = _differing(evening.months, months)
    if not stale:
        return
    days = await _prints(session, _MONTHS_OF, {"months": sorted(stale)})
    known = {day: seen for day, seen in evening.days.items() if day.replace(day=1) in stale}
    changed = _differing(known, days)
    counted = await _count(session, question, groupings, changed if evening.months else None)
    for day in changed:
        evening.forget(day)
        evening.days.pop(day, None)
        if day in counted:
            evening.learn(day, counted[day])
    evening.days |= days
    evening.months = dict(months)


async def _prints(session: AsyncSession, statement: Any, given: Mapping[str, Any]) -> Prints:
    return {row[0]: row[1] for row in await session.execute(statement, given)}


def _differing(known: Prints, found: Prints) -> set[date]:
    return {day for day in {*known, *found} if known.get(day) != found.get(day)}


async def _count(
    session: AsyncSession,
    question: Question,
    groupings: Sequence[Sequence[Dimension]],
    days: Collection[date] | None,
) -> dict[date, dict[Group, Counts]]:
    """What was open on the evening of all that was received on these days; None is every day."""
    asked = Asked(question)
    names = list(dict.fromkeys(name for grouping in groupings for name in grouping))
    values = ["c.received_on", *(asked.value(name, "c") for name in names)]
    among = "c.open_days @> CAST(:seen AS date)"
    if days is not None:
        # Put so that only the days are looked up: the index of what was open has all that was.
        among = f"c.received_on = ANY(CAST(:days AS date[])) AND ({among}) IS TRUE"
    statement = f"""
        SELECT {", ".join(values)}, count(*),
            count(*) FILTER (WHERE stage.due_on < :not_overdue_from),
            count(*) FILTER (WHERE stage.due_on BETWEEN :not_overdue_from AND :soon_until)
        FROM {standing(asked)}
        WHERE {among} AND {asked.chosen("c")}
        GROUP BY {", ".join(values)}
    """  # noqa: S608 - of our own names alone
    given = asked.parameters(
        seen=question.seen_on, not_overdue_from=question.not_overdue_from, soon_until=question.soon_until
    )
    if days is not None:
        given["days"] = sorted(days)
    places = [[1 + names.index(name) for name in grouping] for grouping in groupings]
    return _rolled_up((await session.execute(text(statement), given)).all(), places)


def _rolled_up(
    rows: Iterable[Sequence[Any]], groupings: Sequence[Sequence[int]]
) -> dict[date, dict[Group, Counts]]:
    """By day and group; the groupings say which places of a row make a key."""
    counted: dict[date, dict[Group, Counts]] = {}
    for row in rows:
        of_day = counted.setdefault(row[0], {})
        counts: Counts = (row[-3], row[-2], row[-1])
        for number, places in enumerate(groupings):
            group = (number, tuple(row[place] for place in places))
            of_day[group] = _plus(of_day[group], counts) if group in of_day else counts
    return counted


def _plus(one: Counts, other: Counts, times: int = 1) -> Counts:
    return one[0] + times * other[0], one[1] + times * other[1], one[2] + times * other[2]

"""The backlog of an evening, exact, and never counted twice from the same cases.

How many of the cases that were open are overdue or soon due does not add up over days, so it comes from the
facts. The cells hold a print of everything the backlog depends on, by the day the cases were received. What was
counted of an evening stands for each of these days as long as its print does; only the days whose print has
changed are counted again. It is counted by all dimensions at once, so that every choice and grouping is told from
it. So a look costs what has changed since the last one, not what is open.
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

from services.metrics.asking import STANDING
from services.metrics.cells import DIMENSIONS
from services.metrics.indicators import Backlog, Dimension, Key, Place, Question
from services.metrics.months import months

REMEMBERED: Final = 800_000
"""Counts of a day and place, and prints of a day, that are remembered; each takes some 180 bytes."""

MOST_VIEWS: Final = 100
"""Choices with their groupings that are kept up to date of an evening."""

Counts = tuple[int, int, int]
"""Open, overdue, due soon."""
_NONE: Counts = (0, 0, 0)
Prints = Mapping[date, int]

_PLACED = ", ".join(f"c.{dimension}" for dimension in DIMENSIONS)
_OPEN = "c.open_days @> CAST(:seen AS date)"
# Put so that only the days are looked up: the index of what was open has all that was.
_OPEN_OF_DAYS = f"c.received_on = ANY(CAST(:days AS date[])) AND ({_OPEN}) IS TRUE"
_UNIT, _SECTION = DIMENSIONS.index(Dimension.UNIT), DIMENSIONS.index(Dimension.SECTION)


@dataclass
class _Evening:
    """What is known of one evening; a place is a value of every dimension."""

    months: dict[date, int] = field(default_factory=dict)
    """The prints of all months by their first days; `days` are those of each day, by month."""
    days: dict[date, dict[date, int]] = field(default_factory=dict)
    counts: dict[date, dict[Key, Counts]] = field(default_factory=dict)
    """Of the open cases that were received on each day, by place."""
    held: int = 0
    """How many counts there are, so that no look has to count them."""
    views: "dict[Any, _View]" = field(default_factory=dict)
    """By choice and grouping."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    """One look at a time brings it up to date."""

    @property
    def size(self) -> int:
        # A day that a view follows takes about a fifth of what a count does.
        followed = sum(view.held for view in self.views.values()) // 5
        return sum(map(len, self.days.values())) + self.held + followed

    def learn(self, counted: Mapping[date, dict[Key, Counts]]) -> None:
        """Puts what was counted of days in place of what was known of them."""
        changes = [(day, self.counts.pop(day, {}), found) for day, found in counted.items()]
        self.held += sum(len(found) - len(before) for _, before, found in changes)
        self.counts |= {day: found for day, _, found in changes if found}
        for view in self.views.values():
            view.follow(changes)

    def view(self, question: Question, grouping: Sequence[Dimension]) -> "_View":
        """What is told of one choice and grouping."""
        now = tuple(question.now.items()) if question.now is not None else None
        asked = (tuple(grouping), tuple(question.chosen.items()), now)
        if asked not in self.views:
            if len(self.views) >= MOST_VIEWS:
                self.views.clear()
            self.views[asked] = view = _View(question, grouping)
            view.follow((day, {}, counted) for day, counted in self.counts.items())
        return self.views[asked]


Change = tuple[date, Mapping[Key, Counts], Mapping[Key, Counts]]
"""What was known of a day, and what is known now."""


class _View:
    """An evening's backlog of some cases in groups, moved by the difference when a day changes."""

    def __init__(self, question: Question, grouping: Sequence[Dimension]) -> None:
        self._seen_on = question.seen_on
        self._now = question.now
        self._chosen = [(DIMENSIONS.index(name), values) for name, values in question.chosen.items()]
        self._by = [DIMENSIONS.index(name) for name in grouping]
        self._sums: dict[Key, Counts] = {}
        self._received: dict[Key, dict[date, int]] = {}
        """How many of each group's open cases were received on each day."""
        self.told: dict[Key, Backlog] = {}
        self.held = 0
        """How many days of groups it follows."""

    def follow(self, changes: Iterable[Change]) -> None:
        """Takes in what has changed."""
        groups: set[Key] = set()
        for day, before, now in changes:
            for place in before.keys() | now.keys():
                group = self._group(place)
                if group is not None and before.get(place) != now.get(place):
                    self._move(group, day, before.get(place, _NONE), now.get(place, _NONE))
                    groups.add(group)
        for group in groups:
            if days := self._received.get(group):
                oldest = min(days)
                self.told[group] = Backlog(self._seen_on, *self._sums[group], (self._seen_on - oldest).days)
            else:
                self._received.pop(group, None)
                self._sums.pop(group, None)
                self.told.pop(group, None)

    def _group(self, place: Key) -> Key | None:
        """Which group the cases of a place are in; none where they were not chosen."""
        shown = place if self._now is None else _moved(place, self._now)
        if any(shown[at] not in values for at, values in self._chosen):
            return None
        return tuple([shown[at] for at in self._by])

    def _move(self, group: Key, day: date, before: Counts, now: Counts) -> None:
        of_days = self._received.setdefault(group, {})
        self.held -= len(of_days)
        self._sums[group] = _plus(_plus(self._sums.get(group, _NONE), before, -1), now)
        of_days[day] = of_days.get(day, 0) + now[0] - before[0]
        if not of_days[day]:
            del of_days[day]
        self.held += len(of_days)


@dataclass
class _Memory:
    """What is known of one database, the evening longest unused forgotten first."""

    evenings: "OrderedDict[Any, _Evening]" = field(default_factory=OrderedDict)

    def evening(self, seen: Any) -> _Evening:
        found = self.evenings.setdefault(seen, _Evening())
        self.evenings.move_to_end(seen)
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
    evening = memory.evening((question.seen_on, question.not_overdue_from, question.soon_until))
    async with evening.turn:
        await _bring_up_to_date(session, question, evening)
        memory.make_room()
        # Copied: the next look may bring them up to date while this one is still told.
        return [dict(evening.view(question, grouping).told) for grouping in groupings]


def _moved(place: Key, now: Mapping[str, Place]) -> Key:
    """Where it belongs today."""
    moved = now.get(place[_UNIT] or "")
    if moved is None:
        return place
    shown = list(place)
    shown[_UNIT], shown[_SECTION] = moved.unit, moved.section
    return tuple(shown)


async def _bring_up_to_date(session: AsyncSession, question: Question, evening: _Evening) -> None:
    # What was received later cannot have been open.
    at = await months(session)
    of_months = {month: print_ for month, print_ in at.prints.items() if month <= question.seen_on}
    stale = _differing(evening.months, of_months)
    if not stale:
        return
    days: dict[date, dict[date, int]] = {month: {} for month in stale}
    await at.read_days(stale)
    for day, print_ in at.prints_of_days.items():
        month = day.replace(day=1)
        if day <= question.seen_on and month in days:
            days[month][day] = print_
    changed = {day for month, of in days.items() for day in _differing(evening.days.get(month, {}), of)}
    counted = await _count(session, question, changed if evening.months else None)
    evening.learn({day: counted.get(day, {}) for day in {*changed, *counted}})
    evening.days |= days
    evening.months = of_months


def _differing(known: Prints, found: Prints) -> set[date]:
    return {day for day in {*known, *found} if known.get(day) != found.get(day)}


async def _count(
    session: AsyncSession, question: Question, days: Collection[date] | None
) -> dict[date, dict[Key, Counts]]:
    """What was open on the evening of all that was received on these days, by place; None is every day."""
    statement = f"""
        SELECT c.received_on, {_PLACED}, count(*),
            count(*) FILTER (WHERE stage.due_on < :not_overdue_from),
            count(*) FILTER (WHERE stage.due_on BETWEEN :not_overdue_from AND :soon_until)
        FROM {STANDING} WHERE {_OPEN if days is None else _OPEN_OF_DAYS}
        GROUP BY c.received_on, {_PLACED}
    """  # noqa: S608 - of our own names alone
    given: dict[str, Any] = {
        "seen": question.seen_on,
        "not_overdue_from": question.not_overdue_from,
        "soon_until": question.soon_until,
    }
    if days is not None:
        given["days"] = sorted(days)
    counted: dict[date, dict[Key, Counts]] = {}
    # Each place and each triple of counts is there many times: once is enough.
    known: dict[Any, Any] = {}
    for day, *named, count, overdue, due_soon in (await session.execute(text(statement), given)).all():
        place, counts = tuple(named), (count, overdue, due_soon)
        counted.setdefault(day, {})[known.setdefault(place, place)] = known.setdefault(counts, counts)
    return counted


def _plus(one: Counts, other: Counts, times: int = 1) -> Counts:
    return one[0] + times * other[0], one[1] + times * other[1], one[2] + times * other[2]

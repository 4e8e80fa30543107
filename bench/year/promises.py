"""Which promises a case was given, which due day each had from when to when, and what became of it: the oracle's."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from bench.year.oracle import OSLO, Oracle, Record, Said

DAY = timedelta(days=1)


@dataclass
class Wait:
    """The resident was asked something: until when we wait at the most, and when we went on, if before."""

    begun: datetime
    last_day: date
    ended: datetime | None = None
    heard: bool = False

    @property
    def longest(self) -> datetime:
        """When it is over by itself."""
        return datetime.combine(self.last_day + DAY, time(), OSLO)

    @property
    def end(self) -> datetime:
        """When it was over, or will be."""
        return self.ended or self.longest


@dataclass
class Promise:
    """One promise. `stands`: since when it had which due day; `without_pauses`: had nobody waited."""

    number: int
    stands: list[tuple[datetime, date]]
    without_pauses: date
    waits: list[Wait] = field(default_factory=list)
    ended: datetime | None = None
    answered_on: date | None = None
    has_lapsed: bool = False
    interims: list[Said] = field(default_factory=list)

    @property
    def due_on(self) -> date:
        """The due day in the end."""
        return self.stands[-1][1]

    def verdict(self, today: date) -> tuple[str, date | None] | None:
        """What became of it, and the day that holds from; None while it is open."""
        if self.has_lapsed:
            return "promise.lapsed", None
        if self.answered_on and self.answered_on <= self.due_on:
            return "promise.kept", self.answered_on
        return ("promise.broken", self.due_on + DAY) if self.due_on < today else None


def promises(record: Record, oracle: Oracle) -> list[Promise]:
    """Every promise of a case, by its number."""
    return list(_told(record, oracle)) if record.reply_wanted else []


def _told(record: Record, oracle: Oracle) -> Iterator[Promise]:
    kind, topic = record.kind, record.topic
    for number, chapter in enumerate(record.chapters(), 1):
        follower = _Follower(number, chapter[0], kind, topic, oracle)
        for said in chapter[1:]:
            follower.hear(said)
        kind, topic = follower.kind, follower.topic
        yield follower.promise


class _Follower:
    """Follows one promise through what is done."""

    def __init__(self, number: int, opening: Said, kind: str, topic: str | None, oracle: Oracle) -> None:
        self.kind, self.topic = kind, topic
        self._oracle = oracle
        self._opening = opening
        self._rule = oracle.rule(kind, topic, opening.on)
        self._base = oracle.due_on(opening.on, self._rule)
        self._since = opening.at
        self.promise = Promise(number, [(opening.at, self._base)], self._base)

    def hear(self, said: Said) -> None:
        """What this does to the promise."""
        promise = self.promise
        is_open = promise.ended is None and said.on <= promise.due_on
        match said.what:
            case "asked":
                promise.waits.append(Wait(said.at, self._oracle.last_day_of_wait(said.on)))
            case "heard" | "went_on":
                self._end_waits(said)
            case "interim":
                promise.interims.append(said)
            case "extended" if is_open and said.day:
                self._base, self._since = said.day, said.at
            case "restarted" if is_open:
                self._since = max(wait.end for wait in promise.waits if wait.heard)
                self._base = self._oracle.due_on(self._since.astimezone(OSLO).date(), self._rule)
            case "reclassified":
                self.kind, self.topic = said.kind or self.kind, said.topic
                if is_open:
                    self._rule = self._oracle.rule(self.kind, self.topic, self._opening.on)
                    self._base, self._since = (
                        self._oracle.due_on(self._opening.on, self._rule),
                        self._opening.at,
                    )
            case "answered" | "closed" | "merged":
                self._end_waits(said)
                self._end(said, is_open=is_open)
            case _:
                pass
        if is_open and (due_on := self._lengthened()) != promise.due_on:
            promise.stands.append((said.at, due_on))
        promise.without_pauses = self._base

    def _end(self, said: Said, *, is_open: bool) -> None:
        promise = self.promise
        if promise.ended is None:
            promise.ended = said.at
            promise.has_lapsed = is_open and said.what != "answered"
            promise.answered_on = said.on if said.what == "answered" else None

    def _end_waits(self, said: Said) -> None:
        for wait in self.promise.waits:
            if wait.ended is None and said.at < wait.longest:
                wait.ended, wait.heard = said.at, said.what == "heard"

    def _lengthened(self) -> date:
        """The days we waited for the resident do not count: the day of the question does, the last day does not."""
        due_on, added = self._base, 0
        for wait in self.promise.waits:
            if wait.end <= self._since:
                continue
            first = max(wait.begun, self._since).astimezone(OSLO).date()
            last = min(wait.end.astimezone(OSLO).date(), wait.last_day)
            if first > due_on or last <= first:
                continue
            days = [first + number * DAY for number in range(1, (last - first).days + 1)]
            in_working_days = self._rule.endswith("WD")
            added += sum(map(self._oracle.is_open, days)) if in_working_days else len(days)
            if in_working_days:
                due_on = self._oracle.working_days(self._base, added)
            else:
                due_on = self._base + added * DAY
            while not self._oracle.is_open(due_on):
                due_on += DAY
        return due_on


def waits(found: Sequence[Promise]) -> Iterator[tuple[Promise, Wait]]:
    """Every wait of a case, with the promise it lengthened."""
    for promise in found:
        for wait in promise.waits:
            yield promise, wait

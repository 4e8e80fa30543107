"""When everything in the demonstration happens. Pure, and the same for the same seed, day and municipality."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from random import Random

from deploy.demo.cases import Case, Course
from shared.clock import OSLO, oslo_day
from shared.municipality import Municipality
from shared.promise import Rule, deadline
from shared.workdays import WorkCalendar

DAYS = 35
"""How far back the first case may lie."""
SEED = 20
_LATEST = timedelta(minutes=3)
"""What would happen later than this before now is left out: it is still to come."""


class Act(StrEnum):
    """What somebody does."""

    SUBMIT = "submit"
    ADD = "add"
    OPEN = "open"
    INTERIM = "interim"
    HAND_OVER = "hand_over"
    ANSWER = "answer"
    CLOSE = "close"
    FEEDBACK = "feedback"


@dataclass(frozen=True, order=True)
class Moment:
    """Who does what when; `expected_on` only with an interim answer."""

    at: datetime
    number: int
    act: Act
    expected_on: date | None = None


def plan(cases: Sequence[Case], municipality: Municipality, now: datetime, seed: int = SEED) -> list[Moment]:
    """Everything that has happened until now, in its order."""
    moments = (
        moment
        for case in cases
        for moment in _Life(case, municipality, now, Random(f"{seed}/{case.number}")).moments()  # noqa: S311 - invented
    )
    return sorted(moment for moment in moments if moment.at <= now - _LATEST)


class _Life:
    """The dates of one case."""

    def __init__(self, case: Case, municipality: Municipality, now: datetime, random: Random) -> None:
        self._case = case
        self._municipality = municipality
        self._calendar: WorkCalendar = municipality.calendar
        self._now = now
        self._today = oslo_day(now)
        self._random = random

    def moments(self) -> Iterator[Moment]:
        """From the submission to where the case stands now."""
        received = self._received()
        yield self._moment(received, Act.SUBMIT)
        if self._case.adds:
            yield self._moment(received + timedelta(hours=self._random.randint(3, 20)), Act.ADD)
        match self._case.course:
            case Course.KEPT | Course.THANKED | Course.HANDED_OVER:
                yield from self._answered_in_time(received)
            case Course.LATE | Course.INTERIM:
                yield from self._answered_late(received)
            case Course.CLOSED:
                yield from self._handled(received, self._working_day(received, 1), Act.CLOSE)
            case Course.WAITING:
                yield self._moment(self._opening(received), Act.OPEN)
                yield self._interim(self._working_day(received, 2), self._working_day(received, 9))
            case Course.OVERDUE | Course.DUE_SOON:
                if self._random.random() < 0.75:  # noqa: PLR2004 - three in four have been looked at
                    yield self._moment(self._opening(received), Act.OPEN)
            case Course.NEW | Course.PRAISE_NEW:
                pass

    def _answered_in_time(self, received: datetime) -> Iterator[Moment]:
        day = self._working_day(received, self._random.choice((1, 1, 2, 2, 3)))
        due_on = self._due_on(received)
        while day > due_on:
            day = self._calendar.add_working_days(day, -1)
        if self._case.course is Course.HANDED_OVER:
            opening = self._opening(received)
            yield self._moment(opening, Act.OPEN)
            yield self._moment(opening + timedelta(minutes=12), Act.HAND_OVER)
            day = max(day, self._calendar.next_working_day(oslo_day(opening)))
        yield from self._handled(received, day, Act.ANSWER)

    def _answered_late(self, received: datetime) -> Iterator[Moment]:
        yield self._moment(self._opening(received), Act.OPEN)
        day = self._calendar.add_working_days(self._due_on(received), self._random.randint(2, 5))
        if self._case.course is Course.INTERIM:
            yield self._interim(self._working_day(received, 3), day)
        answered = self._at_work(day)
        yield self._moment(answered, Act.ANSWER)
        yield from self._feedback(answered)

    def _handled(self, received: datetime, day: date, act: Act) -> Iterator[Moment]:
        """Opened and finished by somebody who sits down with it on one day."""
        opened = self._opening(received)
        done = max(self._at_work(day), opened + timedelta(minutes=30))
        if self._case.course is not Course.HANDED_OVER:
            yield self._moment(opened, Act.OPEN)
        yield self._moment(done, act)
        if act is Act.ANSWER:
            yield from self._feedback(done)

    def _feedback(self, answered: datetime) -> Iterator[Moment]:
        if self._case.helped is not None:
            yield self._moment(answered + timedelta(hours=self._random.randint(1, 30)), Act.FEEDBACK)

    def _interim(self, day: date, expected_on: date) -> Moment:
        return Moment(self._at_work(day), self._case.number, Act.INTERIM, expected_on)

    def _moment(self, at: datetime, act: Act) -> Moment:
        return Moment(at, self._case.number, act)

    def _received(self) -> datetime:
        match self._case.course:
            case Course.NEW | Course.PRAISE_NEW:
                return self._now - timedelta(minutes=self._random.randint(20, 40 * 60))
            case Course.DUE_SOON:
                day = self._due_within(2)
            case Course.WAITING:
                day = self._days_ago(6, 9)
            case Course.OVERDUE:
                day = self._days_ago(11, 17)
            case Course.LATE | Course.INTERIM:
                day = self._days_ago(18, DAYS - 1)
            case _:
                day = self._days_ago(5, DAYS)
        hour, minute = self._random.randint(7, 21), self._random.randint(0, 59)
        return _instant(day, time(hour, minute))

    def _days_ago(self, fewest: int, most: int) -> date:
        return self._today - timedelta(days=self._random.randint(fewest, most))

    def _due_within(self, working_days: int) -> date:
        """The last day on which something had to come in to be due so soon."""
        soon = self._calendar.add_working_days(self._today, working_days)
        day = self._today - timedelta(days=1)
        while self._due_on(_instant(day, time(12))) > soon:
            day -= timedelta(days=1)
        return day

    def _due_on(self, received: datetime) -> date:
        promise = self._municipality.promise_for(
            self._case.kind, self._case.topic, self._case.area, "api", oslo_day(received)
        )
        if promise is None:
            return date.max
        return deadline(received, Rule.parse(str(promise.rule)), self._calendar).due_on

    def _opening(self, received: datetime) -> datetime:
        """The first time somebody at work comes to it: the same day in the morning, else the next."""
        local = received.astimezone(OSLO)
        if local.hour < 13 and self._calendar.is_working_day(local.date()):  # noqa: PLR2004 - after lunch
            minutes = timedelta(minutes=self._random.randint(15, 100))
            return max(received, _instant(local.date(), time(8))) + minutes
        return self._at_work(self._working_day(received, 1), time(8, 20))

    def _working_day(self, received: datetime, later: int) -> date:
        return self._calendar.add_working_days(oslo_day(received), later)

    def _at_work(self, day: date, earliest: time = time(9, 0)) -> datetime:
        return _instant(day, earliest) + timedelta(minutes=self._random.randint(0, 300))


def _instant(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, OSLO).astimezone(UTC)

"""The deadline calculus: from an instant and a rule to a due day, with the steps that lead there.

Weeks, months and years end as domstolloven §§ 148-149 says: on the day of the same name or number, or the
month's last, and a Saturday, Sunday or public holiday moves on to the next working day. Days are counted
likewise; working days skip what is none. The day something was received is never counted, and every day is
Norway's, whatever the zone of the instant or the server.
"""

import calendar as months
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from string import ascii_letters
from typing import Self

from shared.clock import OSLO, oslo_day
from shared.workdays import LAST_YEAR, CalendarEndsError, Reason, WorkCalendar

_DAY = timedelta(days=1)
_SATURDAY = 5
_MONTHS = 12
_RULE = re.compile(r"P([1-9][0-9]{0,3})(D|WD|W|M|Y)")


class RuleError(ValueError):
    """A rule that cannot be read; says what is wrong with it and how rules look."""

    def __init__(self, text: str, fault: str) -> None:
        """Keep what was written and what is wrong with it."""
        super().__init__(
            f"the rule {text!r} {fault}; write P5D for days, P10WD for working days, P1W for weeks, "
            "P1M for months or P1Y for years, with a number from 1 to 9999"
        )
        self.text = text
        self.fault = fault


class Unit(StrEnum):
    """What a rule counts."""

    DAYS = "D"
    WORKING_DAYS = "WD"
    WEEKS = "W"
    MONTHS = "M"
    YEARS = "Y"


@dataclass(frozen=True, slots=True)
class Rule:
    """How long something may take, as `P1W`; `str` gives it back as it is written."""

    count: int
    unit: Unit

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a rule such as `P5D`, `P10WD`, `P1W`, `P1M` or `P1Y`.

        :raises RuleError: it is none of these.
        """
        match = _RULE.fullmatch(text)
        if match is None:
            raise RuleError(text, _fault(text))
        return cls(int(match[1]), Unit(match[2]))

    def __str__(self) -> str:
        return f"P{self.count}{self.unit}"


class StepKind(StrEnum):
    """What a step of a reckoning does."""

    RECEIVED = "received"
    SKIPPED = "skipped"
    ENDS = "ends"
    ENDS_WITH_MONTH = "ends_with_month"
    MOVED = "moved"
    WAITED = "waited"
    WAITING = "waiting"
    EXTENDED = "extended"


@dataclass(frozen=True, slots=True)
class ClosedDay:
    """A day that is not a working day, and why."""

    day: date
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a reckoning.

    :param kind: `received`: where the count starts; `skipped`: public holidays and closed days that a count
        of working days passed over (weekends go without saying); `ends`: where the count ends;
        `ends_with_month`: likewise, in a month without the wanted day; `moved`: on to the next working day;
        `waited` and `waiting`: on by the days we waited, or may wait, for the resident (`shared.pauses`);
        `extended`: on to the day the resident was given instead.
    :param day: the day the step comes to; for `skipped` the last day passed over.
    :param closed: `skipped` and `moved`: the days passed over; else the day itself if nothing can end on it.
    :param count: `waited` and `waiting`: how many days, working days where the rule counts those.
    """

    kind: StepKind
    day: date
    closed: tuple[ClosedDay, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Deadline:
    """The last day on which an answer is in time, and how it was reckoned."""

    due_on: date
    steps: tuple[Step, ...]
    rule: Rule
    received: datetime


def deadline(received: datetime, rule: Rule, calendar: WorkCalendar) -> Deadline:
    """Reckon the due day of something received at an instant.

    :raises NaiveInstantError: `received` has no time zone.
    :raises CalendarEndsError: a day that counts lies outside the calendar's years.
    """
    steps = _reckon(oslo_day(received), rule, calendar)
    return Deadline(steps[-1].day, steps, rule, received)


def extended(deadline: Deadline, due_on: date, told: datetime) -> Deadline:
    """The deadline after the resident was told of another day: pauses from then on lengthen that one."""
    step = Step(StepKind.EXTENDED, due_on)
    return replace(deadline, due_on=due_on, steps=(*deadline.steps, step), received=told)


def kept(due_on: date, answered_at: datetime) -> bool:
    """Tell whether an answer was in time: on the due day it is, the day after in Norway it is not."""
    return oslo_day(answered_at) <= due_on


def broken_from(due_on: date) -> datetime:
    """Give the first instant, in UTC, at which an unanswered promise is broken: the due day's midnight."""
    return datetime.combine(due_on + _DAY, time(), OSLO).astimezone(UTC)


def closed_days(start: date, stop: date, calendar: WorkCalendar) -> tuple[ClosedDay, ...]:
    """Give the days from `start` to before `stop` that are no working days, each with its reasons."""
    days = (start + number * _DAY for number in range((stop - start).days))
    return tuple(ClosedDay(day, reasons) for day in days if (reasons := calendar.why_not_working(day)))


@lru_cache(maxsize=8192)
def _reckon(start: date, rule: Rule, calendar: WorkCalendar) -> tuple[Step, ...]:
    calendar.why_not_working(start)  # a start outside the calendar's years is an error, whatever the end
    received = Step(StepKind.RECEIVED, start)
    if rule.unit is Unit.WORKING_DAYS:
        return (received, *_working_days(start, rule.count, calendar))
    return (received, *_calendar_days(start, rule, calendar))


def _working_days(start: date, count: int, calendar: WorkCalendar) -> Iterator[Step]:
    end = calendar.add_working_days(start, count)
    skipped = tuple(
        closed for closed in closed_days(start + _DAY, end, calendar) if closed.day.weekday() < _SATURDAY
    )
    if skipped:
        yield Step(StepKind.SKIPPED, skipped[-1].day, skipped)
    yield Step(StepKind.ENDS, end)


def _calendar_days(start: date, rule: Rule, calendar: WorkCalendar) -> Iterator[Step]:
    end = _end(start, rule)
    due_on = calendar.next_working_day(end, inclusive=True)
    passed = closed_days(end, due_on, calendar)
    in_months = rule.unit in {Unit.MONTHS, Unit.YEARS}
    kind = StepKind.ENDS_WITH_MONTH if in_months and end.day != start.day else StepKind.ENDS
    yield Step(kind, end, passed[:1])
    if passed:
        yield Step(StepKind.MOVED, due_on, passed)


def _end(start: date, rule: Rule) -> date:
    match rule.unit:
        case Unit.WEEKS:
            return start + timedelta(weeks=rule.count)
        case Unit.MONTHS:
            return _same_number(start, rule.count)
        case Unit.YEARS:
            return _same_number(start, rule.count * _MONTHS)
        case _:
            return start + timedelta(days=rule.count)


def _same_number(start: date, later: int) -> date:
    years, month = divmod(start.month - 1 + later, _MONTHS)
    year, month = start.year + years, month + 1
    if year > LAST_YEAR:  # date() would refuse the year 10000 in words of its own
        raise CalendarEndsError(year)
    return date(year, month, min(start.day, months.monthrange(year, month)[1]))


def _fault(text: str) -> str:
    if not text.startswith("P"):
        return "must begin with P"
    number = text[1:].rstrip(ascii_letters)
    unit = text[1 + len(number) :]
    if not number:
        return "has no number after P"
    if not (number.isascii() and number.isdecimal()):
        return f"counts {number!r}, which is no whole number"
    if not unit:
        return "has no unit at its end"
    if unit not in set(Unit):
        return f"has an unknown unit {unit!r}"
    return f"counts {number}"

"""The calculus of due days against independent witnesses, and what holds of every due day."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter
from workalendar.europe import Norway  # type: ignore[import-untyped]

from shared.clock import OSLO, oslo_day
from shared.promise import (
    Deadline,
    Rule,
    StepKind,
    Unit,
    broken_from,
    deadline,
    kept,
)
from shared.workdays import WorkCalendar

LAW = WorkCalendar()
INSTANTS = st.datetimes(datetime(1970, 1, 2), datetime(2170, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
RULES = st.one_of(
    st.builds(Rule, st.integers(1, 400), st.just(Unit.DAYS)),
    st.builds(Rule, st.integers(1, 90), st.just(Unit.WORKING_DAYS)),
    st.builds(Rule, st.integers(1, 60), st.just(Unit.WEEKS)),
    st.builds(Rule, st.integers(1, 30), st.just(Unit.MONTHS)),
    st.builds(Rule, st.integers(1, 5), st.just(Unit.YEARS)),
)
CALENDARS = st.builds(
    WorkCalendar,
    st.booleans(),
    st.booleans(),
    st.frozensets(st.tuples(st.dates(date(2026, 1, 1), date(2027, 12, 31)), st.just("Stengt")), max_size=20),
)


@given(INSTANTS, st.integers(-3, 3))
def test_an_answer_is_in_time_exactly_until_the_promise_is_broken(answered: datetime, days: int) -> None:
    """The two ways to ask can never disagree."""
    due_on = oslo_day(answered) + timedelta(days=days)
    assert kept(due_on, answered) is (answered < broken_from(due_on))


@settings(deadline=None, max_examples=400)
@given(INSTANTS, RULES)
@example(datetime(2027, 5, 9, 22, 30, tzinfo=UTC), Rule(1, Unit.WEEKS))
@example(datetime(2024, 2, 29, 12, tzinfo=UTC), Rule(1, Unit.YEARS))
def test_a_due_day_is_where_someone_walking_day_by_day_arrives(received: datetime, rule: Rule) -> None:
    """A walker who knows no arithmetic, with workalendar's holidays, comes to the same day."""
    assert deadline(received, rule, LAW).due_on == _walk(received, rule)


@settings(deadline=None)
@given(INSTANTS, RULES, CALENDARS)
def test_a_due_day_is_a_working_day_after_the_receipt(
    received: datetime, rule: Rule, calendar: WorkCalendar
) -> None:
    """Whatever the municipality holds closed."""
    due_on = deadline(received, rule, calendar).due_on
    assert calendar.is_working_day(due_on)
    assert due_on > oslo_day(received)


@settings(deadline=None)
@given(INSTANTS, st.timedeltas(timedelta(0), timedelta(days=40)), RULES, CALENDARS)
def test_who_writes_later_is_never_due_earlier(
    received: datetime, later: timedelta, rule: Rule, calendar: WorkCalendar
) -> None:
    """Waiting can never bring an answer forward."""
    first, second = (deadline(instant, rule, calendar).due_on for instant in (received, received + later))
    assert first <= second


@settings(deadline=None)
@given(INSTANTS, RULES, CALENDARS, st.integers(0, 5))
def test_a_holiday_added_later_never_brings_a_deadline_forward(
    received: datetime, rule: Rule, calendar: WorkCalendar, days_before: int
) -> None:
    """It moves it on or leaves it, and moves it for certain when it takes the due day itself."""
    before = deadline(received, rule, calendar).due_on
    holiday = (before - timedelta(days=days_before), "Ny fridag")
    after = deadline(received, rule, replace(calendar, closed_days=calendar.closed_days | {holiday})).due_on
    assert after >= before
    assert after > before or days_before


@settings(deadline=None)
@given(INSTANTS, RULES, CALENDARS)
def test_the_steps_lead_from_the_receipt_to_the_due_day(
    received: datetime, rule: Rule, calendar: WorkCalendar
) -> None:
    """Each move accounts for every day it passes, and no day is passed without a reason."""
    found = deadline(received, rule, calendar)
    first, last = found.steps[0], found.steps[-1]
    assert (first.kind, first.day) == (StepKind.RECEIVED, oslo_day(received))
    assert last.day == found.due_on
    for step in found.steps:
        for closed in step.closed:
            assert closed.reasons == calendar.why_not_working(closed.day) != ()
    if last.kind is StepKind.MOVED:
        end = found.steps[-2].day
        passed = [closed.day for closed in last.closed]
        assert passed == [end + timedelta(days=number) for number in range((found.due_on - end).days)]
    if rule.unit is Unit.WORKING_DAYS:
        assert calendar.working_days_between(first.day, found.due_on) == rule.count


@settings(deadline=None)
@given(INSTANTS, RULES, CALENDARS)
def test_a_deadline_survives_being_stored_as_json(
    received: datetime, rule: Rule, calendar: WorkCalendar
) -> None:
    """Events carry it with all its steps."""
    found = deadline(received, rule, calendar)
    stored = TypeAdapter(Deadline)
    assert stored.validate_json(stored.dump_json(found)) == found


def _walk(received: datetime, rule: Rule) -> date:
    """Reckon without arithmetic on dates but "the day after"."""
    norway = Norway()
    start = received.astimezone(OSLO).date()
    walkers: dict[Unit, Callable[[], date]] = {
        Unit.DAYS: lambda: _nth(_following(start), rule.count),
        Unit.WEEKS: lambda: _nth(
            (d for d in _following(start) if d.weekday() == start.weekday()), rule.count
        ),
        Unit.WORKING_DAYS: lambda: _nth(filter(norway.is_working_day, _following(start)), rule.count),
        Unit.MONTHS: lambda: _in_month(start, rule.count),
        Unit.YEARS: lambda: _in_month(start, rule.count * 12),
    }
    day = walkers[rule.unit]()
    while not norway.is_working_day(day):
        day = next(_following(day))
    return day


def _following(day: date) -> Iterator[date]:
    while True:
        day += timedelta(days=1)
        yield day


def _nth(days: Iterator[date], count: int) -> date:
    for _ in range(count - 1):
        next(days)
    return next(days)


def _in_month(start: date, count: int) -> date:
    """Walk to the `count`-th first of a month, and in that month to the wanted day or its last."""
    day = _nth((d for d in _following(start) if d.day == 1), count)
    for following in _following(day):
        if day.day == start.day or following.day == 1:
            return day
        day = following
    raise AssertionError

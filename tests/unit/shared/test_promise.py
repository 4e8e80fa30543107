"""A due day is what a lawyer would say it is, and a rule is what its text says."""

import re
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import OSLO, NaiveInstantError
from shared.promise import (
    Rule,
    RuleError,
    broken_from,
    deadline,
    kept,
)
from shared.workdays import CalendarEndsError, WorkCalendar

LAW = WorkCalendar()


def at(text: str) -> datetime:
    """Read an instant in Norway as `Fri 18 Dec 2026 14:03`, and hold the weekday to be true."""
    instant = datetime.strptime(text, "%a %d %b %Y %H:%M").replace(tzinfo=OSLO)
    assert f"{instant:%a}" == text[:3], f"{text} is no {text[:3]}"
    return instant


def on(text: str) -> date:
    """Read a day, `Fri 18 Dec 2026`."""
    return at(f"{text} 00:00").date()


def due(received: str, rule: str, calendar: WorkCalendar = LAW) -> date:
    """Reckon the due day."""
    return deadline(at(received), Rule.parse(rule), calendar).due_on


# The table a lawyer can read -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "rule", "due_on"),
    [
        # one week from Friday is Christmas Day, then Saturday and Sunday
        ("Fri 18 Dec 2026 14:03", "P1W", "Mon 28 Dec 2026"),
        # New Year's Eve is a working day
        ("Thu 24 Dec 2026 09:00", "P1W", "Thu 31 Dec 2026"),
        # Maundy Thursday, and Easter after it
        ("Thu 26 Mar 2026 10:00", "P1W", "Tue 7 Apr 2026"),
        # Saturday, then 17 May on a Sunday, which gives no Monday off
        ("Sat 25 Apr 2026 23:59", "P3W", "Mon 18 May 2026"),
        # no 31 February; the 28th is a Saturday
        ("Sat 31 Jan 2026 12:00", "P1M", "Mon 2 Mar 2026"),
    ],
)
def test_the_vectors_of_the_design_hold(received: str, rule: str, due_on: str) -> None:
    """Those that the whole project was agreed on."""
    assert due(received, rule) == on(due_on)


@pytest.mark.parametrize(
    ("received", "rule", "due_on"),
    [
        # a week ends on the day of the same name
        ("Fri 9 Jan 2026 12:00", "P1W", "Fri 16 Jan 2026"),
        ("Sat 10 Jan 2026 12:00", "P1W", "Mon 19 Jan 2026"),
        ("Sun 11 Jan 2026 12:00", "P1W", "Mon 19 Jan 2026"),
        # five working days: Monday is day one for all three
        ("Fri 9 Jan 2026 12:00", "P5WD", "Fri 16 Jan 2026"),
        ("Sat 10 Jan 2026 12:00", "P5WD", "Fri 16 Jan 2026"),
        ("Sun 11 Jan 2026 12:00", "P5WD", "Fri 16 Jan 2026"),
        # five days: Wednesday, Thursday, Friday
        ("Fri 9 Jan 2026 12:00", "P5D", "Wed 14 Jan 2026"),
        ("Sat 10 Jan 2026 12:00", "P5D", "Thu 15 Jan 2026"),
        ("Sun 11 Jan 2026 12:00", "P5D", "Fri 16 Jan 2026"),
        # and days move on like weeks do
        ("Mon 12 Jan 2026 12:00", "P5D", "Mon 19 Jan 2026"),
    ],
)
def test_received_on_friday_saturday_and_sunday(received: str, rule: str, due_on: str) -> None:
    """The day of receipt is not counted, and the weekend only where the rule counts it."""
    assert due(received, rule) == on(due_on)


@pytest.mark.parametrize(
    ("received", "rule", "due_on"),
    [
        ("Wed 31 Jan 2024 12:00", "P1M", "Thu 29 Feb 2024"),
        ("Tue 30 Jan 2024 12:00", "P1M", "Thu 29 Feb 2024"),
        ("Thu 29 Feb 2024 12:00", "P1M", "Tue 2 Apr 2024"),  # 29 March is Good Friday
        ("Thu 29 Feb 2024 12:00", "P1Y", "Fri 28 Feb 2025"),
        ("Tue 29 Feb 2028 12:00", "P4Y", "Mon 1 Mar 2032"),  # 29 February 2032 is a Sunday
        ("Thu 22 Feb 2024 12:00", "P1W", "Thu 29 Feb 2024"),
        ("Fri 29 Jan 2100 12:00", "P1M", "Mon 1 Mar 2100"),  # 2100 is no leap year; the 28th is a Sunday
    ],
)
def test_leap_february(received: str, rule: str, due_on: str) -> None:
    """A month or a year ends on the last of February where the wanted day does not exist."""
    assert due(received, rule) == on(due_on)


@pytest.mark.parametrize(
    ("received", "rule", "due_on"),
    [
        ("Sat 31 Jan 2026 12:00", "P1M", "Mon 2 Mar 2026"),
        ("Sun 31 Jan 2027 12:00", "P1M", "Mon 1 Mar 2027"),
        ("Tue 31 Mar 2026 12:00", "P1M", "Thu 30 Apr 2026"),
        ("Mon 31 Aug 2026 12:00", "P1M", "Wed 30 Sep 2026"),
        ("Sat 28 Feb 2026 12:00", "P1M", "Mon 30 Mar 2026"),  # the 28th, not the last: then a Saturday
        ("Mon 30 Nov 2026 12:00", "P3M", "Mon 1 Mar 2027"),  # over the turn of the year
        ("Thu 31 Dec 2026 12:00", "P1M", "Mon 1 Feb 2027"),
        ("Tue 1 Dec 2026 12:00", "P12M", "Wed 1 Dec 2027"),
    ],
)
def test_31_january_plus_a_month(received: str, rule: str, due_on: str) -> None:
    """The day of the same number, else the month's last."""
    assert due(received, rule) == on(due_on)


@pytest.mark.parametrize(
    ("received", "rule", "due_on"),
    [
        # working days leave the holiday out
        ("Wed 29 Apr 2026 12:00", "P3WD", "Tue 5 May 2026"),
        ("Thu 26 Mar 2026 12:00", "P10WD", "Tue 14 Apr 2026"),
        ("Wed 23 Dec 2026 12:00", "P5WD", "Thu 31 Dec 2026"),
        # a week takes no notice of it
        ("Wed 29 Apr 2026 12:00", "P1W", "Wed 6 May 2026"),
        ("Tue 12 May 2026 12:00", "P1W", "Tue 19 May 2026"),
        ("Wed 29 Apr 2026 12:00", "P5D", "Mon 4 May 2026"),
    ],
)
def test_a_holiday_in_the_middle(received: str, rule: str, due_on: str) -> None:
    """Only working days skip what lies between; the others look at the day they end on."""
    assert due(received, rule) == on(due_on)


def test_17_may_that_is_also_whit_monday() -> None:
    """In 2027 the deadline moves one day, for two reasons."""
    found = deadline(at("Mon 10 May 2027 12:00"), Rule.parse("P1W"), LAW)
    assert found.due_on == on("Tue 18 May 2027")
    [closed] = found.steps[-1].closed
    assert [reason.key for reason in closed.reasons] == ["constitution_day", "whit_monday"]


@pytest.mark.parametrize(
    ("received", "due_on"),
    [
        ("Fri 9 Jan 2026 00:00", "Fri 16 Jan 2026"),
        ("Fri 9 Jan 2026 00:30", "Fri 16 Jan 2026"),  # 23:30 on Thursday in UTC
        ("Fri 9 Jan 2026 23:59", "Fri 16 Jan 2026"),
        ("Wed 1 Jul 2026 01:30", "Wed 8 Jul 2026"),  # 23:30 on Tuesday in UTC, in summer
    ],
)
def test_half_past_midnight_that_is_yesterday_in_utc(received: str, due_on: str) -> None:
    """The day is Norway's, however the instant is written and wherever the server stands."""
    for zone in (OSLO, UTC, timezone(timedelta(hours=-11)), timezone(timedelta(hours=14))):
        found = deadline(at(received).astimezone(zone), Rule.parse("P1W"), LAW)
        assert found.due_on == on(due_on)


@pytest.mark.parametrize(
    ("received", "due_on"),
    [
        # the clock goes forward on Sunday 29 March 2026 and back on Sunday 25 October
        ("Sun 22 Mar 2026 00:30", "Mon 30 Mar 2026"),
        ("Sun 29 Mar 2026 01:59", "Tue 7 Apr 2026"),
        ("Sun 29 Mar 2026 23:30", "Tue 7 Apr 2026"),
        ("Sat 28 Mar 2026 23:30", "Tue 7 Apr 2026"),
        ("Sat 24 Oct 2026 23:30", "Mon 2 Nov 2026"),
        ("Sun 25 Oct 2026 02:30", "Mon 2 Nov 2026"),
        ("Mon 19 Oct 2026 00:15", "Mon 26 Oct 2026"),
    ],
)
def test_dst_weekends(received: str, due_on: str) -> None:
    """A week is seven days by the calendar, not 168 hours."""
    assert due(received, "P1W") == on(due_on)


def test_the_hour_that_occurs_twice_has_the_same_due_day() -> None:
    """Both half past twos of 25 October belong to the same day."""
    first = at("Sun 25 Oct 2026 02:30")
    second = first.replace(fold=1)
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)
    assert {deadline(instant, Rule.parse("P1W"), LAW).due_on for instant in (first, second)} == {
        on("Mon 2 Nov 2026")
    }


def test_a_municipalitys_own_closed_days_move_a_deadline_and_are_not_counted() -> None:
    """24 December and a day of its own, where it says so."""
    own = WorkCalendar.closing({on("Mon 28 Dec 2026"): "Romjulsstengt"}, christmas_eve_closed=True)
    assert due("Thu 17 Dec 2026 12:00", "P1W", own) == on("Tue 29 Dec 2026")
    assert due("Wed 23 Dec 2026 12:00", "P1WD", own) == on("Tue 29 Dec 2026")
    assert due("Thu 17 Dec 2026 12:00", "P1W") == on("Thu 24 Dec 2026")


# The verdict -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answered", "in_time"),
    [
        ("Mon 28 Dec 2026 00:00", True),
        ("Mon 28 Dec 2026 23:59", True),
        ("Tue 29 Dec 2026 00:00", False),
        ("Tue 29 Dec 2026 00:30", False),  # still Monday in UTC
    ],
)
def test_due_day_and_the_day_after(answered: str, in_time: bool) -> None:  # noqa: FBT001 - a table's column
    """Kept until midnight in Norway, broken from then on."""
    assert kept(on("Mon 28 Dec 2026"), at(answered)) is in_time


@pytest.mark.parametrize(
    ("due_on", "broken"),
    [
        ("Mon 28 Dec 2026", datetime(2026, 12, 28, 23, tzinfo=UTC)),
        ("Wed 1 Jul 2026", datetime(2026, 7, 1, 22, tzinfo=UTC)),
        # midnight comes before the clock is changed
        ("Sat 28 Mar 2026", datetime(2026, 3, 28, 23, tzinfo=UTC)),
        ("Sun 29 Mar 2026", datetime(2026, 3, 29, 22, tzinfo=UTC)),
    ],
)
def test_a_promise_is_broken_from_norwegian_midnight(due_on: str, broken: datetime) -> None:
    """The instant is UTC, the midnight Oslo's."""
    assert broken_from(on(due_on)) == broken
    assert broken_from(on(due_on)).tzinfo is UTC


# The end of the calendar -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "rule", "year"),
    [
        ("Fri 20 Dec 2199 12:00", "P1M", 2200),
        ("Fri 20 Dec 2199 12:00", "P10WD", 2200),
        ("Fri 20 Dec 2199 12:00", "P2W", 2200),
        ("Fri 18 Dec 2026 12:00", "P9999Y", 12025),
        ("Fri 18 Dec 2026 12:00", "P9999W", 2218),
        ("Wed 31 Dec 1969 12:00", "P1W", 1969),
        ("Wed 31 Dec 1969 12:00", "P1WD", 1969),
        ("Wed 1 Jan 2200 12:00", "P1W", 2200),
    ],
)
def test_a_calendar_without_next_year(received: str, rule: str, year: int) -> None:
    """A due day that cannot be known is an error that says which year is missing."""
    with pytest.raises(CalendarEndsError) as raised:
        due(received, rule)
    assert raised.value.year == year


def test_a_due_day_that_would_move_past_the_calendars_end_is_an_error() -> None:
    """31 December 2199 is a Tuesday, but this municipality holds it closed."""
    closed = WorkCalendar(new_years_eve_closed=True)
    assert due("Tue 24 Dec 2199 12:00", "P1W") == on("Tue 31 Dec 2199")
    with pytest.raises(CalendarEndsError):
        due("Tue 24 Dec 2199 12:00", "P1W", closed)


def test_the_first_and_the_last_week_of_the_calendar_are_reckoned() -> None:
    """The year's first day counts where it is Norway's, though it is last year's in UTC."""
    assert due("Thu 1 Jan 1970 00:30", "P1W") == on("Thu 8 Jan 1970")
    assert due("Mon 23 Dec 2199 12:00", "P4WD") == on("Tue 31 Dec 2199")


# Rules -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["P5D", "P10WD", "P1W", "P3W", "P1M", "P1Y", "P9999D"])
def test_a_rule_is_written_as_it_is_read(text: str) -> None:
    """So that it can be stored and shown as text."""
    assert str(Rule.parse(text)) == text


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "must begin with P"),
        ("1W", "must begin with P"),
        ("p1w", "must begin with P"),
        (" P1W", "must begin with P"),
        ("P", "no number"),
        ("PW", "no number"),
        ("P1", "no unit"),
        ("P1H", "unknown unit 'H'"),
        ("P1w", "unknown unit 'w'"),
        ("P1DW", "unknown unit 'DW'"),
        ("P0D", "counts 0"),
        ("P01D", "counts 01"),
        ("P10000D", "counts 10000"),
        ("P-1D", "'-1', which is no whole number"),
        ("P1.5W", "'1.5', which is no whole number"),
        ("P1W2D", "'1W2', which is no whole number"),
        ("P\u0661D", "no whole number"),
        ("P1W\n", "no whole number"),
    ],
)
def test_a_faulty_rule_is_refused_with_its_fault_and_the_forms_there_are(text: str, fault: str) -> None:
    """Whoever wrote it can mend it without a manual."""
    with pytest.raises(RuleError, match=re.escape(fault)) as raised:
        Rule.parse(text)
    for form in ("P5D", "P10WD", "P1W", "P1M", "P1Y"):
        assert form in str(raised.value)


@given(st.one_of(st.text(max_size=8), st.from_regex(r"P[0-9]{0,5}[A-Z]{0,3}")))
def test_whatever_is_written_is_a_rule_or_a_rule_error(text: str) -> None:
    """No text brings anything else down."""
    try:
        assert str(Rule.parse(text)) == text
    except RuleError as error:
        assert error.text == text  # noqa: PT017 - either outcome is right


def test_an_instant_without_a_zone_is_refused() -> None:
    """Nobody can say on which day it arrived."""
    with pytest.raises(NaiveInstantError):
        deadline(datetime(2026, 12, 18, 14), Rule.parse("P1W"), LAW)  # noqa: DTZ001 - it is the point

"""The Norwegian calendar is right in every year it says it knows, and silent in none."""

import csv
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from workalendar.europe import Norway  # type: ignore[import-untyped]

from shared.clock import OSLO
from shared.workdays import FIRST_YEAR, LAST_YEAR, CalendarEndsError, Reason, WorkCalendar, public_holidays

COMPARISON = Path("shared/data/no_holidays_compare_2020_2035.csv")
LAW = WorkCalendar()
DAYS = st.dates(date(1971, 1, 1), date(2198, 12, 31))


def on(text: str) -> date:
    """Read a day as a person writes it, `Fri 18 Dec 2026`, and hold the weekday to be true."""
    day = datetime.strptime(text, "%a %d %b %Y").replace(tzinfo=OSLO).date()
    assert f"{day:%a}" == text[:3], f"{text} is no {text[:3]}"
    return day


def keys(day: date, calendar: WorkCalendar = LAW) -> list[str]:
    """Name what keeps people from work on a day."""
    return [reason.key for reason in calendar.why_not_working(day)]


@pytest.mark.parametrize(
    ("day", "why"),
    [
        # an ordinary week
        ("Fri 18 Dec 2026", []),
        ("Sat 19 Dec 2026", ["saturday"]),
        ("Sun 20 Dec 2026", ["sunday"]),
        # Christmas: neither the eves nor the days between are holidays by law
        ("Thu 24 Dec 2026", []),
        ("Fri 25 Dec 2026", ["christmas_day"]),
        ("Sat 26 Dec 2026", ["second_christmas_day"]),
        ("Tue 29 Dec 2026", []),
        ("Thu 31 Dec 2026", []),
        ("Fri 1 Jan 2027", ["new_years_day"]),
        # Easter
        ("Wed 1 Apr 2026", []),
        ("Thu 2 Apr 2026", ["maundy_thursday"]),
        ("Fri 3 Apr 2026", ["good_friday"]),
        ("Sat 4 Apr 2026", ["saturday"]),
        ("Sun 5 Apr 2026", ["easter_sunday"]),
        ("Mon 6 Apr 2026", ["easter_monday"]),
        ("Tue 7 Apr 2026", []),
        # spring
        ("Fri 1 May 2026", ["labour_day"]),
        ("Thu 14 May 2026", ["ascension_day"]),
        ("Sun 17 May 2026", ["constitution_day"]),
        ("Sun 24 May 2026", ["whit_sunday"]),
        ("Mon 25 May 2026", ["whit_monday"]),
        # two holidays on one day
        ("Mon 17 May 2027", ["constitution_day", "whit_monday"]),
        ("Thu 1 May 2008", ["labour_day", "ascension_day"]),
    ],
)
def test_a_day_that_is_no_working_day_says_why(day: str, why: list[str]) -> None:
    """Saturdays, Sundays and the public holidays of the law, and nothing else."""
    assert keys(on(day)) == why
    assert LAW.is_working_day(on(day)) is not bool(why)


def test_a_municipality_may_hold_the_eves_and_days_of_its_own_closed() -> None:
    """Its closed days carry the name it gave them; in the law's own calendar they stay working days."""
    planning_day = on("Mon 16 Nov 2026")
    own = WorkCalendar.closing(
        {planning_day: "Planleggingsdag"}, christmas_eve_closed=True, new_years_eve_closed=True
    )
    assert own.why_not_working(planning_day) == (Reason("closed", "Planleggingsdag"),)
    assert keys(on("Thu 24 Dec 2026"), own) == ["christmas_eve"]
    assert keys(on("Thu 31 Dec 2026"), own) == ["new_years_eve"]
    assert LAW.is_working_day(planning_day)
    assert own == WorkCalendar.closing(
        {planning_day: "Planleggingsdag"}, christmas_eve_closed=True, new_years_eve_closed=True
    )
    assert hash(own) != hash(LAW)


def test_a_closed_day_on_a_holiday_or_a_sunday_adds_its_name() -> None:
    """The law's reason stands first, the municipality's beside it; a plain Sunday gives way to a name."""
    own = WorkCalendar.closing({on("Fri 1 May 2026"): "Stengt", on("Sun 20 Dec 2026"): "Julemarked"})
    assert keys(on("Fri 1 May 2026"), own) == ["labour_day", "closed"]
    assert keys(on("Sun 20 Dec 2026"), own) == ["closed"]


@pytest.mark.parametrize(
    ("start", "following"),
    [
        ("Thu 17 Dec 2026", "Fri 18 Dec 2026"),
        ("Fri 18 Dec 2026", "Mon 21 Dec 2026"),
        ("Wed 1 Apr 2026", "Tue 7 Apr 2026"),  # over all of Easter
        ("Sat 16 May 2026", "Mon 18 May 2026"),
        ("Thu 24 Dec 2026", "Mon 28 Dec 2026"),
    ],
)
def test_the_next_working_day_passes_over_all_that_is_closed(start: str, following: str) -> None:
    """However long the break is."""
    assert LAW.next_working_day(on(start)) == on(following)


def test_a_day_that_is_included_may_be_the_next_working_day_itself() -> None:
    """A deadline that ends on a working day stays there."""
    assert LAW.next_working_day(on("Thu 17 Dec 2026"), inclusive=True) == on("Thu 17 Dec 2026")
    assert LAW.next_working_day(on("Sat 19 Dec 2026"), inclusive=True) == on("Mon 21 Dec 2026")


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("Fri 18 Dec 2026", 0, "Fri 18 Dec 2026"),
        ("Fri 18 Dec 2026", 1, "Mon 21 Dec 2026"),
        ("Sat 19 Dec 2026", 1, "Mon 21 Dec 2026"),  # the first working day after is number one
        ("Wed 1 Apr 2026", 2, "Wed 8 Apr 2026"),
        ("Mon 28 Dec 2026", -1, "Thu 24 Dec 2026"),
        ("Sun 20 Dec 2026", -2, "Thu 17 Dec 2026"),  # a reminder two working days before
    ],
)
def test_working_days_are_counted_from_the_day_after_the_start(start: str, count: int, end: str) -> None:
    """Forwards and backwards, whether the start is a working day or not."""
    assert LAW.add_working_days(on(start), count) == on(end)


@given(DAYS, st.integers(-60, 60))
def test_counting_working_days_and_adding_them_are_each_others_inverse(day: date, count: int) -> None:
    """Whoever is told "in n working days" and counts them comes to n."""
    assert LAW.working_days_between(day, LAW.add_working_days(day, count)) == count


@pytest.mark.parametrize(
    "ask",
    [
        lambda: LAW.is_working_day(date(LAST_YEAR + 1, 1, 1)),
        lambda: LAW.is_working_day(date(FIRST_YEAR - 1, 12, 31)),
        lambda: LAW.next_working_day(date(LAST_YEAR, 12, 31)),
        lambda: LAW.add_working_days(date(LAST_YEAR, 12, 1), 30),
        lambda: LAW.add_working_days(date(FIRST_YEAR, 1, 2), -1),
        lambda: LAW.working_days_between(date(LAST_YEAR, 12, 1), date(LAST_YEAR + 1, 1, 2)),
    ],
)
def test_a_year_that_the_calendar_does_not_know_is_an_error_that_names_it(ask: Callable[[], object]) -> None:
    """Never a year without holidays."""
    with pytest.raises(CalendarEndsError, match="1970 to 2199") as raised:
        ask()
    assert raised.value.year in {FIRST_YEAR - 1, LAST_YEAR + 1}
    assert str(raised.value.year) in str(raised.value)


def test_every_known_year_has_the_laws_twelve_holidays() -> None:
    """The last year as well as the first."""
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        found = list(public_holidays(year))
        assert len(found) == len({reason for _, reason in found}) == 12
        assert {day.year for day, _ in found} == {year}


def test_the_calendar_agrees_with_the_holidays_package_as_far_as_that_reaches() -> None:
    """It ends at 2100, and says so by answering nothing."""
    for year in range(FIRST_YEAR, 2101):
        theirs = set(holidays.country_holidays("NO", years=year, include_sundays=False))
        assert {day for day, _ in public_holidays(year)} == theirs


def test_the_calendar_agrees_with_workalendar_on_every_day_of_every_year() -> None:
    """A second witness, over the whole range."""
    theirs = Norway()
    for year in range(FIRST_YEAR, LAST_YEAR + 1):
        closed = {day for day, _ in theirs.holidays(year)}
        for day in _days_of(year):
            assert LAW.is_working_day(day) is (day.weekday() < 5 and day not in closed), day


def test_the_calendar_agrees_with_five_sources_from_2020_to_2035() -> None:
    """Three lists of the law's holidays on every day, and the bank calendars on weekdays but for the eves."""
    listed = {date.fromisoformat(row["date"]): row for row in csv.DictReader(_comparison())}
    for day in (day for year in range(2020, 2036) for day in _days_of(year)):
        ours = day in {holiday for holiday, _ in public_holidays(day.year)}
        row = listed.get(day, {})
        for source in ("own-formula", "py holidays (default)", "workalendar", "date-holidays public"):
            assert (row.get(source) == "1") is ours, (day, source)
        eve = (day.month, day.day) in {(12, 24), (12, 31)}
        if day.weekday() < 5 and not eve:
            assert (row.get("QuantLib") == "1") is ours, day
    assert len(listed) > 16 * 12


def test_a_calendar_with_both_eves_closed_agrees_with_the_banks() -> None:
    """Banks hold 24 and 31 December closed, as a municipality may."""
    banks = WorkCalendar(christmas_eve_closed=True, new_years_eve_closed=True)
    closed = [date.fromisoformat(row["date"]) for row in csv.DictReader(_comparison()) if row["XOSL"] == "1"]
    assert any(keys(day, banks) == ["christmas_eve"] for day in closed)
    assert any(keys(day, banks) == ["new_years_eve"] for day in closed)
    assert not any(map(banks.is_working_day, closed))


@settings(deadline=None)
@given(DAYS)
def test_a_break_is_never_longer_than_five_days_by_law(day: date) -> None:
    """From Maundy Thursday to Easter Monday is the longest there is."""
    assert LAW.next_working_day(day, inclusive=True) - day <= timedelta(days=5)


def _days_of(year: int) -> Iterator[date]:
    first = date(year, 1, 1)
    return (first + timedelta(days=number) for number in range((date(year + 1, 1, 1) - first).days))


def _comparison() -> list[str]:
    for folder in Path(__file__).resolve().parents:
        if (folder / COMPARISON).is_file():
            return (folder / COMPARISON).read_text("utf-8").splitlines()
    pytest.skip(f"{COMPARISON} is not beside the project")

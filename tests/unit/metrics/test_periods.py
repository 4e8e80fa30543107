"""Periods, as people say them."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.periods import Period, PeriodError, Preset, runs_of

DAYS = st.dates(date(1971, 1, 1), date(2198, 12, 31))


def period(text: str) -> Period:
    """A period as `2026-09-01 to 2026-12-31`."""
    first, last = text.split(" to ")
    return Period(date.fromisoformat(first), date.fromisoformat(last))


@pytest.mark.parametrize(
    ("preset", "today", "expected"),
    [
        (Preset.LAST_30_DAYS, "2026-11-21", "2026-10-23 to 2026-11-21"),
        (Preset.THIS_MONTH, "2026-02-28", "2026-02-01 to 2026-02-28"),
        (Preset.THIS_MONTH, "2028-02-01", "2028-02-01 to 2028-02-29"),
        (Preset.LAST_MONTH, "2026-01-01", "2025-12-01 to 2025-12-31"),
        (Preset.THIS_TERTIAL, "2026-04-30", "2026-01-01 to 2026-04-30"),
        (Preset.THIS_TERTIAL, "2026-05-01", "2026-05-01 to 2026-08-31"),
        (Preset.THIS_TERTIAL, "2026-12-31", "2026-09-01 to 2026-12-31"),
        (Preset.LAST_TERTIAL, "2026-01-01", "2025-09-01 to 2025-12-31"),
        (Preset.LAST_TERTIAL, "2026-12-31", "2026-05-01 to 2026-08-31"),
        (Preset.THIS_YEAR, "2026-11-21", "2026-01-01 to 2026-12-31"),
        (Preset.LAST_YEAR, "2026-01-01", "2025-01-01 to 2025-12-31"),
    ],
)
def test_a_preset_means_these_days(preset: Preset, today: str, expected: str) -> None:
    """Both days included."""
    assert Period.of(preset, date.fromisoformat(today)) == period(expected)


@pytest.mark.parametrize(
    ("given_period", "before", "last_year"),
    [
        ("2026-03-01 to 2026-03-31", "2026-02-01 to 2026-02-28", "2025-03-01 to 2025-03-31"),
        ("2026-01-01 to 2026-04-30", "2025-09-01 to 2025-12-31", "2025-01-01 to 2025-04-30"),
        ("2026-01-01 to 2026-12-31", "2025-01-01 to 2025-12-31", "2025-01-01 to 2025-12-31"),
        ("2024-02-01 to 2024-02-29", "2024-01-01 to 2024-01-31", "2023-02-01 to 2023-02-28"),
        ("2026-11-10 to 2026-11-16", "2026-11-03 to 2026-11-09", "2025-11-10 to 2025-11-16"),
        ("2024-02-29 to 2024-02-29", "2024-02-28 to 2024-02-28", "2023-02-28 to 2023-02-28"),
    ],
)
def test_a_period_is_compared_with_the_one_before_and_the_same_last_year(
    given_period: str, before: str, last_year: str
) -> None:
    """Whole months are compared with whole months, other days with as many days."""
    assert period(given_period).before() == period(before)
    assert period(given_period).a_year_before() == period(last_year)


@given(DAYS, st.integers(0, 800))
def test_the_period_before_ends_where_the_period_begins(first: date, length: int) -> None:
    """Without a day between or a day in both."""
    last = date.fromordinal(first.toordinal() + length)
    before = Period(first, last).before()
    assert before.last.toordinal() + 1 == first.toordinal()


def test_a_period_that_ends_before_it_begins_is_refused() -> None:
    """It says both days."""
    with pytest.raises(PeriodError, match=r"ends \(2026-01-31\) before it begins \(2026-02-01\)"):
        Period(date(2026, 2, 1), date(2026, 1, 31))


@given(DAYS, st.integers(0, 30), st.integers(0, 30))
def test_days_at_either_end_of_a_month_and_its_rest_are_the_month(day: date, one: int, other: int) -> None:
    """Nothing is left where they are the whole month, and no one period where they lie inside it."""
    (month,) = Period(day, day).by_month()
    first, last = sorted((one % month.days, other % month.days))
    days = Period(month.first + timedelta(first), month.first + timedelta(last))
    rest = days.rest_of(month)
    at_an_end = (first == 0) != (last == month.days - 1)
    assert (rest is not None) == at_an_end
    if rest is not None:
        assert rest.days + days.days == month.days
        assert {rest.first, days.first} >= {month.first}
        assert {rest.last, days.last} >= {month.last}


@given(DAYS, st.integers(1, 40), st.integers(-5, 45))
def test_the_days_around_a_day_are_all_days_once(first: date, length: int, offset: int) -> None:
    """Before it, itself and after it, in order; a day outside leaves the period whole."""
    whole = Period(first, first + timedelta(days=length - 1))
    day = first + timedelta(days=offset)
    parts = whole.around(day)
    assert [of_part for part in parts for of_part in part.by_day()] == list(whole.by_day())
    assert (Period(day, day) in parts) is (whole.first <= day <= whole.last)
    assert len(parts) <= 3


@given(st.sets(st.dates(date(2026, 1, 1), date(2026, 3, 1)), max_size=40))
def test_runs_of_days_are_all_of_them_in_order(days: set[date]) -> None:
    """None of two runs could be one."""
    runs = runs_of(days)
    assert [day for run in runs for day in run.by_day()] == sorted(days)
    assert all(one.last + timedelta(days=1) < other.first for one, other in pairwise(runs))

"""When reminders may go out."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.office_hours import next_office_time, opening
from shared import municipality
from shared.municipality import OfficeHours

OSLO = ZoneInfo("Europe/Oslo")
HOURS = OfficeHours.model_validate({"from": time(8), "to": time(15, 30)})
SHIPPED = municipality.load("asker")
ASKER = SHIPPED.model_copy(update={"reminders": SHIPPED.reminders.model_copy(update={"office_hours": HOURS})})


def oslo(text: str) -> datetime:
    """An instant in Norway."""
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-11-19 07:59", "2026-11-19 08:00"),
        ("2026-11-19 08:00", "2026-11-19 08:00"),
        ("2026-11-19 15:29", "2026-11-19 15:29"),
        ("2026-11-19 15:30", "2026-11-20 08:00"),
        ("2026-11-20 15:30", "2026-11-23 08:00"),  # Friday -> Monday
        ("2026-11-21 12:00", "2026-11-23 08:00"),  # Saturday -> Monday
        ("2026-12-24 16:00", "2026-12-28 08:00"),  # Christmas Eve after hours -> Monday
        ("2027-05-14 16:00", "2027-05-18 08:00"),  # 17 May 2027 is also Whit Monday
        ("2026-03-28 23:30", "2026-03-30 08:00"),  # summer time begins on Sunday
        ("2026-11-19 00:30", "2026-11-19 08:00"),  # still yesterday in UTC
        ("2026-10-25 02:30", "2026-10-26 08:00"),  # in the hour that occurs twice
        ("2026-03-29 01:30", "2026-03-30 08:00"),  # before the hour that does not exist
    ],
)
def test_what_may_not_go_now_goes_when_the_office_opens(instant: str, expected: str) -> None:
    """As a table: when it is, and when it goes."""
    assert next_office_time(oslo(instant), ASKER) == oslo(expected)


@given(st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2040, 1, 1)))  # noqa: DTZ001
def test_no_reminder_ever_goes_outside_office_hours(naive: datetime) -> None:
    """Whatever instant it is asked for: a working day, within the hours, never earlier, never twice moved."""
    instant = naive.replace(tzinfo=OSLO)
    goes = next_office_time(instant, ASKER)
    there = goes.astimezone(OSLO)
    assert goes >= instant
    assert ASKER.calendar.is_working_day(there.date())
    assert time(8) <= there.time() < time(15, 30)
    assert next_office_time(goes, ASKER) == goes


def test_the_office_opens_by_the_clock_in_norway() -> None:
    """Eight o'clock is 07:00 UTC on the Friday before the clock goes forward, 06:00 on the Monday after."""
    assert opening(date(2026, 3, 27), ASKER) == datetime(2026, 3, 27, 7, tzinfo=UTC)
    assert opening(date(2026, 3, 28), ASKER) == datetime(2026, 3, 30, 6, tzinfo=UTC)

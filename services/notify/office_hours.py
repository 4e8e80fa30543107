"""When reminders may go out: in a municipality's office hours, by the clock in Norway, on its working days."""

from datetime import UTC, date, datetime, timedelta

from shared.clock import OSLO, oslo_day
from shared.municipality import Municipality


def opening(day: date, municipality: Municipality) -> datetime:
    """The instant, in UTC, at which the office opens on a day or the next working day."""
    working_day = municipality.calendar.next_working_day(day, inclusive=True)
    return datetime.combine(working_day, municipality.reminders.office_hours.opens, OSLO).astimezone(UTC)


def next_office_time(instant: datetime, municipality: Municipality) -> datetime:
    """The first instant, in UTC, from this one on at which reminders may go out."""
    day = oslo_day(instant)
    if instant >= datetime.combine(day, municipality.reminders.office_hours.closes, OSLO):
        day += timedelta(days=1)
    return max(instant.astimezone(UTC), opening(day, municipality))

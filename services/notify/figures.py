"""What waits, has failed or has come back, and how far the calendar reaches, for Prometheus."""

import asyncio

import structlog
from prometheus_client import Gauge

from services.notify import post, set_aside
from shared.clock import Clock, oslo_day
from shared.database import Database
from shared.municipality import Municipality

EVERY = 15.0
"""Seconds between two counts: as often as Prometheus usually looks."""
_AUTUMN = 11
"""The month from which next year's closed days should be known."""

log = structlog.get_logger()
messages_gauge = Gauge(
    "svarfrist_messages", "Messages that have not reached their reader, by kind and state", ["kind", "state"]
)
oldest_message_gauge = Gauge(
    "svarfrist_messages_oldest_waiting_seconds", "For how long the message that has waited longest has waited"
)
set_aside_gauge = Gauge(
    "svarfrist_steps_set_aside", "Steps and waits that could not be decided about and are tried again"
)
calendar_gauge = Gauge(
    "svarfrist_calendar_years_left", "Whole years after this one whose working days the calendar knows"
)
closed_days_gauge = Gauge(
    "svarfrist_closed_days_missing",
    "1 where the municipality has closed days of its own this year, none next year, and it is November",
)


async def keep_current(database: Database, municipality: Municipality, clock: Clock) -> None:
    """Counts until cancelled."""
    while True:
        try:
            watch_calendar(municipality, clock)
            await count(database, clock)
        except Exception as error:  # noqa: BLE001 - a count that fails is made again
            log.warning("figures.failed", error=type(error).__name__)
        await asyncio.sleep(EVERY)


async def count(database: Database, clock: Clock) -> None:
    """Counts once."""
    async with database.reading() as session:
        unsent = await post.unsent(session)
        oldest = await post.oldest_waiting(session, clock())
        set_aside_gauge.set(await set_aside.count(session))
    messages_gauge.clear()
    for waiting in unsent:
        messages_gauge.labels(waiting.kind, waiting.state).set(waiting.count)
    oldest_message_gauge.set((clock() - oldest).total_seconds() if oldest else 0)


def watch_calendar(municipality: Municipality, clock: Clock) -> None:
    """Says how far ahead working days are known, and whether the coming year's closed days are missing."""
    today = oslo_day(clock())
    calendar_gauge.set(municipality.calendar.last_year - today.year)
    years = {day.year for day in municipality.calendar_options.closed_days}
    missing = today.month >= _AUTUMN and today.year in years and today.year + 1 not in years
    closed_days_gauge.set(missing)

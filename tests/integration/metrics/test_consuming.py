"""What is said on the bus while the service runs, which is a service of its own: it would be heard by another's."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import nats

from tests.conftest import NewDatabase
from tests.integration.metrics.case_stories import stories
from tests.integration.metrics.conftest import CALENDAR, with_cases
from tests.integration.metrics.plain_figures import figures as plainly
from tests.integration.metrics.served import address_of, served

JANUARY = {"from": "2026-01-01", "to": "2026-01-31"}
NOON = datetime(2026, 3, 1, 11, tzinfo=UTC)
EVENTS = stories(3, 200)
CONFIGURED = ("declarations", "enquiries_per_1000")
"""What the municipality's folder says, which the oracle does not read."""


async def test_what_is_said_on_the_bus_is_in_the_figures_at_once(
    new_database: NewDatabase, bus: nats.NATS, tmp_path: Path
) -> None:
    """From the stream through the consumer to the answer."""
    new = [event for event in stories(99, 30) if event.at > NOON - timedelta(days=59)]
    for event in new:
        await bus.jetstream().publish(event.subject, event.body(), headers=event.headers())
    expected = plainly(
        [*EVENTS, *new],
        date(2026, 1, 1),
        date(2026, 1, 31),
        date(2026, 3, 1),
        CALENDAR.add_working_days(date(2026, 2, 1), 2),
    )
    url = await with_cases(new_database, NOON)
    async with served(url, address_of(bus), tmp_path, NOON) as client, asyncio.timeout(60):
        while True:
            told = (await client.get("/internal/indicators", params=JANUARY)).json()
            if all(told[name] == expected[name] for name in expected if name not in CONFIGURED):
                break
            await asyncio.sleep(0.05)

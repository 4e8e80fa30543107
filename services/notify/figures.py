"""What waits and what has failed, for Prometheus."""

import asyncio

import structlog
from prometheus_client import Gauge

from services.notify import store
from shared.database import Database

EVERY = 15.0
"""Seconds between two counts: as often as Prometheus usually looks."""

log = structlog.get_logger()
messages_gauge = Gauge("svarfrist_messages", "Messages not sent, by kind and state", ["kind", "state"])


async def keep_current(database: Database) -> None:
    """Counts until cancelled."""
    while True:
        try:
            async with database.reading() as session:
                unsent = await store.unsent(session)
        except Exception as error:  # noqa: BLE001 - a count that fails is made again
            log.warning("figures.failed", error=type(error).__name__)
        else:
            messages_gauge.clear()
            for waiting in unsent:
                messages_gauge.labels(waiting.kind, waiting.state).set(waiting.count)
        await asyncio.sleep(EVERY)

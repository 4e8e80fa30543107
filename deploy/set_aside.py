"""What is set aside and tried again: steps that notify cannot decide about, events that a relay cannot publish."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import text

from deploy.data_folder import SERVICES, DataFolder
from deploy.movable_clock import clock_of
from deploy.postgres import service_url
from services.notify import set_aside
from services.notify.set_aside import SetAside
from shared.database import Database

PATIENCE = timedelta(minutes=1)
"""How long an event may be in an outbox before it is listed: the others are there for milliseconds."""


@dataclass(frozen=True, slots=True)
class Unpublished:
    """An event that has lain in its service's outbox for longer than any should."""

    service: str
    event_id: UUID
    type: str
    case_id: UUID
    since: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """Everything that is set aside."""

    steps: list[SetAside]
    events: list[Unpublished]


@asynccontextmanager
async def databases_of(folder: DataFolder) -> AsyncIterator[dict[str, Database]]:
    """Each service's database of a stack, as the service itself sees it."""
    record, secrets, clock = folder.record(), folder.secrets(), clock_of(folder)
    async with AsyncExitStack() as stack:
        databases = {}
        for service in SERVICES:
            url = service_url(service, record.ports["postgres"], secrets.postgres[service])
            databases[service] = Database(url, clock, pool=1)
            stack.push_async_callback(databases[service].close)
        yield databases


async def found(databases: Mapping[str, Database], now: datetime) -> Found:
    """Looks once at every database."""
    async with databases["notify"].reading() as session:
        steps = await set_aside.listed(session)
    events: list[Unpublished] = []
    for service, database in databases.items():
        async with database.reading() as session:
            rows = await session.execute(_UNPUBLISHED, {"before": now - PATIENCE})
            events += [Unpublished(service, *row) for row in rows]
    return Found(steps, events)


_UNPUBLISHED = text(
    """
    SELECT event_id, type, case_id, heard_at FROM outbox JOIN inbox USING (event_id)
    WHERE heard_at <= :before ORDER BY outbox.id
    """
)


async def retry(databases: Mapping[str, Database], case_id: UUID | None) -> int:
    """Makes the steps that are set aside due at once; returns how many. Relays try again by themselves."""
    async with databases["notify"].transaction() as tx:
        return await set_aside.retry(tx.session, tx.now, case_id)

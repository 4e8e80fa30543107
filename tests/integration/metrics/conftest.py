"""A metrics database, and ways to count events into it and read figures from it."""

import json
from collections.abc import AsyncGenerator, Iterable
from datetime import UTC, date, datetime
from typing import Any

import pytest
import pytest_asyncio

from services.metrics import handlers
from services.metrics.documents import as_json, report
from services.metrics.indicators import Dimension
from services.metrics.periods import Period
from services.metrics.reading import Reader
from shared.clock import FixedClock
from shared.database import Database
from shared.events import Event
from shared.workdays import WorkCalendar
from tests.conftest import NewDatabase
from tests.integration.metrics.case_stories import stories
from tests.integration.metrics.served import Client, served

CALENDAR = WorkCalendar()
NOON = datetime(2026, 3, 1, 11, tzinfo=UTC)


class Figures:
    """A database of facts with a clock."""

    def __init__(self, database: Database, clock: FixedClock) -> None:
        self.database = database
        self.clock = clock
        self.reader = Reader(database, clock, CALENDAR)

    async def hear(self, events: Iterable[Event], batch: int = 100) -> None:
        """Counts events as the consumer's loop does, in batches, each in its transaction."""
        heard = list(events)
        for start in range(0, len(heard), batch):
            async with self.database.transaction() as tx:
                new = await tx.claim(heard[start : start + batch], with_bodies=False)
                if new:
                    await handlers.count(new, tx)

    async def told(self, first: date, last: date, *dimensions: Dimension) -> dict[str, Any]:
        """The document of a period."""
        period = Period(first, last)
        async with self.reader.reading() as reading:
            whole, groups = await reading.total_and(dimensions, period)
        document = report(period, whole, dimensions, groups)
        told: dict[str, Any] = json.loads(as_json(document))
        return told


async def with_cases(
    new_database: NewDatabase, at: datetime, cases: int = 200, *, seed: int = 3, invented: bool = False
) -> str:
    """The address of a database that has counted so many cases, of January and February 2026, by this instant."""

    async def count(url: str) -> None:
        clock = FixedClock(at)
        database = Database(url, clock)
        heard = stories(seed, cases)
        if invented:
            heard = [event.model_copy(update={"invented": True}) for event in heard]
        await Figures(database, clock).hear(heard)
        await database.close()

    return await new_database("metrics", f"_{at:%Y%m%d%H}_{seed}_{cases}_{invented}", count)


@pytest.fixture
async def figures(new_database: NewDatabase) -> AsyncGenerator[Figures]:
    """An empty database on 1 March 2026 at noon."""
    clock = FixedClock(NOON)
    database = Database(await new_database("metrics"), clock)
    yield Figures(database, clock)
    await database.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def service(
    new_module_database: NewDatabase, module_bus: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Client]:
    """The service on 1 March 2026, with 200 cases; no test of it changes any of it."""
    url = await with_cases(new_module_database, NOON)
    async with served(url, module_bus, tmp_path_factory.mktemp("metrics"), NOON) as client:
        yield client


@pytest.fixture
def client(service: Client) -> Client:
    """Somebody whom it does not know."""
    service.cookies.clear()
    return service

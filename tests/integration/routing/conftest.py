"""A municipality, a clock and a database for routing."""

from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import pytest

from shared import municipality
from shared.clock import FixedClock
from shared.database import Database
from shared.municipality import Municipality
from tests.conftest import NewDatabase


@pytest.fixture(scope="session")
def asker() -> Municipality:
    """Asker, where service and place decide."""
    return municipality.load("asker")


@pytest.fixture
def clock() -> FixedClock:
    """Monday morning, five seconds after the submission of `received()`."""
    return FixedClock(datetime(2026, 11, 16, 9, 0, 5, tzinfo=UTC))


@pytest.fixture
async def database(new_database: NewDatabase, clock: FixedClock) -> AsyncGenerator[Database]:
    """Routing's database as the migrations make it."""
    made = Database(await new_database("routing"), clock)
    yield made
    await made.close()

"""A notify of the municipality Asker, on a database of its own."""

from collections.abc import AsyncGenerator

import pytest

from services.notify.sender import Sender
from shared import municipality
from shared.clock import FixedClock
from shared.database import Database
from shared.municipality import Municipality
from tests.conftest import NewDatabase
from tests.integration.notify.mail_server import MailServer, running
from tests.integration.notify.office import Office, oslo
from tests.integration.notify.senders import Intake, sender_of


@pytest.fixture(scope="session")
def asker() -> Municipality:
    """The municipality that comes with the code."""
    return municipality.load("asker")


@pytest.fixture
async def office(new_database: NewDatabase, asker: Municipality) -> AsyncGenerator[Office]:
    """A notify on Monday 16 November 2026 at ten."""
    clock = FixedClock(oslo("2026-11-16 10:00"))
    database = Database(await new_database("notify"), clock)
    yield Office(database, clock, asker)
    await database.close()


@pytest.fixture
async def server() -> AsyncGenerator[MailServer]:
    """A mail server in good health."""
    async with running(MailServer()) as up:
        yield up


@pytest.fixture
def intake() -> Intake:
    """An intake that knows the resident."""
    return Intake()


@pytest.fixture
def sender(office: Office, server: MailServer, intake: Intake) -> Sender:
    """The sender of this test."""
    return sender_of(office, server.port, intake)

"""Intake on real servers: its database, its acceptor, and the whole service behind an address."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import httpx
import nats
import pytest
import uvicorn
from faststream.nats import NatsBroker
from sqlalchemy import select

from services.intake.accepting import Accepted, Acceptor
from services.intake.app import create_app
from services.intake.settings import IntakeSettings
from services.intake.submissions import Contact, NewSubmission
from shared import municipality
from shared.clock import FixedClock, write_offset
from shared.database import Database, inbox
from shared.events import Channel, Event, Kind
from shared.municipality import Municipality
from shared.questions import Answers, AnswerText, ReadAnswers
from tests.conftest import NewDatabase
from tests.integration.intake.visitor import Resident

SECRET = "ab" * 32
Say = Callable[..., Awaitable[None]]
FRIDAY = datetime(2026, 12, 18, 13, 3, tzinfo=UTC)


@pytest.fixture(scope="session")
def asker() -> Municipality:
    """A municipality with topics and areas."""
    return municipality.load("asker")


@pytest.fixture
def clock() -> FixedClock:
    """The Friday a week before Christmas Day."""
    return FixedClock(FRIDAY)


@pytest.fixture
async def database_url(new_database: NewDatabase) -> str:
    """Intake's database as the migrations make it."""
    return await new_database("intake")


@pytest.fixture
async def database(database_url: str, clock: FixedClock) -> AsyncGenerator[Database]:
    """A pool of connections to it."""
    made = Database(database_url, clock)
    yield made
    await made.close()


@pytest.fixture
def acceptor(database: Database, asker: Municipality, clock: FixedClock) -> Acceptor:
    """The one way in."""
    return Acceptor(database, asker, clock)


def complaint(**fields: object) -> NewSubmission:
    """A complaint about snow, with an answer wanted."""
    given: dict[str, object] = {
        "kind": Kind.COMPLAINT,
        "channel": Channel.API,
        "language": "nb",
        "text": "Veien er ikke brøytet.",
        "reply_wanted": True,
        "topic": "vei-og-vinterdrift",
        "area": "heggedal",
        "contact": Contact("Kari Nordmann", "kari@innbygger.example", "+4790000000"),
    }
    return NewSubmission(**{**given, **fields})  # type: ignore[arg-type]


@asynccontextmanager
async def serving(asked: IntakeSettings, sockets: list[socket.socket]) -> AsyncGenerator[None]:
    """Runs the service for the length of the block."""
    config = uvicorn.Config(create_app(asked), log_config=None, lifespan="on", timeout_graceful_shutdown=2)
    server = uvicorn.Server(config)
    server.install_signal_handlers = lambda: None  # type: ignore[attr-defined]
    task = asyncio.create_task(server._serve(sockets))  # noqa: SLF001 - serve() would take the test's signals
    while not server.started:
        if task.done():
            task.result()
        await asyncio.sleep(0.02)
    try:
        yield
    finally:
        server.should_exit = True
        await task


def settings(database_url: str, nats_url: str, address: str, **more: object) -> IntakeSettings:
    """Asker's settings on these servers."""
    return IntakeSettings.model_validate(
        {
            "database_url": database_url,
            "nats_url": nats_url,
            "nats_user": "intake",
            "nats_password": "none",
            "municipality": "asker",
            "http_port": 1,
            "public_url": address,
            "secret": SECRET,
            **more,
        }
    )


@asynccontextmanager
async def service(database_url: str, nats_url: str, folder: Path) -> AsyncGenerator[httpx.AsyncClient]:
    """A visitor of the whole service, on its real database and bus. It is the Friday of `clock` there, too."""
    clock_file = folder / "offset"
    write_offset(clock_file, FRIDAY - datetime.now(UTC))
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        asked = settings(database_url, nats_url, address, clock_file=clock_file)
        async with serving(asked, [listening]), httpx.AsyncClient(base_url=address, timeout=60) as made:
            yield made


@pytest.fixture
async def client(
    database_url: str, bus: nats.NATS, nats_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[httpx.AsyncClient]:
    """A visitor of a service of this test's own."""
    assert bus.is_connected
    async with service(database_url, nats_url, tmp_path_factory.mktemp("clock")) as made:
        yield made


def secret_of(address: str) -> str:
    """The last part of a case's address."""
    return address.rsplit("/", 1)[-1]


@pytest.fixture
async def resident(client: httpx.AsyncClient) -> AsyncGenerator[Resident]:
    """Somebody without scripts."""
    async with Resident(client) as somebody:
        yield somebody


@pytest.fixture
async def case(acceptor: Acceptor) -> Accepted:
    """A complaint that has been accepted."""
    return await acceptor.accept(complaint())


@pytest.fixture
def happened(bus: nats.NATS, database: Database, case: Accepted) -> Say:
    """Publishes an event of the case on the bus, and waits until intake has heard it."""

    async def say(model: type[Event], *, hours: float = 1, **fields: object) -> None:
        event = model(
            id=uuid4(),
            at=FRIDAY + timedelta(hours=hours),
            case_id=case.id,
            municipality="asker",
            **fields,
        )
        await bus.jetstream().publish(event.subject, event.body(), headers=event.headers())
        async with asyncio.timeout(60):
            while True:
                async with database.reading() as session:
                    if await session.scalar(select(inbox.c.event_id).where(inbox.c.event_id == event.id)):
                        return
                await asyncio.sleep(0.02)

    return say


@pytest.fixture
async def routing(nats_url: str, bus: nats.NATS) -> AsyncGenerator[list[AnswerText]]:
    """A routing that tells the answers in this list."""
    assert bus.is_connected
    answers: list[AnswerText] = []
    broker = NatsBroker(nats_url, logger=None)

    @broker.subscriber(ReadAnswers.SUBJECT)
    async def read(_question: ReadAnswers) -> Answers:
        return Answers(answers=answers)

    await broker.start()
    yield answers
    await broker.stop()

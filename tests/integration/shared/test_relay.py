"""The relay and what it cannot publish, on a real nats-server and a real PostgreSQL."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import nats
import pytest
from nats.js import JetStreamContext
from prometheus_client import REGISTRY
from sqlalchemy import func, insert, select, update

from deploy.provision import provision_streams
from shared.database import Database, outbox
from shared.loops import ended
from shared.relay import LARGEST, NotAcknowledgedError, Relay
from tests.conftest import NewDatabase
from tests.events_for_tests import received

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
NOBODY = "elsewhere.nobody"
"""A subject that no stream has; the server says so at once."""
SILENT = "elsewhere.silent"
"""A subject that somebody hears who says nothing, as where the bus does not let a service speak."""


@pytest.fixture
async def database(new_database: NewDatabase) -> AsyncGenerator[Database]:
    """A database with an inbox and an outbox."""
    made = Database(await new_database("plain"), lambda: NOW)
    yield made
    await made.close()


async def put(
    database: Database, count: int, *, subject: str | None = None, body: bytes | None = None
) -> None:
    """Lays events in the outbox, with another subject or body than they should have where one is given."""
    async with database.transaction() as tx:
        for event in [received() for _ in range(count)]:
            row = {
                "event_id": event.id,
                "subject": subject or event.subject,
                "headers": event.headers(),
                "body": body or event.body(),
            }
            await tx.session.execute(insert(outbox), row)


async def left(database: Database) -> int:
    """How many events are still in the outbox."""
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(outbox)) or 0


async def on_the_stream(js: JetStreamContext) -> int:
    """How many events JetStream has."""
    return (await js.stream_info("DIALOGUE")).state.messages


def aside() -> float | None:
    """How many Prometheus hears are set aside."""
    return REGISTRY.get_sample_value("svarfrist_outbox_set_aside")


@pytest.fixture
async def unanswered(bus: nats.NATS) -> list[object]:
    """What has been said on the subject from which no answer ever comes."""
    heard: list[object] = []

    async def hear(message: object) -> None:
        heard.append(message)

    await bus.subscribe(SILENT, cb=hear)
    await bus.flush()
    return heard


async def test_an_event_nobody_acknowledges_is_set_aside_and_the_rest_go_on(
    bus: nats.NATS, database: Database, unanswered: list[object]
) -> None:
    """Its first batch waits for it, and the later ones do not: they never ask."""
    relay = Relay(database, bus.jetstream(), batch=50, quiet=1)
    await put(database, 20)
    await put(database, 1, subject=SILENT)
    await put(database, 300)
    while await relay.relay_batch():
        pass
    assert (await left(database), await on_the_stream(bus.jetstream()), aside()) == (1, 320, 1)
    await put(database, 1)
    assert await relay.relay_batch() == 1
    await bus.flush()
    assert len(unanswered) == 1


@pytest.mark.parametrize(
    "bad", [{"subject": NOBODY}, {"body": b"x" * (LARGEST - 100)}, {"body": b"x" * (LARGEST + 1)}]
)
async def test_an_event_the_bus_refuses_is_set_aside_at_once(
    bus: nats.NATS, database: Database, bad: dict[str, str]
) -> None:
    """A subject without a stream, or more bytes than it takes: the connection stays, and so do the others."""
    # What it waits for would be longer than the test may last.
    relay = Relay(database, bus.jetstream(), quiet=3600, ack_timeout=3600)
    await put(database, 1, **bad)
    await put(database, 3)
    while await relay.relay_batch():
        pass
    assert (await left(database), await on_the_stream(bus.jetstream()), aside()) == (1, 3, 1)


async def test_what_is_set_aside_is_tried_again_with_growing_delay_and_not_lost(
    bus: nats.NATS, database: Database
) -> None:
    """After 1, 5, 30, 120 and 600 seconds, and then each 600; once the cause is mended it goes out."""
    clock = [0.0]
    relay = Relay(database, bus.jetstream(), now=lambda: clock[0])
    await put(database, 1, subject=NOBODY)
    await put(database, 1)
    await relay.relay_batch()
    waited = 0.0
    for delay in (1, 5, 30, 120, 600, 600):
        clock[0] = waited + delay - 0.5
        await put(database, 1)
        assert (await relay.relay_batch(), await relay.relay_aside()) == (1, 0)
        clock[0] = waited = waited + delay
        assert (await relay.relay_aside(), await left(database)) == (0, 1)
    async with database.transaction() as tx:
        await tx.session.execute(update(outbox).values(subject=received().subject))
    clock[0] = waited + 600
    assert (await relay.relay_aside(), await left(database), aside()) == (1, 0, 0)


async def test_what_is_set_aside_beyond_a_batch_stays_so_until_it_is_tried(
    bus: nats.NATS, database: Database
) -> None:
    """Also where the oldest was met last, since another relay held it: none is forgotten untried."""
    clock = [0.0]
    relay = Relay(database, bus.jetstream(), batch=2, now=lambda: clock[0])
    await put(database, 1, subject=NOBODY)
    async with database.transaction() as tx:
        await tx.session.execute(select(outbox).with_for_update())
        for _ in range(2):
            await put(database, 1, subject=NOBODY)
            await put(database, 1)
            await relay.relay_batch()
    await put(database, 1)
    await relay.relay_batch()
    assert aside() == 3
    clock[0] = 1.0
    assert (await relay.relay_aside(), aside()) == (0, 3)


async def test_a_bus_that_takes_nothing_sets_nothing_aside(bus: nats.NATS, database: Database) -> None:
    """That is no event's fault: all wait, in their order, for the stream to come back."""
    js = bus.jetstream()
    await js.delete_stream("DIALOGUE")
    await put(database, 3)
    with pytest.raises(NotAcknowledgedError):
        await Relay(database, js).relay_batch()
    assert await left(database) == 3


async def test_while_the_bus_is_away_its_client_is_given_nothing(bus: nats.NATS, database: Database) -> None:
    """It would keep each try in its memory; everything is still there, and goes out, when the bus is back."""
    is_connected, js = [False], bus.jetstream()
    relay = Relay(database, js, is_connected=lambda: is_connected[0])
    assert await relay.relay_batch() == 0
    await put(database, 2)
    with pytest.raises(NotAcknowledgedError):
        await relay.relay_batch()
    assert (await left(database), js.publish_async_pending()) == (2, 0)
    is_connected[0] = True
    assert (await relay.relay_batch(), await left(database)) == (2, 0)


async def test_an_outage_makes_nothing_wait_longer(bus: nats.NATS, database: Database) -> None:
    """What was set aside when it began is tried each second, and goes out when the stream is back."""
    clock, js = [0.0], bus.jetstream()
    relay = Relay(database, js, now=lambda: clock[0])
    await put(database, 1)
    await put(database, 1, subject=NOBODY)
    await relay.relay_batch()
    await js.delete_stream("DIALOGUE")
    for _ in range(20):
        clock[0] += 1
        assert await relay.relay_aside() == 0
    await provision_streams(js, {})
    async with database.transaction() as tx:
        await tx.session.execute(update(outbox).values(subject=received().subject))
    clock[0] += 1
    assert (await relay.relay_aside(), await left(database)) == (1, 0)


async def test_the_running_relay_publishes_what_was_set_aside_by_itself(
    bus: nats.NATS, database: Database
) -> None:
    """Nobody need do anything once the cause is mended."""
    relay = Relay(database, bus.jetstream(), poll=0.05)
    await put(database, 1, subject=NOBODY)
    await put(database, 1)
    task = asyncio.create_task(relay.run())
    async with asyncio.timeout(60):
        while await left(database) != 1:
            await asyncio.sleep(0.02)
    async with database.transaction() as tx:
        await tx.session.execute(update(outbox).values(subject=received().subject))
    async with asyncio.timeout(60):
        while await left(database):
            await asyncio.sleep(0.02)
    task.cancel()
    assert await on_the_stream(bus.jetstream()) == 2


async def test_a_relay_that_waits_for_room_ends_when_it_is_asked_to(
    bus: nats.NATS, database: Database, unanswered: list[object]
) -> None:
    """The bus' client makes an error of its own of the cancellation; a service took nine seconds more to stop."""
    js = bus.jetstream(publish_async_max_pending=1)
    await put(database, 2, subject=SILENT)
    task = asyncio.create_task(Relay(database, js, poll=0.05).run())
    async with asyncio.timeout(60):
        while not unanswered:
            await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    # Asked once: it would be asked again only after the test's time.
    await ended([task], again=1000)
    assert await left(database) == 2


class SlowBus:
    """JetStream on a disk that hardly moves: after the first it acknowledges one event at a time, in their order."""

    def __init__(self, *, pause: float, silent: int | None = None) -> None:
        """`silent` is the event, counted from nought, that it never answers about."""
        self._pause = pause
        self._silent = silent
        self._asked = 0

    async def publish_async(self, *_: object, **__: object) -> asyncio.Future[object]:
        """Takes an event."""
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        if self._asked != self._silent:
            asyncio.get_running_loop().call_later(
                self._pause * self._asked, lambda: future.done() or future.set_result(None)
            )
        self._asked += 1
        return future

    def is_quick_again(self) -> None:
        """The disk is well."""
        self._pause = 0.0


async def test_a_bus_that_answers_in_drips_holds_no_transaction_beyond_the_time_limit(
    database: Database,
) -> None:
    """Only what it passed over is set aside; the rest stays in its place, and goes out as soon as it takes more."""
    bus = SlowBus(pause=0.1, silent=1)
    relay = Relay(database, bus, quiet=0.4, ack_timeout=0.55)  # type: ignore[arg-type]
    await put(database, 40)
    await relay.relay_batch()
    assert aside() == 1
    assert 30 < await left(database) < 40
    bus.is_quick_again()
    await relay.relay_batch()
    assert (await left(database), aside()) == (1, 1)

"""The consumer loop and the relay on a real nats-server and a real PostgreSQL."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import asyncpg
import nats
import pytest
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.database import Database, Transaction, inbox, is_away, outbox
from shared.events import Event
from shared.messaging import Arrivals, Consumer, Handler
from shared.relay import Relay
from tests.conftest import NewDatabase
from tests.events_for_tests import received

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)


@pytest.fixture
async def database(new_database: NewDatabase) -> AsyncGenerator[Database]:
    """A database with an inbox and an outbox."""
    made = Database(await new_database("plain"), lambda: NOW)
    yield made
    await made.close()


@asynccontextmanager
async def running(loop: Callable[[], Awaitable[None]]) -> AsyncGenerator[None]:
    """Runs a loop for the length of the block."""
    task = asyncio.ensure_future(loop())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Waits until something holds."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


async def say(js: JetStreamContext, event: Event) -> None:
    """Publishes an event without a message id, so that a repetition reaches the consumer."""
    await js.publish(event.subject, event.body(), headers=event.headers())


def consumer(nc: nats.NATS, database: Database, handler: Handler, **options: object) -> Consumer:
    """Routing's consumer with short delays."""
    settings: dict[str, Any] = {"retry_delays": (0.2, 0.4), **options}
    return Consumer(
        service="routing", nc=nc, js=nc.jetstream(), database=database, handler=handler, **settings
    )


class Remembering:
    """A handler that remembers what it was given, and fails for the cases it is told to."""

    def __init__(self, failing: Sequence[Event] = (), failures: int = 10**6) -> None:
        self.heard: list[Event] = []
        self.tries: list[tuple[float, Event]] = []
        self._failing = {event.id for event in failing}
        self._failures = failures

    async def __call__(self, events: Sequence[Event], _tx: Transaction) -> None:
        """Remembers."""
        for event in events:
            if event.id in self._failing and len(events) == 1:
                self.tries.append((asyncio.get_running_loop().time(), event))
            if event.id in self._failing and len(self.tries) <= self._failures:
                raise RuntimeError("the road is closed")
        self.heard += events


async def rows(database: Database, table: object) -> int:
    """How many rows a table has."""
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0


async def test_a_redelivered_event_changes_nothing(bus: nats.NATS, database: Database) -> None:
    """The inbox drops what was heard before, also within one batch."""
    event, handler = received(), Remembering()
    for _ in range(3):
        await say(bus.jetstream(), event)
    async with running(consumer(bus, database, handler).run):
        await until(lambda: settled(bus))
    assert [heard.id for heard in handler.heard] == [event.id]
    assert await rows(database, inbox) == 1


async def test_while_one_batch_is_under_way_the_next_is_handled_where_that_was_asked_for(
    bus: nats.NATS, database: Database
) -> None:
    """Each waits for the other: one after the other they would never end."""
    begun, both = [], asyncio.Event()

    async def handler(events: Sequence[Event], _tx: Transaction) -> None:
        begun.append(events)
        if len(begun) == 2:
            both.set()
        await asyncio.wait_for(both.wait(), 60)

    async with running(consumer(bus, database, handler, beside=2).run):
        for number in (1, 2):
            await say(bus.jetstream(), received())
            await until(lambda number=number: _is(len(begun) == number))  # type: ignore[misc]
        await until(lambda: settled(bus))
    assert await rows(database, inbox) == 2


async def test_events_that_keep_each_other_company_are_one_batch_however_many_may_be_under_way(
    bus: nats.NATS, database: Database
) -> None:
    """The second waits for a batch of its own while the first still gathers its company."""
    batches: list[int] = []

    async def handler(events: Sequence[Event], _tx: Transaction) -> None:
        batches.append(len(events))

    async with running(consumer(bus, database, handler, beside=2, linger=1.0).run):
        for _ in range(5):
            await say(bus.jetstream(), received())
        await until(lambda: settled(bus))
    assert batches == [5]


async def _is(holds: bool) -> bool:  # noqa: FBT001 - a condition that is known at once
    return holds


class ImpatientArrivals(Arrivals):
    """Requests that soon expire."""

    EXPIRES = 0.5
    HEARTBEAT = 0.2


async def test_a_new_request_follows_one_that_has_expired_though_nobody_looks(bus: nats.NATS) -> None:
    """So an event is delivered at once also just after that, and not at the loop's next look."""
    requests: list[bytes] = []

    async def asked(message: Msg) -> None:
        requests.append(message.data)

    await bus.subscribe("$JS.API.CONSUMER.MSG.NEXT.DIALOGUE.routing", cb=asked)
    arrivals = ImpatientArrivals(bus, "routing")
    await arrivals.open()
    await say(bus.jetstream(), received())
    await arrivals.take(10)
    asked_by_the_loop = len(requests)
    await until(lambda: _is(len(requests) > asked_by_the_loop))
    await say(bus.jetstream(), received())
    assert len(await arrivals.take(10)) == 1


async def settled(nc: nats.NATS, service: str = "routing") -> bool:
    """Whether nothing waits for a service."""
    info = await nc.jetstream().consumer_info("DIALOGUE", service)
    return not info.num_pending and not info.num_ack_pending


async def test_a_handler_that_fails_is_tried_again_with_a_growing_delay_and_then_succeeds(
    bus: nats.NATS, database: Database
) -> None:
    """Two failures, then success: the delays are those configured, and nothing is a dead letter."""
    event = received()
    handler = Remembering(failing=[event], failures=2)
    await say(bus.jetstream(), event)
    async with running(consumer(bus, database, handler).run):
        await until(lambda: settled(bus))
    first, second, third = [at for at, _ in handler.tries]
    assert second - first >= 0.2
    assert third - second >= 0.4
    assert [heard.id for heard in handler.heard] == [event.id]
    assert (await bus.jetstream().stream_info("DEAD")).state.messages == 0


class Recovering(Database):
    """A server that is starting: it answers, and lets nobody in the first time."""

    refusals: list[Exception]

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[Transaction]:
        """Refuses, as long as it has something to refuse with."""
        if self.refusals:
            raise self.refusals.pop()
        async with super().transaction() as tx:
            yield tx


async def test_a_database_that_lets_nobody_in_for_now_is_no_fault_of_the_events(
    bus: nats.NATS, database: Database
) -> None:
    """A server that starts up is waited for, and no try is counted."""
    url = database.engine.url.render_as_string(hide_password=False)
    recovering = Recovering(url, lambda: NOW)
    recovering.refusals = [
        DBAPIError("", None, asyncpg.CannotConnectNowError("the database system is starting up"))
    ]
    event, handler = received(), Remembering()
    await say(bus.jetstream(), event)
    async with running(consumer(bus, recovering, handler, retry_delays=()).run):
        await until(lambda: settled(bus))
    assert [heard.id for heard in handler.heard] == [event.id]
    assert (await bus.jetstream().stream_info("DEAD")).state.messages == 0
    await recovering.close()


@pytest.mark.parametrize(
    ("error", "away"),
    [
        (ConnectionRefusedError(), True),
        (TimeoutError(), True),
        (PoolTimeoutError("QueuePool limit reached"), True),
        (DBAPIError("", None, asyncpg.TooManyConnectionsError("sorry")), True),
        (DBAPIError("", None, asyncpg.AdminShutdownError("terminating connection")), True),
        (DBAPIError("", None, asyncpg.DiskFullError("no space left")), True),
        (
            DBAPIError("", None, asyncpg.ConnectionDoesNotExistError("closed"), connection_invalidated=True),
            True,
        ),
        (DBAPIError("", None, asyncpg.UniqueViolationError("there already")), False),
        (DBAPIError("", None, asyncpg.DeadlockDetectedError("deadlock")), False),
        (LookupError(), False),
    ],
)
def test_a_database_that_is_away_is_known_by_its_error(error: Exception, away: bool) -> None:  # noqa: FBT001
    """Starting, stopping, full: whoever asked did nothing wrong."""
    assert is_away(error) is away


class Forgetful:
    """A bus on which the first acknowledgement is lost."""

    def __init__(self, message: Msg) -> None:
        self._message = message
        self._forgets = True

    def __getattr__(self, name: str) -> object:
        return getattr(self._message, name)

    async def ack(self) -> None:
        """Is lost the first time."""
        if self._forgets:
            self._forgets = False
            raise ConnectionError
        await self._message.ack()


async def test_an_event_that_is_buried_twice_is_one_dead_letter(bus: nats.NATS, database: Database) -> None:
    """Its acknowledgement was lost, so it was delivered and buried again: the stream drops the copy."""
    js = bus.jetstream()
    await js.publish(received().subject, b"not an event")
    loop = consumer(bus, database, Remembering())
    arrivals = Arrivals(bus, "routing")
    await arrivals.open()
    (message,) = await arrivals.take(1)
    with pytest.raises(ConnectionError):
        await loop.handle([Forgetful(message)])  # type: ignore[list-item]
    await message.nak()
    (again,) = await arrivals.take(1)
    assert again.metadata.num_delivered == 2
    await loop.handle([again])
    assert (await js.stream_info("DEAD")).state.messages == 1


async def test_what_fails_to_the_last_becomes_a_dead_letter_whole_and_with_its_error(
    bus: nats.NATS, database: Database
) -> None:
    """After the last try the event is in the dead-letter stream as it was, with the reason; others went on."""
    bad, good = received(), [received() for _ in range(20)]
    handler = Remembering(failing=[bad])
    for event in (*good[:10], bad, *good[10:]):
        await say(bus.jetstream(), event)
    async with running(consumer(bus, database, handler).run):
        await until(lambda: settled(bus))
    letter = await bus.jetstream().get_msg("DEAD", 1)
    assert letter.data == bad.body()
    assert letter.headers["ce-id"] == str(bad.id)
    assert letter.headers["svarfrist-error"] == "RuntimeError: the road is closed"
    assert letter.headers["svarfrist-tries"] == "3"
    assert {event.id for event in handler.heard} == {event.id for event in good}
    assert await rows(database, inbox) == 20


async def test_a_message_that_cannot_be_read_never_takes_its_neighbours_along(
    bus: nats.NATS, database: Database
) -> None:
    """Poison goes to the dead letters at once; the good ones beside it are handled."""
    good, handler = [received() for _ in range(5)], Remembering()
    subject = good[0].subject
    js = bus.jetstream()
    await say(js, good[0])
    await js.publish(subject, b"\xff\xfe not json", headers=good[0].headers())
    await js.publish(subject, b'{"kind": "unheard of"}', headers={**good[0].headers()})
    await js.publish(subject, b"{}", headers={"ce-type": "no.svarfrist.unknown.v9"})
    await js.publish(subject, b"no headers at all")
    for event in good[1:]:
        await say(js, event)
    async with running(consumer(bus, database, handler).run):
        await until(lambda: settled(bus))
    assert {event.id for event in handler.heard} == {event.id for event in good}
    assert (await js.stream_info("DEAD")).state.messages == 4


async def test_a_lone_event_is_handled_at_once(bus: nats.NATS, database: Database) -> None:
    """A batch is what has arrived; it is never waited for to fill, nor is the loop's next look."""
    handler = Remembering()
    async with running(consumer(bus, database, handler).run):
        for _ in range(3):
            began = asyncio.get_running_loop().time()
            await say(bus.jetstream(), received())
            count = len(handler.heard)
            await until(lambda count=count: _more_than(handler, count))
            assert asyncio.get_running_loop().time() - began < Arrivals.HEARTBEAT


async def _more_than(handler: Remembering, count: int) -> bool:
    return len(handler.heard) > count


async def test_what_is_published_leaves_the_outbox_only_when_the_stream_has_it(
    bus: nats.NATS, database: Database
) -> None:
    """The relay empties the outbox into the stream, and several relays never double anything."""
    events = [received() for _ in range(300)]
    async with database.transaction() as tx:
        tx.publish(*events)
    assert await rows(database, outbox) == 300
    relays = [Relay(database, bus.jetstream(), batch=50) for _ in range(3)]
    await asyncio.gather(*(relay.relay_batch() for relay in relays for _ in range(3)))
    while await relays[0].relay_batch():
        pass
    assert await rows(database, outbox) == 0
    state = (await bus.jetstream().stream_info("DIALOGUE")).state
    assert state.messages == 300


async def test_an_event_published_twice_after_a_crash_is_one_on_the_stream(
    bus: nats.NATS, database: Database
) -> None:
    """A relay that died between the acknowledgement and its commit publishes again, with the same id."""
    event = received()
    headers = {**event.headers(), "Nats-Msg-Id": str(event.id)}
    await bus.jetstream().publish(event.subject, event.body(), headers=headers)
    async with database.transaction() as tx:
        tx.publish(event)
    assert await Relay(database, bus.jetstream()).relay_batch() == 1
    assert (await bus.jetstream().stream_info("DIALOGUE")).state.messages == 1


async def test_a_rolled_back_transaction_publishes_nothing(database: Database) -> None:
    """What is decided and what is said stand or fall together."""
    with pytest.raises(RuntimeError):
        async with database.transaction() as tx:
            tx.publish(received())
            raise RuntimeError
    assert await rows(database, outbox) == 0
    assert await rows(database, inbox) == 0


async def test_history_is_in_the_order_of_the_events_own_time(database: Database) -> None:
    """However events arrive, a case's history reads the same, and includes what is being said now."""
    first = received()
    later = received(first.case_id, at=first.at.replace(hour=12))
    async with database.transaction() as tx:
        await tx.claim([later], with_bodies=True)
        tx.publish(first)
        history = await tx.history([first.case_id])
    assert history[first.case_id] == [first, later]
    async with database.transaction() as tx:
        assert await tx.history([first.case_id]) == history

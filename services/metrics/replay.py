"""Rebuilds the figures from the event history, beside the figures that are in use, and puts them in their place.

Everything is counted into tables of the same names in a schema of its own, by the same statements, and the
inbox with them: what stands twice on the stream counts once. At the end the last events are counted while the
service's consumer is held at its inbox for a moment, and the tables change places in that transaction. What is
spoken meanwhile is delivered to the consumer afterwards and is new to the new inbox; what it had counted already
is in it. Killed at any moment, a replay leaves the figures as they were, and the next one begins anew.
"""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from sqlalchemy import MetaData, Table, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlalchemy.schema import CreateIndex, CreateTable

from services.metrics import counting
from services.metrics.facts import fold
from services.metrics.store import case_fact, cell, cell_key, promise_fact, rung
from shared import events
from shared.database import Database, Transaction, inbox
from shared.events import Event, UnreadableEventError
from shared.messaging import Arrivals
from shared.relay import STREAM

TABLES: Final = (inbox, case_fact, promise_fact, cell_key, cell, rung)
SCHEMA = "replay"
REPLAYER = 0x7265706C6179
"""The advisory lock of whoever replays."""
BATCH = 20_000
"""Events that are merged at once. In so many, what is said of a case over a fortnight mostly stands together, and
the case's row is written once and not seven times."""
AHEAD = 2 * BATCH
"""Messages on their way or waiting; each takes about three kilobytes."""
NEAR = 2000
"""So few events behind, the tables change places."""
SILENCE = 2.0
"""Seconds without a message after which the stream is asked whether there are any."""
PATIENCE = 2
"""So many silences with none waiting, and there are none: the last of the stream have been deleted."""
TRIES = 20
BUSY = frozenset({"55P03", "40P01"})
"""PostgreSQL's codes for a lock that was not to be had in time, and for a deadlock."""

log = structlog.get_logger()
Told = Callable[[int, int], None]


class ReplayError(Exception):
    """The figures cannot be rebuilt now; they are as they were."""


@dataclass
class Replayed:
    """What a replay read: all messages, those that were no events (marks of ours apart), and those that counted."""

    messages: int = 0
    marks: int = 0
    unreadable: int = 0
    counted: int = 0

    @property
    def repeated(self) -> int:
        """Those that say what another has said already."""
        return self.messages - self.marks - self.unreadable - self.counted


async def replay(
    nc: Client, database: Database, told: Told = lambda _done, _of: None, *, near: int = NEAR
) -> Replayed:
    """Rebuilds the figures from the first message of the stream; `told` hears how far it has come.

    Once only `near` messages are left, they are counted while the consumer is held.

    Raises ReplayError where another replay is under way, or the stream does not begin at its beginning.
    """
    async with _alone(database), _stream(nc) as stream, _collecting_seldom():
        shadow = _Shadow(database)
        await shadow.begin()
        done = Replayed()
        writing: asyncio.Task[int] | None = None
        async for batch in stream.until_near_its_end(near):
            read = _read(batch, done)
            if writing:
                done.counted += await writing
            writing = asyncio.create_task(shadow.merge(read))
            told(done.messages, stream.last)
        if writing:
            done.counted += await writing
        await shadow.finish()
        done.counted += await _change_places(shadow, stream, done)
        told(done.messages, stream.last)
        return done


@asynccontextmanager
async def _collecting_seldom() -> AsyncIterator[None]:
    """Lets the garbage collector run seldom: among thousands of events it looks through them all again and again.

    That took three quarters of the time an event took to be read.
    """
    usual = gc.get_threshold()
    gc.set_threshold(100 * BATCH, *usual[1:])
    try:
        yield
    finally:
        gc.set_threshold(*usual)


async def _change_places(shadow: "_Shadow", stream: "_Stream", done: Replayed) -> int:
    """Counts what is left with the consumer held, and puts the tables in their place; again if somebody reads."""
    rest: list[Event] = []
    for attempt in range(TRIES):
        try:
            return await shadow.change_places(rest, stream, done)
        except DBAPIError as error:
            if getattr(error.orig, "sqlstate", None) not in BUSY:
                raise
        await asyncio.sleep(0.1 * (attempt + 1))
    raise ReplayError("The new figures could not be put in place: the old ones were in use all the time.")


class _Shadow:
    """The tables beside those in use."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @asynccontextmanager
    async def _transaction(self) -> AsyncIterator[Transaction]:
        async with self._database.transaction() as tx:
            await tx.session.execute(text(f"SET LOCAL search_path TO {SCHEMA}, public"))
            # A replay that is lost begins anew: only the change of places must be on the disk.
            await tx.session.execute(text("SET LOCAL synchronous_commit TO off"))
            yield tx

    async def begin(self) -> None:
        """Makes empty tables, without the indexes that merging does not need."""
        async with self._connection() as connection:
            await connection.execute(text(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE"))
            await connection.execute(text(f"CREATE SCHEMA {SCHEMA}"))
            for table in _named_apart():
                await connection.execute(CreateTable(table))

    async def merge(self, heard: Sequence[Event]) -> int:
        """Merges events into the facts, each once; returns how many were new."""
        async with self._transaction() as tx:
            new = await tx.claim(heard, with_bodies=False)
            await counting.merge(tx.session, fold(new))
        return len(new)

    async def finish(self) -> None:
        """Makes the other indexes, and the cells and rungs of all facts, beside each other."""
        await asyncio.gather(*(self._index(table) for table in _named_apart()))
        await asyncio.gather(self._make(counting.make_cells), self._make(counting.make_rungs))
        await asyncio.gather(*(self._analyze(table) for table in _named_apart()))

    async def _index(self, table: Table) -> None:
        async with self._connection() as connection:
            for index in sorted(table.indexes, key=lambda index: index.name or ""):
                await connection.execute(CreateIndex(index))

    async def _analyze(self, table: Table) -> None:
        async with self._connection() as connection:
            await connection.execute(text(f"ANALYZE {table.fullname}"))

    async def _make(self, made: Callable[[AsyncSession], Awaitable[None]]) -> None:
        async with self._transaction() as tx:
            await made(tx.session)

    async def change_places(self, rest: list[Event], stream: "_Stream", done: Replayed) -> int:
        """Counts what is left of the stream, and puts these tables in the place of those in use."""
        async with self._database.transaction() as tx:
            await tx.session.execute(text("SET LOCAL lock_timeout TO '500ms'"))
            # Whoever has claimed events finishes first; whoever comes now waits, and then finds the new inbox.
            await tx.session.execute(text("LOCK TABLE public.inbox IN SHARE ROW EXCLUSIVE MODE"))
            await tx.session.execute(text(f"SET LOCAL search_path TO {SCHEMA}, public"))
            async for batch in stream.until_its_end():
                rest.extend(_read(batch, done))
            new = await tx.claim(rest, with_bodies=False)
            await counting.count(tx.session, fold(new))
            await tx.session.execute(text("CREATE SCHEMA replaced"))
            for table in TABLES:
                await tx.session.execute(text(f"ALTER TABLE public.{table.name} SET SCHEMA replaced"))
                await tx.session.execute(text(f"ALTER TABLE {SCHEMA}.{table.name} SET SCHEMA public"))
            await tx.session.execute(text(f"DROP SCHEMA replaced, {SCHEMA} CASCADE"))
        return len(new)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[AsyncConnection]:
        async with self._database.engine.begin() as connection:
            yield connection


def _named_apart() -> list[Table]:
    """The tables as they are called in the schema beside."""
    apart = MetaData(schema=SCHEMA)
    return [table.to_metadata(apart, schema=SCHEMA) for table in TABLES]


def _read(batch: Sequence[Msg], done: Replayed) -> list[Event]:
    """The events in messages; one that is none is passed over alone, as it lies in the dead letters."""
    read = []
    for message in batch:
        if events.MARK in (message.headers or {}):
            done.marks += 1
            continue
        try:
            read.append(events.read(message.headers, message.data))
        except UnreadableEventError as error:
            done.unreadable += 1
            log.warning("replay.unreadable", sequence=message.metadata.sequence.stream, reason=error.reason)
    done.messages += len(batch)
    return read


@asynccontextmanager
async def _alone(database: Database) -> AsyncIterator[None]:
    async with database.engine.connect() as connection:
        if not await connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": REPLAYER}):
            raise ReplayError("A replay is under way already.")
        # Kept for as long as the connection: it goes with the process, however that ends.
        await connection.commit()
        try:
            yield
        finally:
            await connection.scalar(text("SELECT pg_advisory_unlock(:lock)"), {"lock": REPLAYER})


class _Stream:
    """The stream from its first message, read once, without acknowledgement."""

    def __init__(self, nc: Client, consumer: str) -> None:
        self._js = nc.jetstream()
        self._consumer = consumer
        self._arrivals = Arrivals(nc, consumer, ahead=AHEAD)
        self._taking: asyncio.Task[list[Msg]] | None = None
        self._delivered = 0
        self.reached = 0
        self.last = 0

    async def open(self) -> None:
        await self._arrivals.open()
        await self._look()

    async def _look(self) -> None:
        self.last = (await self._js.stream_info(STREAM)).state.last_seq

    async def until_near_its_end(self, near: int) -> AsyncIterator[list[Msg]]:
        """Batches until few messages are left, new ones included."""
        while self.last - self.reached > near:
            while self.last - self.reached > near:
                batch = await self._take()
                if not batch:
                    return
                yield batch
            await self._look()

    async def until_its_end(self) -> AsyncIterator[list[Msg]]:
        """All that is there now."""
        await self._look()
        while self.reached < self.last:
            batch = await self._take()
            if not batch:
                return
            yield batch

    async def _take(self) -> list[Msg]:
        """A whole batch, or all that is left; nothing where the stream has nothing more."""
        silences, gathered = 0, list[Msg]()
        while silences < PATIENCE:
            # Never cancelled while it waits: what it has taken from the queue would be lost.
            self._taking = self._taking or asyncio.create_task(self._arrivals.take(BATCH - len(gathered)))
            await asyncio.wait({self._taking}, timeout=SILENCE)
            if self._taking.done():
                batch, self._taking = self._taking.result(), None
                self._check(batch)
                gathered += batch
                if len(gathered) == BATCH or self.reached >= self.last:
                    return gathered
                continue
            if gathered:
                return gathered
            info = await self._js.consumer_info(STREAM, self._consumer)
            silences = silences + 1 if not info.num_pending else 0
        return []

    def _check(self, batch: Sequence[Msg]) -> None:
        """Notices a message that has gone astray. Raises ReplayError."""
        first, last = batch[0].metadata.sequence, batch[-1].metadata.sequence
        if first.consumer != self._delivered + 1 or last.consumer != self._delivered + len(batch):
            raise ReplayError(f"A message was lost on the way after {self.reached}: replay again.")
        self._delivered, self.reached = last.consumer, last.stream

    def close(self) -> None:
        """Takes no more."""
        if self._taking:
            self._taking.cancel()


@asynccontextmanager
async def _stream(nc: Client) -> AsyncIterator[_Stream]:
    js = nc.jetstream()
    state = (await js.stream_info(STREAM)).state
    if state.first_seq > 1:
        raise ReplayError(
            f"The stream begins at message {state.first_seq}: what was said before is gone from it, and would "
            "be gone from the figures too."
        )
    config = ConsumerConfig(
        ack_policy=AckPolicy.NONE,
        deliver_policy=DeliverPolicy.ALL,
        inactive_threshold=300,
        mem_storage=True,
        num_replicas=1,
    )
    made = await js.add_consumer(STREAM, config)
    stream = _Stream(nc, made.name)
    try:
        await stream.open()
        yield stream
    finally:
        stream.close()
        await js.delete_consumer(STREAM, made.name)

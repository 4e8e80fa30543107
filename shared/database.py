"""One message or one request, one transaction: rows, inbox and outbox are committed together, or not at all."""

import json
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from time import monotonic
from typing import Any
from uuid import UUID

import asyncpg
from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    Uuid,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine

from shared import events
from shared.clock import Clock
from shared.events import Event

IDLE = 1.0
"""Seconds without use after which a connection is asked whether it still lives."""

metadata = MetaData()
"""The tables every service has; its migrations create them beside its own."""

inbox = Table(
    "inbox",
    metadata,
    Column("event_id", Uuid, primary_key=True),
    Column("case_id", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("municipality", Text, nullable=False),
    Column("caused_by", Uuid),
    Column("body", JSONB),
    Column("heard_at", DateTime(timezone=True), nullable=False),
    Index("inbox_case", "case_id"),
)
outbox = Table(
    "outbox",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("subject", Text, nullable=False),
    Column("headers", JSONB, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

_AWAY = ("08", "53", "57P")
"""Beginnings of SQLSTATE: no connection; too many of them, or a full disk; starting, stopping or crashed."""


def is_away(error: BaseException) -> bool:
    """Whether the database could not be reached, so that the same may well be done in a moment.

    SQLAlchemy says so of connections that it had; of those it tried to make it gives what asyncpg said.
    """
    match error:
        case DBAPIError():
            return error.connection_invalidated or (
                error.orig is not None and _is_said_to_be_away(error.orig)
            )
        case FileNotFoundError() | PermissionError():
            return False
        case OSError() | PoolTimeoutError():
            return True
        case _:
            return _is_said_to_be_away(error)


def _is_said_to_be_away(error: BaseException) -> bool:
    match error.__cause__ or error:
        case asyncpg.PostgresError() as error:
            return str(error.sqlstate or "").startswith(_AWAY)
        case asyncpg.InternalClientError():  # what it says where a server dies in the middle of an answer
            return True
        case asyncpg.InterfaceError() as error:
            return "closed" in str(error)
        case _:
            return False


# One statement whatever the number of rows, so that the server plans it once and nothing is compiled here.
_INBOX_ROWS = """
    INSERT INTO inbox (event_id, case_id, type, at, municipality, caused_by, body, heard_at)
    SELECT event_id, case_id, type, at, municipality, caused_by, CAST(body AS jsonb), CAST(:heard_at AS timestamptz)
    FROM unnest(
        CAST(:event_ids AS uuid[]), CAST(:case_ids AS uuid[]), CAST(:types AS text[]), CAST(:ats AS timestamptz[]),
        CAST(:municipalities AS text[]), CAST(:causes AS uuid[]), CAST(:bodies AS text[])
    ) AS heard (event_id, case_id, type, at, municipality, caused_by, body)
    -- So that two transactions that heard the same never wait for each other's rows crosswise.
    ORDER BY event_id
    ON CONFLICT DO NOTHING
    RETURNING event_id
"""
_CLAIM = text(_INBOX_ROWS)
_PUBLISH = text(f"""
    WITH claimed AS ({_INBOX_ROWS})
    INSERT INTO outbox (event_id, subject, headers, body)
    SELECT event_id, subject, CAST(headers AS jsonb), convert_to(body, 'UTF8')
    FROM unnest(
        CAST(:event_ids AS uuid[]), CAST(:subjects AS text[]), CAST(:headers AS text[]), CAST(:bodies AS text[])
    ) AS published (event_id, subject, headers, body)
    JOIN claimed USING (event_id)
    RETURNING event_id
""")  # noqa: S608 - both halves are written above


def _inbox_columns(events: Sequence[Event], heard_at: datetime, *, with_bodies: bool) -> dict[str, Any]:
    return {
        "event_ids": [event.id for event in events],
        "case_ids": [event.case_id for event in events],
        "types": [event.type_name() for event in events],
        "ats": [event.at for event in events],
        "municipalities": [event.municipality for event in events],
        "causes": [event.caused_by for event in events],
        "bodies": [event.body().decode() if with_bodies else None for event in events],
        "heard_at": heard_at,
    }


class Transaction:
    """What a handler or a request works with. It never commits: whoever opened the transaction does."""

    def __init__(self, session: AsyncSession, now: datetime) -> None:
        self.session = session
        self.now = now
        self._published: list[Event] = []

    def publish(self, *published: Event) -> None:
        """Puts events in the outbox, and in this service's own history of the case."""
        self._published.extend(published)

    async def claim(self, heard: Iterable[Event], *, with_bodies: bool) -> list[Event]:
        """Writes events to the inbox and returns the new ones; an event heard before is dropped."""
        once = list({event.id: event for event in heard}.values())
        if not once:
            return []
        new = await self.session.scalars(_CLAIM, _inbox_columns(once, self.now, with_bodies=with_bodies))
        claimed = set(new.all())
        return [event for event in once if event.id in claimed]

    async def history(self, case_ids: Collection[UUID]) -> dict[UUID, list[Event]]:
        """What is known of each case, heard or own, in the order of the events' time and then id.

        Includes what this transaction has published. A case nobody has spoken of has an empty list.
        """
        found: dict[UUID, dict[UUID, Event]] = {case_id: {} for case_id in case_ids}
        rows = await self.session.execute(select(inbox).where(inbox.c.case_id.in_(case_ids)))
        for row in rows:
            envelope = {
                "id": row.event_id,
                "at": row.at,
                "case_id": row.case_id,
                "municipality": row.municipality,
                "caused_by": row.caused_by,
            }
            found[row.case_id][row.event_id] = events.restored(row.type, envelope, row.body)
        for event in self._published:
            if event.case_id in found:
                found[event.case_id][event.id] = event
        return {
            case_id: sorted(of_case.values(), key=lambda event: (event.at, event.id))
            for case_id, of_case in found.items()
        }

    async def flush(self) -> int:
        """Writes what has been added and published; returns how many events are on their way out."""
        await self.session.flush()
        if not self._published:
            return 0
        once = list({event.id: event for event in self._published}.values())
        self._published.clear()
        new = await self.session.scalars(
            _PUBLISH,
            {
                **_inbox_columns(once, self.now, with_bodies=True),
                "subjects": [event.subject for event in once],
                "headers": [json.dumps(event.headers()) for event in once],
            },
        )
        return len(new.all())


class Database:
    """A service's database. `on_published` is called after each commit that put events in the outbox."""

    def __init__(self, url: str, clock: Clock, *, pool: int = 8) -> None:
        self.engine: AsyncEngine = create_async_engine(
            url,
            pool_size=pool,
            max_overflow=pool,
            pool_pre_ping=True,
            pool_use_lifo=True,
            hide_parameters=True,
            connect_args={"server_settings": {"timezone": "UTC", "jit": "off"}},
        )
        _ping_only_when_idle(self.engine)
        self._sessions = async_sessionmaker(self.engine, expire_on_commit=False, autoflush=False)
        self._clock = clock
        self.on_published: Sequence[Any] = ()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commits when the block ends well, rolls back when it does not."""
        published = 0
        async with self._sessions() as session, session.begin():
            tx = Transaction(session, self._clock())
            yield tx
            published = await tx.flush()
        if published:
            for wake in self.on_published:
                wake()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """A session for questions only; what it changes is never committed."""
        async with self._sessions() as session:
            yield session

    async def answers(self) -> bool:
        """Whether the database answers: part of readiness."""
        async with self.engine.connect() as connection:
            return bool(await connection.scalar(text("SELECT 1")))

    async def close(self) -> None:
        """Closes every connection."""
        await self.engine.dispose()


def _ping_only_when_idle(engine: AsyncEngine) -> None:
    """Asks a connection whether it still lives only where it has been idle for a second.

    A ping is a round trip before each transaction; for a connection that answered a moment ago it tells
    nothing new.
    """
    dialect = engine.sync_engine.dialect
    ask = dialect.do_ping
    asked: dict[int, float] = {}

    def do_ping(connection: Any) -> bool:
        now = monotonic()
        last = asked.get(id(connection), 0.0)
        asked[id(connection)] = now
        return now - last < IDLE or ask(connection)

    dialect.do_ping = do_ping  # type: ignore[method-assign, assignment]

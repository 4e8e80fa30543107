"""A database that cannot be reached is told from a question that was wrong."""

import asyncio
import socket

import asyncpg
import pytest
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from shared.clock import SystemClock
from shared.database import Database, is_away


def wrapped(cause: Exception, *, invalidated: bool = False) -> DBAPIError:
    """As SQLAlchemy gives what asyncpg said."""
    translated = Exception("translated")
    translated.__cause__ = cause
    return DBAPIError("SELECT 1", {}, translated, connection_invalidated=invalidated)


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        TimeoutError(),
        socket.gaierror(),
        PoolTimeoutError("QueuePool limit"),
        asyncpg.CannotConnectNowError("the database system is in recovery mode"),
        wrapped(asyncpg.CannotConnectNowError("the database system is starting up")),
        wrapped(asyncpg.CrashShutdownError("terminating connection because of crash")),
        wrapped(asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation")),
        wrapped(asyncpg.TooManyConnectionsError("sorry, too many clients already")),
        wrapped(asyncpg.InterfaceError("connection is closed")),
        wrapped(asyncpg.InternalClientError("unexpected end of message")),
        wrapped(ValueError(), invalidated=True),
    ],
)
def test_a_server_that_is_away_is_waited_for(error: Exception) -> None:
    """Stopped, dying, starting, recovering or full: the same will do in a moment."""
    assert is_away(error)


@pytest.mark.parametrize(
    "error",
    [
        ValueError(),
        FileNotFoundError(),
        ProgrammingError("SELEC 1", {}, Exception("syntax")),
        wrapped(asyncpg.UniqueViolationError("duplicate key")),
        wrapped(asyncpg.QueryCanceledError("canceling statement due to user request")),
        wrapped(asyncpg.InterfaceError("another operation is in progress")),
    ],
)
def test_a_fault_of_ours_is_none_of_the_database_s(error: Exception) -> None:
    """Trying again would give the same."""
    assert not is_away(error)


def test_a_server_that_recovers_is_away_whoever_asks() -> None:
    """What the driver really raises where PostgreSQL answers a new connection with 57P03."""

    async def ask() -> bool:
        server = await asyncio.start_server(_recovering, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        database = Database(f"postgresql+asyncpg://nobody:nothing@127.0.0.1:{port}/none", SystemClock())
        async with server:
            try:
                async with database.transaction():
                    await database.answers()
            except Exception as error:  # noqa: BLE001 - which it is is what is asked
                return is_away(error)
            finally:
                await database.engine.dispose()
        return False

    assert asyncio.run(ask())


async def _recovering(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """PostgreSQL's protocol, as far as it goes: no TLS, and then the error of a server that recovers."""
    told = int.from_bytes((await reader.readexactly(4)), "big")
    await reader.readexactly(told - 4)
    if told == 8:
        writer.write(b"N")
        told = int.from_bytes((await reader.readexactly(4)), "big")
        await reader.readexactly(told - 4)
    fields = b"SFATAL\0VFATAL\0C57P03\0Mthe database system is in recovery mode\0\0"
    writer.write(b"E" + (len(fields) + 4).to_bytes(4, "big") + fields)
    writer.close()

"""A database that recovers from a crash is away, by what the driver really raises."""

import asyncio

from shared.clock import SystemClock
from shared.database import Database, is_away


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

"""Kills parts of a running stack, and talks to databases that may be away for a moment."""

import asyncio
import os
import signal
from collections.abc import Mapping
from random import Random
from time import monotonic
from typing import Any

import asyncpg

from deploy.cli_status import states
from deploy.data_folder import PARTS, DataFolder
from deploy.postgres import admin_url

PATIENCE = 60.0
_AWAY = (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError)
"""What asyncpg raises where its server dies, in the middle of an answer too."""


class NotBackError(Exception):
    """A part did not come back after it was killed."""


class Killer:
    """Ends parts as hard as can be, at moments and in an order that the seed decides."""

    def __init__(self, folder: DataFolder, days: int, count: int, random: Random) -> None:
        self._folder = folder
        parts = list(PARTS)
        random.shuffle(parts)
        self._of_day: dict[int, list[str]] = {}
        for number in range(count):
            self._of_day.setdefault(random.randrange(days), []).append(parts[number % len(parts)])
        self.killed: list[str] = []

    def on(self, day: int) -> list[str]:
        """The parts that die on the day of this number."""
        return self._of_day.get(day, [])

    async def kill(self, part: str) -> None:
        """Kills it, and waits until everything is ready again."""
        process = self._folder.record().parts[part].process
        if process is None:
            return
        os.kill(process.pid, signal.SIGKILL)
        self.killed.append(part)
        end = monotonic() + PATIENCE
        while True:
            await asyncio.sleep(0.1)
            record = self._folder.record()
            again = record.parts[part].process
            if again not in {process, None} and all(one["ready"] for one in (await states(record)).values()):
                return
            if monotonic() > end:
                raise NotBackError(part)


class Asking:
    """One service's database, connected to anew where the connection has died."""

    def __init__(self, folder: DataFolder, service: str) -> None:
        record = folder.record()
        server = admin_url(record.ports["postgres"], folder.secrets().postgres_admin).rpartition("/")[0]
        self._url = f"{server}/{service}"
        self._connection: asyncpg.Connection | None = None
        self._one_at_a_time = asyncio.Lock()

    async def fetchrow(self, query: str, *arguments: object) -> Mapping[str, Any] | None:
        """The first row of what is found."""
        end = monotonic() + PATIENCE
        async with self._one_at_a_time:
            while True:
                try:
                    if self._connection is None or self._connection.is_closed():
                        self._connection = await asyncpg.connect(self._url, timeout=5)
                    row: Mapping[str, Any] | None = await self._connection.fetchrow(query, *arguments)
                except _AWAY:
                    self._connection = None
                    if monotonic() > end:
                        raise
                    await asyncio.sleep(0.2)
                else:
                    return row

    async def close(self) -> None:
        """Lets go of the connection."""
        if self._connection:
            await self._connection.close()

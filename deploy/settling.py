"""Waits until a running stack has done what there is to do at the time it lives in."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from time import monotonic

import asyncpg
from nats.js import JetStreamContext

from deploy.bus import connected
from deploy.data_folder import SERVICES, DataFolder
from deploy.errors import DatabaseAwayError, NotRunningError
from deploy.postgres import admin_url
from shared.clock import Clock, FileClock
from shared.relay import STREAM

WITH_FACES = ("intake", "routing")
"""The services in which people do something: what they say is what the others hear of it."""
PAUSE = 0.02
_DATABASE_AWAY = (
    ConnectionError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError,
)  # fmt: skip
QUIET_READINGS = 2
"""Readings in a row without anything under way: one alone may miss an event between two services."""


class NotSettledError(Exception):
    """Something was still under way when the patience ran out: `waiting` says what, and how much of it."""

    def __init__(self, waiting: dict[str, int]) -> None:
        super().__init__(", ".join(f"{count} {what}" for what, count in waiting.items()))
        self.waiting = waiting


@dataclass(frozen=True)
class RunningParts:
    """The bus and the databases of a running stack, and its clock."""

    js: JetStreamContext
    databases: dict[str, asyncpg.Connection]
    clock: Clock

    async def hear(self, service: str, seconds: float = 60.0) -> None:
        """Returns once a service has heard what residents and caseworkers have done. Raises NotSettledError."""
        await self._until_quiet(lambda: self._unheard_by(service), seconds)

    async def mail(self, seconds: float = 60.0) -> None:
        """Returns once every mail that is called for is sent. Raises NotSettledError."""
        await self._until_quiet(self._unmailed, seconds)

    async def take_steps(self, seconds: float = 60.0) -> None:
        """Returns once every step of the ladder, and every wait, that is due is done. Raises NotSettledError."""
        await self._until_quiet(self._due_steps, seconds)

    async def hear_and_remind(self, seconds: float = 60.0) -> None:
        """Returns once notify has heard everything, and has said what is due by it. Raises NotSettledError.

        Verdicts are not waited for: nothing that is done meanwhile changes them.
        """
        await self._until_quiet(self._unsaid, seconds)

    async def come_to_rest(self, seconds: float = 60.0) -> None:
        """Returns once notify has nothing more to do: no event, step or mail. Raises NotSettledError."""
        await self._until_quiet(self._undone_by_notify, seconds)

    async def settle(self, seconds: float = 60.0) -> None:
        """Returns once nothing is under way: no event, no step, no mail. Raises NotSettledError."""
        await self._until_quiet(self._undone, seconds)

    async def is_empty(self) -> bool:
        """Whether nobody has ever written to this municipality."""
        return not await self.databases["intake"].fetchval("SELECT EXISTS (SELECT FROM inbox)")

    async def _until_quiet(self, look: Callable[[], Awaitable[dict[str, int]]], seconds: float) -> None:
        end = monotonic() + seconds
        quiet, said = 0, -1
        while quiet < QUIET_READINGS:
            last = (await self.js.stream_info(STREAM)).state.last_seq
            waiting = {what: count for what, count in (await look()).items() if count}
            quiet = quiet + 1 if not waiting and last == said else 0
            said = last
            if waiting and monotonic() > end:
                raise NotSettledError(waiting)
            await asyncio.sleep(PAUSE)

    async def _unmailed(self) -> dict[str, int]:
        return {**await self._unheard_by("notify"), **await self._due_mails()}

    async def _unsaid(self) -> dict[str, int]:
        return {**await self._unheard_by("notify"), **await self._due_steps(but="judge")}

    async def _undone_by_notify(self) -> dict[str, int]:
        return {**await self._unmailed(), **await self._due_steps()}

    async def _undone(self) -> dict[str, int]:
        counts = await asyncio.gather(*map(self._to_say, SERVICES), *map(self._to_hear, SERVICES))
        return {"events": sum(counts), **await self._due_steps(), **await self._due_mails()}

    async def _unheard_by(self, service: str) -> dict[str, int]:
        counts = await asyncio.gather(*map(self._to_say, WITH_FACES), self._to_hear(service))
        return {f"events for {service}": sum(counts)}

    async def _to_say(self, service: str) -> int:
        waiting: int = await self.databases[service].fetchval("SELECT count(*) FROM outbox")
        return waiting

    async def _to_hear(self, service: str) -> int:
        info = await self.js.consumer_info(STREAM, service)
        return (info.num_pending or 0) + (info.num_ack_pending or 0)

    async def _due_steps(self, but: str = "") -> dict[str, int]:
        due = await self.databases["notify"].fetchval(
            "SELECT (SELECT count(*) FROM step WHERE done_at IS NULL AND due_at <= $1 AND step <> $2)"
            " + (SELECT count(*) FROM wait WHERE done_at IS NULL AND due_at <= $1)",
            self.clock(),
            but,
        )
        return {"steps": due}

    async def _due_mails(self) -> dict[str, int]:
        waiting = await self.databases["notify"].fetchval(
            "SELECT count(*) FROM message WHERE state IN ('waiting', 'gathering') AND next_attempt_at <= $1",
            self.clock(),
        )
        return {"mails": waiting}


@asynccontextmanager
async def running_parts(folder: DataFolder) -> AsyncGenerator[RunningParts]:
    """Connects to a stack that runs.

    Raises NoStackError, or NotRunningError where a part does not answer; DatabaseAwayError, or BusAwayError, where
    it later stops to.
    """
    record, secrets = folder.record(), folder.secrets()
    server = admin_url(record.ports["postgres"], secrets.postgres_admin).rpartition("/")[0]
    async with AsyncExitStack() as stack:
        nc = await stack.enter_async_context(connected(folder))
        databases: dict[str, asyncpg.Connection] = {}
        for service in SERVICES:
            try:
                databases[service] = await asyncpg.connect(f"{server}/{service}", timeout=10)
            except (OSError, TimeoutError, asyncpg.PostgresError) as error:
                raise NotRunningError(folder.path) from error
            stack.push_async_callback(databases[service].close)
        try:
            yield RunningParts(nc.jetstream(timeout=30), databases, FileClock(folder.clock))
        except _DATABASE_AWAY as error:
            raise DatabaseAwayError(type(error).__name__) from error

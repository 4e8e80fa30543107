"""The audit: nothing lost, nothing missing, nothing double, over all services' databases and the bus.

Three rounds. What each service has said must be on the stream, and what is on the stream must have been heard
by each service that hears it. Every submission must have its event, one case, its promise, its messages and its
fact. And nothing may be overdue for being done: a step of the ladder, a message, an event in the outbox.

Each round reads lists of the same order side by side, so that no number of events is too many to be held.
"""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
from nats.js import JetStreamContext

from deploy import audit_bus, audit_questions, dead_letters
from shared.relay import STREAM

SHOWN = 20
"""How many ids of a finding are shown; the count says how many there are."""
LOOKED_AT = ("submissions", "cases", "promises", "receipts", "facts")


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be: what, how often, and which: the first of them."""

    what: str
    count: int
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Report:
    """What an audit found, and what it looked at."""

    findings: tuple[Finding, ...]
    looked_at: Mapping[str, int]

    @property
    def clean(self) -> bool:
        """Nothing is missing, nothing is double."""
        return not self.findings


class Tally:
    """What has been found so far: each finding's count and its first ids."""

    def __init__(self) -> None:
        self._counts: dict[str, int] = {}
        self._ids: dict[str, list[str]] = {}

    def add(self, what: str, which: object) -> None:
        """One more; those of a finding come in their order."""
        self._counts[what] = self._counts.get(what, 0) + 1
        shown = self._ids.setdefault(what, [])
        if len(shown) < SHOWN:
            shown.append(str(which))

    def findings(self) -> tuple[Finding, ...]:
        """All there are, in the order in which they were first met."""
        return tuple(Finding(what, count, tuple(self._ids[what])) for what, count in self._counts.items())


async def audit(js: JetStreamContext, databases: Mapping[str, asyncpg.Connection], now: datetime) -> Report:
    """Looks at everything once; the caller waits for what is under way first."""
    tally, types = Tally(), audit_bus.Types()
    async with AsyncExitStack() as stack:
        for connection in databases.values():
            # Each database as it is now, however long the reading takes; the stream is read after that.
            await stack.enter_async_context(connection.transaction(isolation="repeatable_read"))
            await connection.execute("SET LOCAL work_mem = '64MB'")
            await connection.fetchval("SELECT count(*) FROM outbox")
        spoken = next(iter(databases.values()))
        await audit_bus.lay_down(js, spoken, types)
        dead = _dead_by_service(await dead_letters.every(js))
        async for what, event_id in audit_bus.faults(spoken, databases, dead, types):
            tally.add(what, event_id)
        for service, ids in dead.items():
            for one in ids:
                tally.add("dead letters: events a service could not handle", f"{service} {one}")
        async for what, which in audit_questions.differences(databases, now):
            tally.add(what, which)
        counts = {"events": await audit_bus.count(spoken)}
        counts |= {name: await audit_questions.count(databases, name, now) for name in LOOKED_AT}
    return Report(tally.findings(), counts)


def _dead_by_service(letters: Iterable[dead_letters.DeadLetter]) -> dict[str, dict[UUID | str, None]]:
    by_service: dict[str, dict[UUID | str, None]] = {}
    for letter in letters:
        event_id = letter.headers.get("ce-id")
        try:
            known: UUID | str = UUID(event_id)
        except (TypeError, ValueError):
            known = f"letter {letter.number}"
        by_service.setdefault(letter.service, {})[known] = None
    return by_service


async def settled(js: JetStreamContext, databases: Mapping[str, asyncpg.Connection], seconds: float) -> bool:
    """Waits, `seconds` at the most, until nothing is under way between the services."""
    end = datetime.now(UTC) + timedelta(seconds=seconds)
    while True:
        waiting = 0
        for service, connection in databases.items():
            info = await js.consumer_info(STREAM, service)
            waiting += (info.num_pending or 0) + (info.num_ack_pending or 0)
            waiting += await connection.fetchval("SELECT count(*) FROM outbox")
        if not waiting:
            return True
        if datetime.now(UTC) > end:
            return False
        await asyncio.sleep(0.2)

"""The audit: nothing lost, nothing missing, nothing double, over all services' databases and the bus.

Three rounds. What each service has said must be on the stream, and what is on the stream must have been heard
by each service that hears it. Every submission must have its event, one case, its promise, its messages and its
fact. And nothing may be overdue for being done: a step of the ladder, a message, an event in the outbox.
"""

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
from nats.js import JetStreamContext

from deploy import dead_letters, stream
from deploy.audit_questions import QUESTIONS, faults
from shared.events import CONSUMED_BY, EVENTS, CaseImported
from shared.relay import STREAM

SHOWN = 20
"""How many ids of a finding are shown; the count says how many there are."""
SAID_BY_COMMANDS = frozenset({CaseImported.type_name()})


@dataclass(frozen=True)
class Finding:
    """Something that is not as it must be: what, how often, and which."""

    what: str
    count: int
    ids: tuple[str, ...] = ()

    @classmethod
    def of(cls, what: str, found: Iterable[object]) -> "list[Finding]":
        """One finding for these ids, or none where there are none."""
        ids = sorted(str(one) for one in found)
        return [cls(what, len(ids), tuple(ids[:SHOWN]))] if ids else []


@dataclass
class Spoken:
    """What is on the stream: each event's id by its type, and which stand there more than once."""

    ids: dict[str, set[UUID]] = field(default_factory=dict)
    invented: dict[str, set[UUID]] = field(default_factory=dict)
    """Of a simulated year: metrics alone hears them, and no service has said them."""
    doubled: set[UUID] = field(default_factory=set)


@dataclass
class Kept:
    """What one service's database holds: its inbox by type, and what waits in its outbox."""

    ids: dict[str, set[UUID]] = field(default_factory=dict)
    waiting: set[UUID] = field(default_factory=set)


@dataclass(frozen=True)
class Report:
    """What an audit found, and what it looked at."""

    findings: tuple[Finding, ...]
    looked_at: Mapping[str, int]

    @property
    def clean(self) -> bool:
        """Nothing is missing, nothing is double."""
        return not self.findings


async def audit(js: JetStreamContext, databases: Mapping[str, asyncpg.Connection], now: datetime) -> Report:
    """Looks at everything once; the caller waits for what is under way first."""
    kept = {service: await _kept(connection) for service, connection in databases.items()}
    spoken = await _spoken(js)
    dead = _dead_by_service(await dead_letters.every(js))
    findings = [*_of_the_bus(spoken, kept, dead)]
    findings += Finding.of(
        "dead letters: events a service could not handle",
        (f"{service} {one}" for service, ids in dead.items() for one in ids),
    )
    counts = {"events": sum(len(ids) for ids in spoken.ids.values())}
    answers = {
        name: {str(row[0]) for row in await databases[asked.service].fetch(asked.sql, *asked.arguments(now))}
        for name, asked in QUESTIONS.items()
    }
    for what, ids in faults(answers):
        findings += Finding.of(what, ids)
    counts |= {name: len(answers[name]) for name in ("submissions", "cases", "promises", "receipts", "facts")}
    return Report(tuple(findings), counts)


def _of_the_bus(
    spoken: Spoken, kept: Mapping[str, Kept], dead: Mapping[str, Collection[UUID | str]]
) -> Iterable[Finding]:
    yield from Finding.of("on the stream more than once", spoken.doubled)
    for event in EVENTS:
        name = event.type_name()
        on_stream = spoken.ids.get(name, set())
        said = kept.get(event.SOURCE, Kept())
        own = said.ids.get(name, set())
        yield from Finding.of(
            f"{event.SOURCE} said {event.NAME}, and it is not on the stream", own - on_stream - said.waiting
        )
        yield from Finding.of(
            f"{event.NAME} waits in the outbox of {event.SOURCE}", own & said.waiting - on_stream
        )
        if event.SOURCE in kept and event.SOURCE != "metrics":
            yield from Finding.of(
                f"{event.NAME} is on the stream, and {event.SOURCE} knows nothing of it", on_stream - own
            )
        for service, heard in CONSUMED_BY.items():
            if event in heard:
                known = kept[service].ids.get(name, set())
                excused = set(dead.get(service, ()))
                to_hear = on_stream | spoken.invented.get(name, set()) if service == "metrics" else on_stream
                yield from Finding.of(f"{service} has not heard {event.NAME}", to_hear - known - excused)
                yield from Finding.of(
                    f"{service} has heard {event.NAME}, and it is not on the stream", known - to_hear
                )


def _dead_by_service(letters: Iterable[dead_letters.DeadLetter]) -> dict[str, list[UUID | str]]:
    by_service: dict[str, list[UUID | str]] = {}
    for letter in letters:
        event_id = letter.headers.get("ce-id")
        try:
            known: UUID | str = UUID(event_id)
        except (TypeError, ValueError):
            known = f"letter {letter.number}"
        by_service.setdefault(letter.service, []).append(known)
    return by_service


async def _kept(connection: asyncpg.Connection) -> Kept:
    kept = Kept()
    async with connection.transaction():
        async for row in connection.cursor("SELECT type, event_id FROM inbox"):
            kept.ids.setdefault(row["type"], set()).add(row["event_id"])
    kept.waiting = {row["event_id"] for row in await connection.fetch("SELECT event_id FROM outbox")}
    return kept


async def _spoken(js: JetStreamContext) -> Spoken:
    """Reads the headers of the whole stream, up to where it ends now."""
    spoken, seen = Spoken(), Counter[UUID]()
    async for message in stream.messages(js, "dialogue.>"):
        headers = message.headers or {}
        if "ce-id" not in headers or headers.get("Nats-Msg-Id", "").startswith("replay:"):
            continue
        event_id = UUID(headers["ce-id"])
        ids = spoken.invented if "ce-invented" in headers else spoken.ids
        ids.setdefault(headers.get("ce-type", ""), set()).add(event_id)
        # An import or a simulation that is run again after hours says again what its hearers drop.
        if headers.get("ce-type") not in SAID_BY_COMMANDS and "ce-invented" not in headers:
            seen[event_id] += 1
    spoken.doubled = {event_id for event_id, times in seen.items() if times > 1}
    return spoken


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

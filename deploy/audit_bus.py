"""What each service has said and heard against what is on the stream: event by event, side by side.

The ids of the stream are laid in a temporary table, which PostgreSQL sorts on its disk; the inboxes are sorted by
their keys as they are. So ten million events take no more memory here than ten.
"""

from collections.abc import AsyncIterator, Collection, Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

import asyncpg
from nats.js import JetStreamContext

from deploy import stream
from deploy.merging import READ_AT_ONCE, side_by_side
from shared.events import CONSUMED_BY, EVENTS, CaseImported, Event

SAID_BY_COMMANDS = frozenset({CaseImported.type_name()})
_STREAM = "the stream"
_HEARERS: Mapping[type[Event], tuple[str, ...]] = {
    event: tuple(service for service, heard in CONSUMED_BY.items() if event in heard) for event in EVENTS
}


@dataclass(frozen=True, slots=True)
class Seen:
    """An event as one list has it.

    :param real: it is on the stream as an event that a service, or an import, has said.
    :param invented: it is there as one of a simulated year: metrics alone hears those, and no service has said them.
    :param is_doubled: it is there more than once, which it must not be.
    :param waits: it is in the service's outbox.
    """

    real: bool = False
    invented: bool = False
    is_doubled: bool = False
    waits: bool = False


_NOWHERE = Seen()
Key = tuple[UUID, int]
"""An event's id, and the number of its type in this audit."""


class Types:
    """The types of events there are, numbered as they are met: a number for each event costs least."""

    def __init__(self) -> None:
        self._numbers = {event.type_name(): number for number, event in enumerate(EVENTS)}

    def number(self, name: str) -> int:
        """The number of a type."""
        return self._numbers.setdefault(name, len(self._numbers))

    @staticmethod
    def event(number: int) -> type[Event] | None:
        """The class of a type, unless it is one that this version does not know."""
        return EVENTS[number] if number < len(EVENTS) else None


async def lay_down(js: JetStreamContext, connection: asyncpg.Connection, types: Types) -> None:
    """Puts the headers of the whole stream, up to where it ends now, in a temporary table of a transaction."""
    await connection.execute(
        "CREATE TEMPORARY TABLE spoken"
        " (event_id uuid, kind smallint, is_invented boolean, is_said_once boolean) ON COMMIT DROP"
    )
    held: list[tuple[UUID, int, bool, bool]] = []
    async for message in stream.messages(js, "dialogue.>"):
        headers = message.headers or {}
        if "ce-id" not in headers or headers.get("Nats-Msg-Id", "").startswith("replay:"):
            continue
        name, is_invented = headers.get("ce-type", ""), "ce-invented" in headers
        # An import or a simulation that is run again after hours says again what its hearers drop.
        is_said_once = name not in SAID_BY_COMMANDS and not is_invented
        held.append((UUID(headers["ce-id"]), types.number(name), is_invented, is_said_once))
        if len(held) == READ_AT_ONCE:
            await connection.copy_records_to_table("spoken", records=held)
            held.clear()
    await connection.copy_records_to_table("spoken", records=held)


async def count(connection: asyncpg.Connection) -> int:
    """How many events are on the stream, but for those of a simulated year."""
    counted: int = await connection.fetchval(
        "SELECT count(*) FROM (SELECT DISTINCT event_id, kind FROM spoken WHERE NOT is_invented) AS said"
    )
    return counted


async def faults(
    spoken: asyncpg.Connection,
    databases: Mapping[str, asyncpg.Connection],
    excused: Mapping[str, Collection[UUID | str]],
    types: Types,
) -> AsyncIterator[tuple[str, UUID]]:
    """What is wrong, each with the event it is wrong about.

    `excused`: the dead letters of each service, which it need not have heard. The connections are in transactions.
    """
    lists = {_STREAM: _spoken(spoken), **{name: _kept(one, types) for name, one in databases.items()}}
    async for (event_id, kind), said in side_by_side(lists):
        excuses = [service for service, dead in excused.items() if event_id in dead]
        for what in _of_one(types.event(kind), said, databases, excuses):
            yield what, event_id


def _of_one(
    event: type[Event] | None,
    said: Mapping[str, Seen],
    services: Collection[str],
    excused: Collection[str],
) -> Iterator[str]:
    on_stream = said.get(_STREAM, _NOWHERE)
    if on_stream.is_doubled:
        yield "on the stream more than once"
    if event is None:
        return
    own = said.get(event.SOURCE)
    if own and not on_stream.real:
        if own.waits:
            yield f"{event.NAME} waits in the outbox of {event.SOURCE}"
        else:
            yield f"{event.SOURCE} said {event.NAME}, and it is not on the stream"
    if not own and on_stream.real and event.SOURCE in services and event.SOURCE != "metrics":
        yield f"{event.NAME} is on the stream, and {event.SOURCE} knows nothing of it"
    for service in _HEARERS[event]:
        is_to_hear = on_stream.real or (on_stream.invented and service == "metrics")
        if is_to_hear and service not in said and service not in excused:
            yield f"{service} has not heard {event.NAME}"
        if service in said and not is_to_hear:
            yield f"{service} has heard {event.NAME}, and it is not on the stream"


async def _spoken(connection: asyncpg.Connection) -> AsyncIterator[tuple[Key, Seen]]:
    async for row in connection.cursor(_SPOKEN, prefetch=READ_AT_ONCE):
        seen = Seen(real=row["is_real"], invented=row["is_invented"], is_doubled=row["times"] > 1)
        yield (row["event_id"], row["kind"]), seen


_SPOKEN = """
    SELECT event_id, kind, bool_or(NOT is_invented) AS is_real, bool_or(is_invented) AS is_invented,
        count(*) FILTER (WHERE is_said_once) AS times
    FROM spoken GROUP BY event_id, kind ORDER BY event_id, kind
"""


async def _kept(connection: asyncpg.Connection, types: Types) -> AsyncIterator[tuple[Key, Seen]]:
    async for row in connection.cursor(_KEPT, prefetch=READ_AT_ONCE):
        yield (row["event_id"], types.number(row["type"])), Seen(waits=row["waits"])


_KEPT = """
    SELECT event_id, type, event_id IN (SELECT event_id FROM outbox) AS waits FROM inbox ORDER BY event_id
"""

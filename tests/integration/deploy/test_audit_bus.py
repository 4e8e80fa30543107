"""What was said and heard against the stream: each way in which they can differ, in real databases and a real bus."""

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import nats
import pytest

from deploy import audit_bus
from deploy.data_folder import SERVICES
from deploy.errors import DatabaseAwayError
from deploy.settling import running_parts
from shared.events import CaseAnswered, CaseImported, Event, SubmissionReceived
from tests.conftest import NewDatabase
from tests.events_for_tests import MONDAY, received
from tests.integration.notify.office import answered
from tests.servers import PASSWORD


@pytest.fixture
async def databases(new_database: NewDatabase) -> AsyncGenerator[dict[str, asyncpg.Connection]]:
    """An inbox and an outbox for each service, in a transaction."""
    address = (await new_database("plain")).replace("+asyncpg", "")
    async with AsyncExitStack() as stack:
        made: dict[str, asyncpg.Connection] = {}
        for service in SERVICES:
            made[service] = await asyncpg.connect(address)
            stack.push_async_callback(made[service].close)
            await stack.enter_async_context(made[service].transaction())
            # Tables that this connection alone sees stand in for a database of its own.
            for table in ("inbox", "outbox"):
                await made[service].execute(f"CREATE TEMPORARY TABLE {table} (LIKE {table} INCLUDING ALL)")
        yield made


class Town:
    """Says events on the bus, and writes them into inboxes."""

    def __init__(self, nc: nats.NATS, databases: dict[str, asyncpg.Connection]) -> None:
        self._js = nc.jetstream()
        self._databases = databases

    async def says(self, event: Event, *, as_: str = "", **headers: str) -> None:
        """On the stream, under its id or another."""
        given = {**event.headers(), **headers, "Nats-Msg-Id": as_ or str(event.id)}
        await self._js.publish(event.subject, event.body(), headers=given)

    async def knows(self, event: Event, *services: str) -> None:
        """In these inboxes."""
        for service in services:
            await self._databases[service].execute(
                "INSERT INTO inbox (event_id, case_id, type, at, municipality, heard_at)"
                " VALUES ($1, $2, $3, $4, 'asker', $4)",
                event.id, event.case_id, event.type_name(), event.at,
            )  # fmt: skip

    async def keeps(self, event: Event, service: str) -> None:
        """In an outbox."""
        await self._databases[service].execute(
            "INSERT INTO outbox (event_id, subject, headers, body) VALUES ($1, 's', '{}', '')", event.id
        )

    async def faults(self, **excused: set[UUID | str]) -> list[tuple[str, UUID]]:
        """What the audit says."""
        types, first = audit_bus.Types(), self._databases["intake"]
        await audit_bus.lay_down(self._js, first, types)
        return [fault async for fault in audit_bus.faults(first, self._databases, excused, types)]


@pytest.fixture
def town(bus: nats.NATS, databases: dict[str, asyncpg.Connection]) -> Town:
    """A bus and four databases with nothing in them."""
    return Town(bus, databases)


EVERYBODY = ("intake", "routing", "notify", "metrics")


async def test_what_all_know_is_no_fault(town: Town) -> None:
    """Nor is a replayed copy, nor what an import says twice, nor an event of a type that is not known."""
    event, later = received(), received()
    for each in (event, later):
        await town.says(each)
        await town.knows(each, *EVERYBODY)
    await town.says(event, as_="replay:routing:7")
    imported = CaseImported.model_construct(
        id=uuid4(),
        at=MONDAY,
        case_id=uuid4(),
        municipality="asker",
        topic=None,
        unit=None,
        area=None,
        channel=None,
    )
    headers = {**event.headers(), "ce-id": str(imported.id), "ce-type": CaseImported.type_name()}
    for run in "ab":
        await town.says(event, as_=f"{imported.id}{run}", **headers)
    await town.knows(imported, "metrics")
    await town.says(event, as_="new", **{**headers, "ce-id": str(uuid4()), "ce-type": "no.svarfrist.new.v1"})
    assert await town.faults() == []


async def test_each_way_in_which_they_differ_is_named(town: Town) -> None:
    """Said and not published; waiting; published and forgotten; not heard; heard from nowhere; doubled."""
    unpublished, waiting, forgotten, unheard, doubled = (received() for _ in range(5))
    await town.knows(unpublished, "intake")
    await town.knows(waiting, "intake")
    await town.keeps(waiting, "intake")
    await town.says(forgotten)
    await town.knows(forgotten, "routing", "notify", "metrics")
    await town.says(unheard)
    await town.knows(unheard, "intake", "notify", "metrics")
    await town.says(doubled)
    await town.says(doubled, as_="once more")
    await town.knows(doubled, *EVERYBODY)
    nowhere = answered(received(), at=MONDAY)
    await town.knows(nowhere, "notify")
    name = SubmissionReceived.NAME
    assert sorted(await town.faults()) == sorted(
        [
            (f"intake said {name}, and it is not on the stream", unpublished.id),
            (f"{name} waits in the outbox of intake", waiting.id),
            (f"{name} is on the stream, and intake knows nothing of it", forgotten.id),
            (f"routing has not heard {name}", unheard.id),
            ("on the stream more than once", doubled.id),
            (f"notify has heard {CaseAnswered.NAME}, and it is not on the stream", nowhere.id),
        ]
    )


async def test_a_dead_letter_excuses_its_service_and_no_other(town: Town) -> None:
    """It is a finding of its own."""
    event = received()
    await town.says(event)
    await town.knows(event, "intake", "metrics")
    assert await town.faults(routing={event.id}) == [(f"notify has not heard {event.NAME}", event.id)]


async def test_an_invented_event_is_heard_by_metrics_alone(town: Town) -> None:
    """Nobody has said it, and nobody else need know it."""
    event, unheard = received(), received()
    for each in (event, unheard):
        await town.says(each, **{"ce-invented": "true"})
    await town.knows(event, "metrics")
    assert await town.faults() == [(f"metrics has not heard {event.NAME}", unheard.id)]


async def test_more_events_than_are_held_at_a_time_are_all_looked_at(
    town: Town, databases: dict[str, asyncpg.Connection]
) -> None:
    """Nothing is left out where one part of a list ends and the next begins."""
    await databases["intake"].execute(
        "INSERT INTO inbox (event_id, case_id, type, at, municipality, heard_at)"
        " SELECT gen_random_uuid(), gen_random_uuid(), $1, now(), 'asker', now() FROM generate_series(1, 12345)",
        SubmissionReceived.type_name(),
    )
    found = await town.faults()
    assert len(found) == len(set(found)) == 12345
    assert [which for _, which in found] == sorted(which for _, which in found)


async def test_a_database_that_goes_away_is_told_in_a_sentence(
    nats_url: str, postgres_url: str, tmp_path: Path
) -> None:
    """Whatever asyncpg raises meanwhile: here, because the server ends the connection."""
    admin = await asyncpg.connect(postgres_url)
    for service in SERVICES:
        await admin.execute(f'CREATE DATABASE "{service}"')
    port = int(postgres_url.rpartition(":")[2].partition("/")[0])
    folder: Any = SimpleNamespace(
        path=tmp_path,
        clock=tmp_path / "clock",
        record=lambda: SimpleNamespace(
            parts={"nats": SimpleNamespace(address=nats_url)}, ports={"postgres": port}
        ),
        secrets=lambda: SimpleNamespace(nats={"operator": ""}, postgres_admin=PASSWORD),
    )
    try:
        with pytest.raises(DatabaseAwayError, match="svarfrist status"):
            async with running_parts(folder) as parts:
                pid = await parts.databases["notify"].fetchval("SELECT pg_backend_pid()")
                await admin.execute("SELECT pg_terminate_backend($1)", pid)
                await parts.databases["notify"].fetchval("SELECT 1")
    finally:
        for service in SERVICES:
            await admin.execute(f'DROP DATABASE "{service}" WITH (FORCE)')
        await admin.close()

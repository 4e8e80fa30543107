"""A replay ends with the same figures, whatever happens meanwhile, on a real bus and database."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from random import Random
from typing import Any

import nats
import pytest
from sqlalchemy import text

from services.metrics import handlers, replay
from services.metrics.replay import ReplayError
from shared.database import Database
from shared.events import MARK, Event
from shared.messaging import Consumer
from shared.relay import STREAM
from tests.integration.metrics.case_stories import stories
from tests.integration.metrics.conftest import Figures
from tests.integration.metrics.plain_figures import figures as plainly
from tests.integration.metrics.test_cells import CELLS, rows
from tests.integration.metrics.test_figures import PERIODS, seen, without_period

FACTS = "SELECT * FROM case_fact ORDER BY case_id"
PROMISES = "SELECT * FROM promise_fact ORDER BY case_id, number"


async def speak(bus: nats.NATS, events: Iterable[Event]) -> None:
    """Puts events on the stream."""
    js = bus.jetstream()
    for event in events:
        await js.publish(event.subject, event.body(), headers=event.headers())


async def everything(of: Figures) -> list[Any]:
    """Facts, promises and cells."""
    return [await rows(of, statement) for statement in (FACTS, PROMISES, CELLS)]


async def heard_all(database: Database, bus: nats.NATS) -> None:
    """Lets the service's consumer work until nothing is left."""
    consumer = Consumer(
        service="metrics",
        nc=bus,
        js=bus.jetstream(),
        database=database,
        handler=handlers.count,
        keeps_history=False,
    )
    working = asyncio.create_task(consumer.run())
    async with asyncio.timeout(60):
        while True:
            info = await bus.jetstream().consumer_info(STREAM, "metrics")
            if not info.num_pending and not info.num_ack_pending:
                break
            await asyncio.sleep(0.05)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


@pytest.mark.parametrize("near", [0, 100, 10_000])
async def test_a_replay_ends_with_the_same_figures(figures: Figures, bus: nats.NATS, near: int) -> None:
    """Also where an event stands on the stream twice, the order was another, and a message is no event."""
    events = stories(21, 60)
    shuffled = [*events, *events[:20]]
    Random(3).shuffle(shuffled)  # noqa: S311 - a test's order
    await figures.hear(events)
    before = await everything(figures)
    await speak(bus, shuffled)
    js = bus.jetstream()
    await js.publish("dialogue.sorum.case.answered.v1", b"{", headers={"ce-type": "what"})
    await js.publish("dialogue.sorum.beginning", headers={MARK: "beginning"})
    done = await replay.replay(bus, figures.database, near=near)
    assert (done.messages, done.counted, done.unreadable) == (len(shuffled) + 2, len(events), 1)
    assert done.repeated == 20
    assert await everything(figures) == before
    for period in PERIODS[:3]:
        assert without_period(await figures.told(*period)) == plainly(events, *seen(*period))


async def test_what_is_said_during_a_replay_is_neither_lost_nor_counted_twice(
    figures: Figures, bus: nats.NATS
) -> None:
    """The consumer goes on while the tables change places, and hears some of it for the second time."""
    first, meanwhile = stories(22, 30), stories(23, 30)
    await speak(bus, first)
    working = asyncio.create_task(heard_all(figures.database, bus))
    speaking = asyncio.create_task(speak(bus, meanwhile))
    for _ in range(3):
        await replay.replay(bus, figures.database, near=20)
    await asyncio.gather(working, speaking)
    await heard_all(figures.database, bus)
    for period in PERIODS[:3]:
        assert without_period(await figures.told(*period)) == plainly([*first, *meanwhile], *seen(*period))


async def test_a_replay_that_was_killed_leaves_the_figures_and_can_be_begun_anew(
    figures: Figures, bus: nats.NATS
) -> None:
    """Whatever it had made beside them is thrown away."""
    events = stories(24, 20)
    await figures.hear(events)
    await speak(bus, events)
    before = await everything(figures)

    class KilledError(Exception):
        pass

    def killed(_done: int, _of: int) -> None:
        raise KilledError

    with pytest.raises(KilledError):
        await replay.replay(bus, figures.database, killed, near=20)
    assert await everything(figures) == before
    async with figures.database.transaction() as tx:
        assert await tx.session.scalar(text("SELECT count(*) FROM replay.inbox")) is not None
    await replay.replay(bus, figures.database, near=20)
    assert await everything(figures) == before


async def test_a_stream_that_has_lost_its_beginning_is_not_replayed(figures: Figures, bus: nats.NATS) -> None:
    """The figures of what is gone would be gone too: they are left as they are, and it is said why."""
    events = stories(25, 5)
    await figures.hear(events)
    await speak(bus, events)
    await bus.jetstream().purge_stream(STREAM, seq=3)
    before = await everything(figures)
    with pytest.raises(ReplayError, match="begins at message 3"):
        await replay.replay(bus, figures.database)
    assert await everything(figures) == before


async def test_two_replays_at_once_are_refused(figures: Figures, bus: nats.NATS) -> None:
    """The second would throw away what the first has made."""
    await speak(bus, stories(26, 2))
    async with figures.database.engine.connect() as connection:
        await connection.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": replay.REPLAYER})
        with pytest.raises(ReplayError, match="under way"):
            await replay.replay(bus, figures.database)

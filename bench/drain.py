"""How fast a backlog is worked off by one process of routing and one of notify: `python -m bench.drain`.

A bus and a PostgreSQL of its own, both syncing to disk. The stream is filled with submissions (and, for notify,
their assignments and answers) first; then the service's own consumer, handler and relay run in this process
until everything has been handled and what the service says of it has been published.
"""

import argparse
import asyncio
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from uuid import UUID

from bench.servers import Servers, new_database, servers
from services.notify.handlers import Handlers
from services.routing.handlers import CaseHandler
from shared import municipality
from shared.clock import FixedClock
from shared.database import Database
from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    Channel,
    Event,
    Kind,
    Promised,
    SubmissionReceived,
)
from shared.identity import derived_id
from shared.messaging import Consumer, Handler
from shared.municipality import Municipality
from shared.promise import Rule, deadline
from shared.relay import STREAM, Relay

BEGAN = datetime(2026, 11, 16, 9, tzinfo=UTC)
UNIT, PERSON = "kommunalteknikk-heggedal-dikemark", "linh-pham"
ON_THE_WAY = 2000


def submissions(asker: Municipality, count: int) -> Iterator[SubmissionReceived]:
    """Complaints about snow, one a second."""
    rule = asker.promises[0]
    for number in range(count):
        at = BEGAN + timedelta(seconds=number)
        case_id = derived_id("bench.drain", str(number))
        yield SubmissionReceived(
            id=derived_id("bench.received", str(number)),
            at=at,
            case_id=case_id,
            municipality=asker.id,
            reference="7K3M-92QX",
            kind=Kind.COMPLAINT,
            topic="vei-og-vinterdrift",
            area="heggedal",
            channel=Channel.WEB,
            language="nb",
            reply_wanted=True,
            has_email=number % 2 == 0,
            promise=Promised(
                promise_id=rule.id,
                rule=rule.rule,
                rule_version=rule.version,
                due_on=deadline(at, Rule.parse(rule.rule), asker.calendar).due_on,
            ),
        )


def dealt_with(asker: Municipality, count: int) -> Iterator[Event]:
    """The same with what routing says of them: a third of the events each."""
    for number, received in enumerate(submissions(asker, count // 3)):
        yield received
        yield CaseAssigned.caused(
            received,
            at=received.at + timedelta(seconds=1),
            id=derived_id("bench.assigned", str(number)),
            unit=UNIT,
            section=asker.section_of(UNIT).id,
            person=PERSON,
            reason=AssignmentReason.TOPIC_AND_AREA,
        )
        yield CaseAnswered.caused(
            received,
            at=received.at + timedelta(hours=3),
            id=derived_id("bench.answered", str(number)),
            answer_id=UUID(int=number),
            person=PERSON,
            unit=UNIT,
        )


async def fill(running: Servers, backlog: Iterator[Event]) -> int:
    """Lays a backlog on the stream; returns how many events it has."""
    under_way, count = [], 0
    for event in backlog:
        under_way.append(
            await running.js.publish_async(
                event.subject,
                event.body(),
                stream=STREAM,
                headers={**event.headers(), "Nats-Msg-Id": str(event.id)},
            )
        )
        count += 1
        if len(under_way) >= ON_THE_WAY:
            await asyncio.gather(*under_way)
            under_way.clear()
    await asyncio.gather(*under_way)
    return count


async def drain(running: Servers, service: str, handler: Handler) -> float:
    """Seconds until the service has handled and published everything."""
    clock = FixedClock(BEGAN + timedelta(days=1))
    database = Database(await new_database(running.postgres_port, service), clock)
    relay = Relay(database, running.js)
    database.on_published = (relay.wake,)
    consumer = Consumer(
        service=service, nc=running.nc, js=running.js, database=database, handler=handler, batch=100
    )
    began = time.perf_counter()
    tasks = [asyncio.create_task(relay.run()), asyncio.create_task(consumer.run())]
    while True:
        await asyncio.sleep(0.05)
        info = await running.js.consumer_info(STREAM, service)
        if not info.num_pending and not info.num_ack_pending and not await relay.waiting():
            break
    lasted = time.perf_counter() - began
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    await database.close()
    return lasted


async def main(count: int) -> None:
    """Prints the figures."""
    asker = municipality.load("asker")
    handlers: dict[str, tuple[Handler, Iterator[Event]]] = {
        "routing": (CaseHandler(asker).handle, submissions(asker, count)),
        "notify": (Handlers(asker), dealt_with(asker, count)),
    }
    for service, (handler, backlog) in handlers.items():
        async with servers() as running:
            filled = await fill(running, backlog)
            seconds = await drain(running, service, handler)
        print(f"{service:<8} {filled:>8,} events in {seconds:>6.1f} s   {filled / seconds:>7,.0f} a second")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=30_000)
    asyncio.run(main(parser.parse_args().events))

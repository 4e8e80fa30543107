"""Rebuilding the figures, and counting as it comes, beside the raw limit: `python -m bench.replay`.

Starts a PostgreSQL and a nats-server of its own, both syncing to disk as in the embedded stack, and puts the
events of `--cases` cases (seven each, as they come over a year) on the stream. Then they are read by a
hand-written consumer (nats-py's `fetch`, asyncpg, one transaction a batch: the ids of the events, and a row a
case), by the metrics service's own consumer, and by `svarfrist replay metrics`.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random
from uuid import UUID

import asyncpg
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig

from bench.servers import Servers, new_database, processor_seconds, servers
from services.metrics import handlers
from services.metrics.replay import replay
from shared.clock import FixedClock
from shared.database import Database
from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseOpened,
    Channel,
    Event,
    Kind,
    MessageSent,
    Promised,
    PromiseKept,
    PromiseMade,
    SubmissionReceived,
)
from shared.identity import new_id
from shared.messaging import Consumer
from shared.relay import STREAM

BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
BARE = """
CREATE TABLE bare_inbox (event_id uuid PRIMARY KEY, type text NOT NULL);
CREATE TABLE bare_fact (case_id uuid PRIMARY KEY, events int NOT NULL, last_at timestamptz NOT NULL, body jsonb);
"""
BARE_INBOX = "INSERT INTO bare_inbox SELECT * FROM unnest($1::uuid[], $2::text[]) ON CONFLICT DO NOTHING"
BARE_FACT = """
INSERT INTO bare_fact AS f
SELECT case_id, count(*), max(at), (array_agg(body ORDER BY at DESC))[1]
FROM unnest($1::uuid[], $2::timestamptz[], $3::jsonb[]) AS said (case_id, at, body)
GROUP BY case_id ORDER BY case_id
ON CONFLICT (case_id) DO UPDATE SET events = f.events + excluded.events,
    last_at = GREATEST(f.last_at, excluded.last_at), body = f.body || excluded.body
"""
BARE_BATCH = 500


def year(cases: int) -> Iterator[Event]:
    """A year's events in the order in which they are said."""
    random = Random(2026)
    said = [event for number in range(cases) for event in story(random, number)]
    return iter(sorted(said, key=lambda event: event.at))


def story(random: Random, number: int) -> list[Event]:
    """One case, answered within two weeks."""
    at = BEGINNING + timedelta(minutes=random.randrange(365 * 1440))
    opened, answered = (
        at + timedelta(minutes=random.randrange(2000)),
        at + timedelta(minutes=random.randrange(20000)),
    )
    unit = {"unit": f"unit-{number % 60}"}
    terms = {"promise_id": "svargaranti", "rule": "P1W", "rule_version": "1"}
    due_on = (at + timedelta(days=7)).date()

    def say(model: type[Event], at: datetime, **fields: object) -> Event:
        given = {
            "id": new_id(at, random.randbytes),
            "municipality": "asker",
            "case_id": case_id,
        }
        return model(at=at, **given, **fields)  # type: ignore[arg-type]

    case_id = new_id(at, random.randbytes)
    received = say(
        SubmissionReceived, at, reference="7K3M-92QX", kind=random.choice(list(Kind)), topic=f"topic-{number % 18}",
        area=f"area-{number % 10}", channel=Channel.WEB, language="nb", reply_wanted=True, has_email=True,
        promise=Promised(due_on=due_on, **terms),
    )  # fmt: skip
    assigned = say(
        CaseAssigned,
        at,
        section=f"section-{number % 7}",
        person="kari",
        reason=AssignmentReason.TOPIC,
        **unit,
    )
    return [
        received,
        assigned,
        say(PromiseMade, at, version=1, due_on=due_on, **terms),
        say(MessageSent, at, message_id=case_id, message="receipt", to_resident=True, attempts=1),
        say(CaseOpened, opened, person="kari", **unit),
        say(CaseAnswered, answered, answer_id=case_id, person="kari", **unit),
        say(PromiseKept, answered, version=1, due_on=due_on, judged_on=due_on),
    ]


async def speak(js: JetStreamContext, cases: int) -> int:
    """Puts everything on the stream; returns how many events."""
    waiting, count = [], 0
    for event in year(cases):
        waiting.append(
            await js.publish_async(event.subject, event.body(), headers=event.headers(), stream=STREAM)
        )
        count += 1
        if len(waiting) >= 2000:
            await asyncio.gather(*waiting)
            waiting.clear()
    await asyncio.gather(*waiting)
    return count


async def bare(js: JetStreamContext, address: str, events: int) -> None:
    """The hand-written consumer."""
    connection = await asyncpg.connect(address)
    await connection.execute(BARE)
    config = ConsumerConfig(ack_policy=AckPolicy.EXPLICIT, max_ack_pending=5000)
    subscription = await js.pull_subscribe("dialogue.>", durable="bare", stream=STREAM, config=config)
    done = 0
    while done < events:
        batch = await subscription.fetch(BARE_BATCH, timeout=5)
        heard = [(message.headers, json.loads(message.data)) for message in batch]
        async with connection.transaction():
            await connection.execute(
                BARE_INBOX, [UUID(headers["ce-id"]) for headers, _ in heard], [h["ce-type"] for h, _ in heard]
            )
            await connection.execute(
                BARE_FACT,
                [UUID(headers["ce-subject"]) for headers, _ in heard],
                [datetime.fromisoformat(headers["ce-time"]) for headers, _ in heard],
                [json.dumps(body) for _, body in heard],
            )
        for message in batch:
            await message.ack()
        done += len(batch)
    await connection.close()
    await js.delete_consumer(STREAM, "bare")


async def own(run: Servers, database: Database, batch: int) -> None:
    """The metrics service's consumer, until nothing is left."""
    consumer = Consumer(
        service="metrics", nc=run.nc, js=run.js, database=database, handler=handlers.count,
        keeps_history=False, batch=batch,
        beside=handlers.BESIDE,
    )  # fmt: skip
    working = asyncio.create_task(consumer.run())
    while True:
        info = await run.js.consumer_info(STREAM, "metrics")
        if not info.num_pending and not info.num_ack_pending:
            break
        await asyncio.sleep(0.1)
    working.cancel()
    with suppress(asyncio.CancelledError):
        await working


async def timed(
    work: Callable[[], Awaitable[object]], events: int, processes: Sequence[int]
) -> dict[str, float]:
    """Events a second, and microseconds of processor for each: this process's, and the two servers'."""
    began, used, served = time.perf_counter(), time.process_time(), processor_seconds(processes)
    await work()
    seconds, own_seconds = time.perf_counter() - began, time.process_time() - used
    servers_seconds = processor_seconds(processes) - served
    return {
        "events/s": round(events / seconds),
        "own processor, microseconds an event": round(1_000_000 * own_seconds / events, 1),
        "servers' processor, microseconds an event": round(1_000_000 * servers_seconds / events, 1),
    }


async def measure(cases: int, batch: int) -> dict[str, object]:
    """Everything the bench prints."""
    async with servers() as run:
        url = await new_database(run.postgres_port, "metrics")
        address, js, processes = url.replace("+asyncpg", ""), run.js, run.processes
        database = Database(url, FixedClock(BEGINNING + timedelta(days=400)))
        events = await speak(js, cases)
        told: dict[str, object] = {"events": events}
        told["hand-written consumer"] = await timed(lambda: bare(js, address, events), events, processes)
        told["the service's consumer"] = await timed(lambda: own(run, database, batch), events, processes)
        told["replay"] = await timed(lambda: replay(run.nc, database), events, processes)
        await database.close()
        return told


def main() -> None:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=60_000)
    parser.add_argument(
        "--batch", type=int, default=handlers.BATCH, help="events per transaction of the service's consumer"
    )
    given = parser.parse_args()
    print(json.dumps(asyncio.run(measure(given.cases, given.batch)), indent=2))


if __name__ == "__main__":
    main()

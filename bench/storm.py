"""A storm of due steps beside its raw limit, and what an idle million costs: `python -m bench.storm`.

Starts a PostgreSQL and a nats-server of its own, both syncing to disk as in the embedded stack, and works off
`--steps` promises that fall due at one instant: the verdicts at midnight, then the reminders when the office
opens. The raw limit is a bare loop that claims rows of a bare table, marks them done and publishes an event for
each. Then `--idle` promises wait with nothing due, and the scheduler's use of the processor is measured.
"""

import argparse
import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import psutil
from nats.js import JetStreamContext

from bench.servers import new_database, of_driver, servers
from services.notify.ladder import steps
from services.notify.scheduler import Scheduler
from shared import municipality
from shared.clock import FixedClock, oslo_day
from shared.database import Database
from shared.events import PromiseBroken
from shared.municipality import Municipality
from shared.relay import STREAM, Relay

NAME = "notify"
BATCH = 500
DUE_ON = datetime(2026, 11, 23, tzinfo=UTC).date()
BEFORE = datetime(2026, 11, 16, 9, tzinfo=UTC)
AFTER_MIDNIGHT = datetime(2026, 11, 23, 23, 0, 1, tzinfo=UTC)
OFFICE_OPEN = datetime(2026, 11, 24, 7, 0, 1, tzinfo=UTC)

FILL = """
WITH made AS (
    INSERT INTO case_file (case_id, municipality, reference, kind, has_email, received_at, unit, section, person)
    SELECT gen_random_uuid(), 'asker', '7K3M-92QX', 'complaint', true, $1, $2, $3, $4
    FROM generate_series(1, $5) RETURNING case_id
), promised AS (
    INSERT INTO promise (case_id, version, promise_id, rule, rule_version, started_at, due_on, state)
    SELECT case_id, 1, 'svargaranti', 'P1W', '1', $1, $6, 'open' FROM made RETURNING case_id
)
INSERT INTO step (case_id, version, step, due_at, planned_at)
SELECT case_id, 1, name, due, due FROM promised, unnest($7::text[], $8::timestamptz[]) AS s(name, due)
"""
BARE = """
CREATE TABLE bare (id uuid PRIMARY KEY, due_at timestamptz NOT NULL, done_at timestamptz);
CREATE INDEX bare_due ON bare (due_at) WHERE done_at IS NULL;
"""
BARE_BATCH = """
UPDATE bare SET done_at = $1 WHERE id IN (
    SELECT id FROM bare WHERE done_at IS NULL AND due_at <= $1 ORDER BY due_at LIMIT $2
    FOR UPDATE SKIP LOCKED
) RETURNING id
"""


async def bare(address: str, js: JetStreamContext, count: int) -> float:
    """The raw limit: claim, mark done, publish, commit. Returns rows a second."""
    connection = await asyncpg.connect(of_driver(address))
    await connection.execute(BARE)
    await connection.execute(
        "INSERT INTO bare SELECT gen_random_uuid(), $1 FROM generate_series(1, $2)", BEFORE, count
    )
    await connection.execute("VACUUM ANALYZE bare")
    began, done = time.perf_counter(), 0
    while done < count:
        async with connection.transaction():
            rows = await connection.fetch(BARE_BATCH, AFTER_MIDNIGHT, BATCH)
            waiting = [await js.publish_async(**_bare_message(row["id"])) for row in rows]
            await asyncio.gather(*waiting)
        done += len(rows)
    rate = count / (time.perf_counter() - began)
    await connection.close()
    return rate


def _bare_message(row: UUID) -> dict[str, Any]:
    """The same event as notify publishes, without its models: receivers need its headers to know it."""
    return {
        "subject": f"dialogue.asker.{PromiseBroken.NAME}.v1",
        "payload": json.dumps({"version": 1, "due_on": str(DUE_ON), "judged_on": str(DUE_ON)}).encode(),
        "stream": STREAM,
        "headers": {
            "ce-specversion": "1.0",
            "ce-id": str(row),
            "ce-type": PromiseBroken.type_name(),
            "ce-source": "/svarfrist/notify",
            "ce-time": AFTER_MIDNIGHT.isoformat(),
            "ce-subject": str(row),
            "ce-municipality": "asker",
            "content-type": "application/json",
            "Nats-Msg-Id": str(row),
        },
    }


async def fill(address: str, count: int, asker: Municipality) -> None:
    """Promises with their ladders, all due on one day."""
    connection = await asyncpg.connect(of_driver(address))
    ladder = steps(DUE_ON, asker)
    unit = "kommunalteknikk-heggedal-dikemark"
    await connection.execute(
        FILL, BEFORE, unit, asker.section_of(unit).id, "linh-pham", count, DUE_ON,
        [step.step for step in ladder], [step.due_at for step in ladder],
    )  # fmt: skip
    await connection.execute("VACUUM ANALYZE")
    await connection.close()


async def storm(scheduler: Scheduler, relay: Relay) -> tuple[int, float]:
    """Works off what is due and publishes it; returns the steps and the seconds it took."""
    began, is_working = time.perf_counter(), True

    async def publish() -> None:
        while await relay.relay_batch() or is_working:
            pass

    publishing = asyncio.create_task(publish())
    done = await scheduler.work()
    is_working = False
    await publishing
    return done, time.perf_counter() - began


async def idle(scheduler: Scheduler, processes: list[int], seconds: float) -> tuple[float, float]:
    """Shares of a core that the scheduler and PostgreSQL use while nothing is due."""
    server = psutil.Process(processes[0])

    def used() -> float:
        total = 0.0
        for process in (server, *server.children()):
            with suppress(psutil.Error):
                total += sum(process.cpu_times()[:2])
        return total

    task = asyncio.create_task(scheduler.run())
    await asyncio.sleep(2)
    own, theirs, began = time.process_time(), used(), time.perf_counter()
    await asyncio.sleep(seconds)
    lasted = time.perf_counter() - began
    shares = (time.process_time() - own) / lasted, (used() - theirs) / lasted
    task.cancel()
    return shares


def heard(clock: FixedClock) -> Callable[[], Awaitable[datetime | None]]:
    """A bus on which nothing waits."""

    async def until() -> datetime:
        return clock()

    return until


async def main(count: int, million: int) -> None:
    """Prints the figures."""
    asker = municipality.load("asker")
    async with servers() as running:
        port, js = running.postgres_port, running.js
        limit = await bare(await new_database(port, NAME), js, count)
        print(f"bare UPDATE and publish   {count:>9,} rows   {limit:>8,.0f} a second")
        address = await new_database(port, NAME)
        await fill(address, count, asker)
        clock = FixedClock(AFTER_MIDNIGHT)
        database = Database(address, clock)
        relay = Relay(database, js)
        scheduler = Scheduler(database, clock, asker, heard(clock), batch=BATCH)
        # The reminders before the due day are not what is measured: they are cleared away first.
        await _clear_rungs(address)
        for name, now in (("verdicts at midnight", AFTER_MIDNIGHT), ("reminders at opening", OFFICE_OPEN)):
            clock.set(now)
            done, seconds = await storm(scheduler, relay)
            rate = done / seconds
            print(f"{name:<25} {done:>9,} steps  {rate:>8,.0f} a second   {rate / limit:.0%} of the bare")
        if million:
            clock.set(BEFORE)
            await fill(address, million, asker)
            own, theirs = await idle(scheduler, running.processes, 20)
            print(f"idle with {million:,} promises on {oslo_day(clock())}:", end=" ")
            print(f"{own:.2%} of a core in notify, {theirs:.2%} in PostgreSQL")
        await database.close()


async def _clear_rungs(address: str) -> None:
    connection = await asyncpg.connect(of_driver(address))
    await connection.execute("DELETE FROM step WHERE due_at < $1", AFTER_MIDNIGHT - timedelta(minutes=1))
    await connection.execute("VACUUM ANALYZE step")
    await connection.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=100_000)
    parser.add_argument("--idle", type=int, default=1_000_000)
    asked = parser.parse_args()
    asyncio.run(main(asked.steps, asked.idle))

"""A page's figures over many cases, and what keeping the cells costs: `python -m bench.figures`.

Starts a PostgreSQL of its own, syncing to disk as in the embedded stack, and writes the facts of `--cases` cases
over five years straight into it (seven events each: 1,400,000 cases are ten million events). Then asks for what
a dashboard shows (the period in five groupings, the one before, the same last year, each month since January two
years before) for a month, a tertial and a year: the first look, when nothing has changed since the last look, and
when a case has been answered since.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import text

from bench.servers import new_database, processor_seconds, servers
from services.metrics import counting, dashboard
from services.metrics.facts import fold
from services.metrics.indicators import Dimension
from services.metrics.periods import Period
from services.metrics.reading import Reader
from services.metrics.selection import Selection
from shared import municipality
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
    Promised,
    SubmissionReceived,
)

NOW = datetime(2026, 12, 15, 11, tzinfo=UTC)
EVENTS_A_CASE = 7
PERIODS = {
    "month": Period.months(2026, 11),
    "tertial": Period.tertial(2026, 2),
    "year": Period.months(2026, 1, 12),
}
GROUPED = ((), (Dimension.UNIT,), (Dimension.TOPIC,), (Dimension.AREA,), (Dimension.KIND,))

# Sixty units, eighteen topics, ten areas: a topic in an area has one unit. Most are answered within two weeks.
FILL = """
WITH drawn AS (
    SELECT n, gen_random_uuid() AS case_id,
        TIMESTAMPTZ '2022-01-01 00:00+01' + random() * INTERVAL '1808 days' AS received_at,
        floor(18 * random() ^ 2)::int AS topic, floor(10 * random())::int AS area,
        (ARRAY['praise', 'complaint', 'complaint', 'complaint', 'question', 'question', 'appeal'])
            [1 + floor(7 * random())::int] AS kind,
        (ARRAY['web', 'web', 'web', 'email', 'phone', 'api'])[1 + floor(6 * random())::int] AS channel,
        exp(-1 + 3.5 * random()) * INTERVAL '1 day' AS took, random() AS luck
    FROM generate_series(1, :cases) AS n
), placed AS (
    SELECT *, CASE WHEN luck < 0.02 OR received_at + took > TIMESTAMPTZ '2026-12-15 12:00+01' THEN NULL
        ELSE received_at + took END AS answered_at, (topic * 10 + area) % 60 AS unit
    FROM drawn
), written AS (
    INSERT INTO case_fact (case_id, received_at, opened_at, answered_at, answers_at, waited, handovers,
        received_rank, reference, channel, reply_wanted, classified_rank, kind, topic, area, assigned_rank, unit,
        section, helped, interim_due_on)
    SELECT case_id, received_at, LEAST(received_at + took * 0.1, answered_at), answered_at,
        CASE WHEN answered_at IS NOT NULL THEN ARRAY[answered_at] END,
        CASE WHEN answered_at IS NOT NULL THEN (CASE WHEN luck > 0.9 THEN 3600000000 ELSE 0 END) END,
        (luck > 0.8)::int, gen_random_uuid(), '7K3M-92QX', channel, true,
        gen_random_uuid(), kind, 'topic-' || topic, 'area-' || area, gen_random_uuid(), 'unit-' || unit,
        'section-' || unit % 7, CASE WHEN luck > 0.7 THEN luck > 0.8 END,
        (received_at + INTERVAL '1 month')::date
    FROM placed
)
INSERT INTO promise_fact (case_id, number, due_rank, promise_id, rule, due_on)
SELECT case_id, 1, gen_random_uuid(), 'svargaranti', 'P1W', (received_at + INTERVAL '7 days')::date FROM placed
"""


@asynccontextmanager
async def database(clock: FixedClock) -> AsyncIterator[tuple[Database, Sequence[int]]]:
    """An empty database of the metrics service, of a PostgreSQL of its own, and the servers' processes."""
    async with servers() as run:
        url = await new_database(run.postgres_port, "metrics")
        made = Database(url, clock)
        yield made, run.processes
        await made.close()


async def page(reader: Reader, period: Period) -> None:
    """Everything a dashboard asks for."""
    async with reader.reading() as reading:
        await reading.grouped(GROUPED, period)
        await reading.total(period.before())
        await reading.total(period.a_year_before())
        await dashboard.read_months(reading, Selection(period))


def story(number: int) -> list[Event]:
    """A case of the day of the bench, in four events."""
    case_id, at = uuid4(), NOW - timedelta(days=number % 20, minutes=number)
    given = {"case_id": case_id, "municipality": "asker"}
    unit = {"unit": f"unit-{number % 60}"}
    promise = Promised(
        promise_id="svargaranti", rule="P1W", rule_version="1", due_on=(at + timedelta(days=7)).date()
    )
    return [
        SubmissionReceived(
            id=uuid4(), at=at, reference="7K3M-92QX", kind=Kind.COMPLAINT, topic=f"topic-{number % 18}",
            area=f"area-{number % 10}", channel=Channel.WEB, language="nb", reply_wanted=True, has_email=True,
            promise=promise, **given,
        ),
        CaseAssigned(
            id=uuid4(), at=at, section=f"section-{number % 7}", person="kari", reason=AssignmentReason.TOPIC,
            **unit, **given,
        ),
        CaseOpened(id=uuid4(), at=at + timedelta(hours=1), person="kari", **unit, **given),
        CaseAnswered(
            id=uuid4(), at=at + timedelta(hours=number % 50), answer_id=uuid4(), person="kari", **unit, **given
        ),
    ]  # fmt: skip


async def timed(
    work: Callable[[], Awaitable[None]],
    times: int,
    processes: Sequence[int],
    before: Callable[[], Awaitable[None]] | None = None,
) -> dict[str, float]:
    """Milliseconds: the median and the 95th percentile of so many times, each after `before`, and of processor.

    The processor's are this process's and the servers' together, the mean.
    """
    taken = []
    used = 0.0
    for _ in range(times):
        if before:
            await before()
        started, used_before = time.perf_counter(), time.process_time() + processor_seconds(processes)
        await work()
        taken.append((time.perf_counter() - started) * 1000)
        used += time.process_time() + processor_seconds(processes) - used_before
    return {
        "p50_ms": round(statistics.median(taken), 1),
        "p95_ms": round(statistics.quantiles(taken, n=20, method="inclusive")[-1], 1),
        "processor_ms": round(1000 * used / times, 1),
    }


async def measure(cases: int, times: int) -> dict[str, object]:
    """Everything the bench prints."""
    clock = FixedClock(NOW)
    async with database(clock) as (made, processes):
        told: dict[str, object] = {"cases": cases, "events": cases * EVENTS_A_CASE}
        async with made.transaction() as tx:
            await tx.session.execute(text(FILL), {"cases": cases})
        started = time.perf_counter()
        async with made.transaction() as tx:
            await counting.make_cells(tx.session)
            await counting.make_rungs(tx.session)
        told["making_all_cells_s"] = round(time.perf_counter() - started, 1)
        async with made.engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            await connection.execute(text("VACUUM ANALYZE"))
            told["cells"] = await connection.scalar(text("SELECT count(*) FROM cell"))
            told["open"] = await connection.scalar(
                text("SELECT count(*) FROM case_fact WHERE finished_on IS NULL")
            )
        reader = Reader(made, clock, municipality.load("asker").calendar)
        number = 0

        async def answered() -> None:
            nonlocal number
            number += 1
            async with made.transaction() as tx:
                await counting.count(tx.session, fold(story(number)))

        for name, period in PERIODS.items():
            started = time.perf_counter()
            await page(reader, period)
            first = round((time.perf_counter() - started) * 1000)
            told[name] = {
                "first look, ms": first,
                "unchanged": await timed(
                    lambda period=period: page(reader, period),  # type: ignore[misc]
                    times,
                    processes,
                ),
                "a case answered since": await timed(
                    lambda period=period: page(reader, period),  # type: ignore[misc]
                    times,
                    processes,
                    answered,
                ),
            }
        told["upkeep"] = await _upkeep(made)
        return told


async def _upkeep(made: Database, batches: int = 10, cases: int = 50) -> dict[str, float]:
    """Milliseconds an event takes in batches of 200, with the cells and without."""
    taken: dict[str, float] = {}
    for name, count in (("with cells", counting.count), ("facts alone", counting.merge)):
        started = time.perf_counter()
        for batch in range(batches):
            events = [event for number in range(cases) for event in story(batch * cases + number)]
            async with made.transaction() as tx:
                await count(tx.session, fold(events))
        taken[f"{name}, events/s"] = round(batches * cases * 4 / (time.perf_counter() - started))
    return taken


def main() -> None:
    """Prints the figures as JSON."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=1_400_000)
    parser.add_argument("--times", type=int, default=40)
    given = parser.parse_args()
    print(json.dumps(asyncio.run(measure(given.cases, given.times)), indent=2))


if __name__ == "__main__":
    main()

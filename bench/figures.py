"""The dashboards over ten million events, page by page over HTTP: `python -m bench.figures`.

A bus and a PostgreSQL of its own, both syncing to disk as in the embedded stack, and the metrics service as a
process. The facts of `--cases` cases of `asker` over almost five years (seven events each: 1,400,000 cases are
ten million events) are written straight into its database; 2 % of them are never answered. Then a municipal
director looks at pages, a quarter of a minute after the start: each for the first time, `--times` more when nothing
has changed, and as often when a case has come in and been answered since. At the end, what keeping the cells
costs a batch of 200.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, timedelta
from uuid import uuid4

import asyncpg
import httpx
from sqlalchemy import text

from bench.servers import SECRET, Servers, new_database, of_driver, processor_seconds, servers, serving
from services.metrics import counting
from services.metrics.facts import fold
from services.metrics.periods import Preset
from shared import municipality
from shared.clock import SystemClock
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
from shared.municipality import Municipality, Unit
from shared.web.session import SESSION_COOKIE, Session, SignedIn

EVENTS_A_CASE = 7
CLOCK = SystemClock()
YEARS = 5
SETTLED = 15.0
"""Seconds from the start until somebody looks: meanwhile the service reads the named periods (`warming`)."""

# A topic in an area has one unit. Most are answered within two weeks.
FILL = """
WITH drawn AS (
    SELECT n, CAST(:first AS date) + random() * (now() - CAST(:first AS date)) AS received_at,
        1 + floor(cardinality(CAST(:topics AS text[])) * random() ^ 2)::int AS topic,
        1 + floor(cardinality(CAST(:areas AS text[])) * random())::int AS area,
        (ARRAY['praise', 'complaint', 'complaint', 'complaint', 'question', 'question', 'appeal'])
            [1 + floor(7 * random())::int] AS kind,
        (ARRAY['web', 'web', 'web', 'email', 'phone', 'api'])[1 + floor(6 * random())::int] AS channel,
        exp(-1 + 3.5 * random()) * INTERVAL '1 day' AS took, random() AS luck
    FROM generate_series(1, :cases) AS n
    -- As they come: the cases of a day stand together in the table.
    ORDER BY received_at
), placed AS (
    SELECT *, uuidv7(received_at - now()) AS case_id, CASE WHEN luck < 0.02 OR received_at + took > now() THEN NULL ELSE received_at + took END
        AS answered_at, 1 + (topic * 10 + area) % cardinality(CAST(:units AS text[])) AS unit
    FROM drawn
), written AS (
    INSERT INTO case_fact (case_id, received_at, opened_at, answered_at, answers_at, waited, handovers,
        received_rank, reference, channel, reply_wanted, classified_rank, kind, topic, area, assigned_rank, unit,
        section, helped, interim_due_on)
    SELECT case_id, received_at, LEAST(received_at + took * 0.1, answered_at, now()), answered_at,
        CASE WHEN answered_at IS NOT NULL THEN ARRAY[answered_at] END,
        CASE WHEN answered_at IS NOT NULL THEN (CASE WHEN luck > 0.9 THEN 3600000000 ELSE 0 END) END,
        (luck > 0.8)::int, gen_random_uuid(), '7K3M-92QX', channel, true,
        gen_random_uuid(), kind, (CAST(:topics AS text[]))[topic], (CAST(:areas AS text[]))[area],
        gen_random_uuid(), (CAST(:units AS text[]))[unit], (CAST(:sections AS text[]))[unit],
        CASE WHEN luck > 0.7 THEN luck > 0.8 END, (received_at + INTERVAL '1 month')::date
    FROM placed
)
INSERT INTO promise_fact (case_id, number, due_rank, promise_id, rule, due_on)
SELECT case_id, 1, gen_random_uuid(), 'svargaranti', 'P1W', (received_at + INTERVAL '7 days')::date FROM placed
"""


def pages(known: Municipality) -> Mapping[str, str]:
    """What the director looks at, by name: from the municipality down to one topic of a unit."""
    unit, topic, area = looked_at(known)
    now, over, year = Preset.THIS_TERTIAL, Preset.LAST_MONTH, Preset.THIS_YEAR
    return {
        "the municipality, this tertial": f"/innsikt?periode={now}",
        "the same, the month before": f"/innsikt?periode={over}",
        "the same, this year": f"/innsikt?periode={year}",
        "the same, last year": f"/innsikt?periode={Preset.LAST_YEAR}",
        "by unit, this year": f"/innsikt?periode={year}&etter=enhet",
        "by topic, this tertial": f"/innsikt?periode={now}&etter=tema",
        "by the organisation of now, this year": f"/innsikt?periode={year}&organisasjon=na",
        "a section, this year": f"/innsikt?periode={year}&seksjon={unit.section}",
        "a unit, this tertial": f"/innsikt?periode={now}&enhet={unit.id}",
        "a unit, this year": f"/innsikt?periode={year}&enhet={unit.id}",
        "a topic by area, this tertial": f"/innsikt?periode={now}&tema={topic}&etter=sted",
        "a unit's topic, this year": f"/innsikt?periode={year}&enhet={unit.id}&tema={topic}",
        "an area by unit, this year": f"/innsikt?periode={year}&sted={area}&etter=enhet",
        "all courses": f"/innsikt/utvikling?periode={year}",
        "units compared, this year": f"/innsikt/sammenlikning?periode={year}&etter=enhet",
        "every figure, this tertial": f"/innsikt/tall?periode={now}",
    }


def looked_at(known: Municipality) -> tuple[Unit, str, str]:
    """The unit, topic and area of the pages that are narrowed: cases of this topic in this area are the unit's."""
    # As in FILL, where all three are counted from 1.
    unit = list(known.units.values())[(1 * 10 + 1) % len(known.units)]
    return unit, next(iter(known.topics)), next(iter(known.areas))


async def fill(made: Database, known: Municipality, cases: int, today: date) -> None:
    """The facts, the cells and the rungs."""
    units = list(known.units.values())
    given = {
        "cases": cases,
        "first": today.replace(year=today.year - YEARS + 1, month=1, day=1),
        "topics": list(known.topics),
        "areas": list(known.areas),
        "units": [unit.id for unit in units],
        "sections": [unit.section for unit in units],
    }
    async with made.transaction() as tx:
        await tx.session.execute(text(FILL), given)
        await counting.make_cells(tx.session)
        await counting.make_rungs(tx.session)
    async with made.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM ANALYZE"))


def signed_in(url: str, known: Municipality) -> httpx.AsyncClient:
    """A client with the municipal director's cookie."""
    director = known.people[known.director]
    person = SignedIn(director.id, director.name, tuple(director.roles), director.unit)
    cookie = Session(SECRET, secure=False).begin(person, CLOCK())
    return httpx.AsyncClient(base_url=url, timeout=120, cookies={SESSION_COOKIE: str(cookie.value)})


def story(number: int, known: Municipality) -> list[Event]:
    """A case of these weeks, in four events: every second one where the narrowed pages look."""
    place, topic, area = looked_at(known)
    if number % 2:
        units, topics, areas = list(known.units.values()), list(known.topics), list(known.areas)
        place = units[number % len(units)]
        topic, area = topics[number % len(topics)], areas[number % len(areas)]
    case_id, at = uuid4(), CLOCK() - timedelta(days=2 + number % 20, minutes=number)
    given = {"case_id": case_id, "municipality": known.id}
    unit = {"unit": place.id}
    promise = Promised(
        promise_id="svargaranti", rule="P1W", rule_version="1", due_on=(at + timedelta(days=7)).date()
    )
    return [
        SubmissionReceived(
            id=uuid4(), at=at, reference="7K3M-92QX", kind=Kind.COMPLAINT, topic=topic,
            area=area, channel=Channel.WEB, language="nb", reply_wanted=True,
            has_email=True, promise=promise, **given,
        ),
        CaseAssigned(
            id=uuid4(), at=at, section=place.section, person="kari", reason=AssignmentReason.TOPIC, **unit,
            **given,
        ),
        CaseOpened(id=uuid4(), at=at + timedelta(hours=1), person="kari", **unit, **given),
        CaseAnswered(
            id=uuid4(), at=at + timedelta(hours=number % 40), answer_id=uuid4(), person="kari", **unit, **given
        ),
    ]  # fmt: skip


async def timed(
    client: httpx.AsyncClient,
    path: str,
    times: int,
    processes: Sequence[int],
    before: Callable[[], Awaitable[None]] | None = None,
) -> str:
    """The median and the 95th percentile of so many looks, each after `before`; and the servers' processor."""
    taken = []
    used = 0.0
    for _ in range(times):
        if before:
            await before()
        used_before = processor_seconds(processes)
        taken.append(await look(client, path))
        used += processor_seconds(processes) - used_before
    p95 = statistics.quantiles(taken, n=20, method="inclusive")[-1]
    return f"{statistics.median(taken):6.1f} {p95:6.1f} {1000 * used / times:6.1f}"


async def look(client: httpx.AsyncClient, path: str) -> float:
    """Milliseconds until the whole page is here."""
    began = time.perf_counter()
    (await client.get(path)).raise_for_status()
    return (time.perf_counter() - began) * 1000


async def measure(running: Servers, address: str, made: Database, times: int) -> None:
    """Prints what each page takes."""
    known = municipality.load("asker")
    number = 0

    async def answered() -> None:
        nonlocal number
        number += 1
        async with made.transaction() as tx:
            await counting.count(tx.session, fold(story(number, known)))

    print(f"{'':40} first look   unchanged: p50, p95, processor   a case since: p50, p95, processor (ms)")
    async with serving(running, "metrics", address) as (url, pid), signed_in(url, known) as client:
        processes = [*running.processes, pid]
        await asyncio.sleep(SETTLED)
        for name, path in pages(known).items():
            first = await look(client, path)
            unchanged = await timed(client, path, times, processes)
            changed = await timed(client, path, times, processes, answered)
            print(f"{name:40} {first:10.0f}   {unchanged:>31}   {changed:>34}", flush=True)


async def upkeep(made: Database, batches: int = 10, cases: int = 50) -> None:
    """Prints how many events a second are counted in batches of 200, with the cells and without."""
    known = municipality.load("asker")
    for name, count in (("with cells", counting.count), ("facts alone", counting.merge)):
        started = time.perf_counter()
        for batch in range(batches):
            numbers = range(batch * cases, (batch + 1) * cases)
            events = [event for number in numbers for event in story(number, known)]
            async with made.transaction() as tx:
                await count(tx.session, fold(events))
        print(f"{name}: {batches * cases * 4 / (time.perf_counter() - started):.0f} events/s")


async def told(address: str) -> str:
    """How much there is."""
    connection = await asyncpg.connect(of_driver(address))
    cases, still_open, cells, rungs = await connection.fetchrow(
        "SELECT (SELECT count(*) FROM case_fact), (SELECT count(*) FROM case_fact WHERE finished_on IS NULL),"
        " (SELECT count(*) FROM cell), (SELECT count(*) FROM rung)"
    )
    await connection.close()
    return f"{cases:,} cases ({cases * EVENTS_A_CASE:,} events), {still_open:,} open, {cells:,} cells, {rungs:,} rungs"


async def main(cases: int, times: int) -> None:
    """Prints everything."""
    async with servers() as running:
        address = await new_database(running.postgres_port, "metrics")
        made = Database(address, CLOCK)
        started = time.perf_counter()
        await fill(made, municipality.load("asker"), cases, CLOCK().date())
        print(f"{await told(address)}, made in {time.perf_counter() - started:.0f} s")
        await measure(running, address, made, times)
        await upkeep(made)
        await made.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--cases", type=int, default=1_400_000)
    parser.add_argument("--times", type=int, default=40)
    given = parser.parse_args()
    asyncio.run(main(given.cases, given.times))

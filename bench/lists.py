"""A caseworker's list of 50 among a million cases, over HTTP: `python -m bench.lists`.

A bus and a PostgreSQL of its own, both syncing to disk, and the routing service as a process. A tenth of the
cases is open, spread over everybody who works here. Beside each list stands what the server itself needs for
the same request without any case: the sign-in page.
"""

import argparse
import asyncio
import re
import time

import asyncpg
import httpx

from bench.servers import new_database, of_driver, servers, serving
from shared import municipality
from shared.municipality import Municipality, Role

REQUESTS = 200
REFERENCE = "7K3M-92QX"
SIGN_IN = "/saksbehandling/logg-inn"
LIST = "/saksbehandling"
UNITS = "/saksbehandling/enhet"
NO_CASES = f"{UNITS}?tema=bibliotek"
FILL = """
INSERT INTO cases (case_id, municipality, reference, kind, topic, area, channel, language, reply_wanted,
    has_email, attachments, received_at, promise_id, rule, due_on, state, unit, person, assigned_at, reason,
    answered_at, last_answer_at, finished_at, urgent_on, last_activity_at, version)
SELECT gen_random_uuid(), $1, '7K3M-92QX', 'complaint', 'vei-og-vinterdrift', 'heggedal', 'web', 'nb', true,
    true, 0, at, 'svargaranti', 'P1W', at::date + 7, CASE WHEN done THEN 'answered' ELSE 'new' END,
    units[1 + n % cardinality(units)], people[1 + n % cardinality(people)], at, 'topic',
    CASE WHEN done THEN at END, CASE WHEN done THEN at END, CASE WHEN done THEN at END,
    CASE WHEN NOT done THEN at::date + 7 END, at, 1
FROM (
    SELECT n, n % 10 <> 0 AS done, now() - make_interval(secs => (n % 900000) * 30.0) AS at,
        $2::text[] AS units, $3::text[] AS people
    FROM generate_series(1, $4::int) AS n
) AS numbered
"""


async def fill(address: str, asker: Municipality, count: int) -> None:
    """Cases of everybody who is a caseworker."""
    people = [person for person in asker.people.values() if Role.CASEWORKER in person.roles and person.unit]
    connection = await asyncpg.connect(of_driver(address))
    ids, units = [person.id for person in people], [person.unit for person in people]
    await connection.execute(FILL, asker.id, units, ids, count, timeout=600)
    await connection.execute("VACUUM ANALYZE cases", timeout=600)
    await connection.close()


async def signed_in(client: httpx.AsyncClient, person: str) -> None:
    """Signs in by choosing a person."""
    page = (await client.get(SIGN_IN)).text
    token = re.search(r'name="_csrf_token" value="([^"]+)"', page)
    form = {"person": person} | ({"_csrf_token": token[1]} if token else {})
    (await client.post(SIGN_IN, data=form, follow_redirects=True)).raise_for_status()


async def measured(client: httpx.AsyncClient, path: str) -> str:
    """How long one request after the other takes."""
    lasted = []
    for _ in range(REQUESTS):
        began = time.perf_counter()
        (await client.get(path)).raise_for_status()
        lasted.append((time.perf_counter() - began) * 1000)
    lasted.sort()
    shown = (await client.get(path)).text.count(f"/sak/{REFERENCE}")
    return f"{shown:>3} cases   p50 {lasted[REQUESTS // 2]:>6.1f} ms   p95 {lasted[int(REQUESTS * 0.95)]:>6.1f} ms"


async def main(count: int) -> None:
    """Prints the figures."""
    asker = municipality.load("asker")
    worker = next(p.id for p in asker.people.values() if Role.CASEWORKER in p.roles and p.unit)
    async with servers() as running:
        address = await new_database(running.postgres_port, "routing")
        await fill(address, asker, count)
        async with serving(running, "routing", address) as (url, _):
            async with httpx.AsyncClient(base_url=url, timeout=60) as client:
                print(f"{'the sign-in page':<40} {await measured(client, SIGN_IN)}")
                await signed_in(client, worker)
                print(f"{f'a caseworker, 50 of {count:,} cases':<40} {await measured(client, LIST)}")
            async with httpx.AsyncClient(base_url=url, timeout=60) as client:
                await signed_in(client, asker.director)
                print(f"{'the municipal director, first page':<40} {await measured(client, UNITS)}")
                print(
                    f"{'the same, the last page there is':<40} {await measured(client, f'{UNITS}?side=20')}"
                )
                print(f"{'the same, a topic without open cases':<40} {await measured(client, NO_CASES)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=1_000_000)
    asyncio.run(main(parser.parse_args().cases))

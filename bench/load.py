"""What the embedded stack stands: `make bench`, or `python -m bench.load --data DIR` against a running one.

Prints accepted submissions a second, latency at a steady 200/s, the time from the receipt to the case on the
caseworker's desk at 100/s, and the memory of the whole stack at rest. Everything goes to the local stack only.
"""

import argparse
import asyncio
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import psutil

from bench.http_load import Load, Outcome
from deploy.cli_status import states
from deploy.data_folder import DataFolder
from deploy.postgres import admin_url
from shared import municipality
from shared.identity import new_id

TEXT = "Veien ved skolen er ikke brøytet, og barna må gå i veibanen. Kan dere rydde fortauet før i morgen? "


def bodies(folder: str) -> Callable[[int], dict[str, object]]:
    """Submissions over all topics and areas, half of them with an e-mail address."""
    configured = municipality.load(folder)
    topics, areas = list(configured.topics), list(configured.areas) or [None]

    def body(number: int) -> dict[str, object]:
        contact = {"name": "Prøve Person", "email": f"prove{number}@example.org"} if number % 2 else {}
        return {
            "kind": ("complaint", "question", "praise")[number % 3],
            "text": TEXT * (1 + number % 4),
            "topic": topics[number % len(topics)],
            "area": areas[number % len(areas)],
            "reply_wanted": True,
            "contact": contact,
            "language": "nb",
        }

    return body


async def drained(folder: DataFolder, seconds: float = 300) -> float:
    """Waits until no service has anything waiting; returns how long it took, in seconds."""
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        parts = await states(folder.record())
        if all(part["ready"] and not part.get("lag") for part in parts.values()):
            break
        await asyncio.sleep(0.5)
    return time.perf_counter() - began


class Desk:
    """Watches routing's database for cases as they become visible."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.seen: dict[str, float] = {}

    async def watch(self) -> None:
        """Looks every 5 ms for cases of the last seconds; when one is first seen, it is on the desk."""
        while True:
            recent = new_id(datetime.now(UTC) - timedelta(seconds=3), bytes)
            rows = await self._connection.fetch("SELECT reference FROM cases WHERE case_id > $1", recent)
            now = time.perf_counter()
            for row in rows:
                self.seen.setdefault(row["reference"], now)
            await asyncio.sleep(0.005)


async def to_the_desk(load: Load, url: str) -> tuple[Outcome, list[float]]:
    """Posts at 100/s, and the seconds from each answer until its case could be read on the desk."""
    connection = await asyncpg.connect(url)
    desk = Desk(connection)
    watching = asyncio.create_task(desk.watch())
    outcome = await load.at_rate(100, 15)
    await asyncio.sleep(2)
    if watching.done():
        watching.result()
    watching.cancel()
    waits = [
        desk.seen[str(body["reference"])] - answered
        for answered, body in outcome.answers
        if str(body["reference"]) in desk.seen
    ]
    return outcome, waits


def memory(folder: DataFolder) -> dict[str, float]:
    """Each part's proportional set size in MB, children included, and the supervisor's."""
    record = folder.record()
    roots = {name: part.process.pid for name, part in record.parts.items() if part.process}
    lock = (folder.path / "lock").read_text("ascii").strip()
    roots["supervisor"] = int(lock)
    sizes: dict[str, float] = {}
    for name, pid in roots.items():
        process = psutil.Process(pid)
        family = [process] if name == "supervisor" else [process, *process.children(recursive=True)]
        sizes[name] = sum(one.memory_full_info().pss for one in family) / 1e6
    return sizes


def told(what: str, outcome: Outcome) -> None:
    """Prints one run."""
    print(
        f"{what}: {len(outcome.answers) / outcome.seconds:.0f}/s accepted, "
        f"p50 {outcome.percentile(0.5):.1f} ms, p95 {outcome.percentile(0.95):.1f} ms, "
        f"p99 {outcome.percentile(0.99):.1f} ms, refused {outcome.refused or 'none'}"
    )


async def main() -> None:
    """Runs all of it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("data"))
    folder = DataFolder(parser.parse_args().data)
    record, secrets = folder.record(), folder.secrets()
    url = f"{record.public_url.replace('localhost', '127.0.0.1')}/api/v1/submissions"
    load = Load(url, bodies(record.municipality_folder), uuid.uuid4().hex)
    routing = admin_url(record.ports["postgres"], secrets.postgres_admin).rsplit("/", 1)[0] + "/routing"

    at_rest = memory(folder)
    total = sum(at_rest.values())
    print(f"at rest: {total:.0f} MB", {name: round(size) for name, size in at_rest.items()})
    await load.at_rate(50, 3)
    told("steady 200/s", await load.at_rate(200, 20))
    print(f"  drained in {await drained(folder):.1f} s")
    outcome, waits = await to_the_desk(load, routing)
    told("steady 100/s", outcome)
    waits.sort()
    print(
        f"  commit to desk: p50 {waits[len(waits) // 2] * 1000:.0f} ms, "
        f"p95 {waits[int(len(waits) * 0.95)] * 1000:.0f} ms, seen {len(waits)} of {len(outcome.answers)}"
    )
    print(f"  drained in {await drained(folder):.1f} s")
    told("as fast as it goes, 48 at once", await load.at_most(48, 15))
    print(f"  drained in {await drained(folder):.1f} s")


if __name__ == "__main__":
    asyncio.run(main())

"""What the embedded stack stands: `make bench` on a stack of its own, `--data DIR` on one that runs.

Prints accepted submissions a second, latency at a steady 200/s, the time from the receipt to the case on the
caseworker's desk at 100/s, and the memory of the whole stack at rest. Everything goes to the local stack only.
"""

import argparse
import asyncio
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import psutil

from bench.http_load import Load, Outcome
from deploy import ports
from deploy.cli_status import states
from deploy.data_folder import PARTS, DataFolder
from deploy.errors import StackError
from deploy.postgres import admin_url
from shared import municipality
from shared.identity import new_id

HARDLY = 100
"""Events that may wait where a service counts as having caught up."""
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


async def caught_up(folder: DataFolder, seconds: float = 120) -> float:
    """Waits until hardly anything waits; returns how long it took, in seconds.

    Mails go out at the rate that is set, each with its event, so that a little always waits after a load.
    """
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        parts = await states(folder.record())
        if all(part["ready"] and part.get("lag", 0) < HARDLY for part in parts.values()):
            break
        await asyncio.sleep(0.2)
    return time.perf_counter() - began


@contextmanager
def own_stack(*words: str) -> Generator[DataFolder]:
    """A stack that lives as long as the block, in a folder of its own; says how soon it was ready.

    `words` are for `svarfrist up`; without any it is Asker's.
    """
    with TemporaryDirectory(prefix="svarfrist-bench-") as name:
        folder = DataFolder(Path(name) / "data")
        port = ports.assign(["front"], {})["front"]
        words = (
            "up",
            "--data",
            str(folder.path),
            "--port",
            str(port),
            *(words or ("--municipality", "asker")),
        )
        for start in ("first start", "second start"):
            began = time.perf_counter()
            stack = subprocess.Popen((sys.executable, "-m", "deploy.cli", *words), stdout=subprocess.DEVNULL)  # noqa: S603
            while not ready(folder):
                time.sleep(0.1)
            print(f"{start}: ready after {time.perf_counter() - began:.1f} s")
            if start == "first start":
                stack.terminate()
                stack.wait()
        try:
            time.sleep(5)
            yield folder
        finally:
            stack.terminate()
            stack.wait()


def ready(folder: DataFolder) -> bool:
    """Whether every part of the stack is."""
    try:
        parts = asyncio.run(states(folder.record()))
    except StackError:
        return False
    return len(parts) == len(PARTS) and all(part["ready"] for part in parts.values())


class Desk:
    """Watches routing's database for cases as they become visible."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self._connection = connection
        self.seen: dict[str, float] = {}

    async def watch(self) -> None:
        """Looks every 10 ms for cases of the last seconds; when one is first seen, it is on the desk."""
        while True:
            recent = new_id(datetime.now(UTC) - timedelta(seconds=3), bytes)
            rows = await self._connection.fetch("SELECT reference FROM cases WHERE case_id > $1", recent)
            now = time.perf_counter()
            for row in rows:
                self.seen.setdefault(row["reference"], now)
            await asyncio.sleep(0.01)


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


async def measure(folder: DataFolder) -> None:
    """Runs all of it against a running stack."""
    record, secrets = folder.record(), folder.secrets()
    url = f"{record.public_url.replace('localhost', '127.0.0.1')}/api/v1/submissions"
    load = Load(url, bodies(record.municipality_folder), uuid.uuid4().hex)
    routing = admin_url(record.ports["postgres"], secrets.postgres_admin).rsplit("/", 1)[0] + "/routing"

    at_rest = memory(folder)
    total = sum(at_rest.values())
    print(f"at rest: {total:.0f} MB", {name: round(size) for name, size in at_rest.items()})
    await load.at_rate(50, 3)
    told("steady 200/s", await load.at_rate(200, 20))
    print(f"  caught up in {await caught_up(folder):.1f} s")
    outcome, waits = await to_the_desk(load, routing)
    told("steady 100/s", outcome)
    waits.sort()
    print(
        f"  commit to desk: p50 {waits[len(waits) // 2] * 1000:.0f} ms, "
        f"p95 {waits[int(len(waits) * 0.95)] * 1000:.0f} ms, seen {len(waits)} of {len(outcome.answers)}"
    )
    print(f"  caught up in {await caught_up(folder):.1f} s")
    told("as fast as it goes, 48 at once", await load.at_most(48, 15))
    print(f"  caught up in {await caught_up(folder):.1f} s")


def main() -> None:
    """Measures the stack that is named, or one of its own."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="The data folder of a running stack.")
    data = parser.parse_args().data
    if data:
        asyncio.run(measure(DataFolder(data)))
    else:
        with own_stack() as folder:
            asyncio.run(measure(folder))


if __name__ == "__main__":
    main()

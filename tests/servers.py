"""Real servers for tests: one PostgreSQL and one NATS a test run, on free ports, gone when the run ends."""

import asyncio
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import nats
import psutil

from deploy import postgres
from deploy.data_folder import DataFolder
from deploy.ports import LOOPBACK, assign
from deploy.processes import dies_with_parent
from deploy.supervisor import Part

PASSWORD = "only-for-tests"
MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
ROOM = 4_000_000_000
"""Bytes that must be free there; a run takes less than a quarter of it, and a container may have next to nothing."""
IN_MEMORY = (
    "fsync=off", "full_page_writes=off", "wal_level=minimal", "max_wal_senders=0", "max_wal_size=256MB", "max_connections=300",
)  # fmt: skip


@contextmanager
def running_postgres() -> Generator[str]:
    """A PostgreSQL in memory and without disk syncs: what is tested is not the disk. Yields the superuser's address."""
    folder = _folder("postgres")
    port = assign(("postgres",), {})["postgres"]
    try:
        data = DataFolder(folder)
        (folder / "logs").mkdir(exist_ok=True)
        account = asyncio.run(postgres.prepare(data, PASSWORD))
        part = postgres.part(data, port, account)
        command = (*part.command, *(word for setting in IN_MEMORY for word in ("-c", setting)))
        url = postgres.admin_url(port, PASSWORD)
        with _running(part, command):
            asyncio.run(_until(lambda: asyncpg.connect(url, timeout=2)))
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_nats() -> Generator[str]:
    """A nats-server with JetStream and no passwords; yields its address."""
    folder = _folder("nats")
    port = assign(("nats",), {})["nats"]
    address = f"nats://{LOOPBACK}:{port}"
    binary = Path(os.sys.executable).with_name("nats-server")  # type: ignore[attr-defined]
    part = Part(
        name="nats",
        command=(str(binary), "-a", LOOPBACK, "-p", str(port), "-js", "-sd", str(folder)),
        address=address,
        probe=address,
    )
    try:
        with _running(part, part.command):
            asyncio.run(_until(lambda: nats.connect(address, allow_reconnect=False)))
            yield address
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _folder(server: str) -> Path:
    """A new one, in memory where there is room: on a disk a new database takes ten times as long, or more.

    What a run that was killed has left in memory goes first.
    """
    is_roomy = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    if is_roomy:
        for left in MEMORY.glob("svarfrist-test-*-*-*"):
            if not psutil.pid_exists(int(left.name.split("-")[3])):
                shutil.rmtree(left, ignore_errors=True)
    prefix = f"svarfrist-test-{server}-{os.getpid()}-"
    return Path(tempfile.mkdtemp(prefix=prefix, dir=MEMORY if is_roomy else None))


@contextmanager
def _running(part: Part, command: tuple[str, ...]) -> Generator[None]:
    user, group = part.user or (None, None)
    process = subprocess.Popen(
        command,
        cwd=part.directory,
        env={**os.environ, **part.environment},
        user=user,
        group=group,
        extra_groups=[] if user else None,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=dies_with_parent(signal.SIGKILL),
    )
    try:
        yield
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


async def _until(connect) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001 - of two drivers
    end = time.monotonic() + 120
    while True:
        with suppress(OSError, asyncpg.PostgresError, nats.errors.Error, TimeoutError):
            await (await connect()).close()
            return
        if time.monotonic() > end:
            raise TimeoutError
        await asyncio.sleep(0.05)

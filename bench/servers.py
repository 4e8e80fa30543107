"""PostgreSQL and a bus of a benchmark's own, both syncing to disk as in the embedded stack."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import asyncpg
import httpx
import nats
import psutil
from nats.aio.client import Client
from nats.js import JetStreamContext

from deploy import nats as bus
from deploy import postgres
from deploy.data_folder import DataFolder
from deploy.ports import assign
from deploy.provision import provision_streams
from deploy.supervisor import Supervisor
from shared import migrations
from shared.events import CONSUMED_BY

PASSWORD = "only-for-the-bench"  # noqa: S105 - of a server that lives for a minute
SECRET = "ab" * 32
"""Of a service\'s sessions and links."""
MANY = 10_000
"""Events that may be under way to the bus at once."""


@dataclass(frozen=True)
class Servers:
    """What runs, and where."""

    postgres_port: int
    nc: Client
    js: JetStreamContext
    processes: list[int]
    """PostgreSQL's process first."""


@asynccontextmanager
async def servers(municipality: str = "asker") -> AsyncIterator[Servers]:
    """Both, with the streams and every service's consumer; gone with their data afterwards."""
    with tempfile.TemporaryDirectory(prefix="svarfrist-bench-") as temporary:
        folder = DataFolder(Path(temporary))
        (folder.path / "logs").mkdir(exist_ok=True)
        ports = assign(("postgres", "nats"), {})
        processes: list[int] = []
        supervisor = Supervisor(
            folder.log,
            changed=lambda _, process: processes.append(process.pid) if process else None,
            told=print,
        )
        passwords = dict.fromkeys([*bus.VOICES, bus.OPERATOR], PASSWORD)
        account = await postgres.prepare(folder, PASSWORD)
        try:
            await supervisor.start(postgres.part(folder, ports["postgres"], account))
            await supervisor.start(
                bus.part(folder, municipality=municipality, passwords=passwords, port=ports["nats"])
            )
            nc = await nats.connect(f"nats://127.0.0.1:{ports['nats']}", user=bus.OPERATOR, password=PASSWORD)
            filters = {
                service: [event.subject_filter() for event in heard] for service, heard in CONSUMED_BY.items()
            }
            await provision_streams(nc.jetstream(), filters)
            yield Servers(ports["postgres"], nc, nc.jetstream(publish_async_max_pending=MANY), processes)
            await nc.close()
        finally:
            await supervisor.stop(["nats", "postgres"])


@asynccontextmanager
async def serving(running: Servers, service: str, address: str) -> AsyncIterator[tuple[str, int]]:
    """A service as a process of its own, once it is ready: where it answers, and its process."""
    port = assign((service,), {})[service]
    url = f"http://localhost:{port}"
    environment = {
        "SVARFRIST_DATABASE_URL": address,
        "SVARFRIST_NATS_URL": running.nc.connected_url.geturl() if running.nc.connected_url else "",
        "SVARFRIST_NATS_USER": service,
        "SVARFRIST_NATS_PASSWORD": PASSWORD,
        "SVARFRIST_MUNICIPALITY": "asker",
        "SVARFRIST_HTTP_PORT": str(port),
        "SVARFRIST_PUBLIC_URL": url,
        "SVARFRIST_SECRET": SECRET,
        "SVARFRIST_LOG_LEVEL": "WARNING",
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", f"services.{service}", env={**os.environ, **environment}
    )
    try:
        await _ready(url)
        yield url, process.pid
    finally:
        process.terminate()
        await process.wait()


async def _ready(url: str) -> None:
    async with httpx.AsyncClient() as client, asyncio.timeout(60):
        while True:
            try:
                answer = await client.get(f"{url}/health/ready")
            except httpx.TransportError:
                pass
            else:
                if answer.is_success:
                    return
            await asyncio.sleep(0.1)


def processor_seconds(processes: Sequence[int]) -> float:
    """Seconds of processor that these and their living children have used."""
    family = [
        one for pid in processes for parent in [psutil.Process(pid)] for one in [parent, *parent.children()]
    ]
    used = 0.0
    for one in family:
        # A child may end between the listing and the look.
        with suppress(psutil.NoSuchProcess):
            used += sum(one.cpu_times()[:2])
    return used


async def new_database(port: int, service: str) -> str:
    """A database with a service's tables; returns SQLAlchemy's address of it."""
    name = f"{service}_{uuid4().hex[:8]}"
    admin = await asyncpg.connect(postgres.admin_url(port, PASSWORD))
    await admin.execute(f"CREATE DATABASE {name}")
    await admin.close()
    base = postgres.admin_url(port, PASSWORD).rpartition("/")[0]
    address = f"{base}/{name}".replace("postgresql://", "postgresql+asyncpg://")
    await migrations.upgrade(service, address)
    return address


def of_driver(address: str) -> str:
    """The same address as the driver, asyncpg, wants it."""
    return address.replace("postgresql+asyncpg://", "postgresql://")

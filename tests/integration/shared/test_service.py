"""When a loop of a service ends, the process does; but not when the loop ends because the process does."""

import asyncio
import os
import signal
import sys
from collections.abc import Generator
from contextlib import suppress

import pytest

from deploy.ports import assign
from deploy.probes import probe
from shared.loops import AGAIN
from shared.service import Service
from shared.settings import ServiceSettings
from tests.conftest import NewDatabase
from tests.servers import running_nats

NO_APP = None


def service_at(nats_url: str, database_url: str) -> Service:
    """One without a consumer and without pages."""
    return Service(
        "metrics",
        ServiceSettings.model_validate(
            {
                "database_url": database_url,
                "nats_url": nats_url,
                "nats_user": "metrics",
                "nats_password": "none",
                "municipality": "asker",
                "http_port": 1,
                "public_url": "http://localhost",
                "secret": "ab" * 32,
            }
        ),
    )


@pytest.fixture
async def service(new_database: NewDatabase, nats_url: str) -> Service:
    """A service on the bus of the test run."""
    return service_at(nats_url, await new_database("plain"))


@pytest.fixture
def asked_to_end() -> Generator[asyncio.Event]:
    """Whether this process was sent the signal that ends a service."""
    heard = asyncio.Event()
    before = signal.signal(signal.SIGTERM, lambda *_: heard.set())
    yield heard
    signal.signal(signal.SIGTERM, before)


async def test_a_process_whose_loop_ends_is_ended(service: Service, asked_to_end: asyncio.Event) -> None:
    """Its supervisor starts it anew: half a service is none."""

    async def dying() -> None:
        raise ValueError

    service.keep_running("dying", dying)
    async with service.lifespan(NO_APP):  # type: ignore[arg-type]
        async with asyncio.timeout(60):
            while not asked_to_end.is_set():
                await asyncio.sleep(0.01)


async def test_a_loop_that_returns_when_it_is_stopped_has_not_died(
    service: Service, asked_to_end: asyncio.Event
) -> None:
    """A second signal would end the process before the other loops had come to theirs."""

    async def returning() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)

    service.keep_running("returning", returning)
    async with service.lifespan(NO_APP):  # type: ignore[arg-type]
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.05)
    assert not asked_to_end.is_set()


async def test_a_service_stops_without_a_bus_too(new_database: NewDatabase) -> None:
    """There is nobody to take leave of; the loops end all the same, and the database is closed."""
    bus = running_nats()
    service = service_at(await asyncio.to_thread(bus.__enter__), await new_database("plain"))
    async with asyncio.timeout(20):
        async with service.lifespan(NO_APP):  # type: ignore[arg-type]
            connection = service._nc  # noqa: SLF001 - whether it is away is told by nobody else
            assert connection
            await asyncio.to_thread(bus.__exit__, None, None, None)
            while connection.is_connected:
                await asyncio.sleep(0.01)
        assert connection.is_closed


SERVICE = """
import asyncio, sys
from litestar import Litestar, get
from shared.service import Service, serve
from shared.settings import ServiceSettings

@get("/slow")
async def slow() -> None:
    print("asked", flush=True)
    await asyncio.sleep(60)

async def finishing() -> None:
    try:
        await asyncio.sleep(60)
    finally:
        await asyncio.sleep(0.1)
        print("finished", flush=True)

def create_app(settings):
    service = Service("metrics", settings)
    service.keep_running("finishing", finishing)
    return Litestar([slow, *service.routes()], lifespan=[service.lifespan], logging_config=None)

serve("metrics", ServiceSettings, create_app, requests=1)
"""


async def test_a_request_that_does_not_end_keeps_no_loop_from_ending(
    new_database: NewDatabase, nats_url: str
) -> None:
    """It has its time; then the loops have theirs, so that no message under way is cut off and sent again."""
    port = assign(("web",), {})["web"]
    environment = {
        "SVARFRIST_DATABASE_URL": await new_database("plain"),
        "SVARFRIST_NATS_URL": nats_url,
        "SVARFRIST_NATS_USER": "metrics",
        "SVARFRIST_NATS_PASSWORD": "none",
        "SVARFRIST_MUNICIPALITY": "asker",
        "SVARFRIST_HTTP_PORT": str(port),
        "SVARFRIST_PUBLIC_URL": "http://localhost",
        "SVARFRIST_SECRET": "ab" * 32,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", SERVICE, env=os.environ | environment, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout
    async with asyncio.timeout(30):
        while not (await probe(f"http://127.0.0.1:{port}/health/ready")).is_of(process.pid):
            await asyncio.sleep(0.05)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /slow HTTP/1.1\r\nHost: localhost\r\n\r\n")
        async for line in process.stdout:
            if line == b"asked\n":
                break
    process.terminate()
    async with asyncio.timeout(1 + AGAIN):
        assert b"finished" in await process.stdout.read()
        assert await process.wait() == -signal.SIGTERM
    writer.close()

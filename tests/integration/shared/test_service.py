"""When a loop of a service ends, the process does; but not when the loop ends because the process does."""

import asyncio
import signal
from collections.abc import Generator
from contextlib import suppress

import pytest

from shared.service import Service
from shared.settings import ServiceSettings
from tests.conftest import NewDatabase

NO_APP = None


@pytest.fixture
async def service(new_database: NewDatabase, nats_url: str) -> Service:
    """One without a consumer and without pages."""
    return Service(
        "metrics",
        ServiceSettings.model_validate(
            {
                "database_url": await new_database("plain"),
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

"""The metrics service as its visitors meet it: the real application on a real database and bus."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nats
from litestar.testing import AsyncTestClient
from pydantic import SecretStr

from services.metrics.app import create_app
from shared.clock import write_offset
from shared.settings import ServiceSettings
from shared.web.session import Session, SignedIn

SECRET = "ab" * 32
LEADER = SignedIn("roar-ostrem", "Roar Østrem", ("leader",), "kommunalteknikk")
CASEWORKER = SignedIn("kari-moen", "Kari Moen", ("caseworker",), "kommunalteknikk")
Client = AsyncTestClient[Any]


@asynccontextmanager
async def served(
    database_url: str, nats_url: str, folder: Path, now: datetime, municipality: str = "sorum"
) -> AsyncIterator[Client]:
    """The service, started, at a time of the test's choosing."""
    write_offset(folder / "clock", now - datetime.now(UTC))
    settings = ServiceSettings(
        database_url=SecretStr(database_url),
        nats_url=nats_url,
        nats_user="metrics",
        nats_password=SecretStr("x"),
        municipality=municipality,
        http_port=1,
        public_url="http://localhost",
        secret=SecretStr(SECRET),
        clock_file=folder / "clock",
    )
    async with AsyncTestClient(create_app(settings)) as client:
        yield client


def signed_in(client: Client, person: SignedIn, now: datetime) -> None:
    """Gives the client the cookie of someone who has signed in."""
    cookie = Session(SECRET, secure=False).begin(person, now)
    client.cookies.set(cookie.key, cookie.value or "")


def address_of(bus: nats.NATS) -> str:
    """Where a provisioned bus is."""
    url = bus.connected_url
    assert url is not None
    return str(url.geturl())

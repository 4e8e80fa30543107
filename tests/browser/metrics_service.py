"""The metrics service as a browser meets it: the real application with a server of its own."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import nats
import uvicorn
from playwright.sync_api import Page
from pydantic import SecretStr

from deploy.provision import provision_streams
from services.metrics.app import create_app
from shared import migrations
from shared.clock import FixedClock, write_offset
from shared.database import Database
from shared.events import CONSUMED_BY
from shared.settings import ServiceSettings
from shared.web.session import Session, SignedIn
from tests.integration.metrics.case_stories import stories
from tests.integration.metrics.conftest import Figures

SECRET = "ab" * 32
NOON = datetime(2026, 3, 1, 11, tzinfo=UTC)
DIRECTOR = SignedIn("eirik-skogheim", "Eirik Skogheim", ("director",))


async def _prepare(postgres_url: str, nats_url: str, name: str, cases: int) -> str:
    """A database with so many cases and a provisioned bus; gives the database's address."""
    admin = await asyncpg.connect(postgres_url)
    await admin.execute(f'CREATE DATABASE "{name}"')
    await admin.close()
    parts = urlsplit(postgres_url)
    url = urlunsplit(parts._replace(scheme="postgresql+asyncpg", path=f"/{name}"))
    await migrations.upgrade("metrics", url)
    database = Database(url, FixedClock(NOON))
    await Figures(database, FixedClock(NOON)).hear(stories(5, cases))
    await database.close()
    nc = await nats.connect(nats_url, allow_reconnect=False)
    filters = {service: [event.subject_filter() for event in heard] for service, heard in CONSUMED_BY.items()}
    await provision_streams(nc.jetstream(), filters)
    await nc.close()
    return url


@contextmanager
def running_metrics(
    postgres_url: str, nats_url: str, folder: Path, name: str, cases: int = 300
) -> Iterator[str]:
    """The service on 1 March 2026, on a database of this name; gives its address."""
    write_offset(folder / "clock", NOON - datetime.now(UTC))
    # Playwright's loop runs in this thread.
    with ThreadPoolExecutor() as aside:
        database_url = aside.submit(asyncio.run, _prepare(postgres_url, nats_url, name, cases)).result()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = ServiceSettings(
            database_url=SecretStr(database_url),
            nats_url=nats_url,
            nats_user="metrics",
            nats_password=SecretStr("x"),
            municipality="sorum",
            http_port=1,
            public_url=address,
            secret=SecretStr(SECRET),
            clock_file=folder / "clock",
        )
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield address
        server.should_exit = True
        thread.join()


def sign_in(page: Page, address: str) -> None:
    """Gives the browser the cookie of someone who has signed in."""
    cookie = Session(SECRET, secure=False).begin(DIRECTOR, NOON)
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value or "", "url": address}])

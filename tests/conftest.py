"""What every test may ask for: real servers, databases made by the migrations, a provisioned bus."""

import os
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, suppress
from typing import Protocol
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import asyncpg
import hypothesis
import nats
import pytest
import pytest_asyncio
import structlog
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from deploy import ports
from deploy.provision import DEAD_STREAM, STREAM, provision_streams
from shared import database, migrations
from shared.events import CONSUMED_BY, subjects_heard_by
from tests.servers import running_nats, running_postgres

# A busy machine is no fault of the code: no example has a time limit.
hypothesis.settings.register_profile("svarfrist", deadline=None)
hypothesis.settings.load_profile("svarfrist")

# A traceback in colours, with the variables of each frame, takes a second, and what fails is failed on purpose.
structlog.configure(
    processors=[structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
)

KINDS = ("system", "browser", "integration")
"""The folders of tests in the order in which they begin; the quick ones follow."""
SLOWEST = (
    "tests/system/test_imports_and_simulations", "tests/system/test_demonstration", "tests/system/test_simulated_year",
    "tests/browser/test_story", "tests/browser/test_routing_desk",
)  # fmt: skip
"""Each of them takes longer than its neighbours, and comes before them."""

Fill = Callable[[str], Awaitable[None]]


class NewDatabase(Protocol):
    """The fixture `new_database`: makes a database of a service, and gives its address.

    `filled` names what is in it, which `by` puts there once a run: later ones are copies.
    """

    async def __call__(self, service: str, filled: str = "", by: Fill | None = None) -> str:
        """Makes it."""


def pytest_configure(config: pytest.Config) -> None:
    """Gives each of the processes that test at once ports of its own, for itself and the stacks it starts."""
    worker = getattr(config, "workerinput", None)
    if worker:
        number, count = int(worker["workerid"].removeprefix("gw")), worker["workercount"]
        share = (ports.LAST - ports.FIRST) // count
        first = ports.FIRST + number * share
        os.environ[ports.RANGE] = f"{first}-{first + share - 1}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow files first, in the order of their kinds: at a run's end no process has a long one alone before it."""
    items.sort(key=lambda item: not item.nodeid.startswith(SLOWEST))
    items.sort(
        key=lambda item: KINDS.index(kind) if (kind := item.nodeid.split("/")[1]) in KINDS else len(KINDS)
    )


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Names what fails at once: a run that is ended from outside never comes to its summary."""
    if report.failed and "PYTEST_XDIST_WORKER" not in os.environ:
        print(f"\n{report.nodeid}, {report.when}: {report.longreprtext}", file=sys.stderr, flush=True)


@pytest.fixture(scope="session")
def postgres_url() -> Generator[str]:
    """The superuser's address of a PostgreSQL that lives as long as the test run."""
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def nats_url() -> Generator[str]:
    """The address of a nats-server that lives as long as the test run."""
    with running_nats() as address:
        yield address


@pytest.fixture(scope="session")
def _templates() -> set[str]:
    return set()


@pytest.fixture
async def new_database(postgres_url: str, _templates: set[str]) -> AsyncGenerator[NewDatabase]:
    """Makes databases of a service (or with only `inbox` and `outbox`: "plain"), each dropped after the test."""
    async with _databases(postgres_url, _templates) as make:
        yield make


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def new_module_database(postgres_url: str, _templates: set[str]) -> AsyncGenerator[NewDatabase]:
    """The same for what the tests of a module share, and leave as it is."""
    async with _databases(postgres_url, _templates) as make:
        yield make


@asynccontextmanager
async def _databases(postgres_url: str, templates: set[str]) -> AsyncGenerator[NewDatabase]:
    made: list[str] = []
    admin = await asyncpg.connect(postgres_url)

    async def make(service: str, filled: str = "", by: Fill | None = None) -> str:
        template = f"template_{service}{filled}"
        if template not in templates:
            if by:
                empty = (await make(service)).rpartition("/")[2]
                await by(_address(postgres_url, empty))
                await admin.execute(f'ALTER DATABASE "{empty}" RENAME TO "{template}"')
                made.remove(empty)
            else:
                await admin.execute(f'CREATE DATABASE "{template}"')
                await _build(service, _address(postgres_url, template))
            templates.add(template)
        name = f"{service}_{uuid4().hex[:8]}"
        await admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        made.append(name)
        return _address(postgres_url, name)

    yield make
    for name in made:
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
    await admin.close()


async def _build(service: str, url: str) -> None:
    if service == "plain":
        engine = create_async_engine(url, poolclass=NullPool)
        async with engine.begin() as connection:
            await connection.run_sync(database.metadata.create_all)
        await engine.dispose()
    else:
        await migrations.upgrade(service, url)


def _address(url: str, name: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(scheme="postgresql+asyncpg", path=f"/{name}"))


@pytest.fixture
async def bus(nats_url: str) -> AsyncGenerator[nats.NATS]:
    """A connection to a bus with empty streams and the consumers every service has."""
    nc = await nats.connect(nats_url, allow_reconnect=False)
    await _provision_anew(nc)
    yield nc
    await nc.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def module_bus(nats_url: str) -> str:
    """The address of such a bus for a service that the tests of a module share; none of them has one of its own."""
    nc = await nats.connect(nats_url, allow_reconnect=False)
    await _provision_anew(nc)
    await nc.close()
    return nats_url


async def _provision_anew(nc: nats.NATS) -> None:
    js = nc.jetstream()
    for stream in (STREAM, DEAD_STREAM):
        with suppress(NotFoundError):
            await js.delete_stream(stream)
    filters = {service: subjects_heard_by(service) for service in CONSUMED_BY}
    await provision_streams(js, filters)


@pytest.fixture
def js(bus: nats.NATS) -> JetStreamContext:
    """JetStream on that bus."""
    return bus.jetstream()

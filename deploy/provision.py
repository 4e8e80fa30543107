"""Makes what the services find when they start: databases with a role each, their tables, streams and consumers.

    python -m deploy.provision [databases|streams]

Run before every start and after every change of the code; what is there already is left or brought up to
date. Read from the environment: `SVARFRIST_<SERVICE>_DATABASE_URL`; `SVARFRIST_ADMIN_DATABASE_URL`, without
which databases and roles must exist; `SVARFRIST_NATS_URL`, `_NATS_USER`, `_NATS_PASSWORD` of the operator;
`SVARFRIST_NATS_REPLICAS` (1).
"""

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import asyncpg
import nats
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.errors import BadRequestError

from deploy.data_folder import SERVICES
from deploy.errors import ProvisioningError, StackError, StillRunningError

STREAM = "DIALOGUE"
DEAD_STREAM = "DEAD"
DUPLICATE_WINDOW = 3600.0
"""Seconds in which JetStream drops a second copy by itself; the receivers' inboxes do so for ever."""
ACK_WAIT = 20.0
"""Seconds until what a killed process had taken is given to another; a batch takes well under one."""
MAX_ACK_PENDING = 5000
SESSIONS_STREAM = "SESSIONS"
"""Who has signed out (`shared/web/ended_sessions.py`)."""
SESSIONS_LAST = 11 * 3600.0
"""Seconds; a session lasts ten hours at the most."""
CONNECT_TIMEOUT = 15
PATIENCE = 10.0
"""Seconds that a service which is being stopped has to let go of its database."""
_OTHERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = current_user AND pid <> pg_backend_pid()
"""
NAME_IN_USE = 10058
"""JetStream's code for a stream that exists with other settings."""


@dataclass(frozen=True)
class Login:
    """A service's own database: its name, and the role that owns it."""

    role: str
    password: str
    database: str

    @classmethod
    def of(cls, url: str) -> "Login":
        """The login in a `postgresql+asyncpg://role:password@host:port/database` address."""
        parts = urlsplit(url)
        return cls(unquote(parts.username or ""), unquote(parts.password or ""), parts.path.lstrip("/"))


async def provision_databases(admin_url: str, logins: Sequence[Login]) -> None:
    """Makes roles and databases, and sets the passwords; each role may connect to its own database alone."""
    try:
        connection = await asyncpg.connect(admin_url, timeout=CONNECT_TIMEOUT)
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        raise ProvisioningError(f"PostgreSQL did not let us in ({type(error).__name__})") from error
    try:
        for login in logins:
            await _ensure_role(connection, login)
            await _ensure_database(connection, login)
    finally:
        await connection.close()


async def _ensure_role(connection: asyncpg.Connection, login: Login) -> None:
    exists = await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", login.role)
    verb = "ALTER" if exists else "CREATE"
    await _execute(connection, f"{verb} ROLE %I LOGIN PASSWORD %L", login.role, login.password)


async def _ensure_database(connection: asyncpg.Connection, login: Login) -> None:
    there = await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", login.database)
    if not there:
        await _execute(connection, "CREATE DATABASE %I OWNER %I", login.database, login.role)
    # Each time: a run that died in between has left the database open to every role.
    await _execute(connection, "REVOKE ALL ON DATABASE %I FROM PUBLIC", login.database)


async def _execute(connection: asyncpg.Connection, template: str, *words: str) -> None:
    """A statement that takes no parameters: the server itself quotes what goes into it."""
    await connection.execute(
        await connection.fetchval("SELECT format($1, VARIADIC $2::text[])", template, words)
    )


async def provision_streams(
    js: JetStreamContext, filters: Mapping[str, Sequence[str]], *, replicas: int = 1
) -> None:
    """Creates or updates the streams, and a durable pull consumer for each service with its subjects."""
    for name, subject, longest in (
        (STREAM, "dialogue.>", None),
        (DEAD_STREAM, "dead.>", None),
        (SESSIONS_STREAM, "session.>", SESSIONS_LAST),
    ):
        await _ensure_stream(
            js,
            StreamConfig(
                name=name,
                subjects=[subject],
                retention=RetentionPolicy.LIMITS,
                storage=StorageType.FILE,
                duplicate_window=DUPLICATE_WINDOW,
                max_age=longest,
                num_replicas=replicas,
                allow_direct=True,
            ),
        )
    for service, subjects in filters.items():
        # Creating a durable consumer that exists updates it, and keeps its place in the stream.
        await js.add_consumer(
            STREAM,
            ConsumerConfig(
                durable_name=service,
                filter_subjects=sorted(subjects),
                deliver_policy=DeliverPolicy.ALL,
                ack_policy=AckPolicy.EXPLICIT,
                ack_wait=ACK_WAIT,
                max_ack_pending=MAX_ACK_PENDING,
                # The loop in shared/messaging.py itself decides when a message is a dead letter.
                max_deliver=-1,
                num_replicas=replicas,
            ),
        )


async def _ensure_stream(js: JetStreamContext, config: StreamConfig) -> None:
    try:
        await js.add_stream(config)
    except BadRequestError as error:
        if error.err_code != NAME_IN_USE:
            raise
        await js.update_stream(config)


async def _databases(environment: Mapping[str, str]) -> None:
    urls = {
        service: _required(environment, f"SVARFRIST_{service.upper()}_DATABASE_URL") for service in SERVICES
    }
    if admin_url := environment.get("SVARFRIST_ADMIN_DATABASE_URL"):
        await provision_databases(admin_url, [Login.of(url) for url in urls.values()])
    for service, url in urls.items():
        await migrate(service, url)


async def migrate(service: str, url: str, *, patience: float = PATIENCE) -> None:
    """Brings a service's database up to date.

    No process of the service may run meanwhile: one of the version before would write columns that are gone.
    Raises ProvisioningError where one still does after `patience` seconds.
    """
    from shared import migrations

    if not await migrations.is_behind(service, url):
        return
    connection = await asyncpg.connect(url.replace("+asyncpg", ""), timeout=CONNECT_TIMEOUT)
    try:
        end = asyncio.get_running_loop().time() + patience
        while others := await connection.fetchval(_OTHERS):
            if asyncio.get_running_loop().time() > end:
                raise StillRunningError(service, others)
            await asyncio.sleep(0.2)
    finally:
        await connection.close()
    await migrations.upgrade(service, url)


async def _streams(environment: Mapping[str, str]) -> None:
    from shared.events import CONSUMED_BY, subjects_heard_by

    try:
        nc = await nats.connect(
            _required(environment, "SVARFRIST_NATS_URL"),
            user=_required(environment, "SVARFRIST_NATS_USER"),
            password=_required(environment, "SVARFRIST_NATS_PASSWORD"),
            allow_reconnect=False,
            connect_timeout=CONNECT_TIMEOUT,
        )
    except (OSError, TimeoutError, nats.errors.Error) as error:
        raise ProvisioningError(f"NATS did not let us in ({type(error).__name__})") from error
    filters = {service: subjects_heard_by(service) for service in CONSUMED_BY}
    try:
        replicas = int(environment.get("SVARFRIST_NATS_REPLICAS", "1"))
        await provision_streams(nc.jetstream(timeout=CONNECT_TIMEOUT), filters, replicas=replicas)
    finally:
        await nc.close()


def _required(environment: Mapping[str, str], name: str) -> str:
    try:
        return environment[name]
    except KeyError:
        raise ProvisioningError(f"{name} is not set") from None


STEPS: Mapping[str, Callable[[Mapping[str, str]], Coroutine[None, None, None]]] = {
    "databases": _databases,
    "streams": _streams,
}


def main() -> None:
    """Does the steps named on the command line, or all; exit code 2 and a sentence where one fails."""
    asked_for = sys.argv[1:] or list(STEPS)
    try:
        for name in asked_for:
            if name not in STEPS:
                raise ProvisioningError(f"there is no step {name}, only {' and '.join(STEPS)}")
            asyncio.run(STEPS[name](os.environ))
    except StackError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()

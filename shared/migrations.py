"""Each service's schema, as an Alembic history of its own under `services/<name>/migrations`."""

import asyncio
import importlib
from pathlib import Path

import sqlalchemy as sa
from alembic import command, op
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, MetaData
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared import database

ROOT = Path(__file__).parent.parent
SERVICES = ("intake", "routing", "notify", "metrics")


def tables_of(service: str) -> list[MetaData]:
    """The metadata of a service's own tables and of the inbox and outbox that all have.

    A service's tables are in its `store` and in those of its packages, all on the same `Row`.
    """
    for path in sorted((ROOT / "services" / service).glob("*/store.py")):
        importlib.import_module(f"services.{service}.{path.parent.name}.store")
    return [importlib.import_module(f"services.{service}.store").Row.metadata, database.metadata]


async def upgrade(service: str, database_url: str, revision: str = "head") -> None:
    """Brings a service's database to a revision; nothing happens where it is there already."""
    await _run(service, database_url, lambda config: command.upgrade(config, revision))


async def downgrade(service: str, database_url: str, revision: str = "base") -> None:
    """Takes a service's database back to a revision."""
    await _run(service, database_url, lambda config: command.downgrade(config, revision))


async def is_behind(service: str, database_url: str) -> bool:
    """Whether there are migrations that a service's database has not."""
    wanted = set(ScriptDirectory.from_config(configuration(service)).get_heads())
    engine = create_async_engine(database_url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            had = await connection.run_sync(
                lambda inner: MigrationContext.configure(inner).get_current_heads()
            )
    finally:
        await engine.dispose()
    return set(had) != wanted


def configuration(service: str) -> Config:
    """Alembic's configuration for one service."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "shared" / "alembic"))
    config.set_main_option("version_locations", str(ROOT / "services" / service / "migrations"))
    config.set_main_option("path_separator", "newline")
    config.attributes["service"] = service
    return config


async def _run(service: str, database_url: str, action) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    engine = create_async_engine(database_url, poolclass=NullPool)
    config = configuration(service)

    def on(connection: Connection) -> None:
        config.attributes["connection"] = connection
        action(config)

    try:
        async with engine.begin() as connection:
            await connection.run_sync(on)
    finally:
        await engine.dispose()


def revise(service: str, database_url: str, message: str) -> None:
    """Writes a new migration with what differs between a service's tables and a database (`make migration`)."""

    async def run() -> None:
        await _run(
            service, database_url, lambda config: command.revision(config, message=message, autogenerate=True)
        )

    asyncio.run(run())


def create_inbox_and_outbox() -> None:
    """In every service's first migration. History: a later change to these tables is a migration of its own."""
    op.create_table(
        "inbox",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("municipality", sa.Text(), nullable=False),
        sa.Column("caused_by", sa.Uuid(), nullable=True),
        sa.Column("body", JSONB(), nullable=True),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id"),
    )
    op.create_index("inbox_case", "inbox", ["case_id"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("headers", JSONB(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def drop_inbox_and_outbox() -> None:
    """What `create_inbox_and_outbox` made."""
    op.drop_table("outbox")
    op.drop_index("inbox_case", table_name="inbox")
    op.drop_table("inbox")

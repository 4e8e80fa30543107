"""The service's schema goes up and down, and is what the code says."""

import asyncpg
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared.migrations import downgrade, tables_of, upgrade
from tests.conftest import NewDatabase


async def _tables(url: str) -> set[str]:
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    return {row["tablename"] for row in rows}


async def test_the_schema_goes_down_to_nothing_and_up_again(new_database: NewDatabase) -> None:
    """Every migration can be taken back."""
    url = await new_database("metrics")
    assert {"case_fact", "inbox", "outbox"} <= await _tables(url)
    await downgrade("metrics", url)
    assert await _tables(url) == {"alembic_version"}
    await upgrade("metrics", url)
    assert {"case_fact", "inbox", "outbox"} <= await _tables(url)


async def test_the_migrations_make_what_the_code_describes(new_database: NewDatabase) -> None:
    """Autogenerate finds no difference, the computed columns included."""
    engine = create_async_engine(await new_database("metrics"), poolclass=NullPool)

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return [
            difference
            for difference in compare_metadata(context, tables_of("metrics"))  # type: ignore[arg-type]
            if "alembic_version" not in str(difference)
        ]

    async with engine.connect() as connection:
        found = await connection.run_sync(differences)
    await engine.dispose()
    assert not found

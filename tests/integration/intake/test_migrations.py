"""Intake's schema goes up and down, and is what the code says."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, inspect
from sqlalchemy.ext.asyncio import create_async_engine

from shared import migrations
from tests.conftest import NewDatabase


async def test_the_migrations_go_down_and_up_again_and_leave_nothing_to_do(new_database: NewDatabase) -> None:
    """Down to nothing, up to exactly the tables of the code."""
    url = await new_database("intake")
    engine = create_async_engine(url)

    def tables(connection: Connection) -> set[str]:
        return set(inspect(connection).get_table_names())

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, migrations.tables_of("intake")))  # type: ignore[arg-type]

    await migrations.downgrade("intake", url)
    async with engine.connect() as connection:
        assert await connection.run_sync(tables) == {"alembic_version"}
    await migrations.upgrade("intake", url)
    async with engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    await engine.dispose()

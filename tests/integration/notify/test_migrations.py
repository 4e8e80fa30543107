"""Notify's schema goes down and up, and is what the code expects."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from shared import migrations
from tests.conftest import NewDatabase


async def differences(url: str) -> list[object]:
    """What autogenerate would change."""

    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        return list(compare_metadata(context, migrations.tables_of("notify")))

    engine = create_async_engine(url, poolclass=NullPool)
    try:
        async with engine.connect() as connection:
            return await connection.run_sync(compare)
    finally:
        await engine.dispose()


async def test_the_schema_goes_down_and_up_and_is_the_codes(new_database: NewDatabase) -> None:
    """Nothing is left behind on the way down, and nothing differs after the way up."""
    url = await new_database("notify")
    await migrations.downgrade("notify", url)
    await migrations.upgrade("notify", url)
    assert await differences(url) == []

"""Databases and roles as the services find them, however often provisioning was interrupted."""

from uuid import uuid4

import asyncpg
import pytest

from deploy.errors import ProvisioningError
from deploy.provision import Login, migrate, provision_databases
from shared import migrations
from tests.conftest import NewDatabase


async def test_a_provisioning_that_stopped_halfway_is_finished_by_the_next(postgres_url: str) -> None:
    """A database made by a run that died before it shut the others out is shut to them after all."""
    name = f"provisioned_{uuid4().hex[:8]}"
    mine, other = Login(name, "secret", name), Login(f"{name}_other", "secret", f"{name}_other")
    admin = await asyncpg.connect(postgres_url)
    try:
        await admin.execute(f"CREATE ROLE {name}")
        await admin.execute(f"CREATE DATABASE {name} OWNER {name}")
        for _ in range(2):
            await provision_databases(postgres_url, [mine, other])
        may_connect = "SELECT has_database_privilege($1, $2, 'CONNECT')"
        assert await admin.fetchval(may_connect, mine.role, mine.database)
        assert not await admin.fetchval(may_connect, other.role, mine.database)
    finally:
        for login in (mine, other):
            await admin.execute(f"DROP DATABASE IF EXISTS {login.database}")
            await admin.execute(f"DROP ROLE IF EXISTS {login.role}")
        await admin.close()


async def test_a_database_is_not_changed_under_a_process_of_the_version_before(
    new_database: NewDatabase,
) -> None:
    """It would write columns that are gone, and its transactions would hold up the change, and the change it."""
    url = await new_database("metrics")
    await migrations.downgrade("metrics", url, "0008")
    running = await asyncpg.connect(url.replace("+asyncpg", ""))
    with pytest.raises(ProvisioningError, match="metrics is still running"):
        await migrate("metrics", url, patience=0.3)
    assert await running.fetchval("SELECT version_num FROM alembic_version") == "0008"
    await running.close()
    await migrate("metrics", url)
    assert not await migrations.is_behind("metrics", url)


async def test_where_nothing_of_the_database_changes_services_may_run(new_database: NewDatabase) -> None:
    """Another copy of one is started beside them, and provisioning runs before every start."""
    url = await new_database("intake")
    running = await asyncpg.connect(url.replace("+asyncpg", ""))
    await migrate("intake", url, patience=0)
    await running.close()

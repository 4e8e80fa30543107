"""Databases and roles as the services find them, however often provisioning was interrupted."""

from uuid import uuid4

import asyncpg

from deploy.provision import Login, provision_databases


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

"""`svarfrist audit`."""

import asyncio
import json
from contextlib import AsyncExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import asyncpg
import typer

from deploy.audit import Report, audit, settled
from deploy.bus import connected
from deploy.data_folder import SERVICES, DataFolder
from deploy.errors import NotRunningError
from deploy.postgres import admin_url
from shared.clock import FileClock, SystemClock

app = typer.Typer(add_completion=False)


@app.command("audit")
def audit_command(
    data: Annotated[Path, typer.Option(help="The stack's data folder.")] = Path("data"),
    wait: Annotated[float, typer.Option(help="Seconds to wait for what is under way.")] = 30.0,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Find whatever is lost, missing or double; exit code 0 only if nothing is."""
    is_settled, report = asyncio.run(_audited(DataFolder(data), wait))
    if as_json:
        told = {"clean": report.clean, "settled": is_settled, **asdict(report)}
        print(json.dumps(told, indent=2))
    else:
        _tell(report, is_settled=is_settled)
    if not report.clean or not is_settled:
        raise typer.Exit(1)


async def _audited(folder: DataFolder, wait: float) -> tuple[bool, Report]:
    record, secrets = folder.record(), folder.secrets()
    async with AsyncExitStack() as stack:
        nc = await stack.enter_async_context(connected(folder))
        databases: dict[str, asyncpg.Connection] = {}
        for service in SERVICES:
            url = admin_url(record.ports["postgres"], secrets.postgres_admin).rsplit("/", 1)[0]
            try:
                databases[service] = await asyncpg.connect(f"{url}/{service}", timeout=10)
            except (OSError, TimeoutError, asyncpg.PostgresError) as error:
                raise NotRunningError(folder.path) from error
            stack.push_async_callback(databases[service].close)
        js = nc.jetstream(timeout=30)
        is_settled = await settled(js, databases, wait)
        clock = FileClock(folder.clock) if record.test_clock else SystemClock()
        return is_settled, await audit(js, databases, clock())


def _tell(report: Report, *, is_settled: bool) -> None:
    print(", ".join(f"{count} {what}" for what, count in report.looked_at.items()))
    if not is_settled:
        print("Events are still under way between the services: try again in a while.")
    for finding in report.findings:
        shown = ", ".join(finding.ids) + (", ..." if finding.count > len(finding.ids) else "")
        print(f"{finding.count} x {finding.what}: {shown}")
    if report.clean and is_settled:
        print("Nothing is lost, missing or double.")

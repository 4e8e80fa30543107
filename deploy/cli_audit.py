"""`svarfrist audit`."""

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from deploy.audit import Report, audit, settled
from deploy.data_folder import DataFolder
from deploy.movable_clock import clock_of
from deploy.settling import running_parts

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
    async with running_parts(folder) as parts:
        is_settled = await settled(parts.js, parts.databases, wait)
        return is_settled, await audit(parts.js, parts.databases, clock_of(folder)())


def _tell(report: Report, *, is_settled: bool) -> None:
    print(", ".join(f"{count} {what}" for what, count in report.looked_at.items()))
    if not is_settled:
        print("Events are still under way between the services: try again in a while.")
    for finding in report.findings:
        shown = ", ".join(finding.ids) + (", ..." if finding.count > len(finding.ids) else "")
        print(f"{finding.count} x {finding.what}: {shown}")
    if report.clean and is_settled:
        print("Nothing is lost, missing or double.")

"""`svarfrist import`: historic cases of another system, into the figures."""

import asyncio
import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from deploy import stream
from deploy.bus import connected
from deploy.data_folder import DataFolder
from deploy.errors import StackError
from deploy.importing import map_file
from deploy.importing.cases import Case, cases
from deploy.importing.publishing import Import, last_said
from deploy.importing.recognising import Words
from deploy.importing.report import Report, require_format
from deploy.importing.table import Table
from deploy.long_work import LongWork, long_work
from deploy.movable_clock import clock_of
from shared import municipality
from shared.events import INVENTED, SUBJECT_ROOT

app = typer.Typer(add_completion=False)
INTERRUPTED = 130


class InventedFiguresError(StackError):
    """The municipality has a simulated year, with which real cases must not be mixed."""

    def __init__(self) -> None:
        super().__init__(
            "This stack has simulated figures, and real cases must not be mixed with invented ones: "
            "remove those first with 'svarfrist simulate --remove'."
        )


@app.command("import")
def import_command(
    file: Annotated[
        Path, typer.Argument(help="A CSV file (also compressed, .gz) or a Parquet file.", show_default=False)
    ],
    mapping: Annotated[
        Path,
        typer.Option("--map", help="A TOML file: the zone, and which column is what.", show_default=False),
    ],
    data: Annotated[Path, typer.Option(help="The stack's data folder.")] = Path("data"),
    report_to: Annotated[
        Path | None,
        typer.Option("--report", help="Where every remark goes, as .csv or .json.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Import historic cases of another system: they count in the figures, and nowhere else.

    The same file again changes nothing; a row that has changed takes the place of what it said before. Each row
    that is refused or peculiar is named with its number, the header being row 1, and the reason. Interrupted,
    it goes on where it stopped when it is run again.
    """
    if report_to:
        require_format(report_to)
    with long_work() as work, _interruptible():
        report, is_counted = asyncio.run(_imported(DataFolder(data), file, map_file.read(mapping), work))
    if report_to:
        report.write(report_to)
    if as_json:
        print(json.dumps({**report.document(), "counted": is_counted}, indent=2))
        return
    print("\n".join(report.lines()))
    if not is_counted:
        print("The figures do not have all of it yet: see 'svarfrist status'.")


async def _imported(
    folder: DataFolder, file: Path, mapping: map_file.ImportMap, work: LongWork
) -> tuple[Report, bool]:
    record = folder.record()
    async with connected(folder) as nc:
        js = nc.jetstream(timeout=30)
        if await stream.count(js, f"{SUBJECT_ROOT}.{record.municipality}.{INVENTED}.>"):
            raise InventedFiguresError
        work.began(f"Reading {file.name}")
        table = Table(file, mapping)
        found = list(work.following(cases(table, mapping.zone), table.count))
        report = Report(
            rows=table.count,
            encoding=table.encoding,
            separator=table.separator,
            remarks=[one for one in found if not isinstance(one, Case)],
        )
        place = municipality.load(record.municipality_folder)
        kept = list(Words.of(place).recognised(one for one in found if isinstance(one, Case)))
        clock = clock_of(folder)
        known = await last_said(js, record.municipality)
        sections = {unit.id: unit.section for unit in place.units.values()}
        here = Import(record.municipality, mapping.system, str(mapping.zone), clock(), sections)
        new, changed, report.unchanged = here.events(kept, known)
        report.new, report.changed = len(new), len(changed)
        said = [*new, *changed]
        work.began("Publishing", len(said))
        last = await stream.publish(js, said, work.reached)
        work.began("Counting", len(said))
        is_counted = not last or await stream.heard_by(
            js, "metrics", last, lambda left: work.reached(max(0, len(said) - left))
        )
    return report, is_counted


@contextmanager
def _interruptible() -> Generator[None]:
    try:
        yield
    except KeyboardInterrupt:
        typer.echo(
            "Stopped. Nothing is lost: run the same command again, and it goes on where it stopped.", err=True
        )
        raise typer.Exit(INTERRUPTED) from None

"""`svarfrist check FOLDER`: what is wrong with a municipality's configuration, with file and line."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from shared import municipality
from shared.clock import SystemClock, oslo_day


def check(
    folder: Annotated[
        Path, typer.Argument(help="A configuration folder, or the name of one that comes with the code.")
    ],
    on: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="The day to look from, for what is overdue; today.", show_default=False
        ),
    ] = None,
) -> None:
    """Say what is wrong with a municipality's configuration, with file and line of each fault.

    A promise whose review date has passed is a warning, and no fault.
    """
    try:
        faults = municipality.check(folder)
    except municipality.NoSuchMunicipalityError as error:
        typer.echo(error, err=True)
        raise typer.Exit(2) from None
    for fault in faults:
        typer.echo(fault)
    if faults:
        raise typer.Exit(1)
    for warning in municipality.warnings(folder, on.date() if on else oslo_day(SystemClock()())):
        typer.echo(f"{warning.file}:{warning.line}: warning: {warning.message}")
    loaded = municipality.load(folder)
    counts = (
        _counted(len(loaded.units), "unit", "units"),
        _counted(len(loaded.people), "person", "people"),
        _counted(len(loaded.topics), "topic", "topics"),
    )
    typer.echo(f"{loaded.look.name}: {', '.join(counts)}, no faults")


def _counted(number: int, one: str, other: str) -> str:
    return f"{number} {one if number == 1 else other}"

"""`svarfrist check FOLDER`: what is wrong with a municipality's configuration, with file and line."""

from pathlib import Path
from typing import Annotated

import typer

from shared import municipality


def check(
    folder: Annotated[
        Path, typer.Argument(help="A configuration folder, or the name of one that comes with the code.")
    ],
) -> None:
    """Say what is wrong with a municipality's configuration, with file and line of each fault."""
    try:
        faults = municipality.check(folder)
    except municipality.NoSuchMunicipalityError as error:
        typer.echo(error, err=True)
        raise typer.Exit(2) from None
    for fault in faults:
        typer.echo(fault)
    if faults:
        raise typer.Exit(1)
    loaded = municipality.load(folder)
    counts = (
        _counted(len(loaded.units), "unit", "units"),
        _counted(len(loaded.people), "person", "people"),
        _counted(len(loaded.topics), "topic", "topics"),
    )
    typer.echo(f"{loaded.look.name}: {', '.join(counts)}, no faults")


def _counted(number: int, one: str, other: str) -> str:
    return f"{number} {one if number == 1 else other}"

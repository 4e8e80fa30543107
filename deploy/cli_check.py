"""`svarfrist check FOLDER`: what is wrong with a municipality's configuration, with file and line."""

from pathlib import Path
from typing import Annotated

import typer

from shared import municipality


def check(
    folder: Annotated[Path, typer.Argument(help="A configuration folder, or the name of one that comes with the code.")],
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
    typer.echo(
        f"{loaded.look.name}: {len(loaded.units)} units, {len(loaded.people)} people, "
        f"{len(loaded.topics)} topics, no faults"
    )

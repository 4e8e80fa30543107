"""`svarfrist up`."""

from pathlib import Path
from typing import Annotated

import typer

from deploy import stack
from deploy.progress import display


def up(
    data: Annotated[Path, typer.Option(help="Where everything is kept.")] = Path("data"),
    port: Annotated[
        int | None,
        typer.Option(min=1, max=65535, help="Where residents come in; 8080, or the one used before."),
    ] = None,
    municipality: Annotated[
        str | None,
        typer.Option(metavar="FOLDER-OR-NAME", help="Its configuration; sorum, or the one used before."),
    ] = None,
    demo: Annotated[bool, typer.Option("--demo", help="Make some dozens of cases to look at.")] = False,  # noqa: FBT002 - a flag
    test_clock: Annotated[  # noqa: FBT002 - a flag
        bool, typer.Option("--test-clock", help="Let 'svarfrist clock advance' move the time.")
    ] = False,
) -> None:
    """Start the whole stack here, and stop it with Ctrl-C."""
    options = stack.Options(data=data, port=port, municipality=municipality, demo=demo, test_clock=test_clock)
    with display() as shown:
        stack.up(options, shown)

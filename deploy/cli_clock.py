"""`svarfrist clock`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from deploy import movable_clock
from deploy.data_folder import DataFolder

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def clock() -> None:
    """Move the time of a stack that was started with --test-clock."""


@app.command()
def advance(
    duration: Annotated[str, typer.Argument(help="How far, as an ISO 8601 duration: P8D, PT2H, P1DT30M.")],
    data: Annotated[Path, typer.Option(help="The stack's data folder.")] = Path("data"),
) -> None:
    """Move the time forward, for every service at once."""
    now = movable_clock.advance(DataFolder(data), movable_clock.duration(duration), datetime.now(UTC))
    print(f"It is now {now:%A %-d %B %Y %H:%M} in Oslo.")

"""`svarfrist set-aside`."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar
from uuid import UUID

import typer
from sqlalchemy.exc import SQLAlchemyError

from deploy import set_aside
from deploy.data_folder import DataFolder
from deploy.errors import NotRunningError, StackError
from deploy.movable_clock import clock_of
from deploy.set_aside import Found
from shared.clock import OSLO
from shared.database import Database

Answer = TypeVar("Answer")
app = typer.Typer(add_completion=False, no_args_is_help=True)
Data = Annotated[Path, typer.Option(help="The stack's data folder.")]


@app.callback()
def aside() -> None:
    """Look at what could not be decided or published and is tried again, and try it at once."""


@app.command("list")
def list_all(
    data: Data = Path("data"),
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """List steps of the ladder that are set aside, with why, and events that wait to be published."""
    now = clock_of(DataFolder(data))()
    found = _in_the_databases(data, lambda databases: set_aside.found(databases, now))
    if as_json:
        print(json.dumps(asdict(found), indent=2, default=str))
        return
    for line in in_words(found):
        print(line)


@app.command()
def retry(
    case: Annotated[str | None, typer.Argument(help="The id of a case, from `list`.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Those of every case.")] = False,  # noqa: FBT002 - a flag
    data: Data = Path("data"),
) -> None:
    """Try steps again at once. Events are tried again by themselves, each ten minutes at least."""
    if (case is None) != every:
        raise StackError("Say which one: the id of a case from `svarfrist set-aside list`, or --all.")
    try:
        case_id = UUID(case) if case else None
    except ValueError:
        raise StackError(
            f"{case} is not the id of a case: take it from `svarfrist set-aside list`."
        ) from None
    count = _in_the_databases(data, lambda databases: set_aside.retry(databases, case_id))
    print(f"To be tried again now: {count}")


def in_words(found: Found) -> Iterator[str]:
    """What an operator reads."""
    for step in found.steps:
        case = f"case {step.case_id} ({step.reference})"
        failed = "failed once" if step.tries == 1 else f"failed {step.tries} times"
        yield f"notify   step {step.step} of {case}  {failed}, again {_time(step.due_at)}: {step.error}"
    for event in found.events:
        what = f"event {event.event_id} {event.type}  case {event.case_id}"
        yield f"{event.service:<8} {what}  not published since {_time(event.since)}"
    if not found.steps and not found.events:
        yield "Nothing is set aside."


def _time(instant: datetime) -> str:
    return f"{instant.astimezone(OSLO):%Y-%m-%d %H:%M}"


def _in_the_databases(data: Path, work: Callable[[Mapping[str, Database]], Awaitable[Answer]]) -> Answer:
    folder = DataFolder(data)

    async def run() -> Answer:
        async with set_aside.databases_of(folder) as databases:
            try:
                return await work(databases)
            except (OSError, SQLAlchemyError) as error:
                raise NotRunningError(folder.path) from error

    return asyncio.run(run())

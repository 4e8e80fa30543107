"""`svarfrist dead-letters`."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from nats.js import JetStreamContext

from deploy import dead_letters
from deploy.bus import connected
from deploy.data_folder import DataFolder
from deploy.errors import StackError

app = typer.Typer(add_completion=False, no_args_is_help=True)
Data = Annotated[Path, typer.Option(help="The stack's data folder.")]
Number = Annotated[int, typer.Argument(help="The letter's number, from `list`.")]


@app.callback()
def letters() -> None:
    """Look at what could not be handled, and hand it in again."""


@app.command("list")
def list_letters(
    data: Data = Path("data"),
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """List the dead letters, oldest first."""
    found = [letter.summary() for letter in _on_the_bus(data, dead_letters.every)]
    if as_json:
        print(json.dumps(found, indent=2))
    elif not found:
        print("No dead letters.")
    else:
        for letter in found:
            print("{number:>5}  {service:<8} {type}  case {case}  {tries} tries: {error}".format(**letter))


@app.command()
def show(number: Number, data: Data = Path("data")) -> None:
    """Show one dead letter whole, with its error."""
    letter = _on_the_bus(data, lambda js: dead_letters.one(js, number))
    print(json.dumps(letter.whole(), indent=2, ensure_ascii=False))


@app.command()
def replay(
    number: Annotated[int | None, typer.Argument(help="The letter's number, from `list`.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,  # noqa: FBT002 - a flag
    data: Data = Path("data"),
) -> None:
    """Hand a dead letter in again: the service that failed tries anew, the others drop the copy."""
    if (number is None) != every:
        raise StackError("Say which one: a number from `svarfrist dead-letters list`, or --all.")

    async def hand_in(js: JetStreamContext) -> int:
        chosen = await dead_letters.every(js) if number is None else [await dead_letters.one(js, number)]
        for letter in chosen:
            await dead_letters.replay(js, letter)
        return len(chosen)

    count = _on_the_bus(data, hand_in)
    print(f"Handed in again: {count}")


def _on_the_bus(data: Path, work: Callable[[JetStreamContext], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with connected(DataFolder(data)) as nc:
            return await work(nc.jetstream())

    return asyncio.run(run())

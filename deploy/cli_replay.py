"""`svarfrist replay metrics`: the figures, rebuilt from the event history."""

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer
from nats.errors import Error as NatsError
from sqlalchemy.exc import SQLAlchemyError

from deploy import postgres
from deploy.bus import connected
from deploy.data_folder import DataFolder
from deploy.errors import StackError
from deploy.movable_clock import clock_of
from services.metrics.replay import Replayed, ReplayError, replay
from shared.database import Database

EVERY = 5.0
"""Seconds between two lines of progress."""

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.callback()
def rebuild() -> None:
    """Rebuild what a service derives from the event history."""


@app.command()
def metrics(data: Annotated[Path, typer.Option(help="The stack's data folder.")] = Path("data")) -> None:
    """Rebuild the figures beside those in use, from the first event on, and put them in their place."""
    started = time.monotonic()
    try:
        done = asyncio.run(_replayed(DataFolder(data)))
    except ReplayError as error:
        raise StackError(str(error)) from None
    except (NatsError, SQLAlchemyError, OSError) as error:
        raise StackError(
            f"The replay was interrupted ({type(error).__name__}). The figures are as they were; replay again."
        ) from error
    seconds = time.monotonic() - started
    rate = done.messages / seconds
    print(f"{done.counted} events counted in {seconds:.1f} s, {rate:.0f} messages a second.")
    if done.repeated:
        print(f"{done.repeated} stood on the stream more than once, and count once.")
    if done.unreadable:
        print(f"{done.unreadable} were no events, and are passed over: see 'svarfrist dead-letters list'.")


async def _replayed(folder: DataFolder) -> Replayed:
    record, secrets = folder.record(), folder.secrets()
    clock = clock_of(folder)
    async with connected(folder) as nc:
        url = postgres.service_url("metrics", record.ports["postgres"], secrets.postgres["metrics"])
        database = Database(url, clock)
        try:
            return await replay(nc, database, _Progress().tell)
        finally:
            await database.close()


class _Progress:
    """A line now and then."""

    def __init__(self) -> None:
        self._next = time.monotonic() + EVERY

    def tell(self, done: int, of: int) -> None:
        """How many of how many messages have been read."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + EVERY
        print(f"{done} of {of} messages ({done / max(of, 1):.0%})", flush=True)

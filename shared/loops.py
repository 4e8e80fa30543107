"""Ends loops that run until they are cancelled."""

import asyncio
from collections.abc import Collection
from typing import Any

AGAIN = 9.0
"""Seconds after which a loop that goes on is asked once more: longer than a message under way may take
(`services.notify.stopping`)."""


async def ended(loops: Collection[asyncio.Task[Any]], *, again: float = AGAIN) -> None:
    """Cancels the loops, and waits until the last has ended.

    More than once where it takes more: `asyncio.wait_for` of Python 3.11, which the bus' client waits by, loses
    a cancellation that comes in the same moment as its answer.
    """
    going = set(loops)
    while going:
        for loop in going:
            loop.cancel()
        _, going = await asyncio.wait(going, timeout=again)

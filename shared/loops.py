"""Loops that run until they are cancelled, and how they end.

A cancellation can be lost: `asyncio.wait_for` of Python 3.11 loses one that comes in the same moment as its answer,
and the bus' client makes an error of its own of one that comes while it waits for room. So a loop that waits by
either goes on `while not is_asked_to_end()`, and is asked again where it does not notice.
"""

import asyncio
from collections.abc import Collection
from typing import Any

REQUESTS = 10
"""Seconds that requests under way have when their process is asked to stop, before its loops are."""
AGAIN = 9.0
"""Seconds after which a loop that goes on is asked once more: longer than a message under way may take
(`services.notify.stopping`)."""
STOPPED = REQUESTS + AGAIN + 5.0
"""Seconds that a service has to stop before it may be killed; it usually takes less than one."""


async def ended(loops: Collection[asyncio.Task[Any]], *, again: float = AGAIN) -> None:
    """Cancels the loops, and waits until the last has ended; more than once where it takes more."""
    going = set(loops)
    while going:
        for loop in going:
            loop.cancel()
        _, going = await asyncio.wait(going, timeout=again)


def is_asked_to_end() -> bool:
    """Whether the task that asks was cancelled, though it may have lost that."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0

"""Ends a loop between two messages, not in the middle of one."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

Done = TypeVar("Done")

LIMIT = 8.0
"""Seconds that a message under way has when its process is asked to stop: less than those who ask it wait."""


async def to_the_end(work: Coroutine[Any, Any, Done], *, limit: float = LIMIT) -> Done:
    """Does the work; a cancellation waits for it, `limit` seconds at the most.

    What a server has taken over and nobody has recorded is sent again when the process is back.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if (await asyncio.wait({task}, timeout=limit))[1]:
            task.cancel()
            await asyncio.wait({task})
        raise

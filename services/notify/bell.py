"""Wakes loops that pause: something has been written down for them, or a test clock was moved."""

import asyncio
from collections.abc import Iterable
from contextlib import suppress

from shared.clock import FileClock


class Bell:
    """One loop's: rung while the loop works, it is heard at the next pause."""

    def __init__(self) -> None:
        self._rung = asyncio.Event()

    def ring(self) -> None:
        """Ends the pause."""
        self._rung.set()

    async def pause(self, seconds: float) -> None:
        """Returns when the bell is rung, or after so many seconds; at once for none."""
        if not seconds:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._rung.wait()
        self._rung.clear()


async def follow(clock: FileClock, bells: Iterable[Bell]) -> None:
    """Rings whenever a test clock is moved, until cancelled: what is due then is done at once."""
    rung = list(bells)
    while True:
        await clock.moved()
        for bell in rung:
            bell.ring()

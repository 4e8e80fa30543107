"""How fast messages go, at the most."""

import asyncio
import time
from collections.abc import Awaitable, Callable

Monotonic = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]


class Pacer:
    """Lets so many through a second, evenly; shared by all connections of a process."""

    def __init__(
        self, per_second: float, *, monotonic: Monotonic = time.monotonic, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._gap = 1 / per_second
        self._monotonic = monotonic
        self._sleep = sleep
        self._next = 0.0

    async def turn(self) -> None:
        """Waits for the next turn."""
        now = self._monotonic()
        mine = max(now, self._next)
        self._next = mine + self._gap
        if mine > now:
            await self._sleep(mine - now)

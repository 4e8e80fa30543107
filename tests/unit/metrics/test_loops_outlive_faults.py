"""The loops beside the pages go on whatever fails: one that died would take the service with it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import cast

import pytest
from asyncpg import CannotConnectNowError

from services.metrics.gauges import Gauges
from services.metrics.reading import Reader, Reading
from services.metrics.warming import Warming


class Failing:
    """A reader of a database that is just being started, as asyncpg says it."""

    def __init__(self) -> None:
        self.times = 0
        self.again = asyncio.Event()

    def today(self) -> date:
        """Any day."""
        return date(2026, 11, 16)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reading]:
        """Fails each time, and says when it was asked again."""
        self.times += 1
        if self.times > 1:
            self.again.set()
        raise CannotConnectNowError("the database system is starting up")
        yield


@pytest.mark.parametrize("kind", [Warming, Gauges])
async def test_a_loop_outlives_what_it_cannot_read(kind: type[Warming | Gauges]) -> None:
    """It is tried again, and the service goes on."""
    reader = Failing()
    loop = asyncio.create_task(kind(cast("Reader", reader), every=0).run())
    again = asyncio.create_task(reader.again.wait())
    await asyncio.wait([loop, again], return_when=asyncio.FIRST_COMPLETED, timeout=5)
    assert reader.again.is_set()
    assert not loop.done()
    for task in (loop, again):
        task.cancel()
    await asyncio.gather(loop, again, return_exceptions=True)

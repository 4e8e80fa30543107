"""A loop that is asked to end does."""

import asyncio
from contextlib import suppress

from shared.loops import ended


async def test_a_loop_that_loses_its_cancellation_is_asked_again() -> None:
    """As `asyncio.wait_for` of Python 3.11 loses it where an answer comes in the same moment."""

    async def loop() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        await asyncio.sleep(60)

    task = asyncio.create_task(loop())
    await asyncio.sleep(0)
    await asyncio.wait_for(ended([task], again=0.01), 5)
    assert task.cancelled()


async def test_one_that_takes_its_time_is_waited_for() -> None:
    """It is not asked again while it ends."""
    has_finished = False

    async def loop() -> None:
        nonlocal has_finished
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.05)
            has_finished = True

    task = asyncio.create_task(loop())
    await asyncio.sleep(0)
    await ended([task], again=5)
    assert has_finished


async def test_a_loop_that_has_died_holds_up_none() -> None:
    """What it died of was said when it did."""

    async def dying() -> None:
        raise ValueError

    died, runs = asyncio.create_task(dying()), asyncio.create_task(asyncio.sleep(60))
    await asyncio.sleep(0)
    await ended([died, runs])
    assert (died.exception() is not None, runs.cancelled()) == (True, True)

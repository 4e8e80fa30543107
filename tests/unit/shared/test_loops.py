"""A loop that is asked to end does."""

import asyncio
from contextlib import suppress

from shared.loops import ended, is_asked_to_end


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


async def test_a_loop_that_lost_its_cancellation_knows_of_it_nevertheless() -> None:
    """And ends by itself; a time limit of its own, by which asyncio cancels too, is none."""
    rounds = 0

    async def loop() -> None:
        nonlocal rounds
        while not is_asked_to_end():
            rounds += 1
            with suppress(asyncio.CancelledError, TimeoutError):
                async with asyncio.timeout(0.001 if rounds < 3 else 60):
                    await asyncio.sleep(60)

    task = asyncio.create_task(loop())
    async with asyncio.timeout(5):
        while rounds < 3:
            await asyncio.sleep(0.001)
    await asyncio.wait_for(ended([task], again=60), 5)
    assert (task.cancelled(), rounds) == (False, 3)

"""A loop that is asked to stop ends between two messages."""

import asyncio

import pytest

from services.notify.stopping import to_the_end


async def test_what_is_under_way_is_done_before_the_loop_ends() -> None:
    """The cancellation comes through afterwards."""
    may_go_on, done = asyncio.Event(), []

    async def work() -> None:
        await may_go_on.wait()
        done.append("recorded")

    loop = asyncio.create_task(to_the_end(work()))
    await asyncio.sleep(0)
    loop.cancel()
    await asyncio.sleep(0)
    assert not loop.done()
    may_go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await loop
    assert done == ["recorded"]


async def test_what_does_not_end_is_ended() -> None:
    """A server that hangs holds nobody up for longer than those who stop us wait."""
    ended = []

    async def work() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("cancelled")

    loop = asyncio.create_task(to_the_end(work(), limit=0.01))
    await asyncio.sleep(0)
    loop.cancel()
    with pytest.raises(asyncio.CancelledError):
        await loop
    assert ended == ["cancelled"]


async def test_work_that_nobody_stops_gives_what_it_gives() -> None:
    """And raises what it raises."""

    async def work() -> int:
        return 7

    async def fail() -> None:
        raise LookupError

    assert await to_the_end(work()) == 7
    with pytest.raises(LookupError):
        await to_the_end(fail())

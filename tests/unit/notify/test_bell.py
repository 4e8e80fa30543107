"""A loop that pauses is woken, and a test clock that is moved wakes every loop."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from time import monotonic

from services.notify.bell import Bell, follow
from shared.clock import FileClock, write_offset

LONG = 30.0


async def test_a_bell_ends_the_pause_also_where_it_was_rung_before() -> None:
    """What is written down while the loop works is not left until the next pause is over."""
    bell, began = Bell(), monotonic()
    bell.ring()
    await bell.pause(LONG)
    asyncio.get_running_loop().call_later(0.01, bell.ring)
    await bell.pause(LONG)
    assert monotonic() - began < LONG / 10


async def test_a_bell_that_was_heard_is_not_heard_again() -> None:
    """Or a loop would never pause."""
    bell = Bell()
    bell.ring()
    await bell.pause(LONG)
    began = monotonic()
    await bell.pause(0.05)
    assert monotonic() - began >= 0.05


async def test_a_test_clock_that_is_moved_rings_every_bell(tmp_path: Path) -> None:
    """What is due at the new time is done at once, not after a pause by the old one."""
    path = tmp_path / "clock"
    bells = [Bell(), Bell()]
    following = asyncio.create_task(follow(FileClock(path), bells))
    began = monotonic()
    try:
        for days in (1, 2):
            await asyncio.sleep(0)
            write_offset(path, timedelta(days=days))
            await asyncio.gather(*(bell.pause(LONG) for bell in bells))
    finally:
        following.cancel()
        with suppress(asyncio.CancelledError):
            await following
    assert monotonic() - began < LONG / 10

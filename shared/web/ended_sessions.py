"""Which sessions were ended by signing out, told to every process that reads the cookie (decision 19)."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import structlog
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from shared.loops import is_asked_to_end
from shared.web.session import SESSION_LENGTH

STREAM = "SESSIONS"
SUBJECT = "session.ended"
POLL = 1.0
"""Seconds between two looks: for so long another process may still take the cookie."""
_TIME_LIMIT = 5.0
_LAST = SESSION_LENGTH.total_seconds()

log = structlog.get_logger()


class EndedSessions:
    """The random names of sessions that are over before their time, held in memory.

    Each process reads the stream from its beginning when it starts, and what is new each second: no request
    waits for a look-up. Where the stream was made anew it begins anew, and forgets nothing. While the bus is
    away what is known holds, and what this process ends is said later.
    """

    def __init__(self, js: Callable[[], JetStreamContext], *, poll: float = POLL) -> None:
        """`js` gives JetStream, once the process has started."""
        self._js = js
        self._poll = poll
        self._ended: dict[str, float] = {}
        self._unsaid: list[str] = []
        self._woken = asyncio.Event()
        self._next = 1
        self._made: datetime | None = None
        self._is_away = False

    def __contains__(self, name: object) -> bool:
        """Whether a session has been ended."""
        return name in self._ended

    def end(self, name: str) -> None:
        """Ends a session: here at once, elsewhere in a moment."""
        self._note(name)
        self._unsaid.append(name)
        self._woken.set()

    async def follow(self) -> None:
        """Says and hears what has ended, until cancelled: one of the service's loops."""
        while not is_asked_to_end():
            try:
                await self._say()
                await self._hear()
                self._is_away = False
            except (NatsError, OSError, TimeoutError) as error:
                if not self._is_away:
                    log.warning("ended_sessions.bus_away", error=type(error).__name__)
                self._is_away = True
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll):
                    await self._woken.wait()
            self._woken.clear()
            if self._is_away:
                await asyncio.sleep(self._poll)

    async def _say(self) -> None:
        while self._unsaid:
            await self._js().publish(SUBJECT, self._unsaid[0].encode(), stream=STREAM, timeout=_TIME_LIMIT)
            self._unsaid.pop(0)

    async def _hear(self) -> None:
        stream = await self._js().stream_info(STREAM)
        # A bus that lost its disk, or has an earlier one back, counts anew: what it says now would never come next.
        if stream.created != self._made or stream.state.last_seq < self._next - 1:
            self._made, self._next = stream.created, 1
        while self._next <= stream.state.last_seq:
            try:
                message = await self._js().get_msg(STREAM, self._next, subject=SUBJECT, next=True)
            except NotFoundError:
                return
            self._next = (message.seq or self._next) + 1
            self._note((message.data or b"").decode("ascii", "replace"))

    def _note(self, name: str) -> None:
        now = time.monotonic()
        # Their cookies are too old by now, whoever has a copy.
        while self._ended and next(iter(self._ended.values())) < now - _LAST:
            del self._ended[next(iter(self._ended))]
        self._ended.setdefault(name, now)

"""How far the bus has been heard: nobody is reminded of, or judged by, what an unheard event would change."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from nats.errors import Error as NatsError

from shared.clock import Clock

Monotonic = Callable[[], float]


class Position(Protocol):
    """A place in the stream."""

    stream_seq: int


class ConsumerInfo(Protocol):
    """What JetStream says of a durable consumer."""

    num_pending: int | None
    delivered: Position | None
    ack_floor: Position | None


@dataclass(frozen=True, slots=True)
class _Mark:
    """What was said until an instant had been delivered, up to a place in the stream, and nothing was waiting."""

    at: datetime
    sequence: int
    made: float


class Hearing:
    """Tells up to which instant everything said has been handled, by asking for the consumer's position.

    An event that fails and is tried again later is waited for `patience` seconds, longer than JetStream waits
    for a process that died; after that it is a fault that has its own alarm, and the scheduler goes on. After
    the bus was away, and at the start, the other services get `settling` seconds to publish what they have; and
    at all times `on_its_way` from the instant an event says it was said at to its place in the stream: an answer
    given in the day's last second is published in the next.
    """

    def __init__(
        self,
        consumer_info: Callable[[], Awaitable[ConsumerInfo]],
        clock: Clock,
        *,
        settling: float = 6.0,
        patience: float = 75.0,
        on_its_way: timedelta = timedelta(seconds=3),
        monotonic: Monotonic = time.monotonic,
    ) -> None:
        self._consumer_info = consumer_info
        self._clock = clock
        self._settling = settling
        self._patience = patience
        self._on_its_way = on_its_way
        self._monotonic = monotonic
        self._connected: float | None = None
        self._mark: _Mark | None = None
        self._heard_until: datetime | None = None

    async def until(self) -> datetime | None:
        """The instant up to which everything has been heard; None where that has never been so."""
        said_until = self._clock() - self._on_its_way
        try:
            info = await self._consumer_info()
        except (NatsError, OSError, TimeoutError):
            self._connected = self._mark = None
            return self._heard_until
        if self._connected is None:
            self._connected = self._monotonic()
        if self._monotonic() - self._connected >= self._settling:
            self._listen(info, said_until)
        return self._heard_until

    def _listen(self, info: ConsumerInfo, said_until: datetime) -> None:
        delivered = info.delivered.stream_seq if info.delivered else 0
        handled = info.ack_floor.stream_seq if info.ack_floor else 0
        if self._mark and (handled >= self._mark.sequence or self._waited_long_for(self._mark)):
            self._heard_until, self._mark = self._mark.at, None
        if info.num_pending:
            return
        if handled >= delivered:
            self._heard_until, self._mark = said_until, None
        elif self._mark is None:
            self._mark = _Mark(said_until, delivered, self._monotonic())

    def _waited_long_for(self, mark: _Mark) -> bool:
        return self._monotonic() - mark.made > self._patience

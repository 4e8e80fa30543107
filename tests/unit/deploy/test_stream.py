"""What the operator reads from the stream is all of it, or an error: never a part that looks like all."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from nats.errors import TimeoutError as NatsTimeoutError

from deploy import stream
from deploy.errors import BusAwayError


class Subscription:
    """Hands out messages in the portions it is told, and is silent in between."""

    def __init__(self, portions: Sequence[Sequence[int]], pending: int) -> None:
        self._portions = list(portions)
        self._pending = pending

    async def fetch(self, _count: int, timeout: float) -> list[Any]:
        """The next portion; an empty one is silence."""
        assert timeout
        portion = self._portions.pop(0) if self._portions else ()
        if not portion:
            raise NatsTimeoutError
        return [
            SimpleNamespace(
                metadata=SimpleNamespace(sequence=SimpleNamespace(stream=number), num_pending=10 - number)
            )
            for number in portion
        ]

    async def consumer_info(self) -> Any:
        """How many are still to come."""
        return SimpleNamespace(num_pending=self._pending)

    async def unsubscribe(self) -> None:
        """Ends it."""


class Bus:
    """A stream of ten messages."""

    def __init__(self, subscription: Subscription) -> None:
        self._subscription = subscription

    async def stream_info(self, _name: str, subjects_filter: str | None = None) -> Any:
        """How many there are."""
        return SimpleNamespace(state=SimpleNamespace(subjects={subjects_filter: 10}, last_seq=10))

    async def pull_subscribe(self, _subject: str, **_options: object) -> Subscription:
        """The one there is."""
        return self._subscription


async def read(subscription: Subscription) -> list[int]:
    """The numbers of the messages read."""
    bus: Any = Bus(subscription)
    return [message.metadata.sequence.stream async for message in stream.messages(bus, "dialogue.>")]


async def test_a_bus_that_is_slow_for_a_while_is_read_to_its_end() -> None:
    """Silence is not the end as long as there are messages to come."""
    numbers = list(range(1, 11))
    assert await read(Subscription([numbers[:5], [], [], numbers[5:]], pending=5)) == numbers


async def test_what_was_purged_meanwhile_is_not_waited_for() -> None:
    """Nothing more is to come: that is the end."""
    assert await read(Subscription([[1, 2]], pending=0)) == [1, 2]


async def test_a_bus_that_stays_silent_is_an_error() -> None:
    """An audit of a part would call the rest missing."""
    with pytest.raises(BusAwayError):
        await read(Subscription([[1, 2]], pending=8))

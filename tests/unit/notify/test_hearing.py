"""How far the bus has been heard."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from nats.errors import TimeoutError as NatsTimeoutError

from services.notify.hearing import Hearing
from shared.clock import FixedClock

START = datetime(2026, 11, 23, 23, 0, tzinfo=UTC)


@dataclass
class Place:
    """A place in the stream."""

    stream_seq: int


@dataclass
class Info:
    """What JetStream says of the consumer."""

    num_pending: int
    delivered: Place
    ack_floor: Place


class Bus:
    """A consumer's position and time, as a test wants them."""

    def __init__(self) -> None:
        self.clock = FixedClock(START)
        self.seconds = 0.0
        self.is_away = False
        self.at(delivered=0, handled=0)
        self.hearing = self.hearing_with(timedelta())

    def hearing_with(self, on_its_way: timedelta) -> Hearing:
        """One that gives what is said so long to get to the stream."""
        return Hearing(
            self.info,
            self.clock,
            settling=6,
            patience=75,
            on_its_way=on_its_way,
            monotonic=lambda: self.seconds,
        )

    def at(self, *, delivered: int, handled: int, pending: int = 0) -> None:
        """Where the consumer is."""
        self._info = Info(pending, Place(delivered), Place(handled))

    async def info(self) -> Info:
        """Answers, or does not."""
        if self.is_away:
            raise NatsTimeoutError
        return self._info

    def passes(self, seconds: float) -> None:
        """Time goes on."""
        self.seconds += seconds
        self.clock.advance(timedelta(seconds=seconds))


@pytest.fixture
async def bus() -> Bus:
    """A bus that has been there long enough."""
    bus = Bus()
    await bus.hearing.until()
    bus.passes(6)
    return bus


async def test_all_is_heard_when_nothing_waits_and_everything_is_handled(bus: Bus) -> None:
    """Then it is heard until now."""
    bus.at(delivered=7, handled=7)
    assert await bus.hearing.until() == bus.clock()


async def test_a_backlog_is_heard_first(bus: Bus) -> None:
    """A week's events wait on the stream: nothing is decided before they are handled."""
    bus.at(delivered=7, handled=7, pending=500)
    assert await bus.hearing.until() is None


async def test_under_constant_traffic_all_is_heard_up_to_the_last_look(bus: Bus) -> None:
    """Something is always in flight, but what was in flight a second ago is handled now."""
    bus.at(delivered=7, handled=5)
    assert await bus.hearing.until() is None
    looked_at = bus.clock()
    bus.passes(1)
    bus.at(delivered=12, handled=9)
    assert await bus.hearing.until() == looked_at


async def test_one_event_that_fails_again_and_again_does_not_stop_the_ladder(bus: Bus) -> None:
    """After more than JetStream's own patience with a dead process it is a fault with an alarm of its own."""
    bus.at(delivered=7, handled=5)
    looked_at = bus.clock()
    assert await bus.hearing.until() is None
    bus.passes(76)
    assert await bus.hearing.until() == looked_at


async def test_a_bus_that_was_away_gives_the_others_time_to_say_what_they_have(bus: Bus) -> None:
    """Until then what was heard before stays what was heard."""
    heard = await bus.hearing.until()
    bus.passes(60)
    bus.is_away = True
    assert await bus.hearing.until() == heard
    bus.passes(60)
    bus.is_away = False
    assert await bus.hearing.until() == heard
    bus.passes(5)
    assert await bus.hearing.until() == heard
    bus.passes(1)
    assert await bus.hearing.until() == bus.clock()


async def test_what_was_said_a_moment_ago_may_still_be_on_its_way(bus: Bus) -> None:
    """An answer given in the last second of the due day is committed, then published: it is not judged before."""
    hearing = bus.hearing_with(timedelta(seconds=3))
    await hearing.until()
    bus.passes(6)
    midnight = bus.clock()
    bus.at(delivered=7, handled=7)
    assert await hearing.until() == midnight - timedelta(seconds=3)
    bus.at(delivered=8, handled=8)
    bus.passes(3)
    assert await hearing.until() == midnight

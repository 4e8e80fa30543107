"""Dead letters on a real bus: listed, shown whole, and handed in again."""

from collections.abc import Sequence

import nats
import pytest

from deploy import dead_letters
from deploy.dead_letters import NoSuchDeadLetterError
from shared import events
from shared.database import Database, Transaction
from shared.events import Event
from shared.messaging import Consumer
from tests.conftest import NewDatabase
from tests.events_for_tests import MONDAY, received


class Road:
    """A handler that fails while the road is closed."""

    def __init__(self) -> None:
        self.closed = True
        self.heard: list[Event] = []

    async def __call__(self, new: Sequence[Event], _tx: Transaction) -> None:
        """Fails, or remembers."""
        if self.closed:
            raise RuntimeError("the road is closed")
        self.heard += new


async def test_a_dead_letter_that_is_handed_in_again_is_handled_once_and_taken_away(
    bus: nats.NATS, new_database: NewDatabase
) -> None:
    """The event reaches the service that failed, as it was; the letter goes when the stream has it."""
    js, road = bus.jetstream(), Road()
    database = Database(await new_database("plain"), lambda: MONDAY)
    consumer = Consumer(service="routing", nc=bus, js=js, database=database, handler=road, retry_delays=())
    event = received()
    await js.publish(event.subject, event.body(), headers={**event.headers(), "Nats-Msg-Id": str(event.id)})
    pull = await js.pull_subscribe_bind("routing", stream="DIALOGUE")
    await consumer.handle(await pull.fetch(1, timeout=60))

    (letter,) = await dead_letters.every(js)
    assert letter.service == "routing"
    assert letter.error == "RuntimeError: the road is closed"
    assert events.read(letter.event_headers, letter.body) == event
    assert letter.whole()["body"]["reference"] == "7K3M-92QX"

    road.closed = False
    await dead_letters.replay(js, letter)
    await consumer.handle(await pull.fetch(1, timeout=60))
    assert road.heard == [event]
    assert await dead_letters.every(js) == []
    with pytest.raises(NoSuchDeadLetterError, match="no dead letter 1"):
        await dead_letters.one(js, 1)
    await database.close()

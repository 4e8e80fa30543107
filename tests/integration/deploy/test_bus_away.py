"""A bus that goes away while a command works is told in a sentence."""

from types import SimpleNamespace
from typing import Any

import pytest
from nats.js.errors import NotFoundError

from deploy import dead_letters
from deploy.bus import connected
from deploy.errors import BusAwayError


async def test_what_the_bus_does_not_answer_becomes_a_sentence(nats_url: str) -> None:
    """Whatever nats-py raises meanwhile: here, a stream that provisioning has not made."""
    folder: Any = SimpleNamespace(
        path="data",
        record=lambda: SimpleNamespace(parts={"nats": SimpleNamespace(address=nats_url)}),
        secrets=lambda: SimpleNamespace(nats={"operator": ""}),
    )
    with pytest.raises(BusAwayError, match="svarfrist status") as told:
        async with connected(folder) as nc:
            await nc.jetstream().delete_stream("NONE")
    assert isinstance(told.value.__cause__, NotFoundError)
    with pytest.raises(dead_letters.NoSuchDeadLetterError):
        async with connected(folder):
            raise dead_letters.NoSuchDeadLetterError(7)

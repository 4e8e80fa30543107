"""Events become facts."""

from collections.abc import Sequence

from services.metrics import store
from services.metrics.facts import fold
from shared.database import Transaction
from shared.events import Event


async def count(events: Sequence[Event], tx: Transaction) -> None:
    """Merges what new events say into the facts of their cases; every event counts once, in any order."""
    await store.merge(tx.session, fold(events))

"""Events become facts."""

from collections.abc import Sequence

from services.metrics import counting
from services.metrics.facts import fold
from shared.database import Transaction
from shared.events import Event

BATCH = 2000
"""Events of one transaction at the most: the more of them, the more often they change the same cells."""
BESIDE = 2
"""Batches under way at once: while PostgreSQL counts one, the next is read, claimed and folded."""


async def count(events: Sequence[Event], tx: Transaction) -> None:
    """Counts new events: every event counts once, in any order."""
    await counting.count(tx.session, fold(events))

"""What intake does with the events it hears: nothing but keep them.

The loop writes each event to the inbox before it calls a handler, and the inbox is a case's history: the
resident's page is folded from it when somebody looks (see story.py).
"""

from collections.abc import Sequence

from shared.database import Transaction
from shared.events import Event


async def keep(_events: Sequence[Event], _tx: Transaction) -> None:
    """The inbox has them already."""

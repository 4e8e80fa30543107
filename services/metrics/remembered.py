"""What was found in a database, kept for as long as it is still what would be found.

Each thing is kept with what it was found of, such as the versions of its months: where that has changed since, it
is as good as forgotten.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterator
from itertools import count
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Engine
from sqlalchemy.ext.asyncio import AsyncSession

MOST: Final = 100_000_000
"""Bytes that may be remembered of one database, roughly."""
_OF_ITSELF: Final = 400
"""Bytes that it takes to remember anything."""


class Memory:
    """What is known of one database; the longest unused is forgotten first."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._held = 0
        self._found: OrderedDict[Hashable, tuple[Hashable, Any, int]] = OrderedDict()
        self._numbers: dict[Hashable, int] = {}
        self._next: Iterator[int] = count()

    def number(self, asked: Hashable) -> int:
        """A number in place of what is asked again and again, and takes long to hash: the same for what is equal."""
        if asked not in self._numbers:
            self._numbers[asked] = next(self._next)
        return self._numbers[asked]

    def recall(self, what: Hashable, of: Hashable) -> Any:
        """What was found; None where nothing was, or of something else."""
        remembered = self._found.get(what)
        if remembered is None or remembered[0] != of:
            return None
        self._found.move_to_end(what)
        return remembered[1]

    def keep(self, what: Hashable, of: Hashable, found: Any, size: int = 0) -> None:
        """Remembers what was found. `size` is how many bytes it takes, roughly."""
        self._held -= self._found.pop(what, (None, None, 0))[2]
        self._found[what] = (of, found, size + _OF_ITSELF)
        self._held += size + _OF_ITSELF
        while self._held > self._most:
            self._held -= self._found.popitem(last=False)[1][2]
        if len(self._numbers) > self._most // _OF_ITSELF:
            # Those of what was forgotten are of no use, and which these are nobody knows.
            self._numbers.clear()
            self._found.clear()
            self._held = 0


_memories: WeakKeyDictionary[Engine, Memory] = WeakKeyDictionary()


def memory_of(session: AsyncSession) -> Memory:
    """What is known of the database that the session asks."""
    return _memories.setdefault(session.get_bind().engine, Memory())

"""Sorted lists that are too long to be held, read side by side."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, TypeVar

READ_AT_ONCE = 5000
"""Rows or messages that are held at a time, of each list."""
Key = TypeVar("Key", bound=Any)
Value = TypeVar("Value")


async def side_by_side(
    lists: Mapping[str, AsyncIterator[tuple[Key, Value]]],
) -> AsyncIterator[tuple[Key, dict[str, Value]]]:
    """Each key there is, in order, with what the lists that have it say of it, by their names.

    Each list is sorted by its keys and has none twice; of each no more than one item is held.
    """
    heads = {name: head for name, one in lists.items() if (head := await anext(one, None)) is not None}
    while heads:
        key = min(head[0] for head in heads.values())
        said = {name: head[1] for name, head in heads.items() if head[0] == key}
        yield key, said
        for name in said:
            head = await anext(lists[name], None)
            if head is None:
                del heads[name]
            else:
                heads[name] = head

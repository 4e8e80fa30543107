"""Lists that are too long to be held are read side by side."""

from collections.abc import AsyncIterator, Collection

from hypothesis import given
from hypothesis import strategies as st

from deploy.merging import side_by_side


async def sorted_list(keys: Collection[int], name: str) -> AsyncIterator[tuple[int, str]]:
    """The keys in order, each with something to say."""
    for key in sorted(keys):
        yield key, f"{name} {key}"


@given(st.dictionaries(st.sampled_from("abcd"), st.sets(st.integers(0, 30))))
async def test_each_key_comes_once_in_order_with_what_each_list_says_of_it(
    lists: dict[str, set[int]],
) -> None:
    """Whatever the lists have in common, and where one is empty."""
    met = [
        item async for item in side_by_side({name: sorted_list(keys, name) for name, keys in lists.items()})
    ]
    assert [key for key, _ in met] == sorted(set().union(*lists.values()))
    for key, said in met:
        assert said == {name: f"{name} {key}" for name, keys in lists.items() if key in keys}

"""Facts merge in any order, over any cuts."""

from datetime import UTC, datetime, timedelta
from functools import reduce
from itertools import pairwise
from random import Random
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from services.metrics.facts import COUNTED, DECIDED, EARLIEST, Fact, fold, merge, rank
from services.metrics.store import CaseFact
from shared.events import EVENTS, Event
from tests.events_for_tests import MONDAY, received
from tests.integration.metrics.case_stories import stories

INSTANTS = st.timedeltas(timedelta(0), timedelta(days=100_000)).map(datetime(1900, 1, 1, tzinfo=UTC).__add__)


def merged(parts: list[list[Event]]) -> dict[UUID, Fact]:
    """Facts folded part by part and then merged."""

    def take(known: dict[UUID, Fact], said: dict[UUID, Fact]) -> dict[UUID, Fact]:
        for case_id, fact in said.items():
            merge(known.setdefault(case_id, {}), fact)
        return known

    return reduce(take, (fold(part) for part in parts), {})


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 5), st.lists(st.integers(0, 60), max_size=5))
def test_any_order_and_any_cuts_give_the_same_facts(seed: int, cases: int, cuts: list[int]) -> None:
    """Shuffled and folded in pieces, the pieces merged: the same as all at once."""
    events = stories(seed, cases)
    shuffled = list(events)
    Random(seed).shuffle(shuffled)  # noqa: S311 - a test's order
    places = sorted({0, len(shuffled), *(cut % len(shuffled) for cut in cuts)})
    pieces = [shuffled[start:end] for start, end in pairwise(places)]
    assert merged(pieces) == fold(events)


@settings(deadline=None)
@given(
    st.tuples(st.integers(0, 4095), INSTANTS, st.uuids()),
    st.tuples(st.integers(0, 4095), INSTANTS, st.uuids()),
)
def test_a_rank_orders_by_version_then_time(
    one: tuple[int, datetime, UUID], other: tuple[int, datetime, UUID]
) -> None:
    """To the microsecond, for any year a case can be of."""
    events = [received(at=at, id=event_id) for _, at, event_id in (one, other)]
    ranks = [rank(event, version) for event, (version, _, _) in zip(events, (one, other), strict=True)]
    if one[:2] != other[:2]:
        assert (ranks[0] < ranks[1]) == (one[:2] < other[:2])


def test_two_events_at_the_same_instant_have_an_order() -> None:
    """Their ids decide, so that it is the same everywhere."""
    first, second = received(), received()
    assert rank(first) != rank(second)
    later = received(at=MONDAY + timedelta(microseconds=1))
    assert max(rank(first), rank(second)) < rank(later)


def test_every_column_that_is_said_is_a_column_of_the_table() -> None:
    """And every column of the table but the computed ones is said by some event."""
    said = {*EARLIEST, *COUNTED, *(name for group in DECIDED for name in (group.rank, *group.columns))}
    columns = {column.name for column in CaseFact.__table__.columns if column.computed is None}
    assert said == columns - {"case_id"}


def test_every_event_says_something() -> None:
    """A new event of the contract is either counted or left out on purpose."""
    spoken = {type(event) for event in stories(1, 200)}
    assert spoken == set(EVENTS)
    assert all(fold([event]) for event in stories(1, 200))

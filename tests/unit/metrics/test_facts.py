"""Facts merge in any order, over any cuts."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise, permutations
from random import Random
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.metrics.facts import SILENT, Facts, fold
from services.metrics.shapes import CASE, PROMISE, Shape, rank
from services.metrics.store import CaseFact, PromiseFact, Row
from shared.events import (
    EVENTS,
    CaseReclassified,
    Event,
    Kind,
    LapseReason,
    MoveReason,
    PromiseLapsed,
    PromiseMoved,
)
from tests.events_for_tests import MONDAY, after, received
from tests.integration.metrics.case_stories import stories

INSTANTS = st.timedeltas(timedelta(0), timedelta(days=100_000)).map(datetime(1900, 1, 1, tzinfo=UTC).__add__)


def merged(parts: list[list[Event]]) -> Facts:
    """Facts folded part by part and then merged."""
    whole = Facts()
    for part in parts:
        whole.add(fold(part))
    return whole


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


@pytest.mark.parametrize(("row", "shape"), [(CaseFact, CASE), (PromiseFact, PROMISE)])
def test_every_column_that_is_said_is_a_column_of_the_table(row: type[Row], shape: Shape) -> None:
    """And every column of the table but the key and the computed ones is said by some event."""
    table = row.__table__
    columns = {column.name for column in table.columns if column.computed is None and not column.primary_key}
    assert set(shape.columns) == columns


def test_every_event_says_something_or_is_left_out_on_purpose() -> None:
    """A new event of the contract is either counted or named as one that is not."""
    events = stories(1, 400)
    assert {type(event) for event in events} == set(EVENTS)
    for event in events:
        facts = fold([event])
        says = any(facts.cases.values()) or bool(facts.promises)
        assert says == (type(event) not in SILENT), event.NAME


def test_what_a_caseworker_says_a_case_is_outranks_what_its_resident_said() -> None:
    """Also where the caseworker's clock is behind."""
    first = received()
    terms = {"kind": Kind.APPEAL, "topic": "byggesak", "area": None, "person": "kari", "unit": "plan"}
    change = after(first, CaseReclassified, at=MONDAY - timedelta(hours=1), promise=None, **terms)
    for order in ([first, change], [change, first]):
        fact = fold(order).cases[first.case_id]
        assert (fact["kind"], fact["topic"], fact["area"]) == ("appeal", "byggesak", None)


def test_a_promise_that_has_lapsed_has_no_due_day_until_it_is_made_anew() -> None:
    """By the version, in whatever order they are heard."""
    first = received()
    lapsed = after(first, PromiseLapsed, at=MONDAY, version=2, number=1, reason=LapseReason.RECLASSIFIED)
    moved = after(
        first,
        PromiseMoved,
        at=MONDAY,
        version=3,
        number=1,
        reason=MoveReason.RECLASSIFIED,
        promise_id="klage",
        rule="P3W",
        rule_version="1",
        moved_from=date(2026, 11, 23),
        due_on=date(2026, 12, 7),
        due_without_pauses_on=date(2026, 12, 7),
    )
    assert fold([lapsed, first]).promises[first.case_id, 1]["due_on"] is None
    for order in permutations([first, lapsed, moved]):
        fact = fold(order).promises[first.case_id, 1]
        assert (fact["due_on"], fact["lapsed"]) == (date(2026, 12, 7), None)


@pytest.mark.parametrize(
    ("received_on", "due_on"),
    [("2026-01-31", "2026-03-02"), ("2026-11-16", "2026-12-16"), ("2026-03-26", "2026-04-27")],
)
def test_an_interim_answer_is_due_a_month_after_receipt(received_on: str, due_on: str) -> None:
    """Moved on to a working day by the law's calendar; nothing is due to those who want no answer."""
    at = datetime.fromisoformat(f"{received_on}T12:00+01:00")
    event = received(at=at)
    fact = fold([event]).cases[event.case_id]
    assert fact["interim_due_on"] == date.fromisoformat(due_on)
    silent = received(at=at, reply_wanted=False, promise=None)
    assert fold([silent]).cases[silent.case_id]["interim_due_on"] is None

"""Who gets a new case."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.assignment import Load, Workload, assign, candidates, staffed_on
from shared import municipality
from shared.events import AssignmentReason
from shared.municipality import Municipality

MONDAY = date(2026, 11, 16)
NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
UNIT = "kommunalteknikk-heggedal-dikemark"
ASKER = municipality.load("asker")
TEAM = ["linh-pham", "rania-haddad", "tor-kvam"]


@pytest.fixture(scope="module")
def asker() -> Municipality:
    """Asker, where service and place decide."""
    return ASKER


@pytest.mark.parametrize(
    ("topic", "area", "unit", "reason"),
    [
        ("vei-og-vinterdrift", "heggedal", UNIT, AssignmentReason.TOPIC_AND_AREA),
        ("vei-og-vinterdrift", None, "kommunalteknikk", AssignmentReason.TOPIC),
        ("byggesak", "heggedal", "byggesak", AssignmentReason.TOPIC),
        (None, "heggedal", "innbyggertorget", AssignmentReason.NO_TOPIC),
        ("romfart", None, "innbyggertorget", AssignmentReason.UNKNOWN_TOPIC),
    ],
)
def test_topic_and_area_decide_the_unit(
    asker: Municipality, topic: str | None, area: str | None, unit: str, reason: AssignmentReason
) -> None:
    """And what no rule can place goes to the front desk, which says why."""
    given_to = assign(topic, area, municipality=asker, workload=Workload({}), day=MONDAY, at=NOW)
    assert (given_to.unit, given_to.reason) == (unit, reason)
    assert given_to.person in {person.id for person in asker.members(unit)}


def test_the_least_open_work_decides_the_person(asker: Municipality) -> None:
    """Not the order of the file."""
    workload = Workload({"linh-pham": Load(3), "rania-haddad": Load(1), "tor-kvam": Load(2)})
    people = candidates(asker, UNIT, MONDAY)
    given_to = [workload.give(people, NOW) for _ in range(3)]
    assert given_to == ["rania-haddad", "tor-kvam", "rania-haddad"]


def test_among_equals_it_is_the_turn_of_who_has_waited_longest(asker: Municipality) -> None:
    """Then the id decides, so that every process decides alike."""
    people = candidates(asker, UNIT, MONDAY)
    before = NOW - timedelta(days=1)
    workload = Workload({"linh-pham": Load(0, NOW), "rania-haddad": Load(0, before), "tor-kvam": Load(0)})
    assert [workload.give(people, NOW) for _ in range(2)] == ["tor-kvam", "rania-haddad"]
    assert Workload({}).give(people, NOW) == "linh-pham"


@given(st.lists(st.integers(0, 9), min_size=3, max_size=3), st.integers(1, 60))
def test_a_batch_evens_the_work_out(open_work: list[int], cases: int) -> None:
    """Nobody gets a case while a colleague has less to do."""
    workload = Workload({person: Load(count) for person, count in zip(TEAM, open_work, strict=True)})
    people = candidates(ASKER, UNIT, MONDAY)
    given_to = Counter(workload.give(people, NOW) for _ in range(cases))
    after = {person: count + given_to[person] for person, count in zip(TEAM, open_work, strict=True)}
    got = [after[person] for person in TEAM if given_to[person]]
    assert max(got) - min(after.values()) <= 1


def test_who_is_on_leave_gets_nothing(asker: Municipality) -> None:
    """Rania Haddad is away in the winter holidays."""
    on_leave = date(2027, 2, 24)
    assert [person.id for person in candidates(asker, UNIT, on_leave)] == ["linh-pham", "tor-kvam"]


def test_a_weekend_counts_as_the_next_working_day(asker: Municipality) -> None:
    """What comes on a Saturday does not go to someone whose leave begins on Monday."""
    saturday = date(2027, 2, 20)
    assert staffed_on(saturday, asker) == date(2027, 2, 22)
    assert "rania-haddad" not in {person.id for person in candidates(asker, UNIT, saturday)}


def test_where_nobody_is_at_work_the_case_is_the_units() -> None:
    """Without a person, for the leader to see."""
    assert Workload({}).give([], NOW) is None

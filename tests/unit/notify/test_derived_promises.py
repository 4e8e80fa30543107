"""Which promises a case has: whatever is heard when, what is written down ends as what was said."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.notify.case import PromiseState
from services.notify.promises import Change, Recorded, changes
from services.notify.terms import Derived, derive, says
from shared.clock import OSLO
from shared.events import (
    CaseAnswered,
    CaseExtended,
    CaseMerged,
    CasePaused,
    CaseReclassified,
    CaseReopened,
    CaseRestarted,
    Event,
    Kind,
    MoveReason,
    Promised,
    PromiseMade,
    PromiseMoved,
    SubmissionReceived,
    SubmissionSupplemented,
)
from shared.workdays import WorkCalendar
from tests.events_for_tests import received

LAW = WorkCalendar()
NOON = datetime(2026, 11, 16, 11, tzinfo=UTC)


def _at(hours: int) -> datetime:
    return NOON + timedelta(hours=hours)


def _day(hours: int, days: int) -> date:
    return (_at(hours) + timedelta(days=days)).astimezone(OSLO).date()


def _promised(due_on: date) -> Promised:
    return Promised(promise_id="p", rule="P1W", rule_version="1", due_on=due_on)


def _fields(name: str, hours: int) -> dict[str, Any]:
    """What an event of a kind says; the hour gives the days, so that they differ."""
    promise = _promised(_day(hours, hours % 5)) if hours % 3 else None
    fields: Mapping[str, dict[str, Any]] = {
        "paused": {"question_id": uuid4(), "until": _day(hours, hours % 6)},
        "extended": {"answer_id": uuid4(), "due_on": _day(hours, hours % 9)},
        "restarted": {"answer_id": uuid4(), "counted_from": _at(hours)},
        "reclassified": {"kind": Kind.APPEAL, "topic": None, "area": None, "promise": promise},
        "reopened": {"promise": _promised(_day(hours, 7))},
        "merged": {"into": uuid4()},
        "answered": {"answer_id": uuid4()},
    }
    return {**fields[name], "person": "p", "unit": "u"}


def _event(cause: Event, name: str, hours: int) -> Event:
    if name == "supplemented":
        return SubmissionSupplemented.caused(cause, at=_at(hours), supplement_id=uuid4())
    return KINDS[name].caused(cause, at=_at(hours), **_fields(name, hours))


KINDS: Mapping[str, type[Event]] = {
    "paused": CasePaused,
    "supplemented": SubmissionSupplemented,
    "extended": CaseExtended,
    "restarted": CaseRestarted,
    "reclassified": CaseReclassified,
    "reopened": CaseReopened,
    "merged": CaseMerged,
    "answered": CaseAnswered,
}


@st.composite
def arrivals(draw: st.DrawFn) -> list[Event]:
    """A case's events, in any order of arrival, some of them twice."""
    case = received(uuid4(), at=NOON, promise=_promised(date(2026, 11, 23)))
    hours = draw(st.lists(st.integers(1, 24 * 14), max_size=8, unique=True))
    said = [case, *(_event(case, draw(st.sampled_from(sorted(KINDS))), hour) for hour in hours)]
    return draw(st.permutations([*said, *draw(st.lists(st.sampled_from(said), max_size=3))]))


class Record:
    """What notify has written down, without a database."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.rows: dict[int, Recorded] = {}
        self.heard: dict[UUID, Event] = {}

    @property
    def history(self) -> list[Event]:
        """What is known, in the order of its time."""
        return sorted(self.heard.values(), key=lambda event: (event.at, event.id))

    def hears(self, event: Event) -> list[Change]:
        """One event more, and what it changes."""
        self.heard[event.id] = event
        derived = derive(self.history, LAW)
        found = list(changes(event.case_id, "asker", derived, list(self.rows.values()), _at(400)))
        for change in found:
            new = change.recorded
            for version, row in self.rows.items():
                if change.event and row.number == new.number and row.state is PromiseState.OPEN:
                    self.rows[version] = replace(row, state=PromiseState.MOVED)
            self.rows[new.version] = new
        return found

    def standing(self) -> dict[int, Recorded]:
        """The version of each promise that holds."""
        return {row.number: row for row in self.rows.values() if row.state is PromiseState.OPEN}


@given(arrivals())
def test_what_is_written_down_ends_as_what_was_said(said: list[Event]) -> None:
    """Terms, answers and ends, by number; one version of each holds, and the last event changes nothing twice."""
    record = Record()
    for event in said:
        record.hears(event)
    wanted = {derived.number: derived for derived in derive(record.history, LAW)}
    standing = record.standing()
    assert standing.keys() == wanted.keys()
    assert {number: _end(row) for number, row in standing.items()} == {
        number: _end(derived) for number, derived in wanted.items()
    }
    assert record.hears(said[-1]) == []


@given(arrivals())
def test_every_version_is_said_once_and_follows_the_one_before(said: list[Event]) -> None:
    """A promise is made before it moves, each move begins at the day of the last, and no id is used twice."""
    record = Record()
    events = [change.event for event in said for change in record.hears(event) if change.event]
    assert [event.version for event in events] == list(range(1, len(events) + 1))
    assert len({event.id for event in events}) == len(events)
    for _, of_number in groupby(sorted(events, key=_number_and_version), key=lambda event: event.number):
        made, *moves = of_number
        assert isinstance(made, PromiseMade)
        day = made.due_on
        for moved in moves:
            assert isinstance(moved, PromiseMoved)
            assert moved.moved_from == day
            day = moved.due_on


def _number_and_version(event: PromiseMade | PromiseMoved) -> tuple[int, int]:
    return event.number, event.version


def _end(promise: Recorded | Derived) -> tuple[object, ...]:
    terms = promise.now if isinstance(promise, Derived) else promise.terms
    return *says(terms), terms.counted_from, promise.answered_at, promise.lapse, promise.is_ended


def test_what_is_judged_is_never_derived_anew() -> None:
    """Whatever is heard about it later; but that it has ended, so that nobody is reminded, is written down."""
    case: SubmissionReceived = received(uuid4(), at=NOON, promise=_promised(date(2026, 11, 23)))
    record = Record()
    record.hears(case)
    record.rows[1] = replace(record.rows[1], state=PromiseState.BROKEN)
    assert record.hears(_event(case, "extended", 8)) == []
    terms = record.rows[1].terms
    ended, change = record.hears(_event(case, "reopened", 300))
    assert (ended.event, ended.recorded.state, ended.recorded.terms) == (None, PromiseState.BROKEN, terms)
    assert ended.recorded.is_ended
    assert (change.recorded.number, change.recorded.version) == (2, 2)


def test_why_a_promise_has_its_day_is_the_latest_of_what_gave_it() -> None:
    """A restart after a pause is a restart; a pause after it a pause."""
    case: SubmissionReceived = received(uuid4(), at=NOON, promise=_promised(date(2026, 11, 23)))
    record = Record()
    reasons = []
    for event in (
        case, _event(case, "paused", 5), _event(case, "supplemented", 30), _event(case, "restarted", 31),
        _event(case, "paused", 35),
    ):  # fmt: skip
        found = [change.event for change in record.hears(event)]
        reasons += [event.reason for event in found if isinstance(event, PromiseMoved)]
    assert reasons == [MoveReason.PAUSED, MoveReason.RESUMED, MoveReason.RESTARTED, MoveReason.PAUSED]

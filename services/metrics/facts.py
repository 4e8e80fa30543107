"""What each event says about its case, as columns of one fact that merge in any order.

Every column is filled by its own events and merges by the earliest, by the sum of distinct events, or by
which event comes first or last; each of these is commutative and associative, so any order of the events,
over any number of batches and processes, gives the same row. `store.merge` does the same merge in SQL, from
the same lists.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseInterimAnswered,
    CaseOpened,
    Event,
    FeedbackGiven,
    MessageFailed,
    MessageSent,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
    PromiseReminded,
    SubmissionReceived,
    SubmissionSupplemented,
)

Fact = dict[str, Any]


@dataclass(frozen=True)
class Decided:
    """Columns that come together from one event: the one with the lowest rank, or the highest."""

    rank: str
    columns: tuple[str, ...]
    by_first: bool = False

    def wins(self, said: Fact, known: Fact) -> bool:
        """Whether these columns of `said` take the place of those of `known`."""
        if self.rank not in said:
            return False
        if self.rank not in known:
            return True
        return bool((said[self.rank] < known[self.rank]) == self.by_first)


EARLIEST = ("received_at", "assigned_at", "opened_at", "interim_at", "answered_at", "closed_at")
COUNTED = ("handovers", "answers", "supplements", "reminders", "messages_sent", "messages_failed")
DECIDED = (
    Decided(
        "received_rank", ("reference", "kind", "topic", "area", "channel", "reply_wanted"), by_first=True
    ),
    Decided("first_assigned_rank", ("first_unit", "first_section"), by_first=True),
    Decided("assigned_rank", ("unit", "section")),
    Decided("promised_rank", ("promise_id", "rule", "due_on")),
    Decided("judged_rank", ("kept", "judged_on")),
    Decided("feedback_rank", ("helped",)),
)

_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def rank(event: Event, version: int = 0) -> UUID:
    """Where an event stands among others that decide the same: by version, then time, then id.

    The three in one comparable value of 12, 56 and 60 bits, which PostgreSQL compares as Python does.
    """
    microseconds = (event.at - _BEGINNING) // _MICROSECOND
    return UUID(int=(version << 116) | (microseconds << 60) | (event.id.int & ((1 << 60) - 1)))


def fold(events: Iterable[Event]) -> dict[UUID, Fact]:
    """What distinct events say about each of their cases, taken together."""
    facts: dict[UUID, Fact] = {}
    for event in events:
        say = _SAYINGS.get(type(event))
        if say:
            merge(facts.setdefault(event.case_id, {}), say(event))
    return facts


def merge(known: Fact, said: Fact) -> None:
    """Takes into `known` what `said` adds to it."""
    for column in EARLIEST:
        if column in said:
            known[column] = min(said[column], known.get(column, said[column]))
    for column in COUNTED:
        if column in said:
            known[column] = known.get(column, 0) + said[column]
    for group in DECIDED:
        if group.wins(said, known):
            known[group.rank] = said[group.rank]
            known.update({column: said[column] for column in group.columns})


def _received(event: SubmissionReceived) -> Fact:
    said = {
        "received_at": event.at,
        "received_rank": rank(event),
        "reference": event.reference,
        "kind": event.kind.value,
        "topic": event.topic,
        "area": event.area,
        "channel": event.channel.value,
        "reply_wanted": event.reply_wanted,
    }
    if event.promise:
        said |= {
            "promised_rank": rank(event),
            "promise_id": event.promise.promise_id,
            "rule": event.promise.rule,
            "due_on": event.promise.due_on,
        }
    return said


def _assigned(event: CaseAssigned) -> Fact:
    place = rank(event)
    said = {
        "assigned_at": event.at,
        "first_assigned_rank": place,
        "first_unit": event.unit,
        "first_section": event.section,
        "assigned_rank": place,
        "unit": event.unit,
        "section": event.section,
    }
    if event.reason == AssignmentReason.HANDED_OVER:
        said["handovers"] = 1
    return said


def _promised(event: PromiseMade) -> Fact:
    return {
        "promised_rank": rank(event, event.version),
        "promise_id": event.promise_id,
        "rule": event.rule,
        "due_on": event.due_on,
    }


def _judged(event: PromiseKept | PromiseBroken) -> Fact:
    return {
        "judged_rank": rank(event, event.version),
        "kept": isinstance(event, PromiseKept),
        "judged_on": event.judged_on,
    }


_SAYINGS: Mapping[type[Event], Callable[[Any], Fact]] = {
    SubmissionReceived: _received,
    SubmissionSupplemented: lambda _: {"supplements": 1},
    FeedbackGiven: lambda event: {"feedback_rank": rank(event), "helped": event.helped},
    CaseAssigned: _assigned,
    CaseOpened: lambda event: {"opened_at": event.at},
    CaseInterimAnswered: lambda event: {"interim_at": event.at},
    CaseAnswered: lambda event: {"answered_at": event.at, "answers": 1},
    CaseClosed: lambda event: {"closed_at": event.at},
    PromiseMade: _promised,
    PromiseReminded: lambda _: {"reminders": 1},
    PromiseKept: _judged,
    PromiseBroken: _judged,
    MessageSent: lambda _: {"messages_sent": 1},
    MessageFailed: lambda _: {"messages_failed": 1},
}
"""Each event and what it says; an event that says nothing about figures is not here."""

"""What each event says about its case and about the case's promises, as columns of facts (`shapes`)."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

from services.metrics.shapes import CASE, PROMISE, Fact, rank
from shared.clock import oslo_day
from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseExtended,
    CaseImported,
    CaseInterimAnswered,
    CaseMerged,
    CaseOpened,
    CasePaused,
    CaseReclassified,
    CaseReopened,
    CaseRestarted,
    CaseResumed,
    Event,
    FeedbackGiven,
    MessageBounced,
    MessageFailed,
    MessageSent,
    PromiseBroken,
    PromiseKept,
    PromiseLapsed,
    PromiseMade,
    PromiseMoved,
    PromiseReminded,
    SubmissionReceived,
    SubmissionSupplemented,
)
from shared.law import LEGAL_CALENDAR
from shared.promise import Rule, deadline
from shared.workdays import CalendarEndsError

INTERIM_RULE = Rule.parse("P1M")
"""How long a case may wait without an interim answer: forvaltningsloven 1967 § 11 a, 2025 § 17."""
FIRST = 1
"""The number of the promise on the receipt."""


@dataclass(frozen=True)
class Facts:
    """What events say together: by case, and by case and number of the promise.

    Every event that says something has its case here, also where it speaks of a promise alone.
    """

    cases: dict[UUID, Fact] = field(default_factory=dict)
    promises: dict[tuple[UUID, int], Fact] = field(default_factory=dict)

    def say(self, event: Event) -> None:
        """Takes in what an event says."""
        if type(event) in SILENT:
            return
        case = self.cases.setdefault(event.case_id, {})
        if say := _OF_CASES.get(type(event)):
            CASE.merge(case, say(event))
        if promise := _OF_PROMISES.get(type(event)):
            for number, said in promise(event):
                PROMISE.merge(self.promises.setdefault((event.case_id, number), {}), said)

    def add(self, more: "Facts") -> None:
        """Takes in what other events said."""
        for case_id, fact in more.cases.items():
            CASE.merge(self.cases.setdefault(case_id, {}), fact)
        for key, fact in more.promises.items():
            PROMISE.merge(self.promises.setdefault(key, {}), fact)


_RECLASSIFIED = 1
"""What a caseworker says of a case outranks what its resident said, whatever their clocks."""


def fold(events: Iterable[Event]) -> Facts:
    """What distinct events say about each of their cases, taken together."""
    facts = Facts()
    for event in events:
        facts.say(event)
    return facts


@lru_cache(maxsize=4096)
def _interim_due_on(received_on: date) -> date | None:
    noon = datetime(received_on.year, received_on.month, received_on.day, 12, tzinfo=UTC)
    try:
        return deadline(noon, INTERIM_RULE, LEGAL_CALENDAR).due_on
    except CalendarEndsError:
        return None


def _received(event: SubmissionReceived) -> Fact:
    place = rank(event)
    return {
        "received_at": event.at,
        "received_rank": place,
        "reference": event.reference,
        "channel": event.channel.value,
        "reply_wanted": event.reply_wanted,
        "interim_due_on": _interim_due_on(oslo_day(event.at)) if event.reply_wanted else None,
        "system": None,
        "invented": event.invented,
        "classified_rank": place,
        "kind": event.kind.value,
        "topic": event.topic,
        "area": event.area,
    }


def _imported(event: CaseImported) -> Fact:
    """Nothing is known of interim answers or handovers of a case from elsewhere: it is in no such figure."""
    place = rank(event)
    said: Fact = {
        "imported_rank": place,
        "zone": event.zone,
        "received_at": event.received_at,
        "received_rank": place,
        "reference": event.reference,
        "channel": event.channel,
        "reply_wanted": None,
        "interim_due_on": None,
        "system": event.system,
        "invented": event.invented,
        "classified_rank": place,
        "kind": event.kind,
        "topic": event.topic,
        "area": event.area,
        "assigned_rank": place,
        "unit": event.unit,
        "section": event.section,
    }
    if event.answered_at:
        said |= {
            "answered_at": event.answered_at,
            "answered_rank": place,
            "waited": 0,
            "answers_at": [event.answered_at],
        }
    return said


def _reclassified(event: CaseReclassified) -> Fact:
    return {
        "classified_rank": rank(event, _RECLASSIFIED),
        "kind": event.kind.value,
        "topic": event.topic,
        "area": event.area,
    }


def _assigned(event: CaseAssigned) -> Fact:
    place = rank(event)
    said = {
        "assigned_rank": place,
        "unit": event.unit,
        "section": event.section,
    }
    if event.reason == AssignmentReason.HANDED_OVER:
        said["handovers"] = 1
    return said


def _answered(event: CaseAnswered) -> Fact:
    return {
        "answered_at": event.at,
        "answers_at": [event.at],
        "answered_rank": rank(event),
        "waited": event.waited_seconds * 1_000_000,
    }


def _feedback(event: FeedbackGiven) -> Fact:
    return {
        "feedback_rank": rank(event),
        "helped": event.helped,
        "process": event.process,
        "outcome": event.outcome,
    }


Promises = list[tuple[int, Fact]]


def _terms(event: Event, version: int, terms: Any, without_pauses: date | None = None) -> Fact:
    return {
        "due_rank": rank(event, version),
        "promise_id": terms.promise_id,
        "rule": terms.rule,
        "due_on": terms.due_on,
        "due_without_pauses_on": without_pauses,
        "lapsed": None,
    }


def _on_receipt(event: SubmissionReceived) -> Promises:
    return [(FIRST, _terms(event, 0, event.promise))] if event.promise else []


def _due_elsewhere(event: CaseImported) -> Promises:
    nothing = {"promise_id": None, "rule": None, "due_without_pauses_on": None, "lapsed": None}
    return [(FIRST, {"due_rank": rank(event), "due_on": event.due_on, **nothing})]


def _lapsed(event: PromiseLapsed) -> Promises:
    nothing = dict.fromkeys(("promise_id", "rule", "due_on", "due_without_pauses_on"))
    said = {"due_rank": rank(event, event.version), **nothing, "lapsed": event.reason.value}
    return [(event.number, said)]


def _judged(event: PromiseKept | PromiseBroken) -> Promises:
    said = {
        "judged_rank": rank(event, event.version),
        "kept": isinstance(event, PromiseKept),
        "judged_on": event.judged_on,
    }
    return [(event.number, said)]


_OF_CASES: Mapping[type[Event], Callable[[Any], Fact]] = {
    SubmissionReceived: _received,
    FeedbackGiven: _feedback,
    CaseAssigned: _assigned,
    CaseOpened: lambda event: {"opened_at": event.at},
    CaseInterimAnswered: lambda event: {"interim_at": event.at},
    CaseAnswered: _answered,
    CaseClosed: lambda event: {"closed_at": event.at, "endings_at": [event.at]},
    CaseReclassified: _reclassified,
    CaseReopened: lambda event: {"reopened_at": [event.at]},
    CaseMerged: lambda event: {"merged_at": event.at, "endings_at": [event.at]},
    MessageFailed: lambda _: {"messages_failed": 1},
    MessageBounced: lambda _: {"messages_bounced": 1},
    CaseImported: _imported,
}
"""What each event says of its case."""

_OF_PROMISES: Mapping[type[Event], Callable[[Any], Promises]] = {
    SubmissionReceived: _on_receipt,
    CaseImported: _due_elsewhere,
    PromiseMade: lambda event: [(event.number, {"made_at": event.at, **_terms(event, event.version, event)})],
    PromiseMoved: lambda event: [
        (event.number, _terms(event, event.version, event, event.due_without_pauses_on))
    ],
    PromiseLapsed: _lapsed,
    PromiseKept: _judged,
    PromiseBroken: _judged,
}
"""What each event says of the case's promises, by their number."""

SILENT: frozenset[type[Event]] = frozenset(
    {
        SubmissionSupplemented,
        CasePaused,
        CaseResumed,
        CaseExtended,
        CaseRestarted,
        PromiseReminded,
        MessageSent,
    }
)
"""Events of which no figure is made: how long a case waited is told with its answer, and where they move a due day
the promise says so. They are on the stream, and a replay counts them once a figure asks."""

"""What has happened in a case, as the resident may see it: folded from the case's events, pure.

Any order and repetition of the same events gives the same story, and nothing internal is in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.events import (
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseInterimAnswered,
    CaseOpened,
    Event,
    FeedbackGiven,
    PromiseBroken,
    Promised,
    PromiseKept,
    PromiseReminded,
    SubmissionReceived,
    SubmissionSupplemented,
)
from shared.promise import kept


class What(StrEnum):
    """What an entry of the story tells."""

    RECEIVED = "received"
    ASSIGNED = "assigned"
    HANDED_OVER = "handed_over"
    OPENED = "opened"
    DELAY_TOLD = "delay_told"
    INTERIM_ANSWERED = "interim_answered"
    PROMISE_BROKEN = "promise_broken"
    ANSWERED = "answered"
    ANSWERED_AGAIN = "answered_again"
    CLOSED = "closed"
    SUPPLEMENTED = "supplemented"
    FEEDBACK = "feedback"


class State(StrEnum):
    """How far the case has come."""

    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    ANSWERED = "answered"
    CLOSED = "closed"


class PromiseState(StrEnum):
    """How the promise stands."""

    NONE = "none"
    OPEN = "open"
    OVERDUE = "overdue"
    KEPT = "kept"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened; `unit` by its id, `refers_to` the answer or supplement it is about."""

    what: What
    at: datetime
    unit: str | None = None
    refers_to: UUID | None = None
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """A case as its resident sees it."""

    entries: tuple[Entry, ...] = ()
    promised: Promised | None = None
    unit: str | None = None
    answered_at: datetime | None = None
    has_answers: bool = False
    closed: bool = False
    expected_on: date | None = None
    verdict: PromiseState | None = None

    @property
    def state(self) -> State:
        """How far it has come."""
        if self.answered_at:
            return State.ANSWERED
        if self.closed:
            return State.CLOSED
        return State.IN_PROGRESS if self.unit else State.RECEIVED

    def promise_state(self, today: date) -> PromiseState:
        """How the promise stands on a day: what notify has judged, else what the day itself says."""
        if self.promised is None:
            return PromiseState.NONE
        if self.answered_at:
            in_time = kept(self.promised.due_on, self.answered_at)
            return self.verdict or (PromiseState.KEPT if in_time else PromiseState.BROKEN)
        return PromiseState.OVERDUE if today > self.promised.due_on else PromiseState.OPEN

    def expected_after(self, today: date) -> date | None:
        """The new day the resident was told, while there is still reason to expect it."""
        if self.answered_at or self.expected_on is None or self.expected_on < today:
            return None
        return self.expected_on


def told(history: Iterable[Event]) -> Story:
    """The story in a case's events."""
    by_id = {event.id: event for event in history}
    story = Story()
    for event in sorted(by_id.values(), key=lambda event: (event.at, event.id)):
        story = _after(story, event)
    return story


def _after(story: Story, event: Event) -> Story:  # noqa: C901, PLR0911 - a table of events, one line each
    match event:
        case SubmissionReceived():
            return replace(_with(story, What.RECEIVED, event), promised=event.promise)
        case CaseAssigned():
            return _assigned(story, event)
        case CaseOpened() if not _has(story.entries, What.OPENED):
            return _with(story, What.OPENED, event, unit=event.unit)
        case PromiseReminded(expected_on=date()):
            told_of_delay = _with(story, What.DELAY_TOLD, event, day=event.expected_on)
            return replace(told_of_delay, expected_on=event.expected_on)
        case CaseInterimAnswered():
            return replace(
                _with(
                    story,
                    What.INTERIM_ANSWERED,
                    event,
                    unit=event.unit,
                    refers_to=event.answer_id,
                    day=event.expected_on,
                ),
                has_answers=True,
                expected_on=event.expected_on or story.expected_on,
            )
        case CaseAnswered():
            what = What.ANSWERED_AGAIN if story.answered_at else What.ANSWERED
            return replace(
                _with(story, what, event, unit=event.unit, refers_to=event.answer_id),
                has_answers=True,
                answered_at=story.answered_at or event.at,
            )
        case CaseClosed():
            return replace(_with(story, What.CLOSED, event, unit=event.unit), closed=True)
        case PromiseKept():
            return replace(story, verdict=PromiseState.KEPT)
        case PromiseBroken():
            broken = _with(story, What.PROMISE_BROKEN, event, day=event.due_on)
            return replace(broken, verdict=PromiseState.BROKEN)
        case SubmissionSupplemented():
            return _with(story, What.SUPPLEMENTED, event, refers_to=event.supplement_id)
        case FeedbackGiven():
            entries = tuple(entry for entry in story.entries if entry.what is not What.FEEDBACK)
            return _with(replace(story, entries=entries), What.FEEDBACK, event)
    return story


def _assigned(story: Story, event: CaseAssigned) -> Story:
    """A change of person inside the unit is the unit's own business."""
    if event.unit == story.unit:
        return story
    what = What.HANDED_OVER if story.unit else What.ASSIGNED
    return replace(_with(story, what, event, unit=event.unit), unit=event.unit)


def _with(
    story: Story,
    what: What,
    event: Event,
    *,
    unit: str | None = None,
    refers_to: UUID | None = None,
    day: date | None = None,
) -> Story:
    return replace(story, entries=(*story.entries, Entry(what, event.at, unit, refers_to, day)))


def _has(entries: Sequence[Entry], what: What) -> bool:
    return any(entry.what is what for entry in entries)

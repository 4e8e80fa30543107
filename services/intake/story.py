"""What has happened in a case, as the resident may see it: folded from the case's events, pure.

Any order and repetition of the same events gives the same story, and nothing internal is in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.events import (
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseExtended,
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
    Kind,
    MoveReason,
    PromiseBroken,
    PromiseMoved,
    PromiseReminded,
    ResumeReason,
    SubmissionReceived,
    SubmissionSupplemented,
)
from shared.pauses import pauses_of
from shared.promise import kept
from shared.promised import Standing, Verdict, earlier_verdicts, standing


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
    ASKED = "asked"
    WENT_ON = "went_on"
    NOT_HEARD = "not_heard"
    EXTENDED = "extended"
    RESTARTED = "restarted"
    RECLASSIFIED = "reclassified"
    RECOMPUTED = "recomputed"
    REOPENED = "reopened"
    MERGED = "merged"


class State(StrEnum):
    """How far the case has come. `waiting`: for the resident, who was asked something."""

    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    MERGED = "merged"
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
    """One thing that happened; `unit` by its id, `refers_to` the answer or supplement it is about.

    :param now: kind, topic and area by their ids, where the case was found to be another.
    :param replies: it answers what we asked, and ended our waiting.
    """

    what: What
    at: datetime
    unit: str | None = None
    refers_to: UUID | None = None
    day: date | None = None
    now: tuple[Kind, str | None, str | None] | None = None
    replies: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """A case as its resident sees it.

    :param kind: what we take it for: what the resident said it was, or what it was found to be.
    :param first_due_on: the day that the present promise named first.
    :param moved: why its day is another one now; None where nothing has moved it.
    :param earlier: what became of the promises before the case was reopened.
    :param answered_at: the first final answer since it was last reopened.
    :param ever_answered: there is a final answer, be it an earlier one.
    :param has_answers: routing keeps something we wrote to her.
    :param waiting_until: the last day we wait for her answer; None where nothing was asked, or she has answered.
    """

    entries: tuple[Entry, ...] = ()
    promise: Standing = field(default_factory=Standing)
    kind: Kind | None = None
    first_due_on: date | None = None
    moved: MoveReason | None = None
    earlier: tuple[Verdict, ...] = ()
    unit: str | None = None
    answered_at: datetime | None = None
    ever_answered: bool = False
    has_answers: bool = False
    closed: bool = False
    merged: bool = False
    reopened: bool = False
    expected_on: date | None = None
    waiting_until: date | None = None

    def state(self, today: date) -> State:
        """How far it has come."""
        if self.answered_at or (self.closed and self.ever_answered):
            return State.ANSWERED
        if self.merged:
            return State.MERGED
        if self.closed:
            return State.CLOSED
        if self.waits(today):
            return State.WAITING
        return State.IN_PROGRESS if self.unit or self.reopened else State.RECEIVED

    def waits(self, today: date) -> bool:
        """Whether we wait for the resident on a day. Not the day after the last one."""
        finished = self.answered_at or self.closed or self.merged
        return not finished and self.waiting_until is not None and today <= self.waiting_until

    def promise_state(self, today: date) -> PromiseState:
        """How the promise stands on a day: what notify has judged, else what the day itself says."""
        due_on = self.promise.due_on
        if due_on is None:
            return PromiseState.NONE
        if self.answered_at:
            in_time = kept(due_on, self.answered_at) if self.promise.kept is None else self.promise.kept
            return PromiseState.KEPT if in_time else PromiseState.BROKEN
        if self.promise.kept is None and (self.closed or self.merged):
            return PromiseState.NONE
        return PromiseState.OVERDUE if today > due_on and not self.waits(today) else PromiseState.OPEN

    def expected_after(self, today: date) -> date | None:
        """The new day the resident was told, while there is still reason to expect it."""
        if self.answered_at or self.expected_on is None or self.expected_on < today:
            return None
        return self.expected_on


def told(history: Iterable[Event]) -> Story:
    """The story in a case's events."""
    by_id = {event.id: event for event in history}
    in_order = sorted(by_id.values(), key=lambda event: (event.at, event.id))
    story = Story()
    for event in in_order:
        story = _after(story, event)
    received = next((event for event in in_order if isinstance(event, SubmissionReceived)), None)
    if received is None:
        return story
    promise = standing(in_order, received)
    pauses = pauses_of(in_order)
    last_pause = next((pause for pause in pauses[-1:] if not pause.resumed), None)
    heard = {pause.end for pause in pauses if pause.resumed}
    return replace(
        story,
        entries=tuple(
            replace(entry, replies=entry.what is What.SUPPLEMENTED and entry.at in heard)
            for entry in story.entries
        ),
        promise=promise,
        moved=_moved(in_order, promise),
        earlier=earlier_verdicts(in_order, promise.number),
        waiting_until=last_pause.last_day if last_pause else None,
    )


def _moved(in_order: Sequence[Event], promise: Standing) -> MoveReason | None:
    """The last reason its day was moved for: what notify said, or what routing has said since."""
    reason, version = None, 0
    for event in in_order:
        match event:
            case PromiseMoved() if event.number == promise.number and event.version > version:
                reason, version = event.reason, event.version
            case CaseExtended():
                reason = MoveReason.EXTENDED
            case CaseReopened():
                reason = None
            case _:
                pass
    return reason


def _after(story: Story, event: Event) -> Story:  # noqa: C901, PLR0911, PLR0912 - a table of events, one line each
    match event:
        case SubmissionReceived():
            due_on = event.promise.due_on if event.promise else None
            return replace(
                _with(story, What.RECEIVED, event),
                kind=story.kind or event.kind,
                first_due_on=story.first_due_on or due_on,
            )
        case CaseAssigned():
            return _assigned(story, event)
        case CaseOpened() if not _has(story.entries, What.OPENED):
            return _with(story, What.OPENED, event, unit=event.unit)
        case PromiseReminded(expected_on=date()):
            told_of_delay = _with(story, What.DELAY_TOLD, event, day=event.expected_on)
            return replace(told_of_delay, expected_on=event.expected_on)
        case CaseInterimAnswered():
            return replace(
                _written(story, What.INTERIM_ANSWERED, event, event.answer_id, event.expected_on),
                expected_on=event.expected_on or story.expected_on,
            )
        case CaseAnswered():
            what = What.ANSWERED_AGAIN if story.ever_answered else What.ANSWERED
            return replace(
                _written(story, what, event, event.answer_id),
                answered_at=story.answered_at or event.at,
                ever_answered=True,
            )
        case CaseClosed():
            return replace(_with(story, What.CLOSED, event, unit=event.unit), closed=True)
        case CasePaused():
            return _written(story, What.ASKED, event, event.question_id, event.until)
        case CaseResumed(reason=ResumeReason.BY_CASEWORKER):
            return _with(story, What.WENT_ON, event)
        case CaseExtended():
            extended = _written(story, What.EXTENDED, event, event.answer_id, event.due_on)
            return replace(extended, expected_on=None)
        case CaseRestarted():
            return replace(_written(story, What.RESTARTED, event, event.answer_id), expected_on=None)
        case CaseReclassified():
            found = _written(story, What.RECLASSIFIED, event, event.answer_id)
            last = replace(found.entries[-1], now=(event.kind, event.topic, event.area))
            return replace(found, entries=(*found.entries[:-1], last), kind=event.kind)
        case CaseReopened():
            return _reopened(story, event)
        case CaseMerged():
            return replace(_with(story, What.MERGED, event), merged=True)
        case PromiseMoved(reason=MoveReason.NO_ANSWER):
            return _with(story, What.NOT_HEARD, event, day=event.due_on)
        case PromiseMoved(reason=MoveReason.RECOMPUTED):
            return _with(story, What.RECOMPUTED, event, day=event.due_on)
        case PromiseBroken():
            return _with(story, What.PROMISE_BROKEN, event, day=event.due_on)
        case SubmissionSupplemented():
            return _with(story, What.SUPPLEMENTED, event, refers_to=event.supplement_id)
        case FeedbackGiven():
            entries = tuple(entry for entry in story.entries if entry.what is not What.FEEDBACK)
            return _with(replace(story, entries=entries), What.FEEDBACK, event)
    return story


def _reopened(story: Story, event: CaseReopened) -> Story:
    """A new beginning: what has been promised and held until now stands, and nothing else binds."""
    due_on = event.promise.due_on if event.promise else None
    return replace(
        _with(story, What.REOPENED, event, day=due_on),
        first_due_on=due_on,
        answered_at=None,
        closed=False,
        merged=False,
        reopened=True,
        expected_on=None,
    )


def _written(
    story: Story,
    what: What,
    event: CaseInterimAnswered | CaseAnswered | CasePaused | CaseExtended | CaseRestarted | CaseReclassified,
    refers_to: UUID | None,
    day: date | None = None,
) -> Story:
    """Something happened that we wrote of to the resident; `refers_to` is None where we wrote nothing."""
    more = _with(story, what, event, unit=event.unit, refers_to=refers_to, day=day)
    return replace(more, has_answers=story.has_answers or refers_to is not None)


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

"""What a case is: everything that was said about it, folded into its present state. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from shared.clock import oslo_day
from shared.events import (
    AssignmentReason,
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
    Channel,
    Event,
    FeedbackGiven,
    Kind,
    MessageBounced,
    MessageFailed,
    MessageSent,
    PromiseBroken,
    PromiseKept,
    PromiseLapsed,
    PromiseMade,
    PromiseMoved,
    ResumeReason,
    SubmissionReceived,
    SubmissionSupplemented,
)
from shared.pauses import pauses_of
from shared.promised import standing
from shared.workdays import WorkCalendar

SomeEvent = TypeVar("SomeEvent", bound=Event)
End = CaseAnswered | CaseClosed | CaseMerged
"""What a case is finished by, until it is reopened."""

_COUNTED = (
    CaseAssigned, CaseInterimAnswered, CaseAnswered, CaseClosed, CasePaused, CaseExtended, CaseRestarted,
    CaseReclassified, CaseReopened, CaseMerged, SubmissionSupplemented,
)  # fmt: skip
_MACHINES = (
    PromiseMade, PromiseMoved, PromiseLapsed, PromiseKept, PromiseBroken,
    MessageSent, MessageFailed, MessageBounced,
)  # fmt: skip
_TICK = timedelta(microseconds=1)


class State(StrEnum):
    """How far a case has come. Whether it waits for the resident depends on the day, too: see `is_waiting`."""

    NEW = "new"
    OPENED = "opened"
    INTERIM_ANSWERED = "interim_answered"
    ANSWERED = "answered"
    CLOSED = "closed"
    MERGED = "merged"


FINISHED = frozenset({State.ANSWERED, State.CLOSED, State.MERGED})


class Attention(StrEnum):
    """Why a finished case needs somebody to look at it again."""

    SUPPLEMENTED = "supplemented"
    NOT_HELPED = "not_helped"
    UNDELIVERED = "undelivered"


@dataclass(frozen=True, slots=True)
class Case:
    """A case as its history tells it."""

    case_id: UUID
    municipality: str
    reference: str
    kind: Kind
    topic: str | None
    area: str | None
    channel: Channel
    language: str
    reply_wanted: bool
    has_email: bool
    attachments: int
    received_at: datetime
    promise_id: str | None
    rule: str | None
    due_on: date | None
    """The last day of the promise as it stands now; None where no answer is promised."""
    promise_kept: bool | None
    """Notify's verdict; None while there is none."""
    promise_number: int
    """1 for the receipt's promise, one more for each reopening; earlier ones have their verdicts in the story."""
    state: State
    unit: str | None
    person: str | None
    assigned_at: datetime | None
    reason: AssignmentReason | None
    opened_at: datetime | None
    """When the person who has it now first opened it."""
    waiting_until: date | None
    """The last day it may wait for the resident's answer to a question; None where nothing is waited for."""
    merged_into: UUID | None
    """The case whose answers its resident gets."""
    reopened_at: datetime | None
    """The last time it was worked on again after it was finished."""
    expected_on: date | None
    """The day that the last interim answer named."""
    answered_at: datetime | None
    """The first final answer since it was last reopened: the one the promise is judged by."""
    last_answer_at: datetime | None
    """The last answer of either kind."""
    ever_answered: bool
    """Whether it has had a final answer, be it before it was reopened."""
    finished_at: datetime | None
    """Answered, closed or merged for the first time since it was last reopened."""
    supplemented_at: datetime | None
    """The last time the resident added something."""
    helped: bool | None
    """What the resident last said of the answer."""
    undelivered_at: datetime | None
    """A message to the resident did not arrive, and none has since."""
    attention: Attention | None
    attention_at: datetime | None
    """The last thing since the case was finished that somebody should look at."""
    urgent_on: date | None
    """What lists are sorted by: the due day, or once finished the day it began to need attention."""
    last_activity_at: datetime
    version: int
    """Grows with all that a colleague does to it, or the resident adds: who writes on an older one must be told."""

    @property
    def finished(self) -> bool:
        """Whether it has its answer, or needs none."""
        return self.state in FINISHED


def is_waiting(finished_at: datetime | None, waiting_until: date | None, today: date) -> bool:
    """Tell whether a case waits for its resident on this day. The day after the last one it no longer does."""
    return finished_at is None and waiting_until is not None and today <= waiting_until


def fold(history: Iterable[Event], calendar: WorkCalendar | None = None) -> Case | None:
    """Give a case's state from all that was said about it, in any order and however often.

    None until its submission is known: what is heard before waits in the history.

    :param calendar: as `shared.promised.standing` takes it.
    """
    told = sorted({event.id: event for event in history}.values(), key=lambda event: (event.at, event.id))
    received = _first(told, SubmissionReceived)
    if received is None:
        return None
    assigned = _last(told, CaseAssigned)
    reopened = _last(told, CaseReopened)
    # What was done before it was reopened neither finishes it nor counts as the answer that is owed.
    lately = told[told.index(reopened) + 1 :] if reopened else told
    ends = [event for event in lately if isinstance(event, End)]
    finished_at = ends[0].at if ends else None
    opened_at = _opened_at(told, assigned)
    attention, attention_at = _attention(told, ends)
    known_as = _last(told, CaseReclassified) or received
    promise = standing(told, received, calendar)
    interim = _last(told, CaseInterimAnswered)
    answer = _last(told, CaseAnswered)
    feedback = _last(told, FeedbackGiven)
    supplemented = _last(told, SubmissionSupplemented)
    merged = _last(lately, CaseMerged)
    first_answer = _first(lately, CaseAnswered)
    return Case(
        case_id=received.case_id,
        municipality=received.municipality,
        reference=received.reference,
        kind=known_as.kind,
        topic=known_as.topic,
        area=known_as.area,
        channel=received.channel,
        language=received.language,
        reply_wanted=received.reply_wanted,
        has_email=received.has_email,
        attachments=received.attachments,
        received_at=received.at,
        promise_id=promise.promise_id,
        rule=promise.rule,
        due_on=promise.due_on,
        promise_kept=promise.kept,
        promise_number=promise.number,
        state=_state(told, lately, opened_at),
        unit=assigned.unit if assigned else None,
        person=assigned.person if assigned else None,
        assigned_at=assigned.at if assigned else None,
        reason=assigned.reason if assigned else None,
        opened_at=opened_at,
        waiting_until=None if finished_at else _waiting_until(told),
        merged_into=merged.into if merged else None,
        reopened_at=reopened.at if reopened else None,
        expected_on=interim.expected_on if interim else None,
        answered_at=first_answer.at if first_answer else None,
        last_answer_at=max((event.at for event in (answer, interim) if event), default=None),
        ever_answered=answer is not None,
        finished_at=finished_at,
        supplemented_at=supplemented.at if supplemented else None,
        helped=feedback.helped if feedback else None,
        undelivered_at=_undelivered_at(told),
        attention=attention,
        attention_at=attention_at,
        urgent_on=_urgent_on(promise.due_on, finished_at, attention_at),
        last_activity_at=max(event.at for event in told if not isinstance(event, _MACHINES)),
        version=len(that_matters(told)),
    )


def that_matters(history: Iterable[Event]) -> list[Event]:
    """Give what a case's version counts, in order: a colleague who writes meanwhile must be told of it.

    What the resident adds after the answer was begun would otherwise be read by nobody.
    """
    return [
        event
        for event in history
        if isinstance(event, _COUNTED)
        or (isinstance(event, CaseResumed) and event.reason is ResumeReason.BY_CASEWORKER)
    ]


def next_moment(history: Iterable[Event], now: datetime) -> datetime:
    """The time of something said now: after all that this service said of the case before.

    A clock that is set back must not let an older decision overrule a newer one.
    """
    said = [event.at for event in history if event.SOURCE == CaseAssigned.SOURCE]
    return max(now, max(said) + _TICK) if said else now


def _state(told: list[Event], lately: list[Event], opened_at: datetime | None) -> State:
    if _last(lately, CaseAnswered):
        return State.ANSWERED
    if _last(lately, CaseMerged):
        return State.MERGED
    if _last(lately, CaseClosed):
        # Reopened by mistake and closed again: it has its answer.
        return State.ANSWERED if _last(told, CaseAnswered) else State.CLOSED
    if _last(lately, CaseInterimAnswered):
        return State.INTERIM_ANSWERED
    return State.OPENED if opened_at else State.NEW


def _waiting_until(told: list[Event]) -> date | None:
    last = pauses_of(told)[-1:]
    return next((pause.last_day for pause in last if not pause.resumed), None)


def _opened_at(told: list[Event], assigned: CaseAssigned | None) -> datetime | None:
    if assigned is None:
        return None
    return next(
        (
            event.at
            for event in told
            if isinstance(event, CaseOpened) and event.person == assigned.person and event.at >= assigned.at
        ),
        None,
    )


def _attention(told: list[Event], ends: list[End]) -> tuple[Attention | None, datetime | None]:
    """What came after the last answer, closing or merging and wants to be looked at: the last of it."""
    if not ends:
        return None, None
    undelivered_at, feedback = _undelivered_at(told), _last(told, FeedbackGiven)
    for event in reversed(told):
        if event.at < ends[-1].at:
            break
        match event:
            case SubmissionSupplemented():
                return Attention.SUPPLEMENTED, event.at
            case FeedbackGiven(helped=False) if event is feedback:
                return Attention.NOT_HELPED, event.at
            case MessageFailed() | MessageBounced() if event.at == undelivered_at:
                return Attention.UNDELIVERED, event.at
            case _:
                pass
    return None, None


def _undelivered_at(told: list[Event]) -> datetime | None:
    """When the resident's last message was found not to have arrived; a bounce undoes its own sending."""
    bounced = {event.message_id for event in told if isinstance(event, MessageBounced)}
    for event in reversed(told):
        match event:
            case MessageSent(to_resident=True) if event.message_id not in bounced:
                return None
            case MessageFailed(to_resident=True) | MessageBounced(to_resident=True):
                return event.at
            case _:
                pass
    return None


def _urgent_on(
    due_on: date | None, finished_at: datetime | None, attention_at: datetime | None
) -> date | None:
    if finished_at is None:
        return due_on
    return oslo_day(attention_at) if attention_at else None


def _first(told: list[Event], wanted: type[SomeEvent]) -> SomeEvent | None:
    return next((event for event in told if isinstance(event, wanted)), None)


def _last(told: list[Event], wanted: type[SomeEvent]) -> SomeEvent | None:
    return next((event for event in reversed(told) if isinstance(event, wanted)), None)

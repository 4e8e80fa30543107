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
    CaseInterimAnswered,
    CaseOpened,
    Channel,
    Event,
    FeedbackGiven,
    Kind,
    MessageFailed,
    MessageSent,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
    SubmissionReceived,
    SubmissionSupplemented,
)

SomeEvent = TypeVar("SomeEvent", bound=Event)
Verdict = PromiseKept | PromiseBroken

_TICK = timedelta(microseconds=1)


class State(StrEnum):
    """How far a case has come."""

    NEW = "new"
    OPENED = "opened"
    INTERIM_ANSWERED = "interim_answered"
    ANSWERED = "answered"
    CLOSED = "closed"


FINISHED = frozenset({State.ANSWERED, State.CLOSED})


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
    state: State
    unit: str | None
    person: str | None
    assigned_at: datetime | None
    reason: AssignmentReason | None
    opened_at: datetime | None
    """When the person who has it now first opened it."""
    expected_on: date | None
    """The day that the last interim answer named."""
    answered_at: datetime | None
    """The first final answer: the one the promise is judged by."""
    last_answer_at: datetime | None
    """The last answer of either kind."""
    finished_at: datetime | None
    """Answered or closed for the first time."""
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
    """Grows with each assignment, answer and closing: who writes on an older one must be told."""

    @property
    def finished(self) -> bool:
        """Whether it has its answer, or needs none."""
        return self.state in FINISHED


def fold(history: Iterable[Event]) -> Case | None:
    """Give a case's state from all that was said about it, in any order and however often.

    None until its submission is known: what is heard before waits in the history.
    """
    told = sorted({event.id: event for event in history}.values(), key=lambda event: (event.at, event.id))
    received = _first(told, SubmissionReceived)
    if received is None:
        return None
    assigned = _last(told, CaseAssigned)
    answers = [event for event in told if isinstance(event, CaseInterimAnswered | CaseAnswered)]
    final = [event for event in answers if isinstance(event, CaseAnswered)]
    interim = _last(told, CaseInterimAnswered)
    closings = [event for event in told if isinstance(event, CaseClosed)]
    opened_at = _opened_at(told, assigned)
    finished_at = min((event.at for event in (*final, *closings)), default=None)
    attention, attention_at = _attention(told, finished_at, (*final, *closings))
    feedback = _last(told, FeedbackGiven)
    supplemented = _last(told, SubmissionSupplemented)
    verdict = _verdict(told)
    due_on = _due_on(told, received)
    return Case(
        case_id=received.case_id,
        municipality=received.municipality,
        reference=received.reference,
        kind=received.kind,
        topic=received.topic,
        area=received.area,
        channel=received.channel,
        language=received.language,
        reply_wanted=received.reply_wanted,
        has_email=received.has_email,
        attachments=received.attachments,
        received_at=received.at,
        promise_id=received.promise.promise_id if received.promise else None,
        rule=received.promise.rule if received.promise else None,
        due_on=due_on,
        promise_kept=None if verdict is None else isinstance(verdict, PromiseKept),
        state=_state(final, closings, interim, opened_at),
        unit=assigned.unit if assigned else None,
        person=assigned.person if assigned else None,
        assigned_at=assigned.at if assigned else None,
        reason=assigned.reason if assigned else None,
        opened_at=opened_at,
        expected_on=interim.expected_on if interim else None,
        answered_at=final[0].at if final else None,
        last_answer_at=answers[-1].at if answers else None,
        finished_at=finished_at,
        supplemented_at=supplemented.at if supplemented else None,
        helped=feedback.helped if feedback else None,
        undelivered_at=_undelivered_at(told),
        attention=attention,
        attention_at=attention_at,
        urgent_on=_urgent_on(due_on, finished_at, attention_at),
        last_activity_at=_last_activity_at(told),
        version=sum(isinstance(event, CaseAssigned | CaseClosed) for event in told) + len(answers),
    )


def next_moment(history: Iterable[Event], now: datetime) -> datetime:
    """The time of something said now: after all that this service said of the case before.

    A clock that is set back must not let an older decision overrule a newer one.
    """
    said = [event.at for event in history if event.SOURCE == CaseAssigned.SOURCE]
    return max(now, max(said) + _TICK) if said else now


def _state(
    final: list[CaseAnswered],
    closings: list[CaseClosed],
    interim: CaseInterimAnswered | None,
    opened_at: datetime | None,
) -> State:
    if final:
        return State.ANSWERED
    if closings:
        return State.CLOSED
    if interim:
        return State.INTERIM_ANSWERED
    return State.OPENED if opened_at else State.NEW


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


def _attention(
    told: list[Event], finished_at: datetime | None, ends: tuple[CaseAnswered | CaseClosed, ...]
) -> tuple[Attention | None, datetime | None]:
    """What came after the last answer or closing and wants to be looked at: the last of it."""
    if finished_at is None:
        return None, None
    ended_at = max(event.at for event in ends)
    undelivered_at, feedback = _undelivered_at(told), _last(told, FeedbackGiven)
    for event in reversed(told):
        if event.at < ended_at:
            break
        match event:
            case SubmissionSupplemented():
                return Attention.SUPPLEMENTED, event.at
            case FeedbackGiven(helped=False) if event is feedback:
                return Attention.NOT_HELPED, event.at
            case MessageFailed() if event.at == undelivered_at:
                return Attention.UNDELIVERED, event.at
            case _:
                pass
    return None, None


def _undelivered_at(told: list[Event]) -> datetime | None:
    for event in reversed(told):
        match event:
            case MessageSent(to_resident=True):
                return None
            case MessageFailed(to_resident=True):
                return event.at
            case _:
                pass
    return None


def _verdict(told: list[Event]) -> Verdict | None:
    verdicts = [event for event in told if isinstance(event, PromiseKept | PromiseBroken)]
    return max(verdicts, key=lambda verdict: verdict.version, default=None)


def _due_on(told: list[Event], received: SubmissionReceived) -> date | None:
    made = [event for event in told if isinstance(event, PromiseMade)]
    if made:
        return max(made, key=lambda promise: promise.version).due_on
    return received.promise.due_on if received.promise else None


def _urgent_on(
    due_on: date | None, finished_at: datetime | None, attention_at: datetime | None
) -> date | None:
    if finished_at is None:
        return due_on
    return oslo_day(attention_at) if attention_at else None


def _last_activity_at(told: list[Event]) -> datetime:
    """The last thing a person did; what machines report is no activity."""
    return max(
        event.at
        for event in told
        if not isinstance(event, PromiseMade | PromiseKept | PromiseBroken | MessageSent | MessageFailed)
    )


def _first(told: list[Event], wanted: type[SomeEvent]) -> SomeEvent | None:
    return next((event for event in told if isinstance(event, wanted)), None)


def _last(told: list[Event], wanted: type[SomeEvent]) -> SomeEvent | None:
    return next((event for event in reversed(told) if isinstance(event, wanted)), None)

"""Which messages a case's history calls for, and what each of them is: who, what about, never an address."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from uuid import UUID

from services.notify.case import Case
from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseExtended,
    CaseInterimAnswered,
    CaseMerged,
    CasePaused,
    CaseReclassified,
    CaseReopened,
    CaseRestarted,
    Event,
    MoveReason,
    PromiseMoved,
    SubmissionReceived,
    SubmissionSupplemented,
)
from shared.identity import derived_id


class MessageKind(StrEnum):
    """What a message says; each has its words in the catalogue."""

    RECEIPT = "receipt"
    INTERIM_ANSWER = "interim_answer"
    ANSWER = "answer"
    DELAY = "delay"
    """To the resident before the promise breaks: when to expect an answer instead."""
    DELAYED = "delayed"
    """The same after the breach, where notify was down before it."""
    ASSIGNED = "assigned"
    SUPPLEMENTED = "supplemented"
    QUESTION = "question"
    """The resident is asked something."""
    WAIT_ENDED = "wait_ended"
    """No answer came to the question: to both sides, that the case goes on."""
    EXTENDED = "extended"
    RESTARTED = "restarted"
    RECLASSIFIED = "reclassified"
    REOPENED = "reopened"
    MERGED = "merged"
    RECOMPUTED = "recomputed"
    """A changed rule or calendar gives the resident's promise a later day."""
    DUE_SOON = "due_soon"
    BROKEN = "broken"
    STILL_BROKEN = "still_broken"
    DIGEST = "digest"
    """Many of the three before it, for one person on one morning."""


ALWAYS = frozenset(
    {
        MessageKind.RECEIPT,
        MessageKind.QUESTION,
        MessageKind.INTERIM_ANSWER,
        MessageKind.EXTENDED,
        MessageKind.RESTARTED,
        MessageKind.RECLASSIFIED,
        MessageKind.REOPENED,
        MessageKind.ANSWER,
    }
)
"""What a resident gets who wants only the answers: what a caseworker writes or promises them (decision 12).

The receipt is sent before anyone can say so.
"""


class Medium(StrEnum):
    """How a message is carried."""

    EMAIL = "email"
    SMS = "sms"


class Priority(IntEnum):
    """What goes first when much waits: a resident's receipt never stands behind a storm of reminders."""

    RESIDENT = 0
    STAFF = 1
    REMINDER = 2


class MessageState(StrEnum):
    """Where a message is. While it is being sent its row is locked: what dies with it leaves it waiting."""

    GATHERING = "gathering"
    """A reminder that may become part of a digest."""
    WAITING = "waiting"
    IN_DIGEST = "in_digest"
    """Said by a digest that has not been sent yet."""
    SENT = "sent"
    BOUNCED = "bounced"
    """The mail server took it, and it came back."""
    FAILED = "failed"
    NO_ADDRESS = "no_address"
    OPTED_OUT = "opted_out"
    """The resident wants only the answers."""
    OBSOLETE = "obsolete"
    """A reminder that waited so long, while the mail server was away, that it would remind of nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A message to be sent; `key` names it for ever, so that it is written down once.

    :param person: None with `to_resident` False means whoever has the case when it is sent.
    :param facts: what its text needs beyond the case, as JSON; no personal data.
    """

    key: str
    kind: MessageKind
    case_id: UUID
    to_resident: bool
    person: str | None
    priority: Priority
    caused_by: UUID
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        """The same for the same key: also the mail's Message-ID, at each try."""
        return message_id(self.key)

    @property
    def first_state(self) -> MessageState:
        """Reminders to staff are gathered first; all else may be sent at once."""
        gathers = self.priority is Priority.REMINDER and not self.to_resident
        return MessageState.GATHERING if gathers else MessageState.WAITING


def is_reachable(*, has_email: bool, has_phone: bool, sms: bool) -> bool:
    """Whether a resident can be told anything: by e-mail, else by SMS where the municipality sends them."""
    return has_email or (has_phone and sms)


def message_id(key: str) -> UUID:
    """The id of the message of this key."""
    return derived_id("message", key)


def receipt_key(case_id: UUID) -> str:
    """The key of the mail that begins a resident's thread, whether it was sent or not."""
    return f"{case_id}/receipt"


def called_for(
    case: Case, history: Sequence[Event], new: Collection[UUID], *, sms: bool = False
) -> Iterator[Word]:
    """Every message that what is new about a case calls for, sent or not.

    Only once the submission itself has been heard of: without it nobody can be told which case it is; all that
    waited for it is told then. But not the whole history each time: a municipality that begins with text messages
    tells nobody what is long past. `sms`: whether it sends them.
    """
    if case.received is None:
        return
    reachable = _reachable(case.received, sms=sms)
    for event in history if case.received.id in new else [event for event in history if event.id in new]:
        match event:
            case SubmissionReceived() if reachable:
                facts = {**_promised(case), **({"wanted": "yes"} if event.reply_wanted else {})}
                yield _to_resident(MessageKind.RECEIPT, event, receipt_key(case.case_id), facts)
            case CaseInterimAnswered() if reachable:
                facts = {"expected_on": event.expected_on.isoformat()} if event.expected_on else {}
                yield _to_resident(
                    MessageKind.INTERIM_ANSWER, event, f"{case.case_id}/answer/{event.answer_id}", facts
                )
            case CaseAnswered() if reachable:
                facts = {"again": "yes"} if event.id != case.first_answer else {}
                yield _to_resident(
                    MessageKind.ANSWER, event, f"{case.case_id}/answer/{event.answer_id}", facts
                )
            case CaseAssigned() if not _took_it_themselves(event):
                yield _assigned(case, event)
            case SubmissionSupplemented():
                yield Word(
                    key=f"{case.case_id}/supplemented/{event.supplement_id}",
                    kind=MessageKind.SUPPLEMENTED,
                    case_id=case.case_id,
                    to_resident=False,
                    person=None,
                    priority=Priority.STAFF,
                    caused_by=event.id,
                )
            case _ if reachable:
                yield from _of_its_later_life(event)
            case _:
                pass


def _of_its_later_life(event: Event) -> Iterator[Word]:
    """What the resident is told when the case does not go straight from receipt to answer."""
    case_id = event.case_id
    match event:
        case CasePaused():
            facts = {"until": event.until.isoformat()}
            yield _to_resident(MessageKind.QUESTION, event, f"{case_id}/question/{event.question_id}", facts)
        case CaseExtended():
            facts = {"due_on": event.due_on.isoformat()}
            yield _to_resident(MessageKind.EXTENDED, event, f"{case_id}/answer/{event.answer_id}", facts)
        case CaseRestarted():
            yield _to_resident(MessageKind.RESTARTED, event, f"{case_id}/answer/{event.answer_id}")
        case CaseReclassified() if event.answer_id:
            yield _to_resident(MessageKind.RECLASSIFIED, event, f"{case_id}/answer/{event.answer_id}")
        case CaseReopened():
            facts = {"due_on": event.promise.due_on.isoformat()} if event.promise else {}
            yield _to_resident(MessageKind.REOPENED, event, f"{case_id}/reopened/{event.id}", facts)
        case CaseMerged():
            yield _to_resident(MessageKind.MERGED, event, f"{case_id}/merged/{event.id}")
        case PromiseMoved() if event.reason is MoveReason.RECOMPUTED and event.due_on > event.moved_from:
            facts = {"due_on": event.due_on.isoformat(), "moved_from": event.moved_from.isoformat()}
            yield _to_resident(MessageKind.RECOMPUTED, event, f"{case_id}/recomputed/{event.version}", facts)
        case _:
            pass


def _reachable(received: SubmissionReceived, *, sms: bool) -> bool:
    return is_reachable(has_email=received.has_email, has_phone=received.has_phone, sms=sms)


def _to_resident(kind: MessageKind, event: Event, key: str, facts: Mapping[str, str] | None = None) -> Word:
    return Word(
        key=key,
        kind=kind,
        case_id=event.case_id,
        to_resident=True,
        person=None,
        priority=Priority.RESIDENT,
        caused_by=event.id,
        facts=facts or {},
    )


def _assigned(case: Case, event: CaseAssigned) -> Word:
    return Word(
        key=f"{case.case_id}/assigned/{event.id}",
        kind=MessageKind.ASSIGNED,
        case_id=case.case_id,
        to_resident=False,
        person=event.person,
        priority=Priority.STAFF,
        caused_by=event.id,
        facts={
            "unit": event.unit,
            "reason": event.reason.value,
            **({} if event.person else {"unmanned": "yes"}),
            **_promised(case),
        },
    )


def _promised(case: Case) -> Mapping[str, str]:
    promised = case.received and case.received.promise
    return {"due_on": promised.due_on.isoformat()} if promised else {}


def _took_it_themselves(event: CaseAssigned) -> bool:
    return event.reason is AssignmentReason.TAKEN or (
        event.person is not None and event.assigned_by == event.person
    )

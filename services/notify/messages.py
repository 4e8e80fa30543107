"""Which messages a case's history calls for, and what each of them is: who, what about, never an address."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from uuid import UUID

from services.notify.case import Case
from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseInterimAnswered,
    Event,
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
    DUE_SOON = "due_soon"
    BROKEN = "broken"
    STILL_BROKEN = "still_broken"
    DIGEST = "digest"
    """Many of the three before it, for one person on one morning."""


ALWAYS = frozenset({MessageKind.RECEIPT, MessageKind.INTERIM_ANSWER, MessageKind.ANSWER})
"""What a resident gets who wants only the answers. The receipt is sent before anyone can say so."""


class Medium(StrEnum):
    """How a message is carried."""

    EMAIL = "email"
    SMS = "sms"


def medium_for(*, has_email: bool, has_phone: bool, sms: bool) -> Medium | None:
    """How a resident is reached: by e-mail, else by text message where the municipality sends them."""
    if has_email:
        return Medium.EMAIL
    return Medium.SMS if has_phone and sms else None


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
    channel: Medium = Medium.EMAIL

    @property
    def id(self) -> UUID:
        """The same for the same key: also the mail's Message-ID, at each try."""
        return message_id(self.key)

    @property
    def first_state(self) -> MessageState:
        """Reminders to staff are gathered first; all else may be sent at once."""
        gathers = self.priority is Priority.REMINDER and not self.to_resident
        return MessageState.GATHERING if gathers else MessageState.WAITING


def message_id(key: str) -> UUID:
    """The id of the message of this key."""
    return derived_id("message", key)


def receipt_key(case_id: UUID) -> str:
    """The key of the mail that begins a resident's thread, whether it was sent or not."""
    return f"{case_id}/receipt"


def called_for(case: Case, history: Sequence[Event], *, sms: bool = False) -> Iterator[Word]:
    """Every message that what was said about a case calls for, sent or not.

    Only once the submission itself has been heard of: without it nobody can be told which case it is.
    `sms`: whether the municipality sends text messages.
    """
    if case.received is None:
        return
    medium = medium_for(has_email=case.received.has_email, has_phone=case.received.has_phone, sms=sms)
    for event in history:
        match event:
            case SubmissionReceived() if medium:
                facts = {**_promised(case), **({"wanted": "yes"} if event.reply_wanted else {})}
                yield _to_resident(MessageKind.RECEIPT, event, receipt_key(case.case_id), medium, facts)
            case CaseInterimAnswered() if medium:
                facts = {"expected_on": event.expected_on.isoformat()} if event.expected_on else {}
                key = f"{case.case_id}/answer/{event.answer_id}"
                yield _to_resident(MessageKind.INTERIM_ANSWER, event, key, medium, facts)
            case CaseAnswered() if medium:
                key = f"{case.case_id}/answer/{event.answer_id}"
                yield _to_resident(MessageKind.ANSWER, event, key, medium)
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
            case _:
                pass


def _to_resident(
    kind: MessageKind, event: Event, key: str, medium: Medium, facts: Mapping[str, str] | None = None
) -> Word:
    return Word(
        key=key,
        kind=kind,
        case_id=event.case_id,
        to_resident=True,
        person=None,
        priority=Priority.RESIDENT,
        caused_by=event.id,
        facts=facts or {},
        channel=medium,
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

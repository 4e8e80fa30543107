"""Every event on the bus: what happened, in the past tense, without personal data.

An event is a CloudEvents 1.0 event in binary mode: the envelope travels in headers (`ce-id`, `ce-type`, ...),
the fields of the model as the JSON body. A change that adds a field with a default keeps the version; a break
gets a new class and a new subject, and both are published until every consumer has moved.
"""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

import pydantic_core
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from shared.identity import new_id

SUBJECT_ROOT = "dialogue"
INVENTED = "invented"
"""Stands before the name in the subject of an event that never happened: `dialogue.asker.invented.case...`."""
MARK = "svarfrist-mark"
"""The header of a message that is no event: a mark on the stream, which nobody hears."""
TYPE_ROOT = "no.svarfrist"


class Kind(StrEnum):
    """What a resident sends: ros, ris eller klage på tjeneste, spørsmål."""

    PRAISE = "praise"
    COMPLAINT = "complaint"
    QUESTION = "question"
    APPEAL = "appeal"
    """Klage på vedtak. No form offers it: a case becomes one when a caseworker sees that it is."""


class Channel(StrEnum):
    """How a submission came in."""

    WEB = "web"
    API = "api"
    EMAIL = "email"
    PHONE = "phone"
    COUNTER = "counter"
    LETTER = "letter"


class Event(BaseModel):
    """The envelope, the same for all. `case_id` is the submission's id: a submission has exactly one case.

    `invented`: it never happened, `svarfrist simulate` made it up. Such an event has a subject of its own,
    which metrics alone hears: nobody is reminded of it or written to.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    NAME: ClassVar[str]
    VERSION: ClassVar[int] = 1
    SOURCE: ClassVar[str]
    """The service that publishes it."""

    id: UUID = Field(exclude=True)
    at: AwareDatetime = Field(exclude=True)
    case_id: UUID = Field(exclude=True)
    municipality: str = Field(exclude=True)
    caused_by: UUID | None = Field(default=None, exclude=True)
    invented: bool = Field(default=False, exclude=True)

    @classmethod
    def type_name(cls) -> str:
        """The CloudEvents type, such as `no.svarfrist.case.assigned.v1`."""
        return f"{TYPE_ROOT}.{cls.NAME}.v{cls.VERSION}"

    @classmethod
    def subject_filter(cls) -> str:
        """The subject this event has in any municipality."""
        return f"{SUBJECT_ROOT}.*.{cls.NAME}.v{cls.VERSION}"

    @property
    def subject(self) -> str:
        """The NATS subject, such as `dialogue.asker.case.assigned.v1`."""
        name = f"{INVENTED}.{self.NAME}" if self.invented else self.NAME
        return f"{SUBJECT_ROOT}.{self.municipality}.{name}.v{self.VERSION}"

    @classmethod
    def caused(cls, cause: "Event", *, at: datetime, id: UUID | None = None, **fields: Any) -> Self:  # noqa: A002 - CloudEvents' name
        """This event as a consequence of another one about the same case."""
        return cls(
            id=id or new_id(at), at=at, case_id=cause.case_id, municipality=cause.municipality,
            caused_by=cause.id, invented=cause.invented, **fields,
        )  # fmt: skip

    def headers(self) -> dict[str, str]:
        """The CloudEvents attributes, as NATS headers."""
        headers = {
            "ce-specversion": "1.0",
            "ce-id": str(self.id),
            "ce-type": self.type_name(),
            "ce-source": f"/svarfrist/{self.SOURCE}",
            "ce-time": self.at.isoformat(),
            "ce-subject": str(self.case_id),
            "ce-municipality": self.municipality,
            "content-type": "application/json",
        }
        if self.caused_by:
            headers["ce-causedby"] = str(self.caused_by)
        if self.invented:
            headers["ce-invented"] = "true"
        return headers

    def body(self) -> bytes:
        """The fields beyond the envelope, as JSON."""
        return self.model_dump_json().encode()


class Promised(BaseModel):
    """The promise the resident was given on the receipt."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    promise_id: str
    rule: str
    rule_version: str
    due_on: date


class SubmissionReceived(Event):
    """A resident's submission was accepted: its transaction has committed."""

    NAME = "submission.received"
    SOURCE = "intake"
    reference: str
    kind: Kind
    topic: str | None
    area: str | None
    channel: Channel
    language: str
    reply_wanted: bool
    has_email: bool
    has_phone: bool = False
    attachments: int = 0
    promise: Promised | None = None


class SubmissionSupplemented(Event):
    """The resident added something to the case."""

    NAME = "submission.supplemented"
    SOURCE = "intake"
    supplement_id: UUID
    attachments: int = 0


class FeedbackGiven(Event):
    """The resident said whether the answer helped. The comment itself stays with intake.

    `process` is how she was met on the way, `outcome` how satisfied she is with what she got: 1 (very
    dissatisfied) to 5 (very satisfied), None where she did not say.
    """

    NAME = "feedback.given"
    SOURCE = "intake"
    helped: bool
    has_comment: bool
    process: Annotated[int, Field(ge=1, le=5)] | None = None
    outcome: Annotated[int, Field(ge=1, le=5)] | None = None


class AssignmentReason(StrEnum):
    """Why a case came where it came; each has its words in the catalogue."""

    TOPIC_AND_AREA = "topic_and_area"
    TOPIC = "topic"
    NO_TOPIC = "no_topic"
    UNKNOWN_TOPIC = "unknown_topic"
    NO_OWNER = "no_owner"
    HANDED_OVER = "handed_over"
    TAKEN = "taken"


class CaseAssigned(Event):
    """A case has an owner: a unit, and in it a person (none where nobody is at work)."""

    NAME = "case.assigned"
    SOURCE = "routing"
    unit: str
    section: str
    person: str | None
    reason: AssignmentReason
    assigned_by: str | None = None
    from_unit: str | None = None
    from_person: str | None = None


class CaseOpened(Event):
    """The caseworker who has the case opened it for the first time: the handover is complete."""

    NAME = "case.opened"
    SOURCE = "routing"
    person: str
    unit: str


class CaseInterimAnswered(Event):
    """The resident has had an interim answer: why it takes time, and when an answer is to be expected."""

    NAME = "case.interim_answered"
    SOURCE = "routing"
    answer_id: UUID
    person: str
    unit: str
    expected_on: date | None


class CaseAnswered(Event):
    """The resident has had a final answer. A later one is a further answer to the same case.

    `waited_seconds` is how long the case had stood still by then because the resident was asked something.
    """

    NAME = "case.answered"
    SOURCE = "routing"
    answer_id: UUID
    person: str
    unit: str
    waited_seconds: int = 0


class CaseClosed(Event):
    """The case was closed without an answer, because none was wanted: read and passed on."""

    NAME = "case.closed"
    SOURCE = "routing"
    person: str
    unit: str


class CasePaused(Event):
    """The resident was asked something, and the clock stands still until an answer comes.

    `until` is the last day it may do so, in Oslo: where nothing is heard, it runs again from the day after.
    The question's text is the answer `question_id` in routing.
    """

    NAME = "case.paused"
    SOURCE = "routing"
    question_id: UUID
    person: str
    unit: str
    until: date


class ResumeReason(StrEnum):
    """Why a clock that stood still runs again before its pause was over."""

    RESIDENT_ANSWERED = "resident_answered"
    BY_CASEWORKER = "by_caseworker"


class CaseResumed(Event):
    """The clock runs again. `paused_by` is the event that made it stand still."""

    NAME = "case.resumed"
    SOURCE = "routing"
    paused_by: UUID
    reason: ResumeReason
    person: str | None = None


class CaseExtended(Event):
    """The resident was told, with the reason (`answer_id`), that the answer comes by a later day."""

    NAME = "case.extended"
    SOURCE = "routing"
    answer_id: UUID
    person: str
    unit: str
    due_on: date


class CaseRestarted(Event):
    """What the resident added changes the matter: the clock starts anew, counted from `counted_from`.

    The resident was told so, with the reason (`answer_id`).
    """

    NAME = "case.restarted"
    SOURCE = "routing"
    answer_id: UUID
    person: str
    unit: str
    counted_from: AwareDatetime


class CaseReclassified(Event):
    """The case is of another kind, about something else or from elsewhere than the resident said.

    `promise` is what such a case is promised, counted from when it was received; None where nothing is.
    """

    NAME = "case.reclassified"
    SOURCE = "routing"
    kind: Kind
    topic: str | None
    area: str | None
    person: str
    unit: str
    promise: Promised | None
    answer_id: UUID | None = None


class CaseReopened(Event):
    """An answered, closed or merged case is worked on again, under a promise of its own.

    A verdict that was given stands. `promise` is counted from the reopening; None where nothing is promised.
    """

    NAME = "case.reopened"
    SOURCE = "routing"
    person: str
    unit: str
    promise: Promised | None


class CaseMerged(Event):
    """The case is handled together with another, `into`, whose answers its resident gets too."""

    NAME = "case.merged"
    SOURCE = "routing"
    into: UUID
    person: str
    unit: str


class PromiseMade(Event):
    """Notify has taken over a promise and enforces it.

    `version` grows with every change to the case's promises; `number` is 1 for the promise on the receipt, and
    one more each time the case is reopened.
    """

    NAME = "promise.made"
    SOURCE = "notify"
    version: int
    number: int = 1
    promise_id: str
    rule: str
    rule_version: str
    due_on: date


class MoveReason(StrEnum):
    """Why a promise has another due day than before; each has its words in the catalogue."""

    PAUSED = "paused"
    RESUMED = "resumed"
    NO_ANSWER = "no_answer"
    EXTENDED = "extended"
    RESTARTED = "restarted"
    RECLASSIFIED = "reclassified"
    RECOMPUTED = "recomputed"


class PromiseMoved(Event):
    """An open promise has another due day than before, and why.

    `due_without_pauses_on` is the due day as it would be had the clock never stood still.
    """

    NAME = "promise.moved"
    SOURCE = "notify"
    version: int
    number: int
    reason: MoveReason
    promise_id: str
    rule: str
    rule_version: str
    moved_from: date
    due_on: date
    due_without_pauses_on: date


class LapseReason(StrEnum):
    """Why a promise is not judged."""

    CLOSED = "closed"
    MERGED = "merged"
    RECLASSIFIED = "reclassified"


class PromiseLapsed(Event):
    """An open promise holds no longer, and is neither kept nor broken.

    `version` is the next after that of the promise, so that the newest of a number says how it stands.
    """

    NAME = "promise.lapsed"
    SOURCE = "notify"
    version: int
    number: int
    reason: LapseReason


class PromiseReminded(Event):
    """A step of the ladder was taken: somebody was reminded, or the resident was told."""

    NAME = "promise.reminded"
    SOURCE = "notify"
    version: int
    step: str
    recipients: int
    expected_on: date | None = None


class PromiseKept(Event):
    """The answer came on the due day or before. `judged_on` is the day of the answer, in Oslo."""

    NAME = "promise.kept"
    SOURCE = "notify"
    version: int
    due_on: date
    judged_on: date
    number: int = 1
    due_without_pauses_on: date | None = None


class PromiseBroken(Event):
    """The due day passed without an answer. `judged_on` is the day after the due day, in Oslo."""

    NAME = "promise.broken"
    SOURCE = "notify"
    version: int
    due_on: date
    judged_on: date
    number: int = 1
    due_without_pauses_on: date | None = None


class MessageSent(Event):
    """The mail server, or with the channel `sms` the gateway, took responsibility for a message."""

    NAME = "message.sent"
    SOURCE = "notify"
    message_id: UUID
    message: str
    to_resident: bool
    attempts: int
    channel: str = "email"


class MessageFailed(Event):
    """A message could not be delivered, and no further try will be made."""

    NAME = "message.failed"
    SOURCE = "notify"
    message_id: UUID
    message: str
    to_resident: bool
    attempts: int
    error: str
    channel: str = "email"


class MessageBounced(Event):
    """A message that the mail server had taken came back: it did not reach its reader.

    `status` is the enhanced status code (RFC 3463), such as `5.1.1`; of a text message `sms.` and the gateway's
    word for it, such as `sms.expired`.
    """

    NAME = "message.bounced"
    SOURCE = "notify"
    message_id: UUID
    message: str
    to_resident: bool
    status: str


class CaseImported(Event):
    """A case of another system, as its archive tells it: it counts in the figures, and nowhere else.

    `received_at` is when it was received there; the event's own time is when it was imported. `system` is the
    name the import was given. Its days are those of its `zone`, to which its due days belong too. `section` is that
    of a unit the municipality has itself. Of two about the same case the later one holds: what the archive told
    last.
    """

    NAME = "case.imported"
    SOURCE = "import"
    system: str
    reference: str
    received_at: AwareDatetime
    due_on: date | None
    answered_at: AwareDatetime | None
    kind: str | None
    topic: str | None
    unit: str | None
    area: str | None
    channel: str | None
    zone: str = "Europe/Oslo"
    section: str | None = None


class ReportFrozen(Event):
    """A version of a report was issued. `case_id` is the report's own id: there is no case behind it.

    `report` is monthly, tertial or annual, `period` such as `2026-T2`; without unit, section and committee it
    is about the whole municipality. `readers` are those it is sent to, by the ids of the configuration.
    """

    NAME = "report.frozen"
    SOURCE = "metrics"
    report: str
    period: str
    section: str | None = None
    unit: str | None = None
    committee: str | None = None
    version: int
    readers: tuple[str, ...]


class ReportExplanationWanted(Event):
    """Indicators of a place missed their targets, and its leader is asked to say why by `due_on`.

    `case_id` is the report's own id. `count`: how many lack an explanation; `again`: it was asked for before.
    """

    NAME = "report.explanation_wanted"
    SOURCE = "metrics"
    report: str
    period: str
    section: str | None = None
    unit: str | None = None
    readers: tuple[str, ...]
    count: int
    due_on: date
    again: bool


EVENTS: tuple[type[Event], ...] = (
    SubmissionReceived, SubmissionSupplemented, FeedbackGiven,
    CaseAssigned, CaseOpened, CaseInterimAnswered, CaseAnswered, CaseClosed,
    CasePaused, CaseResumed, CaseExtended, CaseRestarted, CaseReclassified, CaseReopened, CaseMerged,
    PromiseMade, PromiseMoved, PromiseLapsed, PromiseReminded, PromiseKept, PromiseBroken,
    MessageSent, MessageFailed, MessageBounced,
    CaseImported,
    ReportFrozen, ReportExplanationWanted,
)  # fmt: skip

CONSUMED_BY: Mapping[str, tuple[type[Event], ...]] = {
    "intake": (
        CaseAssigned, CaseOpened, CaseInterimAnswered, CaseAnswered, CaseClosed,
        CasePaused, CaseResumed, CaseExtended, CaseRestarted, CaseReclassified, CaseReopened, CaseMerged,
        PromiseMade, PromiseMoved, PromiseLapsed, PromiseReminded, PromiseKept, PromiseBroken,
    ),
    "routing": (
        SubmissionReceived, SubmissionSupplemented, FeedbackGiven,
        PromiseMade, PromiseMoved, PromiseLapsed, PromiseReminded, PromiseKept, PromiseBroken,
        MessageSent, MessageFailed, MessageBounced,
    ),
    "notify": (
        SubmissionReceived, SubmissionSupplemented,
        CaseAssigned, CaseInterimAnswered, CaseAnswered, CaseClosed,
        CasePaused, CaseResumed, CaseExtended, CaseRestarted, CaseReclassified, CaseReopened, CaseMerged,
        ReportFrozen, ReportExplanationWanted,
    ),
    "metrics": tuple(event for event in EVENTS if event.SOURCE != "metrics"),
}  # fmt: skip
"""Which service hears which events: the filters of its durable consumer, and the generated documents."""


def subjects_heard_by(service: str) -> list[str]:
    """The filters of a service's durable consumer: its events in any municipality; invented ones for metrics."""
    subjects = [event.subject_filter() for event in CONSUMED_BY[service]]
    return [*subjects, f"{SUBJECT_ROOT}.*.{INVENTED}.>"] if service == "metrics" else subjects


_BY_TYPE = {event.type_name(): event for event in EVENTS}


class UnreadableEventError(Exception):
    """A message that is no event we know: `reason` says what is wrong, without its content."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def read(headers: Mapping[str, str] | None, body: bytes) -> Event:
    """The event in a NATS message.

    Raises UnreadableEventError where the headers are not CloudEvents', the type is unknown or the body does
    not fit; the reason names fields, never values.
    """
    attributes = headers or {}
    model = _BY_TYPE.get(attributes.get("ce-type", ""))
    if model is None:
        raise UnreadableEventError(f"unknown event type {attributes.get('ce-type')!r}")
    try:
        fields = pydantic_core.from_json(body)
    except ValueError as error:
        raise UnreadableEventError("the body is not JSON") from error
    if not isinstance(fields, dict):
        raise UnreadableEventError("the body is not a JSON object")
    envelope = {
        "id": attributes.get("ce-id"),
        "at": attributes.get("ce-time"),
        "case_id": attributes.get("ce-subject"),
        "municipality": attributes.get("ce-municipality"),
        "caused_by": attributes.get("ce-causedby"),
        "invented": attributes.get("ce-invented", "false"),
    }
    return _validated(model, {**fields, **envelope})


def restored(type_name: str, envelope: Mapping[str, Any], body: Mapping[str, Any]) -> Event:
    """An event from its stored parts (the inbox)."""
    return _validated(_BY_TYPE[type_name], {**body, **envelope})


def _validated(model: type[Event], fields: Mapping[str, Any]) -> Event:
    try:
        return model.model_validate(fields)
    except pydantic_core.ValidationError as error:
        places = ", ".join(sorted({".".join(str(part) for part in fault["loc"]) for fault in error.errors()}))
        raise UnreadableEventError(f"{model.NAME}: these fields do not fit: {places}") from error

"""The few questions services ask each other over the bus: request and reply, never stored, with a time limit.

This is the only way personal data leaves the database of the service that owns it; which NATS user may ask
what is decided by the bus's permissions (deploy/nats.py).
"""

from datetime import date
from enum import StrEnum
from typing import ClassVar, Generic, TypeVar
from uuid import UUID

from faststream.nats import NatsBroker
from nats.errors import Error as NatsError
from pydantic import AwareDatetime, BaseModel, ConfigDict, ValidationError

Answer = TypeVar("Answer", bound=BaseModel)

TIME_LIMIT = 2.0
"""Seconds a question may take before the asker goes on without its answer."""


class Question(BaseModel, Generic[Answer]):
    """A question with the subject it is asked on and the model of its answer."""

    model_config = ConfigDict(frozen=True)

    SUBJECT: ClassVar[str]
    ANSWER: ClassVar[type[BaseModel]]


class Attachment(BaseModel):
    """An attachment of a submission; `url` opens it for a quarter of an hour."""

    id: UUID
    name: str
    media_type: str
    size: int
    url: str


class Supplement(BaseModel):
    """Something the resident added later."""

    id: UUID
    at: AwareDatetime
    text: str
    attachments: list[Attachment] = []


class Feedback(BaseModel):
    """Whether the answer helped, in the resident's words."""

    at: AwareDatetime
    helped: bool
    comment: str


class Contact(BaseModel):
    """How to reach the resident."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


class SubmissionText(BaseModel):
    """What a resident wrote. `found` is False where it is unknown or erased."""

    found: bool = True
    text: str = ""
    contact: Contact | None = None
    attachments: list[Attachment] = []
    supplements: list[Supplement] = []
    feedback: list[Feedback] = []


class ReadSubmission(Question[SubmissionText]):
    """Routing asks intake for all of one submission."""

    SUBJECT = "intake.submission.read"
    ANSWER = SubmissionText
    case_id: UUID


class Excerpts(BaseModel):
    """The first words of each submission that is known, and the numbers of residents who gave one."""

    excerpts: dict[UUID, str]
    phones: dict[UUID, str] = {}


class ReadExcerpts(Question[Excerpts]):
    """Routing asks intake for the first words of the cases in a list.

    `phones`: and for the residents' numbers, where somebody has to ring them.
    """

    SUBJECT = "intake.submission.excerpts"
    ANSWER = Excerpts
    case_ids: list[UUID]
    phones: bool = False


class MailContact(BaseModel):
    """Where a resident's messages go and what their links need.

    `phone` is in international form, `+4790000000`. `only_answers`: they have asked for no other message.
    """

    found: bool = True
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    only_answers: bool = False
    language: str = "nb"
    secret: str = ""
    reference: str = ""


class ReadContact(Question[MailContact]):
    """Notify asks intake where to send a resident's message."""

    SUBJECT = "intake.contact.read"
    ANSWER = MailContact
    case_id: UUID


class AnswerKind(StrEnum):
    """What we write to a resident."""

    ANSWER = "answer"
    INTERIM = "interim"
    QUESTION = "question"
    EXTENSION = "extension"
    RESTART = "restart"
    RECLASSIFICATION = "reclassification"


class AnswerText(BaseModel):
    """Something we wrote to the resident, as she may read it.

    `expected_on` is the day it names, which for a question is the last one the clock may stand still.
    """

    id: UUID
    at: AwareDatetime
    final: bool
    text: str
    unit: str
    person: str
    expected_on: date | None = None
    kind: AnswerKind | None = None


class Answers(BaseModel):
    """The answers of a case, oldest first."""

    answers: list[AnswerText]


class ReadAnswers(Question[Answers]):
    """Intake asks routing for the answers of a case, for the resident's page."""

    SUBJECT = "routing.answers.read"
    ANSWER = Answers
    case_id: UUID


class NoAnswerError(Exception):
    """Nobody answered in time, or the answer could not be read. The asker goes on without."""

    def __init__(self, subject: str) -> None:
        super().__init__(f"no answer on {subject}")
        self.subject = subject


async def ask(broker: NatsBroker, question: Question[Answer], *, time_limit: float = TIME_LIMIT) -> Answer:
    """Asks and waits, `time_limit` seconds at the most. Raises NoAnswerError."""
    try:
        reply = await broker.request(question, question.SUBJECT, timeout=time_limit)
        return question.ANSWER.model_validate_json(reply.body)  # type: ignore[return-value]
    except (NatsError, TimeoutError, ValidationError) as error:
        raise NoAnswerError(question.SUBJECT) from error

"""What the public API takes and gives, as JSON: the shapes of docs/api/openapi.json."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StrictStr
from pydantic_core import PydanticCustomError

from services.intake.story import State, What
from shared.events import Kind, MoveReason
from shared.questions import AnswerKind


def _boolean(value: object) -> bool:
    """No "yes" for true: what is lenient with one client surprises the next."""
    if isinstance(value, bool):
        return value
    raise PydanticCustomError("bool_type", "not a boolean")


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ContactIn(_Given):
    """How to reach the resident. Kept apart from the submission, and never given to others."""

    name: StrictStr | None = Field(
        None, description="At the most 200 characters.", examples=["Kari Nordmann"]
    )
    email: StrictStr | None = Field(None, examples=["kari@innbygger.example"])
    phone: StrictStr | None = Field(
        None, description="Eight digits, or a number that begins with +.", examples=["900 00 000"]
    )


class SubmissionIn(_Given):
    """What a resident sends."""

    kind: Literal[Kind.PRAISE, Kind.COMPLAINT, Kind.QUESTION] = Field(
        description="Praise (ros), complaint (klage på tjeneste) or question (spørsmål)."
    )
    text: StrictStr = Field(
        description="1 to 10,000 characters after trimming. Must not hold a national identity number.",
        examples=["Veien forbi skolen er ikke brøytet."],
    )
    topic: StrictStr | None = Field(None, description="An id of /topics; left out where it is not known.")
    area: StrictStr | None = Field(None, description="An id of /areas; left out where no place matters.")
    reply_wanted: Annotated[bool, BeforeValidator(_boolean)] = Field(
        description="Whether the resident wants an answer, and so a promise of one."
    )
    contact: ContactIn | None = Field(
        None, description="May be left out: the answer can always be read at the case's address."
    )
    language: Literal["nb", "nn", "en"] = Field("nb", description="The language messages are written in.")


class SubmissionOut(BaseModel):
    """The receipt: the submission is durable."""

    reference: str = Field(description="For people, on the phone; not a secret.", examples=["7K3M-92QX"])
    status_url: str = Field(
        description="The case, as JSON, or in a browser as a page. A secret: whoever has it can read the case."
    )
    case_url: str = Field(description="The resident's own page of the case; as secret as `status_url`.")
    promised_by: date | None = Field(
        description="The day an answer is promised by, in Norway; null where none is wanted."
    )


class PromiseOut(BaseModel):
    """The promise as it stands now, and how its day was reckoned."""

    due_on: date = Field(
        description="The last day of the promise as it is now. While the case is `waiting` it is the day it "
        "becomes if nothing is heard; an answer from the resident brings it forward."
    )
    first_due_on: date | None = Field(
        description="The day it named first; another than `due_on` where the promise was moved."
    )
    moved_because: MoveReason | None = Field(description="Why it was moved last; null where it was not.")
    state: Literal["open", "overdue", "kept", "broken"]
    expected_on: date | None = Field(description="A new day, where the resident was told of a delay.")
    explanation: list[str] = Field(
        description="How the day was reckoned, in steps, in the reader's language."
    )


class EarlierPromiseOut(BaseModel):
    """What became of a promise that was given before the case was reopened."""

    due_on: date
    state: Literal["kept", "broken"]


class EventOut(BaseModel):
    """Something that happened."""

    what: What
    at: datetime
    unit: str | None


class AnswerOut(BaseModel):
    """Something the municipality wrote to the resident."""

    at: datetime
    kind: AnswerKind = Field(
        description="A `question` is what a `waiting` case waits for the resident to answer, on `case_url`."
    )
    final: bool = Field(description="Whether it is a final answer.")
    text: str
    unit: str
    expected_on: date | None = Field(
        description="The day it names: of the answer, or the last one a question may be answered by."
    )


class CaseOut(BaseModel):
    """A resident's own case."""

    reference: str
    kind: Kind
    topic: str | None
    area: str | None
    text: str
    received_at: datetime
    reply_wanted: bool
    state: State = Field(
        description="`waiting`: the resident was asked something, and the clock stands still until "
        "`waiting_until`. `merged`: handled together with another case, whose answers come here, too."
    )
    waiting_until: date | None = Field(
        description="The last day an answer to our question is waited for; null where none is."
    )
    unit: str | None = Field(description="The unit that has the case now, by its name.")
    promised_by: date | None = Field(
        description="The day an answer is promised by as it is now; it may be another than on the receipt."
    )
    promise: PromiseOut | None
    earlier_promises: list[EarlierPromiseOut] = Field(
        description="The promises from before the case was reopened, oldest first; their verdicts stand."
    )
    events: list[EventOut] = Field(description="Oldest first.")
    answers: list[AnswerOut] = Field(description="Oldest first.")
    answers_complete: bool = Field(
        description="False while an answer that was given cannot be fetched; ask again in a while."
    )


class TopicOut(BaseModel):
    """What a submission may be about."""

    id: str
    name: str
    description: str
    keywords: list[str] = Field(description="Words residents use for it.")


class AreaOut(BaseModel):
    """A place of the municipality."""

    id: str
    name: str


class FieldFault(BaseModel):
    """What is wrong with one field."""

    field: str = Field(description="Its name; `contact.email` for one inside another.", examples=["text"])
    message: str = Field(description="In the language of Accept-Language.")


class ProblemOut(BaseModel):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[FieldFault] | None = None
    reference: str | None = Field(None, description="For faults of ours: to be named when telling us.")

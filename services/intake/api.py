"""The public API: the same submissions and the same rules as the form, for other systems."""

import re
from collections.abc import Sequence
from typing import Annotated, Any

import pydantic_core
from litestar import Request, Response, Router, get, post
from litestar.exceptions import ValidationException
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Body, HeaderParameter, PathParameter, QueryParameter
from litestar.response import Redirect
from litestar.utils.empty import value_or_default
from litestar.utils.scope.state import ScopeState
from pydantic import ValidationError

from services.intake import store
from services.intake.api_documents import (
    AnswerOut,
    AreaOut,
    CaseOut,
    ContactIn,
    EarlierPromiseOut,
    EventOut,
    ProblemOut,
    PromiseOut,
    SubmissionIn,
    SubmissionOut,
    TopicOut,
)
from services.intake.case_pages import kind_of
from services.intake.explaining import explained
from services.intake.parts import Intake, Parts
from services.intake.story import PromiseState, Story, told
from services.intake.validation import InvalidSubmissionError, Typed, checked, faults
from shared.clock import oslo_day
from shared.events import Channel, Event, Kind, PromiseKept
from shared.questions import AnswerText, NoAnswerError
from shared.web.csp import SECRET_PAGE
from shared.web.errors import PROBLEM_JSON, Fault, InvalidProblem, NotFoundProblem
from shared.web.i18n import Message, Wording
from shared.web.site import Say, Site

ROOT = "/api/v1"
_MOST_BYTES = 256 * 1024
_LONGEST_KEY = 200
_CONTACT = ("name", "email", "phone")

AnyRequest = Request[Any, Any, Any]


def _problem(description: str) -> ResponseSpec:
    return ResponseSpec(
        ProblemOut,
        description=description,
        media_type=PROBLEM_JSON,
        generate_examples=False,
    )


_NOT_JSON = _problem("The body is not JSON.")
_TOO_LARGE = _problem("The body is larger than 256 KB.")
_INVALID = _problem("Fields are missing, unknown or wrong; `errors` names each of them.")
_UNAVAILABLE = _problem("The database is away; nothing was accepted. Try again with the same key.")
_UNKNOWN = _problem("No case has this address.")


@post(
    "/submissions",
    summary="Send a submission",
    operation_id="sendSubmission",
    request_max_body_size=_MOST_BYTES,
    responses={400: _NOT_JSON, 413: _TOO_LARGE, 422: _INVALID, 503: _UNAVAILABLE},
)
async def send_submission(
    data: Annotated[SubmissionIn, Body(description="What the resident sends.")],
    intake: Intake,
    idempotency_key: Annotated[
        str | None,
        HeaderParameter(
            name="Idempotency-Key",
            min_length=1,
            max_length=_LONGEST_KEY,
            description="Chosen by the client, one for each submission; a UUID is a good one. The same key again "
            "with the same body gives the same answer and makes no second submission; with another body it is "
            "refused. Without a key a request that is sent twice makes two submissions.",
        ),
    ] = None,
) -> Response[SubmissionOut]:
    """The answer comes when the submission is durable, and not before."""
    try:
        new = checked(
            typed_in(data),
            intake.municipality,
            channel=Channel.API,
            language=data.language,
            contact_needed=False,
        )
    except InvalidSubmissionError as error:
        raise InvalidProblem(fields=_as_in_json(error.faults)) from error
    accepted = await intake.acceptor.accept(new, key=f"api:{idempotency_key}" if idempotency_key else None)
    return Response(
        SubmissionOut(
            reference=accepted.reference,
            status_url=f"{intake.public_url}{ROOT}/submissions/{accepted.secret}",
            case_url=f"{intake.public_url}/sak/{accepted.secret}",
            promised_by=accepted.due_on,
        ),
        headers={"Location": f"{intake.public_url}{ROOT}/submissions/{accepted.secret}"},
    )


async def _send_a_browser_to_the_page(request: AnyRequest) -> Redirect | None:
    """A resident may well open the address another system gave her."""
    if "text/html" not in request.headers.get("accept", ""):
        return None
    return Redirect(f"/sak/{request.path_params['secret']}", status_code=303)


@get(
    "/submissions/{secret:str}",
    summary="Read a case",
    operation_id="readCase",
    responses={404: _UNKNOWN},
    response_headers=SECRET_PAGE,
    before_request=_send_a_browser_to_the_page,
)
async def read_case(
    secret: Annotated[str, PathParameter(description="The last part of `status_url`.")],
    say: Say,
    intake: Intake,
) -> CaseOut:
    """A resident's own case. A browser that asks for a page is sent to it."""
    async with intake.database.transaction() as tx:
        submission = await store.submission_by_secret(tx.session, secret)
        if submission is None:
            raise NotFoundProblem
        history = (await tx.history([submission.id]))[submission.id]
    story, today = told(history), oslo_day(intake.clock())
    answers: list[AnswerText] | None = []
    if story.has_answers:
        try:
            answers = (await intake.read_answers(submission.id)).answers
        except NoAnswerError:
            answers = None
    return CaseOut(
        reference=submission.reference,
        kind=Kind(submission.kind),
        topic=submission.topic,
        area=submission.area,
        text=submission.text,
        received_at=submission.received_at,
        reply_wanted=submission.reply_wanted,
        state=story.state(today),
        waiting_until=story.waiting_until if story.waits(today) else None,
        unit=intake.unit_name(story.unit),
        promised_by=story.promise.due_on,
        promise=_promise(history, story, say, intake),
        earlier_promises=[
            EarlierPromiseOut(
                due_on=verdict.due_on, state="kept" if isinstance(verdict, PromiseKept) else "broken"
            )
            for verdict in story.earlier
        ],
        events=[
            EventOut(what=entry.what, at=entry.at, unit=intake.unit_name(entry.unit))
            for entry in story.entries
        ],
        answers=[
            AnswerOut(
                at=answer.at,
                kind=kind_of(answer),
                final=answer.final,
                text=answer.text,
                unit=intake.unit_name(answer.unit) or answer.unit,
                expected_on=answer.expected_on,
            )
            for answer in answers or ()
        ],
        answers_complete=answers is not None,
    )


@get("/topics", summary="What a submission may be about", operation_id="listTopics")
async def list_topics(
    say: Say,
    intake: Intake,
    q: Annotated[
        str | None, QueryParameter(description="Words to search for; the best match is first.")
    ] = None,
) -> list[TopicOut]:
    """All topics by name, or those that fit the words. Names are in the language of Accept-Language."""
    return [
        TopicOut(
            id=topic.id,
            name=topic.name(say.language),
            description=topic.description[say.language],
            keywords=list(getattr(topic.keywords, say.language)),
        )
        for topic in intake.municipality.search_topics(q or "", say.language)
    ]


@get("/areas", summary="The places of the municipality", operation_id="listAreas")
async def list_areas(intake: Intake) -> list[AreaOut]:
    """Empty where the municipality is not divided into areas."""
    return [AreaOut(id=area.id, name=area.name) for area in intake.municipality.areas.values()]


def typed_in(data: SubmissionIn) -> Typed:
    """What came as JSON, as the rules see it."""
    contact = data.contact or ContactIn(name=None, email=None, phone=None)
    return Typed(
        kind=data.kind,
        text=data.text,
        topic=data.topic or "",
        area=data.area or "",
        reply_wanted=data.reply_wanted,
        name=contact.name or "",
        email=contact.email or "",
        phone=contact.phone or "",
    )


def _promise(history: Sequence[Event], story: Story, say: Wording, intake: Parts) -> PromiseOut | None:
    if story.promise.due_on is None:
        return None
    today = oslo_day(intake.clock())
    state = story.promise_state(today)
    return PromiseOut(
        due_on=story.promise.due_on,
        first_due_on=story.first_due_on,
        moved_because=story.moved,
        state="open" if state is PromiseState.NONE else state.value,
        expected_on=story.expected_after(today),
        explanation=explained(history, story, say, intake),
    )


def _tell_invalid(request: AnyRequest, error: ValidationException) -> Response[Any]:
    """Says what is wrong with each field, in the same words as the form where the form has the field too."""
    site: Site = request.app.state.site
    fields: dict[str, Message] = {}
    if any(isinstance(entry, dict) and entry.get("key") == "idempotency_key" for entry in error.extra or ()):
        fields["Idempotency-Key"] = Message("api.error.key")
    body = value_or_default(ScopeState.from_scope(request.scope).body, b"")
    fields |= body_faults(body, request.app.state.parts)
    fault = Fault(InvalidProblem(fields=fields))
    return Response(
        fault.document(site.visit(request.scope).say), status_code=fault.status, media_type=PROBLEM_JSON
    )


def body_faults(body: bytes, intake: Parts) -> dict[str, Message]:
    """What is wrong with a body that is JSON but no submission: its shape, and what its fields say."""
    try:
        given = pydantic_core.from_json(body)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        return {"body": Message("api.error.object")}
    wrong: dict[str, Message] = {}
    try:
        SubmissionIn.model_validate(given)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            wrong.setdefault(
                ".".join(map(str, fault["loc"])) or "body", _shape_fault(fault["type"], fault.get("ctx"))
            )
    contact = given.get("contact")
    readable = {**given, **(contact if isinstance(contact, dict) else {})}
    typed = Typed(
        kind=Kind(given["kind"]) if "kind" not in wrong else Kind.QUESTION,
        reply_wanted=given.get("reply_wanted"),
        **{
            name: readable[name]
            for name in ("text", "topic", "area", *_CONTACT)
            if isinstance(readable.get(name), str)
        },
    )
    said = _as_in_json(faults(typed, intake.municipality, contact_needed=False))
    return {**said, **wrong}


def _shape_fault(kind: str, context: Any) -> Message:
    match kind:
        case "missing":
            return Message("api.error.missing")
        case "extra_forbidden":
            return Message("api.error.unknown")
        case "enum" | "literal_error":
            choices = re.findall(r"'([^']+)'", str((context or {}).get("expected", "")))
            return Message("api.error.choice", {"choices": ", ".join(choices)})
        case "string_type":
            return Message("api.error.string")
        case "bool_type":
            return Message("api.error.boolean")
        case _:
            return Message("error.field.invalid")


def _as_in_json(found: dict[str, Message]) -> dict[str, Message]:
    return {f"contact.{name}" if name in _CONTACT else name: message for name, message in found.items()}


def api() -> Router:
    """The routes of the API."""
    return Router(
        ROOT,
        route_handlers=[send_submission, read_case, list_topics, list_areas],
        exception_handlers={ValidationException: _tell_invalid},
    )

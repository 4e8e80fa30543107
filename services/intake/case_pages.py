"""The resident's own case: the receipt, what has happened, the answer, and what she may add."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake import drafts, feedback, store, supplementing
from services.intake.drafts import Kept, uuid_in
from services.intake.explaining import explained, explained_receipt
from services.intake.files import (
    MOST_BYTES_OF_A_FORM,
    PATH,
    FileField,
    is_shown_in_the_browser,
)
from services.intake.legal import legal_clocks
from services.intake.parts import Intake, Parts
from services.intake.story import Entry, PromiseState, State, Story, What, told
from services.intake.validation import MOST_CHARACTERS, MOST_OF_A_COMMENT
from shared.clock import oslo_day
from shared.database import Transaction
from shared.events import Event, PromiseKept
from shared.questions import AnswerKind, AnswerText, NoAnswerError
from shared.web.csp import SECRET_PAGE
from shared.web.errors import NotFoundProblem
from shared.web.i18n import Message, Wording
from shared.web.site import Say

AnyRequest = Request[Any, Any, Any]

_KINDS_OF_ENTRIES = {What.PROMISE_BROKEN: "late"}


class UnknownCaseProblem(NotFoundProblem):
    """No case has this secret."""

    def __init__(self) -> None:
        super().__init__(Message("case.unknown.title"), Message("case.unknown.detail"))


@dataclass(frozen=True, slots=True)
class _Case:
    """All there is to show of a case."""

    submission: store.Submission
    history: Sequence[Event]
    story: Story
    supplements: Sequence[store.Supplement]
    files: Sequence[store.Attachment]
    feedback: store.Feedback | None
    has_email: bool
    is_reachable: bool
    draft: Kept

    def files_of(self, supplement_id: UUID | None) -> list[store.Attachment]:
        return [file for file in self.files if file.supplement_id == supplement_id]


@dataclass(frozen=True, slots=True)
class _Typed:
    """A form of the page that came back: what is wrong with it, and what was typed."""

    errors: dict[str, Message] = field(default_factory=dict)
    said: feedback.Said | None = None


@get("/kvittering/{secret:str}", include_in_schema=False, response_headers=SECRET_PAGE)
async def receipt_page(secret: FromPath[str], say: Say, intake: Intake) -> Template:
    """It has arrived: the reference, the promised day, what happens next, and the way back."""
    async with intake.database.reading() as session:
        submission = await _found(session, secret)
        contact = await store.contact(session, submission.id)
    return Template(
        "receipt.html",
        context={
            "submission": submission,
            "promise_words": _promise_words(submission, say, intake),
            "explanation": explained_receipt(submission, say, intake),
            "case_url": f"{intake.public_url}/sak/{secret}",
            "mailed_to": contact.email if contact else None,
        },
    )


@get("/sak/{secret:str}", include_in_schema=False, response_headers=SECRET_PAGE)
async def case_page(
    secret: FromPath[str],
    say: Say,
    intake: Intake,
    rett: FromQuery[bool] = False,  # noqa: FBT002
) -> Template:
    """The case as it stands. `rett`: what the resident is adding has something to put right."""
    async with intake.database.transaction() as tx:
        case = await _read(tx, await _found(tx.session, secret))
    is_wrong = rett or case.draft.refused
    errors = supplementing.errors(case.draft, before=len(case.supplements)) if is_wrong else {}
    return await _shown(case, say, intake, _Typed(errors))


@post(
    "/sak/{secret:str}/tillegg",
    include_in_schema=False,
    request_max_body_size=MOST_BYTES_OF_A_FORM,
    response_headers=SECRET_PAGE,
    status_code=200,
)
async def add_something(request: AnyRequest, secret: FromPath[str], intake: Intake) -> Redirect | Template:
    """Adds a text, files or both to the case, once however often it is sent."""
    form = await request.form()
    action = str(form.get("do", "send"))
    draft_id = uuid_in(form.get("utkast")) or drafts.a_new_one().id
    uploads = await drafts.read_uploads(form.getall("files", []))
    case_address = f"/sak/{secret}"
    async with intake.database.transaction() as tx:
        submission = await _found(tx.session, secret)
        draft = await drafts.save(
            tx,
            supplementing.writer(submission),
            supplementing.FORM,
            draft_id,
            answers={"text": str(form.get("text", ""))},
            uploads=uploads,
            remove=drafts.file_to_remove(action),
        )
        if draft.sent_as:
            return Redirect(f"{case_address}#added", status_code=303)
        before = await store.count_supplements(tx.session, submission.id)
        if action == "send" and not supplementing.errors(draft, before=before):
            await supplementing.add(tx, submission, draft, intake.municipality.id)
            return Redirect(f"{case_address}#added", status_code=303)
    if request.headers.get("hx-request") == "true":
        shown = FileField(draft.files, draft.refused, f"{case_address}/tillegg")
        return Template("files.html", context={"files": shown})
    wrong = "?rett=true" if action == "send" else ""
    return Redirect(f"{case_address}{wrong}#add", status_code=303)


@post(
    "/sak/{secret:str}/tilbakemelding", include_in_schema=False, response_headers=SECRET_PAGE, status_code=200
)
async def give_feedback(
    request: AnyRequest, secret: FromPath[str], say: Say, intake: Intake
) -> Redirect | Template:
    """What the resident thinks of the answer. May be changed; saying the same again changes nothing."""
    said = feedback.Said.read(await request.form())
    errors = said.faults()
    async with intake.database.transaction() as tx:
        submission = await _found(tx.session, secret)
        case = await _read(tx, submission)
        if not errors and case.story.answered_at:
            await feedback.keep(tx, submission.id, intake.municipality.id, said)
    if errors:
        return await _shown(case, say, intake, _Typed(errors, said), status=422)
    return Redirect(f"/sak/{secret}#feedback", status_code=303)


@get(f"{PATH}/{{attachment_id:uuid}}", include_in_schema=False)
async def attachment(
    attachment_id: FromPath[UUID], intake: Intake, til: FromQuery[int], nokkel: FromQuery[str]
) -> Response[bytes]:
    """A file, for whoever has a link that has not expired. Nothing in it can run."""
    if not intake.links.holds(attachment_id, til, nokkel, intake.clock()):
        raise NotFoundProblem(Message("file.expired.title"), Message("file.expired.detail"))
    async with intake.database.reading() as session:
        found = await store.sent_attachment(session, attachment_id)
    if found is None:
        raise NotFoundProblem
    how = "inline" if is_shown_in_the_browser(found.media_type) else "attachment"
    return Response(
        found.content,
        media_type=found.media_type,
        headers={
            **SECRET_PAGE,
            "Content-Disposition": f"{how}; filename*=UTF-8''{quote(found.name, safe='')}",
            "Content-Security-Policy": "sandbox; default-src 'none'",
            "X-Content-Type-Options": "nosniff",
        },
    )


async def _found(session: AsyncSession, secret: str) -> store.Submission:
    submission = await store.submission_by_secret(session, secret)
    if submission is None:
        raise UnknownCaseProblem
    return submission


async def _read(tx: Transaction, submission: store.Submission) -> _Case:
    contact = await store.contact(tx.session, submission.id)
    history = (await tx.history([submission.id]))[submission.id]
    return _Case(
        submission=submission,
        history=history,
        story=told(history),
        supplements=await store.supplements(tx.session, submission.id),
        files=await store.attachments(tx.session, submission.id),
        feedback=await store.feedback(tx.session, submission.id),
        has_email=bool(contact and contact.email),
        is_reachable=bool(contact and (contact.email or contact.phone)),
        draft=await supplementing.open_draft(tx, submission),
    )


async def _shown(case: _Case, say: Wording, intake: Parts, typed: _Typed, *, status: int = 200) -> Template:
    today = oslo_day(intake.clock())
    answers = await _answers(case, intake)
    story, promise_state = case.story, case.story.promise_state(today)
    state = story.state(today)
    # The newest first: what a resident came for is on top.
    shown = [_answer(answer, intake) for answer in reversed(answers or ())]
    for earlier in [answer for answer in shown if answer["final"]][:-1]:
        earlier["again"] = True
    return Template(
        "case.html",
        status_code=status,
        context={
            "submission": case.submission,
            "story": story,
            "state": state,
            "due_on": story.promise.due_on,
            "promise_state": promise_state,
            "earlier": [
                ("kept" if isinstance(verdict, PromiseKept) else "broken", verdict.due_on)
                for verdict in story.earlier
            ],
            "expected_on": story.expected_after(today),
            "explanation": explained(case.history, story, say, intake),
            "legal": legal_clocks(case.history, say, intake),
            "topic": intake.topic_name(case.submission.topic, say.language),
            "area": intake.area_name(case.submission.area),
            "unit": intake.unit_name(case.story.unit),
            "answers": [answer for answer in shown if not _is_asked_now(answer, state)],
            "asked": [answer for answer in shown if _is_asked_now(answer, state)],
            "answers_away": answers is None,
            "timeline": _timeline(case, say, intake, promise_state),
            "written": _written(case, intake),
            "errors": typed.errors,
            "feedback": case.feedback,
            "said": typed.said or feedback.Said.of(case.feedback),
            "feedback_scale": feedback.SCALE,
            "has_email": case.has_email,
            "is_reachable": case.is_reachable,
            "draft": case.draft,
            "files": FileField(
                case.draft.files, case.draft.refused, f"/sak/{case.submission.secret}/tillegg"
            ),
            "most_characters": MOST_CHARACTERS,
            "most_of_a_comment": MOST_OF_A_COMMENT,
        },
    )


async def _answers(case: _Case, intake: Parts) -> list[AnswerText] | None:
    """The answers there are; None where routing does not tell them now."""
    if not case.story.has_answers:
        return []
    try:
        return (await intake.read_answers(case.submission.id)).answers
    except NoAnswerError:
        return None


def kind_of(answer: AnswerText) -> AnswerKind:
    """What it is; a routing of before it told so knows two kinds."""
    return answer.kind or (AnswerKind.ANSWER if answer.final else AnswerKind.INTERIM)


def _answer(answer: AnswerText, intake: Parts) -> dict[str, Any]:
    """An answer with its unit and person by name, whether routing gave ids or names."""
    person = intake.municipality.people.get(answer.person)
    return {
        "kind": kind_of(answer),
        "again": False,
        "final": answer.final,
        "at": answer.at,
        "text": answer.text,
        "unit": intake.unit_name(answer.unit) or answer.unit,
        "person": person.name if person else answer.person,
        "expected_on": answer.expected_on,
    }


def _timeline(case: _Case, say: Wording, intake: Parts, promise_state: PromiseState) -> list[dict[str, Any]]:
    now = intake.clock()
    entries: list[dict[str, Any]] = [
        {
            "title": say.t(
                "case.event.replied" if entry.replies else f"case.event.{entry.what}",
                unit=intake.unit_name(entry.unit) or say.t("case.unit.unknown"),
                day=say.day(entry.day) if entry.day else "",
                now=_found_to_be(entry, say, intake),
            )
            if entry.day or entry.what is not What.REOPENED
            else say.t("case.event.reopened_without_a_day"),
            "when": say.when(entry.at, now),
            "kind": _KINDS_OF_ENTRIES.get(entry.what, "done"),
        }
        for entry in case.story.entries
    ]
    due_on = case.story.promise.due_on
    if promise_state in {PromiseState.OPEN, PromiseState.OVERDUE} and due_on:
        expected = case.story.expected_after(oslo_day(now))
        entries.append(
            {
                "title": say.t("case.event.answer_to_come"),
                "when": say.t("case.event.by", day=say.day(max(expected or due_on, due_on))),
                "kind": "waiting",
            }
        )
    return entries


def _found_to_be(entry: Entry, say: Wording, intake: Parts) -> str:
    if entry.now is None:
        return ""
    kind, topic, area = entry.now
    words = (say.text(f"kind.{kind}"), intake.topic_name(topic, say.language), intake.area_name(area))
    return ", ".join(word for word in words if word)


def _written(case: _Case, intake: Parts) -> list[dict[str, Any]]:
    """What the resident wrote, first and later, each with its files."""
    now = intake.clock()
    parts = [(None, case.submission.received_at, case.submission.text)]
    parts += [(supplement.id, supplement.at, supplement.text) for supplement in case.supplements]  # type: ignore[misc]
    return [
        {
            "at": at,
            "text": text,
            "files": [(file.name, intake.links.to(file.id, now)) for file in case.files_of(supplement_id)],
        }
        for supplement_id, at, text in parts
    ]


def _is_asked_now(answer: dict[str, Any], state: State) -> bool:
    """Whether it is a question that we wait for the answer to."""
    return bool(state is State.WAITING and answer["kind"] is AnswerKind.QUESTION)


def _promise_words(submission: store.Submission, say: Wording, intake: Parts) -> str:
    """What the municipality itself says it promises; empty where it no longer has this promise."""
    words = (rule.words for rule in intake.municipality.promises if rule.id == submission.promise_id)
    return next((each[say.language] for each in words), "")


def case_pages() -> list[HTTPRouteHandler]:
    """The routes of a resident's own case."""
    return [receipt_page, case_page, add_something, give_feedback, attachment]

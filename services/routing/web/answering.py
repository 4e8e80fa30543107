"""Answering: an answer is written, checked, and then sent; nothing that is typed is lost on the way."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated
from uuid import UUID

from litestar import get, post
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body, FromPath
from litestar.response import Redirect, Template

from services.routing import store
from services.routing.cases import Case, that_matters
from services.routing.casework import Draft
from services.routing.web.checking import Check, check_page
from services.routing.web.desk import Desk
from services.routing.web.visits import AnswerForm, Said, Visit, Visits, form_key, form_version, written
from services.routing.work import AlreadySentError, ChangedMeanwhileError
from shared.events import Event, SubmissionSupplemented
from shared.web.i18n import Message
from shared.web.site import Person, Say

MOST_CHARACTERS = 10_000


Answer = Annotated[AnswerForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


def answer_pages(desk: Desk) -> list[HTTPRouteHandler]:
    """Where an answer is written, checked and sent."""
    visits = Visits(desk)
    pages = _AnswerPages(desk, visits)

    @get("/saksbehandling/sak/{reference:str}/svar")
    async def answer_form(reference: FromPath[str], person: Person, say: Say) -> Template:
        visit = await visits.visit(reference, person, say)
        return await pages.answer_page(visit, AnswerForm(), final=True)

    @post("/saksbehandling/sak/{reference:str}/svar", status_code=200)
    async def answer(reference: FromPath[str], person: Person, say: Say, data: Answer) -> Template | Redirect:
        visit = await visits.visit(reference, person, say)
        return await pages.answer(visit, data, final=True)

    @get("/saksbehandling/sak/{reference:str}/forelopig-svar")
    async def interim_form(reference: FromPath[str], person: Person, say: Say) -> Template:
        visit = await visits.visit(reference, person, say)
        return await pages.answer_page(visit, AnswerForm(), final=False)

    @post("/saksbehandling/sak/{reference:str}/forelopig-svar", status_code=200)
    async def interim_answer(
        reference: FromPath[str], person: Person, say: Say, data: Answer
    ) -> Template | Redirect:
        visit = await visits.visit(reference, person, say)
        return await pages.answer(visit, data, final=False)

    return [answer_form, answer, interim_form, interim_answer]


class _AnswerPages:
    def __init__(self, desk: Desk, visits: Visits) -> None:
        self._desk = desk
        self._visits = visits

    async def answer_page(
        self,
        visit: Visit,
        form: AnswerForm,
        *,
        final: bool,
        errors: Mapping[str, Message] | None = None,
    ) -> Template:
        context, case = await self._visits.opened(visit)
        context |= {
            "errors": errors or {},
            "form": form,
            "final": final,
            "key": form.key or self._desk.new_key(),
            "version": form.version or case.version,
        }
        return Template("answer.html", context=context, status_code=422 if errors else 200)

    async def answer(self, visit: Visit, form: AnswerForm, *, final: bool) -> Template | Redirect:
        """Check the form, show how the answer will look, and then send it."""
        key, version = form_key(form.key), form_version(form.version)
        errors, expected_on = self._answer_errors(form, final=final)
        if errors or form.step == "edit":
            return await self.answer_page(visit, form, final=final, errors=errors)
        draft = Draft(key, version, written(form.text), final, None if final else expected_on)
        try:
            if form.step == "send":
                async with self._desk.database.transaction() as tx:
                    await self._visits.work(tx, visit).answer(draft)
                done = "answered" if final else "interim_answered"
                return Redirect(f"{visit.address}?gjort={done}", status_code=303)
            return await self._check_page(visit, form, draft)
        except ChangedMeanwhileError as changed:
            return await self._conflict_page(visit, form, changed.case, changed.history, version, final=final)
        except AlreadySentError as sent:
            return await self._already_sent_page(visit, form, sent, final=final)

    async def _check_page(self, visit: Visit, form: AnswerForm, draft: Draft) -> Template:
        async with self._desk.database.transaction() as tx:
            case, history = await self._visits.work(tx, visit).look()
        if draft.version != case.version and not any(_is_answer(event, draft.key) for event in history):
            raise ChangedMeanwhileError(case, history)
        day = draft.expected_on
        return await check_page(
            self._visits,
            visit,
            Check(
                form,
                "svar" if draft.final else "forelopig-svar",
                Message("check.title" if draft.final else "check.interim_title"),
                Message("check.send" if draft.final else "check.send_interim"),
                Message("story.expected", {"day": visit.say.day(day)}) if day else None,
                further=case.answered_at is not None,
            ),
        )

    async def _conflict_page(
        self,
        visit: Visit,
        form: AnswerForm,
        case: Case,
        history: Sequence[Event],
        version: int,
        *,
        final: bool,
    ) -> Template:
        """A colleague was first, or the resident: all texts, and the choice to send all the same."""
        submission = await self._desk.submission(case.case_id)
        async with self._desk.database.transaction() as tx:
            answers = await store.answers_of(tx.session, case.case_id)
            if submission:
                self._visits.work(tx, visit).note_reading(case.case_id)
        new = that_matters(history)[version:]
        since = {event.id for event in new}
        added = {event.supplement_id for event in new if isinstance(event, SubmissionSupplemented)}
        theirs = [
            row for row in answers if any(_is_answer(event, row.id) for event in history if event.id in since)
        ]
        storyteller = self._visits.storyteller(visit)
        context = {
            **self._visits.frame(visit, visit.row),
            "form": form,
            "final": final,
            "key": form.key,
            "version": case.version,
            "changes": storyteller.changes(history, version),
            "theirs": [self._visits.answer_said(row) for row in theirs],
            "added": [
                Said("supplement", more.at, more.text, attachments=more.attachments)
                for more in (submission.supplements if submission else ())
                if more.id in added
            ],
        }
        return Template("answer_conflict.html", context=context, status_code=409)

    async def _already_sent_page(
        self, visit: Visit, form: AnswerForm, sent: AlreadySentError, *, final: bool
    ) -> Template:
        """The form was sent before, and has other words now: the answer that went out cannot be changed."""
        context = {
            **self._visits.frame(visit, visit.row),
            "form": form,
            "final": final,
            "key": self._desk.new_key(),
            "version": sent.case.version,
            "changes": [],
            "theirs": [self._visits.answer_said(sent.answer)],
            "added": [],
        }
        return Template("answer_conflict.html", context=context, status_code=409)

    def _answer_errors(self, form: AnswerForm, *, final: bool) -> tuple[dict[str, Message], date | None]:
        errors, expected_on = dict[str, Message](), None
        if not final:
            expected_on = day_in(form.expected_on)
            if expected_on is None:
                errors["expected_on"] = Message("interim.error.day")
            elif expected_on < self._desk.today:
                errors["expected_on"] = Message("interim.error.past")
        missing = Message("answer.error.text" if final else "interim.error.text")
        if error := text_error(form.text, missing):
            errors["text"] = error
        return errors, expected_on


def _is_answer(event: Event, key: UUID) -> bool:
    return getattr(event, "answer_id", None) == key


def text_error(text: str, missing: Message | None, too_long: str = "answer.error.long") -> Message | None:
    """What is wrong with words that are kept; `missing` says so where they may not be left out.

    `too_long` is the text that says by how much.
    """
    length = len(written(text))
    if not length:
        return missing
    return Message(too_long, {"count": length - MOST_CHARACTERS}) if length > MOST_CHARACTERS else None


def day_in(text: str) -> date | None:
    """The day somebody chose; None where it is none."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None

"""The case: all there is to know of it, and all that can be done to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, get, post
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body
from litestar.response import Redirect, Template

from services.routing import casework, store
from services.routing.cases import Case
from services.routing.casework import Casework, Draft, Receiver
from services.routing.plain_language import hints
from services.routing.store import AnswerRow, CaseRow, NoteRow
from services.routing.web.desk import Desk
from services.routing.web.lists import title
from services.routing.web.story import Storyteller
from services.routing.web.urgency import due_tag, other_tags, urgency
from shared.events import Event
from shared.explanation import explain
from shared.municipality import Person as Colleague
from shared.promise import Rule, deadline
from shared.questions import Attachment, SubmissionText
from shared.web.errors import InvalidProblem
from shared.web.i18n import Message, Wording
from shared.web.site import Person, Say

MOST_CHARACTERS = 10_000
_DONE = frozenset({"answered", "interim_answered", "handed_over", "taken", "noted", "read"})

AnyRequest = Request[Any, Any, Any]


@dataclass
class AnswerForm:
    """An answer on its way: first checked (`check`), then sent (`send`), or changed again (`edit`)."""

    text: str = ""
    expected_on: str = ""
    step: str = "check"
    key: str = ""
    version: str = ""


@dataclass
class HandOverForm:
    """Where a case shall go: `unit:<id>` or `person:<id>`."""

    to: str = ""
    why: str = ""
    key: str = ""
    version: str = ""


@dataclass
class NoteForm:
    """A word to colleagues."""

    note: str = ""
    key: str = ""


@dataclass
class PlainForm:
    """A button that needs no more than itself."""

    key: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """A contribution to the conversation of a case: the resident's, ours, or a word among colleagues."""

    kind: str
    at: datetime
    text: str
    who: str = ""
    attachments: Sequence[Attachment] = ()
    expected_on: date | None = None


Answer = Annotated[AnswerForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
HandOver = Annotated[HandOverForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Note = Annotated[NoteForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Plain = Annotated[PlainForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


def case_pages(desk: Desk) -> list[HTTPRouteHandler]:
    """The page of a case, and where its forms go."""
    pages = _CasePages(desk)

    @get("/saksbehandling/sak/{reference:str}")
    async def show(request: AnyRequest, reference: str, person: Person, say: Say) -> Template:
        visit = await pages.visit(reference, person, say)
        return await pages.case_page(visit, told=_told(request))

    @get("/saksbehandling/sak/{reference:str}/svar")
    async def answer_form(reference: str, person: Person, say: Say) -> Template:
        visit = await pages.visit(reference, person, say)
        return await pages.answer_page(visit, AnswerForm(), final=True)

    @post("/saksbehandling/sak/{reference:str}/svar", status_code=200)
    async def answer(reference: str, person: Person, say: Say, data: Answer) -> Template | Redirect:
        visit = await pages.visit(reference, person, say)
        return await pages.answer(visit, data, final=True)

    @get("/saksbehandling/sak/{reference:str}/forelopig-svar")
    async def interim_form(reference: str, person: Person, say: Say) -> Template:
        visit = await pages.visit(reference, person, say)
        return await pages.answer_page(visit, AnswerForm(), final=False)

    @post("/saksbehandling/sak/{reference:str}/forelopig-svar", status_code=200)
    async def interim_answer(reference: str, person: Person, say: Say, data: Answer) -> Template | Redirect:
        visit = await pages.visit(reference, person, say)
        return await pages.answer(visit, data, final=False)

    @get("/saksbehandling/sak/{reference:str}/gi-videre")
    async def hand_over_form(reference: str, person: Person, say: Say) -> Template:
        visit = await pages.visit(reference, person, say)
        return pages.hand_over_page(visit, HandOverForm())

    @post("/saksbehandling/sak/{reference:str}/gi-videre", status_code=200)
    async def hand_over(reference: str, person: Person, say: Say, data: HandOver) -> Template | Redirect:
        visit = await pages.visit(reference, person, say)
        return await pages.hand_over(visit, data)

    @post("/saksbehandling/sak/{reference:str}/ta", status_code=200)
    async def take(reference: str, person: Person, say: Say, data: Plain) -> Template | Redirect:
        visit = await pages.visit(reference, person, say)
        return await pages.take(visit, data)

    @post("/saksbehandling/sak/{reference:str}/notat", status_code=200)
    async def note(reference: str, person: Person, say: Say, data: Note) -> Template | Redirect:
        visit = await pages.visit(reference, person, say)
        return await pages.note(visit, data)

    @post("/saksbehandling/sak/{reference:str}/lest", status_code=200)
    async def read(reference: str, person: Person, say: Say) -> Redirect:
        visit = await pages.visit(reference, person, say)
        return await pages.mark_read(visit)

    return [
        show, answer_form, answer, interim_form, interim_answer, hand_over_form, hand_over, take, note, read
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Visit:
    """Somebody looking at a case they may see."""

    person: Colleague
    row: CaseRow
    say: Wording

    @property
    def address(self) -> str:
        return f"/saksbehandling/sak/{self.row.reference}"


class _CasePages:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def visit(self, reference: str, signed_in: Person, say: Wording) -> _Visit:
        colleague = self._desk.colleague(signed_in)
        return _Visit(colleague, await self._desk.case(colleague, reference), say)

    async def case_page(
        self,
        visit: _Visit,
        *,
        told: Message | None = None,
        errors: Mapping[str, Message] | None = None,
        note: str = "",
    ) -> Template:
        """Everything in the case. That it was read is written down before it is shown."""
        context, _ = await self._opened(visit)
        context |= {
            "told": told,
            "errors": errors or {},
            "note": note,
            "form": AnswerForm(),
            "final": True,
            "note_key": self._desk.new_key(),
        }
        return Template("case.html", context=context, status_code=422 if errors else 200)

    async def answer_page(
        self,
        visit: _Visit,
        form: AnswerForm,
        *,
        final: bool,
        errors: Mapping[str, Message] | None = None,
    ) -> Template:
        context, case = await self._opened(visit)
        context |= {
            "errors": errors or {},
            "form": form,
            "final": final,
            "key": form.key or self._desk.new_key(),
            "version": form.version or case.version,
        }
        return Template("answer.html", context=context, status_code=422 if errors else 200)

    async def answer(self, visit: _Visit, form: AnswerForm, *, final: bool) -> Template | Redirect:
        """Check the form, show how the answer will look, and then send it."""
        key, version = _key(form.key), _version(form.version)
        errors, expected_on = self._answer_errors(form, final=final)
        if errors or form.step == "edit":
            return await self.answer_page(visit, form, final=final, errors=errors)
        draft = Draft(key, version, _written(form.text), final, None if final else expected_on)
        try:
            if form.step == "send":
                async with self._desk.database.transaction() as tx:
                    await self._work(tx, visit).answer(draft)
                done = "answered" if final else "interim_answered"
                return Redirect(f"{visit.address}?gjort={done}", status_code=303)
            return await self._check_page(visit, form, draft)
        except casework.ChangedMeanwhileError as changed:
            return await self._conflict_page(visit, form, changed.case, changed.history, version, final=final)
        except casework.AlreadySentError as sent:
            return await self._already_sent_page(visit, form, sent, final=final)

    async def _check_page(self, visit: _Visit, form: AnswerForm, draft: Draft) -> Template:
        async with self._desk.database.transaction() as tx:
            case, history = await self._work(tx, visit).look()
        if draft.version != case.version and not any(_is_answer(event, draft.key) for event in history):
            raise casework.ChangedMeanwhileError(case, history)
        submission = await self._desk.submission(case.case_id)
        context = {
            **self._frame(visit, visit.row),
            "form": form,
            "final": draft.final,
            "written": draft.text,
            "expected_on": draft.expected_on,
            "hints": hints(draft.text, visit.row.language),
            "contact": submission.contact if submission else None,
            "further": case.answered_at is not None,
            "sender": visit.person.name,
            "unit_name": self._desk.names.unit(visit.row.unit),
        }
        return Template("answer_check.html", context=context)

    async def _conflict_page(
        self,
        visit: _Visit,
        form: AnswerForm,
        case: Case,
        history: Sequence[Event],
        version: int,
        *,
        final: bool,
    ) -> Template:
        """A colleague was first: both texts, and the choice to send all the same."""
        async with self._desk.database.reading() as session:
            answers = await store.answers_of(session, case.case_id)
        since = {event.id for event in _counted(history)[version:]}
        theirs = [
            row for row in answers if any(_is_answer(event, row.id) for event in history if event.id in since)
        ]
        storyteller = self._storyteller(visit, case)
        context = {
            **self._frame(visit, visit.row),
            "form": form,
            "final": final,
            "key": form.key,
            "version": case.version,
            "changes": storyteller.changes(history, version),
            "theirs": [self._answer_said(row) for row in theirs],
        }
        return Template("answer_conflict.html", context=context, status_code=409)

    async def _already_sent_page(
        self, visit: _Visit, form: AnswerForm, sent: casework.AlreadySentError, *, final: bool
    ) -> Template:
        """The form was sent before, and has other words now: the answer that went out cannot be changed."""
        context = {
            **self._frame(visit, visit.row),
            "form": form,
            "final": final,
            "key": self._desk.new_key(),
            "version": sent.case.version,
            "changes": [],
            "theirs": [self._answer_said(sent.answer)],
        }
        return Template("answer_conflict.html", context=context, status_code=409)

    def hand_over_page(
        self,
        visit: _Visit,
        form: HandOverForm,
        errors: Mapping[str, Message] | None = None,
        changes: Sequence[object] = (),
        version: int | None = None,
    ) -> Template:
        context = {
            **self._frame(visit, visit.row),
            "errors": errors or {},
            "form": form,
            "receivers": self._receivers(visit),
            "key": form.key or self._desk.new_key(),
            "version": visit.row.version if version is None else version,
            "changes": changes,
        }
        status = 409 if changes else 422 if errors else 200
        return Template("hand_over.html", context=context, status_code=status)

    async def hand_over(self, visit: _Visit, form: HandOverForm) -> Template | Redirect:
        key, version = _key(form.key), _version(form.version)
        receiver, errors = self._receiver(visit, form.to), dict[str, Message]()
        if isinstance(receiver, Message):
            errors["to"] = receiver
        if not form.why.strip():
            errors["why"] = Message("hand_over.error.why")
        if errors or isinstance(receiver, Message):
            return self.hand_over_page(visit, form, errors)
        try:
            async with self._desk.database.transaction() as tx:
                case = await self._work(tx, visit).hand_over(
                    receiver, _written(form.why), key=key, version=version
                )
        except casework.ChangedMeanwhileError as changed:
            changes = self._storyteller(visit, changed.case).changes(changed.history, version)
            return self.hand_over_page(visit, form, changes=changes, version=changed.case.version)
        return await self._after(visit, case.case_id, "handed_over")

    async def take(self, visit: _Visit, form: PlainForm) -> Template | Redirect:
        version = _version(form.version)
        try:
            async with self._desk.database.transaction() as tx:
                await self._work(tx, visit).take(key=_key(form.key), version=version)
        except casework.ChangedMeanwhileError:
            return Redirect(f"{visit.address}?gjort=taken_by_other", status_code=303)
        return Redirect(f"{visit.address}?gjort=taken", status_code=303)

    async def note(self, visit: _Visit, form: NoteForm) -> Template | Redirect:
        if not form.note.strip():
            errors = {"note": Message("note.error.empty")}
            return await self.case_page(visit, errors=errors, note=form.note)
        async with self._desk.database.transaction() as tx:
            await self._work(tx, visit).note(_written(form.note), key=_key(form.key))
        return Redirect(f"{visit.address}?gjort=noted", status_code=303)

    async def mark_read(self, visit: _Visit) -> Redirect:
        async with self._desk.database.transaction() as tx:
            case = await self._work(tx, visit).mark_read()
        return await self._after(visit, case.case_id, "read", to_list=True)

    async def _after(self, visit: _Visit, case_id: UUID, done: str, *, to_list: bool = False) -> Redirect:
        """Back to the case, or to the list where one may no longer see it or is done with it."""
        async with self._desk.database.reading() as session:
            row = await store.case_by_id(session, case_id)
        if to_list or row is None or not self._desk.may_see(visit.person, row):
            return Redirect(f"/saksbehandling?gjort={done}&om={visit.row.reference}", status_code=303)
        return Redirect(f"{visit.address}?gjort={done}", status_code=303)

    async def _opened(self, visit: _Visit) -> tuple[dict[str, Any], Case]:
        submission = await self._desk.submission(visit.row.case_id)
        async with self._desk.database.transaction() as tx:
            work = self._work(tx, visit)
            case, history = await (work.open() if submission else work.look())
            answers = await store.answers_of(tx.session, case.case_id)
            notes = await store.notes_of(tx.session, case.case_id)
        async with self._desk.database.reading() as session:
            row = await store.case_by_id(session, case.case_id) or visit.row
        storyteller, say = self._storyteller(visit, case), visit.say
        reasons = {note.event_id: note.text for note in notes if note.event_id}
        steps = self._explained(row, say)
        return {
            **self._frame(visit, row),
            "case": row,
            "submission": submission,
            "conversation": self._conversation(row, submission, answers, notes),
            "story": storyteller.entries(history, reasons),
            "why_here": storyteller.why_here(history),
            "deliveries": storyteller.deliveries(history),
            "explained": steps,
            "key": self._desk.new_key(),
            "version": case.version,
            "further": case.answered_at is not None,
        }, case

    def _frame(self, visit: _Visit, row: CaseRow) -> dict[str, Any]:
        """What every page about a case shows of it."""
        today, soon, say, names = self._desk.today, self._desk.soon(), visit.say, self._desk.names
        return {
            "address": visit.address,
            "case": row,
            "title": title(row, self._desk, say),
            "due": due_tag(row, today, soon, say),
            "urgency": urgency(row, today, soon),
            "tags": other_tags(row, say),
            "unit": names.unit(row.unit),
            "caseworker": names.person(row.person),
            "is_mine": row.person == visit.person.id,
            "is_sensitive": self._desk.is_sensitive(row),
        }

    def _conversation(
        self,
        row: CaseRow,
        submission: SubmissionText | None,
        answers: Sequence[AnswerRow],
        notes: Sequence[NoteRow],
    ) -> list[Said]:
        names = self._desk.names
        said = [self._answer_said(answer) for answer in answers]
        said += [Said("handover" if note.event_id else "note", note.at, note.text, names.person(note.person))
                 for note in notes]  # fmt: skip
        if submission and submission.found:
            said.append(
                Said("resident", row.received_at, submission.text, attachments=submission.attachments)
            )
            said += [
                Said("supplement", more.at, more.text, attachments=more.attachments)
                for more in submission.supplements
            ]
            said += [
                Said("helped" if feedback.helped else "not_helped", feedback.at, feedback.comment)
                for feedback in submission.feedback
            ]
        return sorted(said, key=lambda entry: entry.at)

    def _answer_said(self, answer: AnswerRow) -> Said:
        return Said(
            "answer" if answer.final else "interim",
            answer.at,
            answer.text,
            self._desk.names.person(answer.person),
            expected_on=answer.expected_on,
        )

    def _explained(self, row: CaseRow, say: Wording) -> list[str]:
        """How the due day was reckoned; nothing where it was moved since."""
        if row.rule is None or row.due_on is None:
            return []
        reckoned = deadline(row.received_at, Rule.parse(row.rule), self._desk.municipality.calendar)
        return explain(reckoned, say.language) if reckoned.due_on == row.due_on else []

    def _storyteller(self, visit: _Visit, case: Case) -> Storyteller:
        return Storyteller(visit.say, self._desk.names, self._desk.clock(), case)

    def _work(self, tx: Any, visit: _Visit) -> Casework:
        return Casework(tx, self._desk.municipality, visit.person, visit.row.case_id)

    def _answer_errors(self, form: AnswerForm, *, final: bool) -> tuple[dict[str, Message], date | None]:
        errors, expected_on = dict[str, Message](), None
        text = _written(form.text)
        if not text:
            errors["text"] = Message("answer.error.text" if final else "interim.error.text")
        elif len(text) > MOST_CHARACTERS:
            errors["text"] = Message("answer.error.long", {"count": len(text) - MOST_CHARACTERS})
        if not final:
            expected_on = _day(form.expected_on)
            if expected_on is None:
                errors["expected_on"] = Message("interim.error.day")
            elif expected_on < self._desk.today:
                errors["expected_on"] = Message("interim.error.past")
        return errors, expected_on

    def _receivers(self, visit: _Visit) -> list[tuple[str, str, str]]:
        """Units first, then people; each found by its section too."""
        municipality, today = self._desk.municipality, self._desk.today
        units = [
            (f"unit:{unit.id}", unit.name, municipality.section_of(unit.id).name)
            for unit in municipality.units.values()
            if unit.in_force(today)
        ]
        people = [
            (
                f"person:{person.id}",
                visit.say.text("hand_over.person", person=person.name, unit=municipality.units[unit].name),
                municipality.section_of(unit).name,
            )
            for person in municipality.people.values()
            if (unit := person.unit) and person.at_work(today) and person.id != visit.row.person
        ]
        return [*sorted(units, key=_label), *sorted(people, key=_label)]

    def _receiver(self, visit: _Visit, to: str) -> Receiver | Message:
        municipality = self._desk.municipality
        if to not in {value for value, _, _ in self._receivers(visit)}:
            return Message("hand_over.error.to")
        kind, _, chosen = to.partition(":")
        if kind == "person":
            return Receiver(municipality.people[chosen].unit or municipality.front_desk, chosen)
        if chosen == visit.row.unit and visit.row.person is None:
            return Message("hand_over.error.same")
        return Receiver(chosen)


def _told(request: AnyRequest) -> Message | None:
    done = request.query_params.get("gjort", "")
    return Message(f"done.case.{done}") if done in {*_DONE, "taken_by_other"} else None


def _counted(history: Sequence[Event]) -> list[Event]:
    """What makes a case's version grow, in order."""
    return [event for event in history if event.NAME in _VERSIONED]


def _is_answer(event: Event, key: UUID) -> bool:
    return getattr(event, "answer_id", None) == key


_VERSIONED = frozenset({"case.assigned", "case.interim_answered", "case.answered", "case.closed"})


def _label(choice: tuple[str, str, str]) -> str:
    return choice[1].casefold()


def _written(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _key(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise InvalidProblem from None


def _version(text: str) -> int:
    if not text.isdecimal():
        raise InvalidProblem
    return int(text)

"""Words to the resident beside the answer: a question, a later day, a new start. Written, checked, sent."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect, Template

from services.routing import promising, waiting
from services.routing.cases import Case
from services.routing.promising import NoSuchDayError
from services.routing.web.answering import Answer, day_in, text_error
from services.routing.web.checking import Check, check_page
from services.routing.web.choices import ASK, EXTEND, RESTART, Choice
from services.routing.web.desk import Desk
from services.routing.web.visits import AnswerForm, Visit, Visits, form_key, form_version, refusal, written
from services.routing.work import AlreadySentError, ChangedMeanwhileError, Letter, NotNowError, Work
from shared.events import Event
from shared.web.i18n import Message
from shared.web.site import Person, Say

Outlook = Callable[[Case, list[Event], Desk], date | None]


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of letter.

    :param names_day: the caseworker chooses the day.
    :param day_of: the day it will name otherwise. Raises NotNowError where it cannot be written now.
    """

    choice: Choice
    done: str
    names_day: bool
    day_of: Outlook
    send: Callable[[Work, Letter, date | None], Awaitable[Case]]


def letter_pages(desk: Desk) -> list[HTTPRouteHandler]:
    """Where each sort of letter is written, checked and sent."""
    visits = Visits(desk)
    return [handler for sort in SORTS for handler in _pages(sort, desk, visits)]


def _pages(sort: Sort, desk: Desk, visits: Visits) -> list[HTTPRouteHandler]:
    pages = _LetterPages(sort, desk, visits)
    path = f"/saksbehandling/sak/{{reference:str}}/{sort.choice.path}"

    @get(path, name=f"{sort.choice.id}-form")
    async def form(reference: FromPath[str], person: Person, say: Say) -> Template:
        visit = await visits.visit(reference, person, say)
        return await pages.form_page(visit, AnswerForm())

    @post(path, name=sort.choice.id, status_code=200)
    async def send(reference: FromPath[str], person: Person, say: Say, data: Answer) -> Template | Redirect:
        visit = await visits.visit(reference, person, say)
        return await pages.take(visit, data)

    return [form, send]


class _LetterPages:
    def __init__(self, sort: Sort, desk: Desk, visits: Visits) -> None:
        self._sort = sort
        self._desk = desk
        self._visits = visits

    async def form_page(
        self, visit: Visit, form: AnswerForm, errors: Mapping[str, Message] | None = None, **more: Any
    ) -> Template:
        """The form, with what was sent before or done meanwhile where it came back for that."""
        context, case = await self._visits.opened(visit)
        context |= {
            "sort": self._sort.choice.id,
            "path": self._sort.choice.path,
            "names_day": self._sort.names_day,
            "day_named": await self._day(visit),
            "errors": errors or {},
            "form": form,
            "key": form.key or self._desk.new_key(),
            "version": form.version or case.version,
            "changes": [],
            "sent": None,
            **more,
        }
        status = 409 if context["changes"] or context["sent"] else 422 if errors else 200
        return Template("letter.html", context=context, status_code=status)

    async def take(self, visit: Visit, form: AnswerForm) -> Template | Redirect:
        """Check the form, show how the letter will look, and then send it."""
        version = form_version(form.version)
        letter = Letter(form_key(form.key), version, written(form.text))
        try:
            # A form that is sent twice leads to where it led the first time, whatever else has changed.
            if await self._is_sent(visit, letter):
                return self._done(visit)
            errors, day = await self._errors(visit, form)
            if errors or form.step == "edit":
                return await self.form_page(visit, form, errors)
            if form.step != "send":
                return await self._check_page(visit, form, letter, day)
            async with self._desk.database.transaction() as tx:
                await self._sort.send(self._visits.work(tx, visit), letter, day)
        except ChangedMeanwhileError as changed:
            changes = self._visits.storyteller(visit).changes(changed.history, version)
            form.version = str(changed.case.version)
            return await self.form_page(visit, form, changes=changes)
        except AlreadySentError as sent:
            form.key, form.version = str(self._desk.new_key()), str(sent.case.version)
            return await self.form_page(visit, form, sent=self._visits.answer_said(sent.answer))
        except NotNowError as refused:
            raise refusal(refused) from refused
        return self._done(visit)

    def _done(self, visit: Visit) -> Redirect:
        return Redirect(f"{visit.address}?gjort={self._sort.done}", status_code=303)

    async def _is_sent(self, visit: Visit, letter: Letter) -> bool:
        async with self._desk.database.transaction() as tx:
            work = self._visits.work(tx, visit)
            case, _ = await work.look()
            return await work.sent_before(letter.key, case, letter.text)

    async def _check_page(self, visit: Visit, form: AnswerForm, letter: Letter, day: date | None) -> Template:
        async with self._desk.database.transaction() as tx:
            work = self._visits.work(tx, visit)
            work.require(letter.version, *await work.look())
        sort = self._sort.choice
        return await check_page(
            self._visits,
            visit,
            Check(
                form,
                sort.path,
                Message(f"letter.{sort.id}.check"),
                Message(f"letter.{sort.id}.send"),
                Message(f"letter.{sort.id}.day", {"day": visit.say.day(day)}) if day else None,
            ),
        )

    async def _errors(self, visit: Visit, form: AnswerForm) -> tuple[dict[str, Message], date | None]:
        day, errors = await self._day(visit), dict[str, Message]()
        if self._sort.names_day:
            day = day_in(form.expected_on)
            try:
                async with self._desk.database.transaction() as tx:
                    case, _ = await self._visits.work(tx, visit).look()
                promising.checked_day(day, case, self._desk.today, self._desk.municipality)
            except NoSuchDayError as refused:
                due_on = visit.say.day(case.due_on) if case.due_on else ""
                errors["expected_on"] = Message(f"extend.error.{refused.why}", {"day": due_on})
        if error := text_error(form.text, Message(f"letter.{self._sort.choice.id}.error")):
            errors["text"] = error
        return errors, day

    async def _day(self, visit: Visit) -> date | None:
        async with self._desk.database.transaction() as tx:
            case, history = await self._visits.work(tx, visit).look()
        try:
            return self._sort.day_of(case, list(history), self._desk)
        except NotNowError as refused:
            raise refusal(refused) from refused


def _pause_ends(case: Case, _history: list[Event], desk: Desk) -> date | None:
    until = waiting.may_wait_until(desk.municipality, desk.clock())
    if case.finished or until is None:
        raise NotNowError("ask_finished" if case.finished else "ask_not_allowed")
    return until


def _may_extend(case: Case, _history: list[Event], desk: Desk) -> date | None:
    if not promising.promise_is_open(case, desk.today):
        raise NotNowError("promise_not_open")
    return None


def _restarted(case: Case, history: list[Event], desk: Desk) -> date | None:
    return promising.restarting(case, history, desk.today, desk.municipality)[1]


async def _ask(work: Work, letter: Letter, _day: date | None) -> Case:
    return await waiting.ask(work, letter)


async def _extend(work: Work, letter: Letter, day: date | None) -> Case:
    if day is None:
        raise NoSuchDayError("day")
    return await promising.extend(work, letter, day)


async def _restart(work: Work, letter: Letter, _day: date | None) -> Case:
    return await promising.restart(work, letter)


SORTS = (
    Sort(ASK, "asked", names_day=False, day_of=_pause_ends, send=_ask),
    Sort(EXTEND, "extended", names_day=True, day_of=_may_extend, send=_extend),
    Sort(RESTART, "restarted", names_day=False, day_of=_restarted, send=_restart),
)

"""The case: all there is to know of it, and what is done to it with one button."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from litestar import Request, get, post
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body, FromPath
from litestar.response import Redirect, Template

from services.routing import waiting
from services.routing.web.answering import text_error
from services.routing.web.desk import Desk
from services.routing.web.visits import (
    AnswerForm,
    Plain,
    PlainForm,
    Visit,
    Visits,
    form_key,
    form_version,
    refusal,
    written,
)
from services.routing.work import ChangedMeanwhileError, NotNowError
from shared.web.i18n import Message
from shared.web.site import Person, Say

_DONE = frozenset(
    {
        "answered", "interim_answered", "handed_over", "taken", "taken_by_other", "noted", "read", "reached",
        "asked", "resumed", "changed_meanwhile", "extended", "restarted", "reclassified", "reopened", "merged",
    }
)  # fmt: skip
"""What may be told at the top of a case after it was done."""

AnyRequest = Request[Any, Any, Any]


@dataclass
class NoteForm:
    """A word to colleagues."""

    note: str = ""
    key: str = ""


@dataclass
class ReadForm:
    """That one has read the case as it was shown: its version, and when its last news came."""

    version: str = ""
    attention_at: str = ""


Read = Annotated[ReadForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Note = Annotated[NoteForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


def case_pages(desk: Desk) -> list[HTTPRouteHandler]:
    """The page of a case, and where its buttons go."""
    visits = Visits(desk)
    pages = _CasePages(desk, visits)

    @get("/saksbehandling/sak/{reference:str}")
    async def show(request: AnyRequest, reference: FromPath[str], person: Person, say: Say) -> Template:
        visit = await visits.visit(reference, person, say)
        return await pages.case_page(visit, told=_told(request))

    @post("/saksbehandling/sak/{reference:str}/ta", status_code=200)
    async def take(reference: FromPath[str], person: Person, say: Say, data: Plain) -> Template | Redirect:
        visit = await visits.visit(reference, person, say)
        return await pages.take(visit, data)

    @post("/saksbehandling/sak/{reference:str}/notat", status_code=200)
    async def note(reference: FromPath[str], person: Person, say: Say, data: Note) -> Template | Redirect:
        visit = await visits.visit(reference, person, say)
        return await pages.note(visit, data)

    @post("/saksbehandling/sak/{reference:str}/lest", status_code=200)
    async def read(reference: FromPath[str], person: Person, say: Say, data: Read) -> Redirect:
        visit = await visits.visit(reference, person, say)
        return await pages.mark_read(visit, data)

    @post("/saksbehandling/sak/{reference:str}/nadd", status_code=200)
    async def reached(reference: FromPath[str], person: Person, say: Say) -> Redirect:
        visit = await visits.visit(reference, person, say)
        return await pages.mark_reached(visit)

    @post("/saksbehandling/sak/{reference:str}/fortsett", status_code=200)
    async def resume(reference: FromPath[str], person: Person, say: Say, data: Plain) -> Redirect:
        visit = await visits.visit(reference, person, say)
        return await pages.resume(visit, data)

    return [show, take, note, read, reached, resume]


class _CasePages:
    def __init__(self, desk: Desk, visits: Visits) -> None:
        self._desk = desk
        self._visits = visits

    async def case_page(
        self,
        visit: Visit,
        *,
        told: Message | None = None,
        errors: Mapping[str, Message] | None = None,
        note: str = "",
    ) -> Template:
        """Everything in the case. That it was read is written down before it is shown."""
        context, _ = await self._visits.opened(visit)
        context |= {
            "told": told,
            "errors": errors or {},
            "note": note,
            "form": AnswerForm(),
            "final": True,
            "note_key": self._desk.new_key(),
        }
        return Template("case.html", context=context, status_code=422 if errors else 200)

    async def take(self, visit: Visit, form: PlainForm) -> Template | Redirect:
        version = form_version(form.version)
        try:
            async with self._desk.database.transaction() as tx:
                await self._visits.work(tx, visit).take(key=form_key(form.key), version=version)
        except ChangedMeanwhileError as changed:
            taken = changed.case.person != visit.row.person
            done = "taken_by_other" if taken else "changed_meanwhile"
            return Redirect(f"{visit.address}?gjort={done}", status_code=303)
        return Redirect(f"{visit.address}?gjort=taken", status_code=303)

    async def note(self, visit: Visit, form: NoteForm) -> Template | Redirect:
        if error := text_error(form.note, Message("note.error.empty"), "note.error.long"):
            return await self.case_page(visit, errors={"note": error}, note=form.note)
        async with self._desk.database.transaction() as tx:
            await self._visits.work(tx, visit).note(written(form.note), key=form_key(form.key))
        return Redirect(f"{visit.address}?gjort=noted", status_code=303)

    async def mark_read(self, visit: Visit, form: ReadForm) -> Redirect:
        version, attention_at = form_version(form.version), _moment(form.attention_at)
        try:
            async with self._desk.database.transaction() as tx:
                work = self._visits.work(tx, visit)
                case = await work.mark_read(version=version, attention_at=attention_at)
        except ChangedMeanwhileError:
            return Redirect(f"{visit.address}?gjort=changed_meanwhile", status_code=303)
        except NotNowError as refused:
            raise refusal(refused) from refused
        return await self._visits.after(visit, case.case_id, "read", to_list=True)

    async def mark_reached(self, visit: Visit) -> Redirect:
        async with self._desk.database.transaction() as tx:
            await self._visits.work(tx, visit).mark_reached()
        return Redirect(f"{visit.address}?gjort=reached", status_code=303)

    async def resume(self, visit: Visit, form: PlainForm) -> Redirect:
        done = "resumed"
        try:
            async with self._desk.database.transaction() as tx:
                await waiting.resume(self._visits.work(tx, visit), version=form_version(form.version))
        except ChangedMeanwhileError:
            done = "changed_meanwhile"
        return Redirect(f"{visit.address}?gjort={done}", status_code=303)


def _moment(text: str) -> datetime | None:
    """An instant of a hidden field; None where there is none."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        return None


def _told(request: AnyRequest) -> Message | None:
    done = request.query_params.get("gjort", "")
    return Message(f"done.case.{done}") if done in _DONE else None

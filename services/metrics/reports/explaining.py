"""The page where a leader explains what is off target."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request, get, post
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body, FromPath
from litestar.response import Redirect, Template

from services.metrics.reports import readers
from services.metrics.reports.addresses import INSIDE, Address
from services.metrics.reports.figures_in_words import FigureWords
from services.metrics.reports.model import Line
from services.metrics.reports.periods import PUBLIC
from services.metrics.reports.places import name_of
from services.metrics.reports.shelf import Found, Shelf
from services.metrics.reports.store import ReportExplanation
from services.metrics.reports.tables_in_words import title_of
from shared.personal_data import mentions_contact, mentions_identity_number
from shared.web.errors import ForbiddenProblem, NotFoundProblem
from shared.web.i18n import Message, Wording
from shared.web.session import SignedIn
from shared.web.site import Person, Say

MOST_CHARACTERS = 1500
AnyRequest = Request[Any, Any, Any]


@dataclass
class ExplanationForm:
    """Why a target was missed, and what is done."""

    why: str = ""
    action: str = ""
    nobodys: str = ""
    """Set where the writer has seen the warning of what looks like a person's number or address."""


Explanation = Annotated[ExplanationForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


def routes(shelf: Shelf) -> list[HTTPRouteHandler]:
    """The form, for who answers for the place."""
    pages = _Explaining(shelf)
    municipality = shelf.municipality

    @get(f"{INSIDE}/{{kind:str}}/{{code:str}}/forklaring/{{measure:str}}", include_in_schema=False)
    async def explanation(
        request: AnyRequest,
        kind: FromPath[str],
        code: FromPath[str],
        measure: FromPath[str],
        say: Say,
        person: Person,
    ) -> Template:
        address = Address.read(kind, code, request, municipality)
        return await pages.explanation(address, measure, person, say)

    @post(
        f"{INSIDE}/{{kind:str}}/{{code:str}}/forklaring/{{measure:str}}",
        include_in_schema=False,
        status_code=200,
    )
    async def explain(
        request: AnyRequest,
        kind: FromPath[str],
        code: FromPath[str],
        measure: FromPath[str],
        say: Say,
        person: Person,
        data: Explanation,
    ) -> Template | Redirect:
        address = Address.read(kind, code, request, municipality)
        return await pages.explain(address, measure, person, say, data)

    return [explanation, explain]


class _Explaining:
    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._municipality = shelf.municipality

    async def _line(self, address: Address, measure: str, person: SignedIn) -> tuple[Found, Line]:
        if address.scope not in readers.places_led_by(person, self._municipality):
            raise ForbiddenProblem(detail=Message("reports.for_leaders"))
        found = await self._shelf.find(address.period, address.scope, 0)
        lines = [line for line in found.report.own_lines if line.measure == measure] if found else []
        if found is None or not lines:
            raise NotFoundProblem
        return found, lines[0]

    async def explanation(
        self,
        address: Address,
        measure: str,
        person: SignedIn,
        say: Wording,
        form: ExplanationForm | None = None,
        errors: Mapping[str, Message] | None = None,
    ) -> Template:
        found, line = await self._line(address, measure, person)
        written = line.explanation
        if form is None:
            form = ExplanationForm(written.why, written.action) if written else ExplanationForm()
        shown = FigureWords(found.report, say).line(line)
        context = {
            "title": shown.name,
            "line": shown,
            "report": f"{title_of(say, address.period)}, {name_of(self._municipality, address.scope)}",
            "form": form,
            "limit": MOST_CHARACTERS,
            "is_public": address.period.kind in PUBLIC,
            "is_issued": bool(found.versions),
            "back": Address(address.period, address.scope, 0).path(),
            "errors": errors or {},
            "warned": any(mentions_contact(text) for text in (form.why, form.action)) and bool(errors),
        }
        return Template("explanation.html", context=context, status_code=422 if errors else 200)

    async def explain(
        self, address: Address, measure: str, person: SignedIn, say: Wording, form: ExplanationForm
    ) -> Template | Redirect:
        await self._line(address, measure, person)
        errors = {
            name: fault
            for name in ("why", "action")
            if (
                fault := _fault(name, getattr(form, name))
                or warning(getattr(form, name), seen=bool(form.nobodys))
            )
        }
        if errors:
            return await self.explanation(address, measure, person, say, form, errors)
        async with self._shelf.database.transaction() as tx:
            tx.session.add(
                ReportExplanation(
                    kind=address.period.kind.value,
                    code=address.period.code,
                    scope_kind=address.scope.kind.value,
                    scope=address.scope.id,
                    measure=measure,
                    why=form.why.strip(),
                    action=form.action.strip(),
                    written_by=person.name,
                    written_at=tx.now,
                )
            )
        return Redirect(Address(address.period, address.scope, 0).path(), status_code=303)


def warning(text: str, *, seen: bool = False) -> Message | None:
    """What everybody may read must not tell who somebody is; a switchboard's number may, when it has been `seen`."""
    if mentions_identity_number(text):
        return Message("explanation.identity_number")
    return Message("explanation.contact") if mentions_contact(text) and not seen else None


def _fault(name: str, text: str) -> Message | None:
    if not text.strip():
        return Message(f"explanation.missing.{name}")
    if len(text) > MOST_CHARACTERS:
        return Message("explanation.too_long", {"most": MOST_CHARACTERS})
    return None

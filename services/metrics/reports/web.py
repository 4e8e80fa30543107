"""The leaders' pages: reports, what is to be explained, and issuing."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request, Response, get, post
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body, FromPath
from litestar.response import Redirect, Template
from markupsafe import Markup

from services.metrics.manual.store import WHOLE, Scope
from services.metrics.reports import files, freezing, readers
from services.metrics.reports.addresses import INSIDE, KINDS, Address, chart_of, scope_of
from services.metrics.reports.files import Format
from services.metrics.reports.model import Line
from services.metrics.reports.periods import ReportKind, ReportPeriod, ReportPeriodError
from services.metrics.reports.scheduler import explain_by
from services.metrics.reports.shelf import Found, Shelf
from services.metrics.reports.store import ReportExplanation, ReportVersion
from services.metrics.reports.words import Explained, title_of, told
from services.metrics.reports.words import in_words as line_in_words
from shared.clock import Clock, oslo_day
from shared.municipality import Municipality
from shared.web.errors import ForbiddenProblem, InvalidProblem, NotFoundProblem
from shared.web.i18n import Message, Wording
from shared.web.session import SignedIn
from shared.web.site import Person, Say

MOST_LISTED = 200
MOST_CHARACTERS = 1500
AnyRequest = Request[Any, Any, Any]


@dataclass
class IssueForm:
    """Why a report is corrected."""

    reason: str = ""


@dataclass
class ExplanationForm:
    """Why a target was missed, and what is done."""

    why: str = ""
    action: str = ""


Issue = Annotated[IssueForm, Body(media_type=RequestEncodingType.URL_ENCODED)]
Explanation = Annotated[ExplanationForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


def routes(shelf: Shelf, clock: Clock) -> list[HTTPRouteHandler]:
    """Every page for leaders."""
    pages = _Pages(shelf, clock)
    municipality = shelf.municipality

    @get(INSIDE, include_in_schema=False)
    async def reports(request: AnyRequest, say: Say, person: Person) -> Template | Redirect:
        return await pages.reports(request, person, say)

    @get(f"{INSIDE}/{{kind:str}}/{{code:str}}", include_in_schema=False)
    async def report(
        request: AnyRequest, kind: FromPath[str], code: FromPath[str], say: Say, person: Person
    ) -> Template:
        return await pages.report(Address.read(kind, code, request, municipality), person, say)

    @post(f"{INSIDE}/{{kind:str}}/{{code:str}}", include_in_schema=False, status_code=200)
    async def issue(
        request: AnyRequest, kind: FromPath[str], code: FromPath[str], say: Say, person: Person, data: Issue
    ) -> Template | Redirect:
        return await pages.issue(Address.read(kind, code, request, municipality), person, say, data)

    @get(f"{INSIDE}/{{kind:str}}/{{code:str}}/fil/{{format:str}}", include_in_schema=False)
    async def file(
        request: AnyRequest,
        kind: FromPath[str],
        code: FromPath[str],
        format: FromPath[str],  # noqa: A002 - the address's own word
        say: Say,
        person: Person,
    ) -> Response[bytes]:
        address = Address.read(kind, code, request, municipality)
        if format not in list(Format):
            raise NotFoundProblem
        found = await pages.found(address, person)
        return await files.download(found.report, Format(format), say)

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

    return [reports, report, issue, file, explanation, explain]


class _Pages:
    def __init__(self, shelf: Shelf, clock: Clock) -> None:
        self._shelf = shelf
        self._municipality = shelf.municipality
        self._clock = clock

    async def reports(self, request: AnyRequest, person: SignedIn, say: Wording) -> Template | Redirect:
        led = readers.places_led_by(person, self._municipality)
        readable = {
            kind: led | ({WHOLE} if readers.may_read(person, self._municipality, kind, WHOLE) else set())
            for kind in ReportKind
        }
        if not any(readable.values()):
            raise ForbiddenProblem(detail=Message("reports.for_leaders"))
        query, errors = request.query_params, dict[str, Message]()
        if "periode" in query:
            address = self._chosen(query, errors)
            if address:
                return Redirect(address.path(), status_code=303)
        rows = [
            self._row(row, say)
            for row in await self._shelf.issued(list(ReportKind), MOST_LISTED)
            if Scope.stored(row.scope_kind, row.scope) in readable[ReportKind(row.kind)]
        ]
        kind = KINDS.get(query.get("rapport", ""), ReportKind.MONTHLY)
        period = ReportPeriod.with_day(kind, oslo_day(self._clock()))
        context = {
            "kinds": [(name, say.text(f"reports.kind.{one.value}")) for name, one in KINDS.items()],
            "places": places(self._municipality, frozenset().union(*readable.values()), say),
            "chosen": {
                "kind": next(name for name, one in KINDS.items() if one == kind),
                "period": query.get("periode") or period.code,
                "place": query.get("hvem", ""),
            },
            "rows": rows,
            "may_enter": bool(led),
            "errors": errors,
        }
        return Template("reports.html", context=context, status_code=422 if errors else 200)

    def _chosen(self, query: Mapping[str, str], errors: dict[str, Message]) -> Address | None:
        kind = KINDS.get(query.get("rapport", ""), ReportKind.MONTHLY)
        scope = place_of(self._municipality, query.get("hvem", ""))
        try:
            period = ReportPeriod.parse(kind, query.get("periode", ""))
        except ReportPeriodError:
            example = ReportPeriod.with_day(kind, oslo_day(self._clock())).code
            errors["periode"] = Message("reports.period_wrong", {"example": example})
            return None
        if scope is None:
            errors["hvem"] = Message("values.fault.place")
            return None
        return Address(period, scope)

    def _row(self, row: ReportVersion, say: Wording) -> list[str]:
        period = ReportPeriod.parse(ReportKind(row.kind), row.code)
        scope = Scope.stored(row.scope_kind, row.scope)
        link = Markup('<a class="ds-link" href="{}">{}</a>').format(
            Address(period, scope).path(), title_of(say, period)
        )
        return [link, name_of(self._municipality, scope), say.n(row.version), say.day_short(row.issued_at)]

    async def found(self, address: Address, person: SignedIn) -> Found:
        """The report, for who may read it. Raises ForbiddenProblem or NotFoundProblem."""
        if not readers.may_read(person, self._municipality, address.period.kind, address.scope):
            raise ForbiddenProblem(detail=Message("reports.for_leaders"))
        found = await self._shelf.find(address.period, address.scope, address.version)
        if found is None:
            raise NotFoundProblem
        return found

    async def report(
        self,
        address: Address,
        person: SignedIn,
        say: Wording,
        errors: Mapping[str, Message] | None = None,
        typed: str = "",
    ) -> Template:
        found = await self.found(address, person)
        report = found.report
        words = told(report, say)
        shown = Address(address.period, address.scope, report.version)
        led = readers.places_led_by(person, self._municipality)
        today = oslo_day(self._clock())

        def explain(one: Explained) -> str | None:
            scope = Scope.stored(one.scope_kind, one.scope)
            if report.version or scope not in led:
                return None
            return Address(address.period, scope).path(more=f"/forklaring/{one.measure}")

        is_over = report.days.last < today
        by = explain_by(self._municipality, address.period) if is_over else None
        context = {
            "told": words,
            "chart": await asyncio.to_thread(chart_of, words, say),
            "empty": not report.lines,
            "explain": explain,
            "explain_by": by if by and by >= today else None,
            "newest": found.newer,
            "versions": found.versions,
            "address": lambda version: Address(address.period, address.scope, version).path(),
            "file": lambda format: shown.path(more=f"/fil/{format}"),  # noqa: A006 - as the template says it
            "formats": list(Format),
            "may_issue": address.scope in led,
            "issue_from": None if is_over else self._municipality.calendar.next_working_day(report.days.last),
            "errors": errors or {},
            "typed": typed,
        }
        return Template("report.html", context=context, status_code=422 if errors else 200)

    async def issue(
        self, address: Address, person: SignedIn, say: Wording, form: IssueForm
    ) -> Template | Redirect:
        if address.scope not in readers.places_led_by(person, self._municipality):
            raise ForbiddenProblem(detail=Message("reports.for_leaders"))
        found = await self._shelf.find(address.period, address.scope, 0)
        if found is None or not found.report.lines:
            raise NotFoundProblem
        draft = Address(address.period, address.scope, 0)
        reason = form.reason.strip()
        if len(reason) > MOST_CHARACTERS:
            errors = {"reason": Message("explanation.too_long", {"most": MOST_CHARACTERS})}
            return await self.report(draft, person, say, errors, form.reason)
        try:
            async with self._shelf.database.transaction() as tx:
                row = await freezing.issue(
                    tx, self._municipality, found.report, by=person.name, reason=reason or None
                )
                version = row.version
        except freezing.NotOverError:
            first = self._municipality.calendar.next_working_day(found.report.days.last)
            raise InvalidProblem(detail=Message("reports.not_over", {"day": say.day(first)})) from None
        except freezing.ReasonMissingError:
            return await self.report(draft, person, say, {"reason": Message("reports.reason_missing")})
        except freezing.UnchangedError:
            errors = {"reason": Message("reports.unchanged")}
            return await self.report(draft, person, say, errors, form.reason)
        return Redirect(Address(address.period, address.scope, version).path(), status_code=303)

    async def _line(self, address: Address, measure: str, person: SignedIn) -> tuple[Found, Line]:
        if address.scope not in readers.places_led_by(person, self._municipality):
            raise ForbiddenProblem(detail=Message("reports.for_leaders"))
        found = await self._shelf.find(address.period, address.scope, 0)
        lines = [line for _, line in found.report.lines if line.measure == measure] if found else []
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
        shown = line_in_words(found.report, line, say)
        context = {
            "title": shown.name,
            "line": shown,
            "report": f"{title_of(say, address.period)}, {name_of(self._municipality, address.scope)}",
            "form": form,
            "limit": MOST_CHARACTERS,
            "is_issued": bool(found.versions),
            "back": Address(address.period, address.scope, 0).path(),
            "errors": errors or {},
        }
        return Template("explanation.html", context=context, status_code=422 if errors else 200)

    async def explain(
        self, address: Address, measure: str, person: SignedIn, say: Wording, form: ExplanationForm
    ) -> Template | Redirect:
        await self._line(address, measure, person)
        errors = {name: fault for name in ("why", "action") if (fault := _fault(getattr(form, name)))}
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


def _fault(text: str) -> Message | None:
    if not text.strip():
        return Message("explanation.missing")
    if len(text) > MOST_CHARACTERS:
        return Message("explanation.too_long", {"most": MOST_CHARACTERS})
    return None


def name_of(municipality: Municipality, scope: Scope) -> str:
    """What a place is called now; an id that is no longer known is its own name."""
    if scope == WHOLE:
        return municipality.look.name
    if scope.id in municipality.sections and scope.kind == "section":
        return municipality.sections[scope.id].name
    return municipality.units[scope.id].name if scope.id in municipality.units else scope.id


def _place_value(scope: Scope) -> str:
    return f"{scope.kind.value}:{scope.id}" if scope != WHOLE else ""


def place_of(municipality: Municipality, value: str) -> Scope | None:
    """The place that was chosen in a form; None where it is unknown."""
    kind, _, identity = value.partition(":")
    if kind not in {"", "section", "unit"} or (kind and not identity):
        return None
    return scope_of(
        municipality,
        section=identity if kind == "section" else None,
        unit=identity if kind == "unit" else None,
    )


def places(
    municipality: Municipality, allowed: frozenset[Scope], say: Wording
) -> list[tuple[str, list[tuple[str, str]]]]:
    """Places to choose from, grouped: the whole first, then each section with its units."""
    groups: list[tuple[str, list[tuple[str, str]]]] = []
    if WHOLE in allowed:
        groups.append((say.text("report.whole"), [("", municipality.look.name)]))
    for section in municipality.sections.values():
        scopes = [
            Scope.section(section.id),
            *(Scope.unit(unit.id) for unit in municipality.units.values() if unit.section == section.id),
        ]
        choices = [
            (_place_value(scope), name_of(municipality, scope)) for scope in scopes if scope in allowed
        ]
        if choices:
            groups.append((section.name, choices))
    return groups

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

from services.metrics.manual.store import Scope
from services.metrics.reports import files, freezing, readers
from services.metrics.reports.addresses import INSIDE, KINDS, OUTSIDE, Address, chart_of
from services.metrics.reports.explaining import MOST_CHARACTERS, warning
from services.metrics.reports.files import Format
from services.metrics.reports.periods import ReportKind, ReportPeriod, ReportPeriodError
from services.metrics.reports.places import name_of, place_of, places
from services.metrics.reports.scheduler import explain_by
from services.metrics.reports.shelf import Found, Shelf
from services.metrics.reports.store import ReportVersion
from services.metrics.reports.tables_in_words import title_of
from services.metrics.reports.told import Explained
from services.metrics.reports.words import told
from shared.clock import Clock, oslo_day
from shared.web.errors import ForbiddenProblem, InvalidProblem, NotFoundProblem
from shared.web.i18n import Message, Wording
from shared.web.session import SignedIn
from shared.web.site import Person, Say

MOST_LISTED = 200
AnyRequest = Request[Any, Any, Any]


@dataclass
class IssueForm:
    """Why a report is corrected."""

    reason: str = ""


Issue = Annotated[IssueForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


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

    return [reports, report, issue, file]


class _Pages:
    def __init__(self, shelf: Shelf, clock: Clock) -> None:
        self._shelf = shelf
        self._municipality = shelf.municipality
        self._clock = clock

    async def reports(self, request: AnyRequest, person: SignedIn, say: Wording) -> Template | Redirect:
        led = readers.places_led_by(person, self._municipality)
        readable = {kind: readers.readable(person, self._municipality, kind) for kind in ReportKind}
        if not any(readable.values()):
            raise ForbiddenProblem(detail=Message("reports.for_leaders"))
        query, errors = request.query_params, dict[str, Message]()
        if "periode" in query:
            address = self._chosen(query, errors)
            if address:
                return Redirect(address.path(), status_code=303)
        issued = {
            kind: await self._shelf.issued([kind], MOST_LISTED, readable[kind])
            for kind in (ReportKind.TERTIAL, ReportKind.ANNUAL, ReportKind.MONTHLY)
        }
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
            "issued": [
                (say.text(f"reports.kind.{kind.value}"), [self._row(row, say) for row in rows])
                for kind, rows in issued.items()
                if rows
            ],
            "may_enter": bool(led),
            "errors": errors,
        }
        return Template("reports.html", context=context, status_code=422 if errors else 200)

    def _chosen(self, query: Mapping[str, str], errors: dict[str, Message]) -> Address | None:
        kind = KINDS.get(query.get("rapport", ""), ReportKind.MONTHLY)
        scope = place_of(self._municipality, query.get("hvem", ""))
        try:
            period = ReportPeriod.about(kind, query.get("periode", ""))
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
        link = Markup('<a class="ds-link" href="{}">{}</a>').format(
            Address(period, row.place).path(), title_of(say, period)
        )
        return [
            link,
            name_of(self._municipality, row.place),
            say.n(row.version),
            say.day_short(row.issued_at),
        ]

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
            "public": readers.has_public(address.period, address.scope) and report.version > 0,
            "public_at": (
                shown.path(OUTSIDE) if await self._shelf.is_public(address.period, address.scope) else None
            ),
            "may_issue": readers.may_issue(person, self._municipality, address.scope),
            "issue_from": None if is_over else self._municipality.calendar.next_working_day(report.days.last),
            "errors": errors or {},
            "typed": typed,
        }
        return Template("report.html", context=context, status_code=422 if errors else 200)

    async def issue(
        self, address: Address, person: SignedIn, say: Wording, form: IssueForm
    ) -> Template | Redirect:
        if not readers.may_issue(person, self._municipality, address.scope):
            raise ForbiddenProblem(detail=Message("reports.for_leaders"))
        found = await self._shelf.find(address.period, address.scope, 0, to_issue=True)
        if found is None or not found.report.lines:
            raise NotFoundProblem
        draft = Address(address.period, address.scope, 0)
        reason = form.reason.strip()
        if len(reason) > MOST_CHARACTERS:
            errors = {"reason": Message("explanation.too_long", {"most": MOST_CHARACTERS})}
            return await self.report(draft, person, say, errors, form.reason)
        if told_of := warning(reason):
            return await self.report(draft, person, say, {"reason": told_of}, form.reason)
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

"""Reports for everybody: issued tertial and annual reports, small numbers hidden; and for the command line."""

import asyncio
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Template

from services.metrics.manual.store import WHOLE
from services.metrics.reports import files
from services.metrics.reports.addresses import OUTSIDE, Address, chart_of
from services.metrics.reports.files import Format
from services.metrics.reports.periods import PUBLIC, ReportKind, ReportPeriod
from services.metrics.reports.public import public
from services.metrics.reports.shelf import Found, Shelf
from services.metrics.reports.tables_in_words import title_of
from services.metrics.reports.words import told
from shared.web.errors import NotFoundProblem
from shared.web.site import Say

MOST_LISTED = 60
AnyRequest = Request[Any, Any, Any]


def routes(shelf: Shelf) -> list[HTTPRouteHandler]:
    """The public list, its reports and their files."""

    async def issued(kind: str, code: str, request: AnyRequest) -> tuple[Address, Found]:
        """An issued report of the whole municipality. Raises NotFoundProblem: drafts are nobody's yet."""
        address = Address.read(kind, code, request, shelf.municipality)
        if address.period.kind not in PUBLIC or address.scope != WHOLE or address.version == 0:
            raise NotFoundProblem
        found = await shelf.find(address.period, WHOLE, address.version)
        if found is None or found.report.version == 0:
            raise NotFoundProblem
        return address, found

    @get(OUTSIDE, include_in_schema=False)
    async def published(say: Say) -> Template:
        rows = await shelf.issued(PUBLIC, MOST_LISTED, [WHOLE])
        periods = [(ReportPeriod.parse(ReportKind(row.kind), row.code), row.issued_at) for row in rows]
        reports = [
            (title_of(say, period), Address(period).path(OUTSIDE), issued_at) for period, issued_at in periods
        ]
        return Template("published.html", context={"reports": reports})

    @get(f"{OUTSIDE}/{{kind:str}}/{{code:str}}", include_in_schema=False)
    async def published_report(
        request: AnyRequest, kind: FromPath[str], code: FromPath[str], say: Say
    ) -> Template:
        address, found = await issued(kind, code, request)
        words = told(public(found.report), say)
        shown = Address(address.period, WHOLE, found.report.version)
        context = {
            "told": words,
            "chart": await asyncio.to_thread(chart_of, words, say),
            "newest": found.newer,
            "versions": found.versions,
            "address": lambda version: Address(address.period, WHOLE, version).path(OUTSIDE),
            "file": lambda format: shown.path(OUTSIDE, f"/fil/{format}"),  # noqa: A006 - as the template says it
            "formats": list(Format),
        }
        return Template("published_report.html", context=context)

    @get(f"{OUTSIDE}/{{kind:str}}/{{code:str}}/fil/{{format:str}}", include_in_schema=False)
    async def published_file(
        request: AnyRequest,
        kind: FromPath[str],
        code: FromPath[str],
        format: FromPath[str],  # noqa: A002 - the address's own word
        say: Say,
    ) -> Response[bytes]:
        if format not in list(Format):
            raise NotFoundProblem
        _, found = await issued(kind, code, request)
        return await files.download(public(found.report), Format(format), say)

    return [published, published_report, published_file]

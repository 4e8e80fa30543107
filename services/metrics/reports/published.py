"""Reports for everybody: issued tertial and annual reports, small numbers hidden; and for the command line."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Template

from services.metrics.manual.store import WHOLE, Scope
from services.metrics.reports import files
from services.metrics.reports.addresses import OUTSIDE, Address, chart_of
from services.metrics.reports.files import Format
from services.metrics.reports.periods import PUBLIC, ReportKind, ReportPeriod
from services.metrics.reports.places import name_of
from services.metrics.reports.shelf import Found, Shelf
from services.metrics.reports.store import ReportVersion
from services.metrics.reports.tables_in_words import title_of
from services.metrics.reports.words import told
from shared.web.errors import NotFoundProblem
from shared.web.i18n import Wording
from shared.web.site import Say

MOST_LISTED = 200
AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True)
class Listed:
    """A report of the municipality, and the committees' of the same tertial: their names and addresses."""

    title: str
    address: str
    issued_at: datetime
    committees: Sequence[tuple[str, str]]


def routes(shelf: Shelf) -> list[HTTPRouteHandler]:
    """The public list, its reports and their files."""
    municipality = shelf.municipality

    async def issued(kind: str, code: str, request: AnyRequest) -> tuple[Address, Found]:
        """An issued report of the municipality or a committee. Raises NotFoundProblem: drafts are nobody's yet."""
        address = Address.read(kind, code, request, municipality)
        found = await shelf.public(address.period, address.scope, address.version)
        if found is None:
            raise NotFoundProblem
        return address, found

    def listed(rows: Sequence[ReportVersion], say: Wording) -> Listed | None:
        """Those of one period; a committee's is public only beside the municipality's."""
        whole, *committees = rows
        if whole.place != WHOLE:
            return None
        period = ReportPeriod.parse(ReportKind(whole.kind), whole.code)
        return Listed(
            title_of(say, period),
            Address(period).path(OUTSIDE),
            whole.issued_at,
            [
                (name_of(municipality, row.place), Address(period, row.place).path(OUTSIDE))
                for row in committees
            ],
        )

    @get(OUTSIDE, include_in_schema=False)
    async def published(say: Say) -> Template:
        committees = (Scope.committee(one.id) for one in municipality.balance.reports.committees)
        rows = await shelf.issued(PUBLIC, MOST_LISTED, [WHOLE, *committees])
        periods = groupby(rows, key=lambda row: (row.kind, row.code))
        reports = [one for _, of in periods if (one := listed(list(of), say))]
        return Template("published.html", context={"reports": reports})

    @get(f"{OUTSIDE}/{{kind:str}}/{{code:str}}", include_in_schema=False)
    async def published_report(
        request: AnyRequest, kind: FromPath[str], code: FromPath[str], say: Say
    ) -> Template:
        address, found = await issued(kind, code, request)
        words = told(found.report, say)
        shown = Address(address.period, address.scope, found.report.version)
        context = {
            "told": words,
            "chart": await asyncio.to_thread(chart_of, words, say),
            "newest": found.newer,
            "versions": found.versions,
            "address": lambda version: Address(address.period, address.scope, version).path(OUTSIDE),
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
        return await files.download(found.report, Format(format), say)

    return [published, published_report, published_file]

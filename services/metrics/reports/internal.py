"""What `svarfrist report` asks on the service's own port, which the front door does not pass on."""

from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import Parameter
from litestar.response import Template

from services.metrics.reports import files
from services.metrics.reports.addresses import chart_of, scope_of
from services.metrics.reports.files import Format
from services.metrics.reports.periods import ReportKind, ReportPeriod, ReportPeriodError
from services.metrics.reports.shelf import Shelf
from services.metrics.reports.words import told
from shared.web.errors import NotFoundProblem
from shared.web.site import Say

PATH = "/internal/report"
HTML = "html"
AnyRequest = Request[Any, Any, Any]
Text = Annotated[str, Parameter()]


def routes(shelf: Shelf) -> list[HTTPRouteHandler]:
    """One address: the newest issued version, else a draft, in any format."""

    @get(PATH, include_in_schema=False)
    async def report(request: AnyRequest, say: Say) -> Template | Response[bytes]:
        query = request.query_params
        try:
            kind = ReportKind(query.get("kind", ""))
            period = ReportPeriod.parse(kind, query.get("period", ""))
            format_ = query.get("format", HTML)
            wanted = None if format_ == HTML else Format(format_)
        except (ValueError, ReportPeriodError):
            raise NotFoundProblem from None
        scope = scope_of(
            shelf.municipality,
            section=query.get("section"),
            unit=query.get("unit"),
            committee=query.get("committee"),
        )
        found = await shelf.find(period, scope) if scope else None
        if found is None:
            raise NotFoundProblem
        if wanted:
            return await files.download(found.report, wanted, say)
        words = told(found.report, say)
        return Template("report_file.html", context={"told": words, "chart": chart_of(words, say)})

    return [report]

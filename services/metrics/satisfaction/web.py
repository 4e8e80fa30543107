"""The page of satisfaction, among the dashboards."""

import asyncio
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from services.metrics.frame import PATH, Page, frame, selected
from services.metrics.names import Names
from services.metrics.reading import Reader
from services.metrics.satisfaction import telling
from services.metrics.satisfaction.telling import ASKED
from services.metrics.selection import Selection
from shared.clock import Clock
from shared.municipality import Municipality
from shared.web.i18n import Wording
from shared.web.site import Person, Say

ADDRESS = f"{PATH}/{Page.SATISFACTION}"
AnyRequest = Request[Any, Any, Any]


def routes(reader: Reader, municipality: Municipality, clock: Clock) -> list[HTTPRouteHandler]:
    """The page, and its table as a file."""

    @get(ADDRESS, include_in_schema=False)
    async def satisfaction(request: AnyRequest, say: Say, person: Person) -> Template:  # noqa: ARG001 - only for those signed in
        selection, names = selected(request, reader.today()), Names(municipality, say)
        whole, table, _ = await _read(selection, names, say)
        of = whole.satisfaction
        charts = await asyncio.to_thread(lambda: [telling.chart(whole, asked, say) for asked in ASKED])
        context = frame(Page.SATISFACTION, selection, names, say, reader.today()) | {
            "now": clock(),
            "of": of,
            "charts": [chart for chart in charts if chart],
            "table": table,
            "told": say,
            "file": f"{ADDRESS}/last-ned.csv?{selection.query()}",
        }
        return Template("satisfaction.html", context=context, status_code=422 if selection.faults else 200)

    @get(f"{ADDRESS}/last-ned.csv", include_in_schema=False)
    async def download(request: AnyRequest, say: Say, person: Person) -> Response[bytes]:  # noqa: ARG001 - only for those signed in
        selection = selected(request, reader.today())
        _, table, invented = await _read(selection, Names(municipality, say), say)
        name = f"{table.name}_{selection.period.first}_{selection.period.last}.csv"
        return Response(
            table.as_csv(say, invented=invented),
            media_type="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{name}"'},
        )

    async def _read(selection: Selection, names: Names, say: Wording) -> tuple[Any, Any, bool]:
        async with reader.reading(selection.organisation) as reading:
            whole, groups = await reading.grouped([(), (selection.by,)], selection.period, selection.chosen)
            invented = await reading.is_invented()
        table = telling.by_group(selection, {value: of for (value,), of in groups.items()}, names, say)
        return whole[()], table, invented

    return [satisfaction, download]

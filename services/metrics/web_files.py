"""The files of the dashboards: each table as CSV, each chart as SVG."""

import asyncio
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from services.metrics import breakdown, dashboard, development, every_figure
from services.metrics.comparison import asked_comparison
from services.metrics.development import FOLLOWED
from services.metrics.frame import PATH, selected
from services.metrics.invented import notice
from services.metrics.names import Names
from services.metrics.reading import Reader
from services.metrics.selection import PARAMETERS, Selection
from services.metrics.tables import Table
from shared.municipality import Municipality
from shared.web.charts import Chart, as_file
from shared.web.errors import NotFoundProblem
from shared.web.i18n import Wording
from shared.web.site import Person, Say

AnyRequest = Request[Any, Any, Any]
Query = Mapping[str, str]


def routes(reader: Reader, municipality: Municipality) -> list[HTTPRouteHandler]:
    """`/innsikt/last-ned/<name>.csv` and `.svg`, of the selection in the query."""

    @get(f"{PATH}/last-ned/{{file:str}}", include_in_schema=False)
    async def download(request: AnyRequest, file: FromPath[str], say: Say, person: Person) -> Response[bytes]:  # noqa: ARG001 - only for those signed in
        selection, names = selected(request, reader.today()), Names(municipality, say)
        name, _, kind = file.rpartition(".")
        async with reader.reading() as reading:
            invented = await reading.is_invented()
        period = selection.period
        if kind == "svg":
            chart = await _chart(request.query_params, reader, selection, names, say, name)
            body, media_type = as_file(chart, notice(say) if invented else ""), "image/svg+xml"
        elif kind == "csv":
            table = await _table(request.query_params, reader, selection, municipality, say, name)
            body, media_type, name = table.as_csv(say, invented=invented), "text/csv", table.name
        else:
            raise NotFoundProblem
        headers = {
            "Content-Disposition": f'attachment; filename="{name}_{period.first}_{period.last}.{kind}"',
            "Cache-Control": "private, no-cache",
        }
        return Response(body, media_type=media_type, headers=headers)

    return [download]


async def _chart(
    query: Query, reader: Reader, selection: Selection, names: Names, say: Wording, name: str
) -> Chart:
    """The chart of a file's name. Raises NotFoundProblem."""
    if name in FOLLOWED:
        async with reader.reading(selection.organisation) as reading:
            months = await dashboard.read_months(reading, selection)
        return (await asyncio.to_thread(development.course, name, months, selection, say)).chart
    if name == "sammenlikning":
        chart = (await asked_comparison(query, reader, selection, names)).drawn(say)
        if chart:
            return chart
    raise NotFoundProblem


async def _table(
    query: Query,
    reader: Reader,
    selection: Selection,
    municipality: Municipality,
    say: Wording,
    name: str,
) -> Table:
    """The table of a file's name. Raises NotFoundProblem."""
    names = Names(municipality, say)
    by = next((one for one, word in PARAMETERS.items() if word == name), None)
    async with reader.reading(selection.organisation) as reading:
        if by:
            _, groups = await dashboard.read_groups(reading, selection.divided(by))
            return breakdown.by_group(selection.divided(by), groups, names, say)
        if name == "alle-tall":
            insight = await dashboard.read(reading, selection)
            others = await every_figure.read_others(reading, municipality, insight)
            return every_figure.every_number(insight, others, municipality, say)
        if name == "over-tid":
            return development.months_table(await dashboard.read_months(reading, selection), say)
    if name == "sammenlikning":
        return (await asked_comparison(query, reader, selection, names)).numbers(say)
    raise NotFoundProblem

"""The files of the dashboards: each table as CSV, each chart as SVG."""

import asyncio
from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from services.metrics import breakdown, dashboard, development
from services.metrics.comparison import asked_comparison
from services.metrics.development import FOLLOWED
from services.metrics.frame import PATH, selected
from services.metrics.names import Names
from services.metrics.periods import Period
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
        if kind == "svg":
            return _as_svg(
                name,
                await _chart(request.query_params, reader, selection, names, say, name),
                selection.period,
            )
        if kind != "csv":
            raise NotFoundProblem
        return _as_csv(
            await _table(request.query_params, reader, selection, names, say, name), selection.period, say
        )

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
    query: Query, reader: Reader, selection: Selection, names: Names, say: Wording, name: str
) -> Table:
    """The table of a file's name. Raises NotFoundProblem."""
    by = next((one for one, word in PARAMETERS.items() if word == name), None)
    async with reader.reading(selection.organisation) as reading:
        if by:
            _, groups = await dashboard.read_groups(reading, selection.divided(by))
            return breakdown.by_group(selection.divided(by), groups, names, say)
        if name == "alle-tall":
            return breakdown.every_measure(await dashboard.read(reading, selection), say)
        if name == "over-tid":
            return development.months_table(await dashboard.read_months(reading, selection), say)
    if name == "sammenlikning":
        return (await asked_comparison(query, reader, selection, names)).table(say)
    raise NotFoundProblem


def _as_csv(table: Table, period: Period, say: Wording) -> Response[bytes]:
    return _as_file(table.as_csv(say), f"{table.name}_{period.first}_{period.last}.csv", "text/csv")


def _as_svg(name: str, chart: Chart, period: Period) -> Response[bytes]:
    return _as_file(as_file(chart), f"{name}_{period.first}_{period.last}.svg", "image/svg+xml")


def _as_file(body: bytes, name: str, media_type: str) -> Response[bytes]:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
    return Response(body, media_type=media_type, headers=headers)

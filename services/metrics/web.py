"""The pages: dashboards for those who are signed in, results for everybody."""

import asyncio
from collections.abc import Callable
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Template
from markupsafe import Markup

from services.metrics import cases, dashboard, results
from services.metrics.cases import Behind, units_seen_by
from services.metrics.dashboard import Telling, in_words
from services.metrics.indicators import Dimension
from services.metrics.names import Names
from services.metrics.periods import Period, Preset
from services.metrics.reading import Reader
from services.metrics.selection import PARAMETERS, Selection
from services.metrics.tables import Table
from shared.clock import Clock
from shared.municipality import Municipality
from shared.web.errors import ForbiddenProblem, NotFoundProblem
from shared.web.i18n import Message, Wording
from shared.web.session import DESK_PATH
from shared.web.site import Person, Say

PATH = "/innsikt"
DEFAULT = Preset.LAST_30_DAYS
OVERDUE_LIST = f"{DESK_PATH}/enhet"
AnyRequest = Request[Any, Any, Any]


def routes(reader: Reader, municipality: Municipality, clock: Clock) -> list[HTTPRouteHandler]:
    """Every page of the service."""

    def selected(request: AnyRequest) -> Selection:
        return Selection.read(dict(request.query_params), reader.today(), DEFAULT)

    @get(PATH, include_in_schema=False)
    async def insight(request: AnyRequest, say: Say, person: Person) -> Template:
        selection = selected(request)
        telling = await _telling(reader, selection, Names(municipality, say), say)
        may_see = units_seen_by(person, municipality) != frozenset()
        context = _insight_page(telling, selection, may_see=may_see) | {
            "now": clock(),
            "over_time": await asyncio.to_thread(telling.charts_over_time),
            "by_group": await asyncio.to_thread(telling.charts_by_group),
            "is_over": selection.period.last <= reader.today(),
            "filters": _filters(selection, Names(municipality, say), say),
        }
        return Template("insight.html", context=context, status_code=422 if selection.faults else 200)

    @get(f"{PATH}/last-ned/{{file:str}}", include_in_schema=False)
    async def download(request: AnyRequest, file: FromPath[str], say: Say, person: Person) -> Response[bytes]:  # noqa: ARG001 - only for those signed in
        selection = selected(request)
        telling = await _telling(reader, selection, Names(municipality, say), say)
        table = telling.tables().get(file.removesuffix(".csv"))
        if table is None:
            raise NotFoundProblem
        return _as_file(table, selection.period, say)

    @get(f"{PATH}/saker", include_in_schema=False)
    async def behind(request: AnyRequest, say: Say, person: Person) -> Template:
        units = units_seen_by(person, municipality)
        if units == frozenset():
            raise ForbiddenProblem(detail=Message("insight.cases_for_leaders"))
        number = next((one for one in Behind if one == request.query_params.get("tall")), None)
        if number is None:
            raise NotFoundProblem
        selection, page = selected(request), _page(request)
        async with reader.reading() as reading:
            question = reading.question(selection.period, selection.chosen)
            count, rows = await cases.behind(reading.session, question, number, units, page)
        names = Names(municipality, say)
        context = {
            "title": say.text(f"insight.behind.{number.name.lower()}"),
            "count": count,
            "rows": [_case(row, names, say) for row in rows],
            "limited": units is not None,
            "page": page,
            "pages": -(-count // cases.PAGE),
            "address": _addresses(number, selection),
            "back": f"{PATH}?{selection.query()}",
            "period": in_words(say, selection.period),
        }
        return Template("behind.html", context=context)

    @get("/resultater", include_in_schema=False)
    async def public_results(request: AnyRequest, say: Say) -> Template:
        offered = results.periods(reader.today())
        wanted = request.query_params.get("fra")
        period = next((period for period in offered if period.first.isoformat() == wanted), offered[0])
        async with reader.reading() as reading:
            told = results.Results(await results.read(reading, period), Names(municipality, say), say)
            trend = await results.read_trend(reading, offered)
        promises = [rule for rule in municipality.promises if rule.in_force(reader.today())]
        context = {
            "results": told,
            "chart": await asyncio.to_thread(results.trend, say, trend),
            "table": told.table(),
            "periods": [
                (results.name_of(say, one), f"?fra={one.first.isoformat()}", one == period) for one in offered
            ],
            "period": period,
            "title": results.name_of(say, period),
            "is_over": period.last < reader.today(),
            "today": reader.today(),
            "promises": [rule.words[say.language] for rule in promises],
        }
        return Template("results.html", context=context)

    return [insight, download, behind, public_results]


async def _telling(reader: Reader, selection: Selection, names: Names, say: Wording) -> Telling:
    async with reader.reading() as reading:
        return Telling(await dashboard.read(reading, selection), names, say)


def _insight_page(telling: Telling, selection: Selection, *, may_see: bool) -> dict[str, Any]:
    return {
        "telling": telling,
        "cards": telling.cards(),
        "tables": telling.tables(),
        "empty": telling.is_empty,
        "selection": selection,
        "errors": selection.faults,
        "period": telling.period(selection.period),
        "presets": [
            (
                telling.say.text(f"insight.preset.{preset.name.lower()}"),
                f"?{selection.with_preset(preset).query()}",
                preset == selection.preset,
            )
            for preset in Preset
        ],
        "behind": (lambda number: f"{PATH}/saker?tall={number}&{selection.query()}") if may_see else None,
        "csv": lambda table: f"{PATH}/last-ned/{table.name}.csv?{selection.query()}",
        "overdue_list": OVERDUE_LIST,
        "all_cases": f"?{selection.widened().query()}",
    }


def _filters(selection: Selection, names: Names, say: Wording) -> dict[str, Any]:
    dimensions = [dimension for dimension in PARAMETERS if names.values(dimension)]
    return {
        "fields": [
            {
                "name": PARAMETERS[dimension],
                "label": say.text(f"insight.{dimension}"),
                "value": selection.chosen.get(dimension),
                "choices": [] if dimension == Dimension.UNIT else names.choices(dimension),
                "groups": names.units_by_section() if dimension == Dimension.UNIT else None,
            }
            for dimension in dimensions
        ],
        "chosen": [
            f"{say.text(f'insight.{dimension}')}: {names.name(dimension, value)}"
            for dimension, value in selection.chosen.items()
        ],
    }


def _case(row: Any, names: Names, say: Wording) -> list[str]:
    return [
        Markup('<a class="ds-link reference" href="{}">{}</a>').format(
            f"{DESK_PATH}/sak/{row.reference}", row.reference
        ),
        names.name(Dimension.KIND, row.kind),
        names.name(Dimension.TOPIC, row.topic),
        names.name(Dimension.UNIT, row.unit),
        *(say.day_short(day) if day else "–" for day in (row.received_on, row.due_on, row.answered_on)),
    ]


def _page(request: AnyRequest) -> int:
    text = request.query_params.get("side", "1")
    return max(1, int(text[:6])) if text.isascii() and text.isdigit() else 1


def _addresses(number: Behind, selection: Selection) -> Callable[[int], str]:
    return lambda page: f"?tall={number}&side={page}&{selection.query()}"


def _as_file(table: Table, period: Period, say: Wording) -> Response[bytes]:
    name = f"{table.name}_{period.first}_{period.last}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-cache"}
    return Response(table.as_csv(say), media_type="text/csv", headers=headers)

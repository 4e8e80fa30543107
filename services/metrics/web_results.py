"""The residents' results: for everybody."""

import asyncio
from typing import Any

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from services.metrics import results
from services.metrics.names import Names
from services.metrics.reading import Reader
from shared.municipality import Municipality
from shared.web.site import Say

AnyRequest = Request[Any, Any, Any]


def routes(reader: Reader, municipality: Municipality) -> list[HTTPRouteHandler]:
    """The page `/resultater`."""

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

    return [public_results]

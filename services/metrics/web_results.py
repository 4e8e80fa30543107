"""The residents' results: for everybody."""

import asyncio
from typing import Any

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from services.metrics import improvements, results
from services.metrics.names import Names
from services.metrics.publications import Publications
from services.metrics.reading import Reader
from shared.municipality import Municipality
from shared.web.site import Say

AnyRequest = Request[Any, Any, Any]


def routes(reader: Reader, publications: Publications, municipality: Municipality) -> list[HTTPRouteHandler]:
    """The page `/resultater`."""

    @get("/resultater", include_in_schema=False)
    async def public_results(request: AnyRequest, say: Say) -> Template:
        today = reader.today()
        offered = results.periods(today)
        wanted = request.query_params.get("fra")
        period = next((period for period in offered if period.first.isoformat() == wanted), offered[0])
        every = [await publications.of(tertial) for tertial in reversed(offered)]
        chosen = next(one for one in every if one.tertial == period)
        async with reader.reading() as reading:
            document = await results.read_whole(reading, period)
            improved = await improvements.published(reading.session, period)
        told = results.Results(chosen, document, Names(municipality, say), say)
        promises = [rule for rule in municipality.promises if rule.in_force(today)]
        context = {
            "results": told,
            "chart": await asyncio.to_thread(results.trend, say, every),
            "table": told.by_section(),
            "topics": told.by_topic(),
            "areas": told.by_area(),
            "periods": [
                (results.name_of(say, one), f"?fra={one.first.isoformat()}", one == period) for one in offered
            ],
            "period": period,
            "title": results.name_of(say, period),
            "is_over": period.last < today,
            "today": today,
            "improved": improved,
            "promises": [rule.words[say.language] for rule in promises],
        }
        return Template("results.html", context=context)

    return [public_results]

"""`/api/v1/indicators`: the figures as JSON for anybody, and for the command line on a road of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from litestar import Request, Response, get
from litestar.datastructures import ResponseHeader
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Operation, Schema
from litestar.openapi.spec import Parameter as OpenAPIParameter
from litestar.params import QueryParameter
from pydantic import BaseModel

from services.metrics.documents import ReportDocument, as_json, report
from services.metrics.indicators import Dimension, Organisation
from services.metrics.periods import Period
from services.metrics.publications import Publications
from services.metrics.reading import Reader
from services.metrics.suppression import public
from services.metrics.unchanged import tagged
from shared.web.errors import PROBLEM_JSON, InvalidProblem
from shared.web.i18n import Message
from shared.web.site import Visitor
from shared.workdays import FIRST_YEAR, LAST_YEAR

INTERNAL_PATH = "/internal/indicators"
"""Not reachable through the front door."""

First = Annotated[
    str,
    QueryParameter(name="from", description="The first day of the period", schema_extra={"format": "date"}),
]
Last = Annotated[
    str,
    QueryParameter(
        name="to",
        description="The last day of the period, which belongs to it",
        schema_extra={"format": "date"},
    ),
]
By = Annotated[
    str,
    QueryParameter(
        name="by",
        description="Groups: one of section, unit, kind, topic, area, channel, of whole calendar months; staff who "
        "are signed in may give several with commas between, and any days",
    ),
]
OfThen = Annotated[
    str,
    QueryParameter(
        name="organisation",
        description="`then` (the default): a case counts for the unit and section that had it; `now`: for those "
        "that have taken over from them since",
        schema_extra={"enum": [str(organisation) for organisation in Organisation]},
    ),
]


@dataclass
class _BothDaysNeeded(Operation):
    """In the document the days are required; in the code they are not, so that both can be named as missing."""

    def __post_init__(self) -> None:
        for parameter in self.parameters or ():
            if isinstance(parameter, OpenAPIParameter) and parameter.name in {"from", "to"}:
                parameter.required = True
                if isinstance(parameter.schema, Schema):
                    parameter.schema.default = None


class ProblemDocument(BaseModel):
    """RFC 9457; `errors` names each parameter that is wrong."""

    type: str
    title: str
    status: int
    detail: str
    errors: list[dict[str, str]] = []


def routes(reader: Reader, publications: Publications) -> list[HTTPRouteHandler]:
    """The public route, and the one for the command line."""

    @get(
        "/api/v1/indicators",
        operation_id="indicators",
        operation_class=_BothDaysNeeded,
        summary="Indicators of a period",
        description="What residents were promised and what was held, response times, what was received and "
        "what waits. In public, figures that would tell of fewer than five cases are null. This is version 1: "
        "fields are added to it, and none is taken away or changes its meaning. Ask again with the answer's "
        "`ETag` in `If-None-Match`: figures that are unchanged are answered with 304.",
        responses={
            200: ResponseSpec(ReportDocument, description="The indicators", generate_examples=False),
            304: ResponseSpec(None, description="Unchanged since the `ETag` in `If-None-Match`"),
            422: ResponseSpec(
                ProblemDocument,
                description="A parameter is missing or wrong",
                generate_examples=False,
                media_type=PROBLEM_JSON,
            ),
        },
        response_headers=[ResponseHeader(name="ETag", documentation_only=True, description="Of the figures")],
    )
    async def indicators(
        request: Request[Any, Any, Any],
        visitor: Visitor,
        first: First = "",
        last: Last = "",
        grouping: By = "",
        organisation: OfThen = "then",
    ) -> Response[bytes]:
        dimensions = dimensions_of(grouping)
        if visitor is None and len(dimensions) > 1:
            raise InvalidProblem(fields={"by": Message("indicators.by_one")})
        asked = organisation_of(organisation)
        period = period_of(first, last)
        if visitor is None and dimensions and period.whole_months is None:
            raise InvalidProblem(fields={"to": Message("indicators.by_months")})
        document = await _document(reader, period, dimensions, asked)
        if visitor is None:
            document = public(document, await publications.silences(period, dimensions))
        # A page of somebody else's may ask, as it may for the open data; with no cookie, so never for staff's.
        anybody = {"Cache-Control": "public, max-age=60", "Access-Control-Allow-Origin": "*"}
        headers = {"Vary": "Cookie", **({"Cache-Control": "private, no-cache"} if visitor else anybody)}
        return tagged(request, as_json(document).encode(), "application/json", headers)

    @get(INTERNAL_PATH, include_in_schema=False)
    async def internal(
        first: First = "", last: Last = "", grouping: By = "", organisation: OfThen = "then"
    ) -> Response[bytes]:
        asked = organisation_of(organisation)
        document = await _document(reader, period_of(first, last), dimensions_of(grouping), asked)
        return Response(as_json(document).encode(), media_type="application/json")

    return [indicators, internal]


async def _document(
    reader: Reader, period: Period, dimensions: Sequence[Dimension], organisation: Organisation
) -> ReportDocument:
    async with reader.reading(organisation) as reading:
        whole, groups = await reading.total_and(dimensions, period)
        invented = await reading.is_invented()
    return report(period, whole, dimensions, groups, organisation, invented=invented)


def period_of(first: str, last: str, *, names: tuple[str, str] = ("from", "to")) -> Period:
    """The period between two days as they came in an address. Raises InvalidProblem."""
    days: dict[str, date] = {}
    faults: dict[str, Message] = {}
    for name, text in zip(names, (first, last), strict=True):
        try:
            days[name] = _day(text)
        except _OutsideCalendarError:
            years = {"first": FIRST_YEAR + 1, "last": LAST_YEAR - 1}
            faults[name] = Message("indicators.day_outside", years)
        except ValueError:
            faults[name] = Message("indicators.day_missing" if not text else "indicators.day_wrong")
    if faults:
        raise InvalidProblem(fields=faults)
    if days[names[1]] < days[names[0]]:
        raise InvalidProblem(fields={names[1]: Message("indicators.ends_first")})
    return Period(days[names[0]], days[names[1]])


class _OutsideCalendarError(ValueError):
    """A day of which it is not known whether it is a working day."""


def _day(text: str) -> date:
    day = date.fromisoformat(text)
    if len(text) != len("2026-11-16"):
        raise ValueError(text)
    if not FIRST_YEAR < day.year < LAST_YEAR:
        raise _OutsideCalendarError(text)
    return day


def dimensions_of(text: str) -> list[Dimension]:
    """What to group by, as it came in an address. Raises InvalidProblem."""
    try:
        return list(dict.fromkeys(Dimension(name.strip()) for name in text.split(",") if name.strip()))
    except ValueError:
        allowed = ", ".join(Dimension)
        raise InvalidProblem(fields={"by": Message("indicators.by_unknown", {"allowed": allowed})}) from None


def organisation_of(text: str) -> Organisation:
    """Whose figures, as it came in an address; of then where nothing was said. Raises InvalidProblem."""
    try:
        return Organisation(text or Organisation.THEN)
    except ValueError:
        allowed = ", ".join(Organisation)
        fault = Message("indicators.organisation_unknown", {"allowed": allowed})
        raise InvalidProblem(fields={"organisation": fault}) from None

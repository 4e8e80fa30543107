"""The cases behind a number: for those who answer for them."""

from collections.abc import Callable
from typing import Any

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template
from markupsafe import Markup

from services.metrics import cases
from services.metrics.cases import Behind, units_seen_by
from services.metrics.frame import PATH, selected
from services.metrics.indicators import Dimension
from services.metrics.names import Names
from services.metrics.periods_in_words import name_of
from services.metrics.reading import Reader
from services.metrics.selection import Selection
from shared.municipality import Municipality
from shared.web.errors import ForbiddenProblem, NotFoundProblem
from shared.web.i18n import Message, Wording
from shared.web.session import DESK_PATH
from shared.web.site import Person, Say

AnyRequest = Request[Any, Any, Any]


def routes(reader: Reader, municipality: Municipality) -> list[HTTPRouteHandler]:
    """`/innsikt/saker`."""

    @get(f"{PATH}/saker", include_in_schema=False)
    async def behind(request: AnyRequest, say: Say, person: Person) -> Template:
        units = units_seen_by(person, municipality)
        if units == frozenset():
            raise ForbiddenProblem(detail=Message("insight.cases_for_leaders"))
        number = next((one for one in Behind if one == request.query_params.get("tall")), None)
        if number is None:
            raise NotFoundProblem
        selection, page = selected(request, reader.today()), _page(request)
        async with reader.reading(selection.organisation) as reading:
            question = reading.question(selection.period, selection.chosen)
            count, rows = await cases.behind(reading.session, question, number, units, page)
            every = (
                count
                if units is None
                else (await cases.behind(reading.session, question, number, None, 1))[0]
            )
        names = Names(municipality, say)
        context = {
            "title": say.text(f"insight.behind.{number.name.lower()}"),
            "count": count,
            "every": every,
            "rows": [_case(row, names, say) for row in rows],
            "limited": units is not None,
            "page": page,
            "pages": -(-count // cases.PAGE),
            "address": _addresses(number, selection),
            "back": f"{PATH}?{selection.query()}",
            "period": name_of(say, selection.period),
        }
        return Template("behind.html", context=context)

    return [behind]


def _case(row: Any, names: Names, say: Wording) -> list[str]:
    # The due day first: on a phone the others are seen by scrolling.
    return [
        _reference(row, say),
        *(say.day_short(day) if day else "–" for day in (row.due_on, row.received_on, row.answered_on)),
        names.name(Dimension.TOPIC, row.topic),
        names.name(Dimension.KIND, row.kind),
        names.name(Dimension.UNIT, row.unit),
    ]


def _reference(row: Any, say: Wording) -> str:
    """A link to the case on the desk; one that is not there, with whose it is."""
    if row.invented:
        return say.text("insight.case_invented", reference=row.reference)
    if row.system:
        return say.text("insight.case_of_system", reference=row.reference, system=row.system)
    return Markup('<a class="ds-link reference" href="{}">{}</a>').format(
        f"{DESK_PATH}/sak/{row.reference}", row.reference
    )


def _page(request: AnyRequest) -> int:
    text = request.query_params.get("side", "1")
    return max(1, int(text[:6])) if text.isascii() and text.isdigit() else 1


def _addresses(number: Behind, selection: Selection) -> Callable[[int], str]:
    return lambda page: f"?tall={number}&side={page}&{selection.query()}"

"""The dashboards, for those who are signed in."""

import asyncio
from collections.abc import Callable
from typing import Any

from litestar import Request, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from services.metrics import breakdown, dashboard, development, every_figure
from services.metrics.breakdown import BehindGroup
from services.metrics.cases import Behind, has_any_of, units_seen_by
from services.metrics.comparison import COMPARED, Order, asked_comparison
from services.metrics.development import FOLLOWED
from services.metrics.frame import PATH, Page, frame, selected
from services.metrics.indicators import Dimension
from services.metrics.measures import MEASURES, Source
from services.metrics.names import Names
from services.metrics.overview import Overview
from services.metrics.reading import Reader
from services.metrics.rights import manages, units_written_by
from services.metrics.selection import Selection
from shared.clock import Clock
from shared.municipality import Municipality
from shared.web.i18n import Wording
from shared.web.session import DESK_PATH, SignedIn
from shared.web.site import Person, Say

OVERDUE_LIST = f"{DESK_PATH}/enhet"
FIRST_COURSE = "loefter-holdt"
AnyRequest = Request[Any, Any, Any]


def routes(reader: Reader, municipality: Municipality, clock: Clock) -> list[HTTPRouteHandler]:
    """Every page under `/innsikt`."""

    def shown(
        template: str, page: Page, selection: Selection, names: Names, say: Wording, **more: Any
    ) -> Template:
        context = frame(page, selection, names, say, reader.today()) | {"now": clock(), **more}
        return Template(template, context=context, status_code=422 if selection.faults else 200)

    @get(PATH, include_in_schema=False)
    async def overview(request: AnyRequest, say: Say, person: Person) -> Template:
        selection, names = selected(request, reader.today()), Names(municipality, say)
        async with reader.reading(selection.organisation) as reading:
            insight = await dashboard.read(reading, selection)
            months = await dashboard.read_months(reading, selection)
        told = Overview(insight, names, say)
        way = _ways(person, municipality)
        first = await asyncio.to_thread(development.course, FIRST_COURSE, months, selection, say)
        return shown(
            "insight.html",
            Page.OVERVIEW,
            selection,
            names,
            say,
            empty=insight.is_empty,
            figures=told.key_figures(),
            compared=told.compared_with(),
            attention=told.attention(first.newest),
            course=first,
            files=_files(selection, say),
            table=breakdown.by_group(selection, insight.groups, names, say, way),
            told=say,
            behind=lambda number: way(selection, number),
            own=_own(person, municipality, selection, names),
            overdue_list=OVERDUE_LIST,
            page_of=lambda page, by=None: _page_of(page, selection.divided(by) if by else selection),
        )

    @get(f"{PATH}/utvikling", include_in_schema=False)
    async def courses(request: AnyRequest, say: Say, person: Person) -> Template:  # noqa: ARG001 - only for those signed in
        selection, names = selected(request, reader.today()), Names(municipality, say)
        async with reader.reading(selection.organisation) as reading:
            months = await dashboard.read_months(reading, selection)

        def drawn() -> list[development.Course]:
            return [development.course(name, months, selection, say) for name in FOLLOWED]

        return shown(
            "development.html",
            Page.DEVELOPMENT,
            selection,
            names,
            say,
            courses=await asyncio.to_thread(drawn) if months else [],
            files=_files(selection, say),
        )

    @get(f"{PATH}/sammenlikning", include_in_schema=False)
    async def compared(request: AnyRequest, say: Say, person: Person) -> Template:  # noqa: ARG001 - only for those signed in
        selection, names = selected(request, reader.today()), Names(municipality, say)
        found = await asked_comparison(request.query_params, reader, selection, names)
        return shown(
            "comparison.html",
            Page.COMPARISON,
            selection,
            names,
            say,
            comparison=found,
            chart=await asyncio.to_thread(found.drawn, say),
            table=found.table(say),
            chance=found.chance(say),
            told=say,
            measures=[
                (
                    say.text(f"comparison.figure.{of.measure}"),
                    f"?maltall={name}&orden={found.order}&{selection.query()}",
                    name == found.name,
                )
                for name, of in COMPARED.items()
            ],
            orders=[
                (
                    say.text(f"comparison.order.{one}"),
                    f"?maltall={found.name}&orden={one}&{selection.query()}",
                    one == found.order,
                )
                for one in Order
            ],
            more=f"maltall={found.name}&orden={found.order}&",
        )

    @get(f"{PATH}/tall", include_in_schema=False)
    async def all_figures(request: AnyRequest, say: Say, person: Person) -> Template:
        selection, names = selected(request, reader.today()), Names(municipality, say)
        async with reader.reading(selection.organisation) as reading:
            insight = await dashboard.read(reading, selection)
            others = await every_figure.read_others(reading, municipality, insight)
        way = _ways(person, municipality)
        return shown(
            "figures.html",
            Page.FIGURES,
            selection,
            names,
            say,
            table=every_figure.every_measure(insight, others, municipality, say, way),
            groups=breakdown.by_group(selection, insight.groups, names, say, way),
            told=say,
            measures=[one.id for one in MEASURES.values() if others or one.source == Source.SYSTEM],
            entered=bool(others),
        )

    return [overview, courses, compared, all_figures]


def _ways(person: SignedIn, municipality: Municipality) -> BehindGroup:
    """The ways to the cases behind a number: none where no case of it is in a unit that someone leads."""
    units = units_seen_by(person, municipality)

    def way(selection: Selection, number: Behind) -> str | None:
        if units is None or (units and has_any_of(selection.chosen, units, municipality)):
            return f"{PATH}/saker?tall={number}&{selection.query()}"
        return None

    return way


def _own(
    person: SignedIn, municipality: Municipality, selection: Selection, names: Names
) -> list[tuple[str, str]]:
    """The sections, and else the units, that someone leads, each with its page; nothing for those who lead all."""
    if manages(person) or Dimension.UNIT in selection.chosen:
        return []
    every = municipality.sections.values()
    sections = [one.id for one in every if one.leader == person.person_id]
    units = [
        unit.id
        for unit in units_written_by(person, municipality)
        if unit.section not in sections and unit.in_force(selection.period.last)
    ]
    chosen = selection.without(Dimension.SECTION)
    own = [(Dimension.SECTION, one) for one in sections] + [(Dimension.UNIT, one) for one in units]
    return [(names.name(*one), f"?{chosen.narrowed(*one).query()}") for one in own]


def _page_of(page: str, selection: Selection) -> str:
    return f"{PATH}/{page}?{selection.query()}"


def _files(selection: Selection, say: Wording) -> Callable[[str], list[tuple[str, str]]]:
    """What can be downloaded of a course: its drawing, and the months it is made of."""
    query = selection.query()
    return lambda name: [
        (say.text("insight.download_svg"), f"{PATH}/last-ned/{name}.svg?{query}"),
        (say.text("insight.download"), f"{PATH}/last-ned/over-tid.csv?{query}"),
    ]

"""What all dashboard pages have about them: where one is, which period, which cases, and the ways on."""

from datetime import date
from enum import StrEnum
from typing import Any

from litestar import Request

from services.metrics.indicators import Dimension, Organisation
from services.metrics.names import Names
from services.metrics.periods import Period, Preset
from services.metrics.periods_in_words import name_of
from services.metrics.selection import PARAMETERS, Selection
from shared.web.i18n import Wording

PATH = "/innsikt"
DEFAULT = Preset.LAST_30_DAYS
_ABOVE = {
    Dimension.SECTION: (Dimension.UNIT, Dimension.TOPIC),
    Dimension.UNIT: (Dimension.TOPIC,),
    Dimension.TOPIC: (),
}
"""The way down, and what is let go on the way up to each."""


def selected(request: Request[Any, Any, Any], today: date) -> Selection:
    """What a request's address says."""
    return Selection.read(dict(request.query_params), today, DEFAULT)


class Page(StrEnum):
    """The pages; the value stands in addresses."""

    OVERVIEW = ""
    DEVELOPMENT = "utvikling"
    COMPARISON = "sammenlikning"
    FIGURES = "tall"
    SATISFACTION = "tilfredshet"


def frame(page: Page, selection: Selection, names: Names, say: Wording, today: date) -> dict[str, Any]:
    """The context that `insight_frame.html` shows."""
    query = selection.query()
    return {
        "selection": selection,
        "errors": selection.faults,
        "period": name_of(say, selection.period),
        "is_over": selection.period.last < today,
        "pages": [
            (say.text(f"insight.page.{one.name.lower()}"), _address(one, query), one == page) for one in Page
        ],
        "periods": _periods(selection, say, today),
        "earlier": _step(selection, selection.period.before(), say),
        "later": _step(selection, selection.period.after(), say) if selection.period.last < today else None,
        "way": _way(selection, names, say),
        "fields": _fields(selection, names, say),
        "chosen": [
            f"{say.text(f'insight.{dimension}')}: {names.name(dimension, value)}"
            for dimension, value in selection.chosen.items()
        ],
        "taken_over": _taken_over(selection, names, say, today),
        "teams": _teams(selection, names),
        "all_cases": f"?{selection.widened().query()}",
        "divided": [
            (say.text(f"insight.{one}"), f"?{selection.divided(one).query()}", one == selection.by)
            for one in PARAMETERS
            if one not in selection.chosen and (one != Dimension.AREA or names.values(one))
        ],
        "csv": lambda name: f"{PATH}/last-ned/{name}.csv?{query}",
        "svg": lambda name: f"{PATH}/last-ned/{name}.svg?{query}",
        "path_of_page": _address(page, ""),
    }


def _address(page: Page, query: str) -> str:
    path = f"{PATH}/{page}" if page else PATH
    return f"{path}?{query}" if query else path


def _periods(selection: Selection, say: Wording, today: date) -> list[tuple[str, str, bool]]:
    """The kinds of period: the last thirty days, and the month, tertial and year about the days shown now."""
    last = min(selection.period.last, today)
    about = {
        "month": Period.months(last.year, last.month),
        "tertial": Period.tertial(last.year, 1 + (last.month - 1) // 4),
        "year": Period.months(last.year, 1, 12),
    }
    recent = selection.with_preset(Preset.LAST_30_DAYS)
    return [
        (
            say.text("insight.preset.last_30_days"),
            f"?{recent.query()}",
            selection.preset == Preset.LAST_30_DAYS,
        ),
        *(
            (
                say.text(f"insight.kind_of_period.{kind}"),
                f"?{selection.in_period(period).query()}",
                selection.period == period,
            )
            for kind, period in about.items()
        ),
    ]


def _step(selection: Selection, period: Period, say: Wording) -> tuple[str, str]:
    return name_of(say, period), f"?{selection.in_period(period).query()}"


def _taken_over(selection: Selection, names: Names, say: Wording, today: date) -> tuple[str, str, str] | None:
    """By the organisation of now a unit that has ended has no cases: what to say, and where they are."""
    ended = selection.chosen.get(Dimension.UNIT)
    unit = names.successor(ended, today) if selection.organisation == Organisation.NOW else None
    if unit is None:
        return None
    name = names.name(Dimension.UNIT, unit)
    there = selection.without(Dimension.UNIT, Dimension.SECTION).narrowed(Dimension.UNIT, unit)
    said = say.text("insight.taken_over", ended=names.name(Dimension.UNIT, ended), name=name)
    return said, name, f"?{there.query()}"


def _teams(selection: Selection, names: Names) -> dict[str, Any] | None:
    """A unit's figures are with its teams, which are units too: the way to each; None where it has none."""
    unit = selection.chosen.get(Dimension.UNIT)
    if unit is None:
        return None
    teams = [
        (names.name(Dimension.UNIT, team), f"?{selection.narrowed(Dimension.UNIT, team).query()}")
        for team in names.teams(unit)
    ]
    return {"of": names.name(Dimension.UNIT, unit), "units": teams} if teams else None


def _way(selection: Selection, names: Names, say: Wording) -> list[tuple[str, str | None]]:
    """From the municipality down to what is chosen; the last has no address, one is there."""
    way = [(say.text("insight.whole"), f"?{selection.without(*_ABOVE).query()}")]
    for dimension, beneath in _ABOVE.items():
        value = selection.chosen.get(dimension)
        if value:
            way.append((names.name(dimension, value), f"?{selection.without(*beneath).query()}"))
    return [*way[:-1], (way[-1][0], None)] if len(way) > 1 else []


def _fields(selection: Selection, names: Names, say: Wording) -> list[dict[str, Any]]:
    dimensions = [dimension for dimension in PARAMETERS if names.values(dimension)]
    return [
        {
            "name": PARAMETERS[dimension],
            "label": say.text(f"insight.{dimension}"),
            "value": selection.chosen.get(dimension),
            "choices": [] if dimension == Dimension.UNIT else names.choices(dimension),
            "groups": names.units_by_section() if dimension == Dimension.UNIT else None,
        }
        for dimension in dimensions
    ]

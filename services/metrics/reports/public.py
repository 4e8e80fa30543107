"""A report as far as it may be told to anybody: figures of fewer than five cases are hidden.

The same rule as for the public results (`suppression`): zero is told, 1 to 4 are not, nor is what can be
reckoned by subtracting places from the whole, or tertials from their year.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from functools import partial

from services.metrics.measures import MEASURES, Source, Unit
from services.metrics.published import WHOLE as EVERYWHERE
from services.metrics.published import Family
from services.metrics.reports.model import Compared, Figure, InternalControl, Line, Point, Report
from services.metrics.reports.periods import ReportPeriod
from services.metrics.reports.seen import COMPARED, KINDS, OF_KINDS, RECEIVED
from services.metrics.suppression import FEWEST, hidden, is_small, share_at_least
from services.metrics.targets import Light, Rule

_NOT_OF_CASES = frozenset({"declarations_current_share", "arenas_share", "arena_activity"})
"""They tell of declarations and of places, not of people who wrote."""

_SAME_CASES = {
    "response_p90": "response_median",
    "response_median_without_pauses": "response_median",
    "response_p90_without_pauses": "response_median",
    "backlog_open": "backlog_overdue",
    "backlog_oldest": "backlog_overdue",
}
"""What is told of the same cases as a figure that places are compared by."""
_WHOLE = ""
"""The whole municipality's place."""
PROMISE, WAITING = "promise_kept", "backlog_overdue"

Figures = Mapping[str, Figure]


class _Hides(Enum):
    """What of a place's figure must not be told: how much of it was kept, or even how much there was."""

    VERDICT = 1
    ALL = 2


_ON_THE_PAGE: Mapping[str, Mapping[Family, _Hides]] = {
    RECEIVED: {"received": _Hides.ALL},
    PROMISE: {"due": _Hides.ALL, "verdict": _Hides.VERDICT},
    "response_median": {"answered": _Hides.ALL},
}
"""What of a figure must not be told where the results page does not tell it."""


def public(report: Report) -> Report:
    """The report for everybody. Explanations stay where their figures do."""
    told = _Suppressing(report)
    return report.model_copy(
        update={
            "is_public": True,
            "withheld": {},
            "capitals": tuple(
                capital.model_copy(
                    update={
                        "places": tuple(
                            place.model_copy(
                                update={"lines": tuple(told.line(place.id, line) for line in place.lines)}
                            )
                            for place in capital.places
                        )
                    }
                )
                for capital in report.capitals
            ),
            "compared": tuple(map(told.compared, report.compared)),
            "trend": tuple(map(told.point, report.trend)),
            "internal_control": report.internal_control and told.control(report.internal_control),
        }
    )


class _Suppressing:
    """Decides for each measure which places must be hidden beside the whole and each other."""

    def __init__(self, report: Report) -> None:
        self._withheld = report.withheld
        self._development = report.period.development()
        self._lines = {(place.id, line.measure): line for place, line in report.lines}
        self._beside = {one.id: one for one in report.compared}
        self._points = {point.period: point.figures for point in report.trend}
        parts = max([0, *(len(line.parts) for line in self._lines.values())])
        # An annual report's development is of the tertials its figures have as parts: the year before's, the year's.
        self._tertials = [point.figures for point in report.trend] if parts else []
        before, now = range(parts // 2), range(parts // 2, parts)
        names = {measure for _, measure in self._lines} | {*COMPARED, RECEIVED}
        self._now = {name: self._this_year(name, report.period, now) for name in names}
        self._last_year = {
            name: self._year_before(name, report.period.a_year_before(), before) for name in names
        }
        self._before = {
            # The year before is the same last year; another period before is not beside the places.
            name: self._last_year[name]
            if parts
            else _strictest(
                self._hides(name, lambda line: line.before, lambda _: {}, {}),
                self._beside_the_page(name, report.period.before()),
            )
            for name in names
        }
        for hides in (self._now, self._last_year, self._before):
            for name in names & _SAME_CASES.keys():
                hides[name] = dict.fromkeys({*hides[name], *hides[_SAME_CASES[name]]}, _Hides.ALL)

    def _this_year(self, name: str, period: ReportPeriod, tertials: range) -> dict[str, _Hides]:
        whole = self._whole(period, tertials)
        found = self._hides(name, lambda line: line.now, lambda one: one.figures, whole)
        return _strictest(found, self._in_tertials(name, tertials), self._beside_the_page(name, period))

    def _year_before(self, name: str, period: ReportPeriod, tertials: range) -> dict[str, _Hides]:
        whole = self._whole(period, tertials)
        found = self._hides(name, lambda line: line.last_year, lambda one: one.last_year, whole)
        return _strictest(found, self._in_tertials(name, tertials), self._beside_the_page(name, period))

    def _beside_the_page(self, name: str, period: ReportPeriod) -> dict[str, _Hides]:
        """What the results page hides of a tertial, so that its months cannot be reckoned with the report."""
        families = _ON_THE_PAGE.get(name, {})
        found: dict[str, _Hides] = {}
        for section, withheld in self._withheld.get(period.code, {}).items():
            hides = [families[family] for family in withheld if family in families]
            if hides:
                found[_WHOLE if section == EVERYWHERE else section] = max(hides, key=lambda one: one.value)
        return found

    def _whole(self, period: ReportPeriod, tertials: range) -> Figures:
        """What the development tells of the whole in a period: outright, or by its tertials together."""
        return self._points.get(period) or _together([self._tertials[number] for number in tertials])

    def _in_tertials(self, name: str, tertials: range) -> dict[str, _Hides]:
        """A year minus two of its tertials is the third: what one of them hides, the year hides."""
        found = {
            place: _Hides.ALL
            for number in tertials
            for place in (
                *self._hides(name, partial(_part, number), partial(_parts, number), self._tertials[number]),
                *self._beside_the_page(name, self._development[number]),
            )
        }
        wholes = (self._of_whole(name, partial(_part, number), self._tertials[number]) for number in tertials)
        if any(_told(name, whole).hidden for whole in wholes):
            found[_WHOLE] = _Hides.ALL
        return found

    def _of_whole(self, name: str, of_line: Callable[[Line], Figure], told: Figures) -> Figure:
        """The whole's figure: that of its line, else what the development tells."""
        line = self._lines.get((_WHOLE, name))
        return of_line(line) if line else told.get(name, Figure())

    def _hides(
        self,
        name: str,
        of_line: Callable[[Line], Figure],
        of_place: Callable[[Compared], Figures],
        of_whole: Figures,
    ) -> dict[str, _Hides]:
        """Places whose figure the whole minus the others would tell; what is in no place counts as one more."""
        if not is_of_cases(name):
            return {}
        if name in OF_KINDS:
            # Kinds across places would be a table of two dimensions, whose sums both ways tell what is hidden.
            return {place: _Hides.ALL for place, measure in self._lines if measure == name and place}
        whole = self._of_whole(name, of_line, of_whole)
        figures = {
            place: of_line(line)
            for (place, measure), line in self._lines.items()
            if measure == name and place
        }
        figures |= {
            place: of_place(one)[name] for place, one in self._beside.items() if name in of_place(one)
        }
        # In the order in which the results page chooses among equals.
        places = sorted(figures)

        def counts(count: Callable[[Figure], int]) -> list[int]:
            each = [count(figures[place]) for place in places]
            return [*each, max(0, count(whole) - sum(each))]

        everything = hidden(counts(_whole_count))
        verdicts = hidden(counts(_part_count), counts(_rest_count), besides=everything)
        return {
            place: _Hides.ALL if hides_all else _Hides.VERDICT
            for place, hides_all, hides in zip(places, everything, verdicts, strict=False)
            if hides
        }

    def line(self, place: str, line: Line) -> Line:
        name = line.measure
        now = _told(name, line.now, hides=self._now[name].get(place))
        return line.model_copy(
            update={
                "now": now,
                "before": _told(name, line.before, hides=self._before[name].get(place)),
                "last_year": _told(name, line.last_year, hides=self._last_year[name].get(place)),
                "parts": (),
                "light": light_of(line, now) if now.hidden else line.light,
                "explanation": None if now.hidden else line.explanation,
            }
        )

    def compared(self, one: Compared) -> Compared:
        return one.model_copy(
            update={
                "figures": {
                    name: _told(name, figure, hides=self._now[name].get(one.id))
                    for name, figure in one.figures.items()
                },
                "last_year": {
                    name: _told(name, figure, hides=self._last_year[name].get(one.id))
                    for name, figure in one.last_year.items()
                },
                "parts": (),
            }
        )

    def point(self, point: Point) -> Point:
        """Of the whole, in a period of the development."""
        figures = {
            name: _told(name, figure, hides=self._beside_the_page(name, point.period).get(_WHOLE))
            for name, figure in point.figures.items()
        }
        return point.model_copy(update={"figures": figures})

    def control(self, control: InternalControl) -> InternalControl | None:
        """The table stays inside where it would tell of few cases: by what it says, or of what the year hides."""
        verdict = Figure(n=control.due - control.broken, of=control.due)
        counts = (control.open_overdue, control.broken - control.open_overdue, control.undelivered)
        is_hidden = _told(PROMISE, verdict, hides=self._now[PROMISE].get(_WHOLE)).hidden
        return None if is_hidden or any(map(is_small, counts)) else control


def _strictest(*each: Mapping[str, _Hides]) -> dict[str, _Hides]:
    """What hides most of each place."""
    places = {place for hides in each for place in hides}
    return {
        place: max((hides[place] for hides in each if place in hides), key=lambda one: one.value)
        for place in places
    }


def _together(points: Sequence[Figures]) -> Figures:
    """The cases of periods that follow each other; of what still waits, those of the last."""
    return {
        name: last
        if name == WAITING
        else Figure(
            n=sum(point[name].n or 0 for point in points),
            of=sum(point[name].of or 0 for point in points) or None,
        )
        for name, last in (points[-1] if points else {}).items()
    }


def _part(number: int, line: Line) -> Figure:
    return line.parts[number] if number < len(line.parts) else Figure()


def _parts(number: int, one: Compared) -> Figures:
    return one.parts[number] if number < len(one.parts) else {}


def is_of_cases(name: str) -> bool:
    """Whether a measure tells of people who wrote."""
    measure = MEASURES.get(name)
    return (
        measure is None
        or (measure.source == Source.SYSTEM and name not in _NOT_OF_CASES)
        or (measure.source == Source.MANUAL and name.startswith("appeals"))
    )


def _whole_count(figure: Figure) -> int:
    """What a figure is of: the whole of a share, else how many cases."""
    return figure.of if figure.of is not None else figure.n or 0


def _part_count(figure: Figure) -> int:
    return figure.n or 0


def _rest_count(figure: Figure) -> int:
    return max(0, figure.of - (figure.n or 0)) if figure.of is not None else 0


def _told(name: str, figure: Figure, *, hides: _Hides | None = None) -> Figure:
    if not is_of_cases(name):
        return figure
    counts = (_whole_count(figure), _part_count(figure), _rest_count(figure))
    if figure.hidden or (hides is None and not any(map(is_small, counts)) and not _hides_kinds(name, figure)):
        return figure.model_copy(update={"kinds": None})
    is_share = name in MEASURES and MEASURES[name].unit == Unit.SHARE
    return _without(figure, is_share=is_share and hides != _Hides.ALL)


def _hides_kinds(name: str, figure: Figure) -> bool:
    """Whether a figure is of a kind that the results page and the API hide beside what was received in all."""
    if name not in OF_KINDS or not (figure.n or figure.of):
        return False
    kinds = figure.kinds or {}
    hide = hidden([kinds.get(kind, 0) for kind in KINDS])
    return not kinds or any(hides and kind in OF_KINDS[name] for kind, hides in zip(KINDS, hide, strict=True))


def _without(figure: Figure, *, is_share: bool = False) -> Figure:
    """Nothing of it but, where few of many are missing, a share that holds for any number of them."""
    told = Figure(source=figure.source, given_by=figure.given_by, as_of=figure.as_of, hidden=True)
    if not is_share or not figure.of or figure.of < FEWEST or _rest_count(figure) >= FEWEST:
        return told
    return told.model_copy(update={"of": figure.of, "at_least": share_at_least(figure.of)})


def light_of(line: Line, now: Figure) -> Light:
    """Of a hidden figure, green where even what is told without the figure is on target; else the light would tell too much."""
    rule = Rule.of(MEASURES[line.measure], line.target, line.tolerance)
    if rule is None:
        return Light.NO_TARGET
    if not now.hidden:
        return rule.light(now.value)
    sure = rule.higher and now.at_least is not None and rule.light(now.at_least) == Light.GREEN
    return Light.GREEN if sure else Light.NO_VALUE

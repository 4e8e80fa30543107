"""A committee's report for everybody: what the municipality's public report tells of the committee's sections.

It is made of nothing but public documents and what was written, so it cannot tell what they hide: whoever has
them could make it. Figures the municipality's report does not have by section are left out, and sums of sections
are told where each of them is (decision 18).
"""

from collections.abc import Mapping, Sequence

from services.metrics.reports.model import Compared, Figure, Line, Point, Report
from services.metrics.reports.periods import ReportPeriod
from services.metrics.reports.public import is_of_cases, light_of
from services.metrics.reports.seen import COMPARED, RECEIVED, together
from services.metrics.suppression import share_at_least

_NOT_TOLD = Figure(hidden=True)
_NAMES = (RECEIVED, *COMPARED)
Beside = Mapping[str, Compared]


def public_of_committee(report: Report, told: Mapping[ReportPeriod, Report]) -> Report:
    """The public edition of a committee's issued report.

    :param told: the municipality's public reports of the same tertial, which must be there, and of earlier ones.
    """
    return _Cut(report, told).report()


class _Cut:
    def __init__(self, report: Report, told: Mapping[ReportPeriod, Report]) -> None:
        self._report = report
        self._told = told
        whole = told[report.period]
        self._invented = report.invented or whole.invented
        self._lines = {(place.id, line.measure): line for place, line in whole.lines}
        self._beside = _beside(whole)

    def report(self) -> Report:
        report = self._report
        capitals = tuple(
            capital.model_copy(
                update={
                    "places": tuple(
                        place.model_copy(update={"lines": lines})
                        for place in capital.places
                        if (lines := self._of_place(place.id, place.lines))
                    )
                }
            )
            for capital in report.capitals
        )
        return report.model_copy(
            update={
                "is_public": True,
                "invented": self._invented,
                "capitals": tuple(capital for capital in capitals if capital.places),
                "compared": tuple(self._beside[one.id] for one in report.compared if one.id in self._beside),
                "trend": tuple(self._points()),
                "improvements": (),
                "internal_control": None,
            }
        )

    def _of_place(self, place: str, lines: tuple[Line, ...]) -> tuple[Line, ...]:
        return tuple(told for line in lines if (told := self._line(place, line)))

    def _line(self, place: str, line: Line) -> Line | None:
        """With the figures the municipality's report tells; None where it has none of them."""
        if not is_of_cases(line.measure):
            return line
        theirs, beside = self._lines.get((place, line.measure)), self._beside.get(place)
        if theirs:
            figures = {"now": theirs.now, "before": theirs.before, "last_year": theirs.last_year}
        elif beside and line.measure in beside.figures:
            earlier = self._told.get(self._report.period.before())
            before = _beside(earlier).get(place) if earlier else None
            figures = {
                "now": beside.figures[line.measure],
                "before": before.figures[line.measure] if before else _NOT_TOLD,
                "last_year": beside.last_year[line.measure],
            }
        else:
            return None
        now = figures["now"]
        light = light_of(line, now)
        written = None if now.hidden else line.explanation
        return line.model_copy(update={**figures, "parts": (), "light": light, "explanation": written})

    def _points(self) -> list[Point]:
        """The development, of the tertials whose sections are told of somewhere."""
        points = []
        for point in self._report.trend:
            sections = self._sections(point.period)
            if sections is not None:
                figures = {name: self._sum(name, sections) for name in _NAMES}
                points.append(point.model_copy(update={"figures": figures}))
        return points

    def _sections(self, period: ReportPeriod) -> Mapping[str, Mapping[str, Figure]] | None:
        """What this report says of a tertial's sections, else that tertial's own, else the one a year after."""
        of, own = self._report.period, self._report.period
        if period == own.a_year_before():
            return {one: told.last_year for one, told in self._beside.items()}
        if period in self._told:
            return {one: told.figures for one, told in _beside(self._told[period]).items()}
        of = ReportPeriod(period.kind, period.year + 1, period.number)
        if of in self._told:
            return {one: told.last_year for one, told in _beside(self._told[of]).items()}
        return None

    def _sum(self, name: str, sections: Mapping[str, Mapping[str, Figure]]) -> Figure:
        """Of the committee's sections; one in which nothing happened is in no table and adds nothing."""
        figures = [sections[one.id][name] for one in self._report.compared if one.id in sections]
        if len(figures) == 1:
            return figures[0]
        if not any(figure.hidden for figure in figures):
            return together(name, figures)
        return _at_least([figure for figure in figures if figure.hidden or figure.of])


def _at_least(figures: Sequence[Figure]) -> Figure:
    """Of shares some of which hide how few were broken: a share that holds for any number of them."""
    few = [figure for figure in figures if figure.at_least is not None]
    if len(few) < sum(figure.hidden for figure in figures):
        return _NOT_TOLD
    due = sum(figure.of or 0 for figure in figures)
    broken = sum((figure.of or 0) - (figure.n or 0) for figure in figures if not figure.hidden)
    return Figure(hidden=True, of=due, at_least=share_at_least(due, broken=broken, groups=len(few)))


def _beside(whole: Report) -> Beside:
    return {one.id: one for one in whole.compared}

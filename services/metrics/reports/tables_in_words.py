"""The tables of a report in words of one language."""

from collections.abc import Callable, Sequence

from services.metrics.indicators import share
from services.metrics.manual.store import ScopeKind
from services.metrics.periods_in_words import name_of
from services.metrics.reports.figures_in_words import FigureWords
from services.metrics.reports.model import Point
from services.metrics.reports.periods import ReportPeriod
from services.metrics.reports.seen import COMPARED, FIRST, RECEIVED
from services.metrics.reports.told import TableInWords
from services.metrics.tables import percent
from shared.web.i18n import Wording


def period_name(say: Wording, period: ReportPeriod) -> str:
    """`november 2026`, `2. tertial 2026`, `2026`."""
    return name_of(say, period.days)


def title_of(say: Wording, period: ReportPeriod) -> str:
    """What a report is called."""
    return say.text(f"report.title.{period.kind.value}", period=period_name(say, period))


def begun(points: Sequence[Point]) -> Sequence[Point]:
    """Periods from the first on in which anything happened: those before Svarfrist are no zeros."""
    numbers = (number for number, point in enumerate(points) if _has_anything(point))
    return points[next(numbers, len(points)) :]


def _has_anything(point: Point) -> bool:
    return any(figure.hidden or figure.value for figure in point.figures.values())


def _tells(name: str) -> Callable[[Point], bool]:
    return lambda point: point.figures[name].hidden or point.figures[name].value is not None


class Tables:
    """What stands in tables of its own."""

    def __init__(self, words: FigureWords) -> None:
        self._words = words

    def trend(self) -> TableInWords:
        """The periods up to this one; a measure that none of them has is no column."""
        say, points = self._words.say, begun(self._words.report.trend)
        names = [name for name in COMPARED[:2] if name == FIRST or any(map(_tells(name), points))]
        return TableInWords(
            say.text("report.trend"),
            [say.text("report.period"), say.text("report.received"), *map(self._words.name, names)],
            [
                [
                    period_name(say, point.period),
                    self._words.count(point.figures[RECEIVED]),
                    *(self._words.with_basis(name, point.figures[name]) for name in names),
                ]
                for point in points
            ],
        )

    def compared(self) -> TableInWords | None:
        """The places beside each other; None where there are none."""
        say, report = self._words.say, self._words.report
        if not report.compared:
            return None
        of = "units" if report.place_kind == ScopeKind.SECTION else "sections"
        return TableInWords(
            say.text(f"report.compared.{of}"),
            [
                say.text(f"report.compared.column.{of}"),
                say.text("report.received"),
                self._words.name(FIRST),
                say.text("report.same_last_year"),
                *map(self._words.name, COMPARED[1:]),
            ],
            [
                [
                    one.name,
                    self._words.count(one.figures[RECEIVED]),
                    self._words.with_basis(FIRST, one.figures[FIRST]),
                    self._words.figure(FIRST, one.last_year[FIRST]),
                    *(self._words.figure(name, one.figures[name]) for name in COMPARED[1:]),
                ]
                for one in report.compared
            ],
            say.text("report.compared.note"),
        )

    def internal_control(self) -> TableInWords | None:
        """The year's internal control; None in other reports."""
        say, control = self._words.say, self._words.report.internal_control
        if control is None:
            return None
        broken = percent(say, share(control.broken, control.due))
        rows = [
            ("broken", f"{say.n(control.broken)} ({broken})" if control.due else say.n(0)),
            ("open_overdue", say.n(control.open_overdue)),
            ("undelivered", say.n(control.undelivered)),
            ("dead_letters", say.n(control.dead_letters)),
            ("declarations_outdated", say.n(control.declarations_outdated)),
            ("corrections", say.n(control.corrections)),
        ]
        return TableInWords(
            say.text("report.control"),
            [say.text("report.control.what"), say.text("report.control.count")],
            [[say.text(f"report.control.{name}"), value] for name, value in rows],
            say.text("report.control.note"),
        )

    def improvements(self) -> TableInWords | None:
        """What was changed; None where nothing is told."""
        say, improvements = self._words.say, self._words.report.improvements
        if not improvements:
            return None
        return TableInWords(
            say.text("report.improvements"),
            [
                say.text("report.improvements.what"),
                say.text("report.improvements.where"),
                say.text("report.improvements.when"),
            ],
            [[f"{one.text}. {one.changed}", one.place, say.day_short(one.done_on)] for one in improvements],
        )

"""A report put into words: the conclusion first, then the balance sheet in its order."""

from services.metrics.invented import notice
from services.metrics.manual.store import ScopeKind
from services.metrics.reports.figures_in_words import FigureWords
from services.metrics.reports.model import Line, Place, Report
from services.metrics.reports.tables_in_words import FIRST, Tables, title_of
from services.metrics.reports.told import CapitalInWords, Explained, KeyFigure, PlaceInWords, Told
from services.metrics.tables import percent
from services.metrics.targets import Light
from shared.clock import oslo_day
from shared.web.i18n import Wording

MOST_KEY_FIGURES = 5


def told(report: Report, say: Wording) -> Told:
    """The report in the wording's language."""
    return _Telling(report, say).told()


class _Telling:
    def __init__(self, report: Report, say: Wording) -> None:
        self.report = report
        self.say = say
        self._words = FigureWords(report, say)
        self._tables = Tables(self._words)

    def told(self) -> Told:
        report, say = self.report, self.say
        # The first page answers for its own figures; those of the places below are with the places.
        places = {line.measure: place for place, line in self._first_lines()}
        explained = [
            self._explained(places[line.measure], line) for line in self._key_lines() if line.light.is_off
        ]
        return Told(
            language=say.language,
            municipality=report.municipality_name,
            title=title_of(say, report.period),
            subtitle=report.place_name,
            standing=self._standing(),
            invented=notice(say) if report.invented else "",
            is_draft=report.version == 0,
            conclusion=self._conclusion(),
            key_figures=self._key_figures(),
            actions=[one for one in explained if one.action or not report.is_public],
            capitals=self._capitals(),
            trend=self._tables.trend(),
            trend_shares=[point.figures[FIRST].value for point in report.trend],
            compared=self._tables.compared(),
            internal_control=self._tables.internal_control(),
            improvements=self._tables.improvements(),
            definitions=[
                (self._words.word(words.name), self._words.word(words.definition))
                for words in report.measures.values()
            ],
            labels={name: say.text(f"report.label.{name}") for name in LABELS},
        )

    def _standing(self) -> str:
        report, say = self.report, self.say
        if report.issued_at is None:
            return say.text("report.draft", day=say.day(report.seen_on))
        day = say.day(oslo_day(report.issued_at))
        if report.version == 1:
            return say.text("report.issued", day=day, by=report.issued_by or "")
        reason = report.reason or ""
        return say.text(
            "report.corrected", version=report.version, day=day, by=report.issued_by or "", reason=reason
        )

    def _conclusion(self) -> list[str]:
        say, sentences = self.say, []
        lines = [line for _, line in self._first_lines()]
        promise = next((line for line in lines if line.measure == FIRST), None)
        if promise and promise.now.value is not None:
            sentences.append(
                say.text(
                    f"report.conclusion.promise.{promise.light.value}",
                    share=percent(say, promise.now.value),
                    target=percent(say, promise.target),
                )
            )
            sentences += self._against(promise)
        elif promise and promise.now.at_least is not None:
            sentences.append(say.text("report.conclusion.at_least", share=percent(say, promise.now.at_least)))
        measured = [line for _, line in self.report.lines if line.light in _JUDGED]
        if measured:
            reached = sum(line.light == Light.GREEN for line in measured)
            sentences.append(
                say.text("report.conclusion.targets", reached=say.n(reached), count=len(measured))
            )
        if not sentences:
            sentences.append(say.text("report.conclusion.nothing"))
        return sentences

    def _against(self, line: Line) -> list[str]:
        """How the first figure stands to the period before, where both tell of enough."""
        before, now = line.before.value, line.now.value
        if before is None or now is None:
            return []
        change = round(100 * now) - round(100 * before)
        kind = self.report.kind.value
        if change == 0:
            return [self.say.text(f"report.conclusion.as_before.{kind}")]
        way = "up" if change > 0 else "down"
        return [self.say.text(f"report.conclusion.{way}.{kind}", count=abs(change))]

    def _first_lines(self) -> list[tuple[Place, Line]]:
        """Those of the place the report is about, not of the places under it."""
        return [(place, line) for place, line in self.report.lines if place.scope == self.report.scope]

    def _key_lines(self) -> list[Line]:
        """The promise, then what is worst, then the rest; only what was measured."""
        lines = [line for _, line in self._first_lines() if line.light in _JUDGED or line.now.at_least]
        order = {light: place for place, light in enumerate((Light.RED, Light.AMBER, Light.GREEN))}
        lines.sort(key=lambda line: (line.measure != FIRST, order.get(line.light, len(order))))
        return lines[:MOST_KEY_FIGURES]

    def _key_figures(self) -> list[KeyFigure]:
        return [
            KeyFigure(
                name=self._words.name(line.measure),
                value=self._words.figure(line.measure, line.now),
                basis=self._words.basis(line.measure, line.now),
                target=self._words.target(line),
                light=self._words.light(line.light),
            )
            for line in self._key_lines()
        ]

    def _capitals(self) -> list[CapitalInWords]:
        say = self.say
        return [
            CapitalInWords(
                title=say.text(f"report.capital.{capital.capital}"),
                goal=self._words.word(capital.goal),
                purpose=self._words.word(capital.purpose),
                years=(
                    say.text("report.years", first=capital.years[0], last=capital.years[1])
                    if capital.years
                    else ""
                ),
                places=[
                    PlaceInWords(
                        name=say.text("report.whole") if place.kind == ScopeKind.MUNICIPALITY else place.name,
                        is_whole=place.kind == ScopeKind.MUNICIPALITY,
                        lines=[self._words.line(line) for line in place.lines],
                        explained=[
                            self._explained(place, line)
                            for line in place.lines
                            if line.explanation or line.light.is_off
                        ],
                    )
                    for place in capital.places
                ],
            )
            for capital in self.report.capitals
        ]

    def _explained(self, place: Place, line: Line) -> Explained:
        say, written = self.say, line.explanation
        is_own = place.scope == self.report.scope
        name = self._words.name(line.measure)
        return Explained(
            scope_kind=place.kind.value,
            scope=place.id,
            measure=line.measure,
            title=name if is_own else say.text("report.of_place", measure=name, place=place.name),
            value=self._words.figure(line.measure, line.now),
            light=self._words.light(line.light),
            why=written.why if written else "",
            action=written.action if written else "",
            by=(
                say.text("report.written", by=written.by, day=say.day_short(oslo_day(written.at)))
                if written
                else ""
            ),
        )


_JUDGED = (Light.GREEN, Light.AMBER, Light.RED)
LABELS = (
    "conclusion", "key_figures", "actions", "no_actions", "target", "before", "last_year", "now", "status",
    "indicator", "focus", "ambition", "how", "start", "goal", "purpose", "why", "action", "unexplained",
    "balance", "definitions", "rule", "explained", "page",
)  # fmt: skip
"""Headings and words of the layout, the same on the page and in print."""

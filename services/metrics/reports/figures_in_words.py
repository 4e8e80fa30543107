"""Figures, targets and lights of a report in words of one language."""

from services.metrics.measures import MEASURES, Source, Unit
from services.metrics.reports.model import Figure, InWords, Line, Report
from services.metrics.reports.told import LightInWords, LineInWords
from services.metrics.tables import amount, percent_at_least
from services.metrics.targets import Light, Rule
from shared.web.i18n import Wording


class FigureWords:
    """Says what stands in a report."""

    def __init__(self, report: Report, say: Wording) -> None:
        self.report = report
        self.say = say

    def word(self, words: InWords | None) -> str:
        """A text in the reader's language, else in the first there is; nothing where there is none."""
        if not words:
            return ""
        return words.get(self.say.language) or next(iter(words.values()))

    def line(self, line: Line) -> LineInWords:
        """An indicator, whole."""
        unit = MEASURES[line.measure].unit
        return LineInWords(
            measure=line.measure,
            name=self.name(line.measure),
            focus=self.word(line.focus),
            ambition=self.word(line.ambition),
            how=self.word(line.how),
            start="" if line.start is None else amount(self.say, unit, line.start),
            target=self.target(line),
            rule=self.rule(line),
            before=self.figure(line.measure, line.before),
            last_year=self.figure(line.measure, line.last_year),
            now=self.figure(line.measure, line.now),
            basis=self.basis(line.measure, line.now),
            source=self.source(line.now),
            light=self.light(line),
        )

    def name(self, measure: str) -> str:
        """What a measure is called."""
        return self.word(self.report.measures[measure].name)

    def figure(self, measure: str, figure: Figure) -> str:
        """A value with its unit; in public perhaps hidden, or a share that holds for any hidden number."""
        unit = self.report.measures[measure].unit
        if figure.at_least is not None:
            return self.say.text("report.at_least", share=percent_at_least(self.say, figure.at_least))
        if figure.hidden:
            return self.say.text("report.hidden")
        shown = amount(self.say, unit, figure.value)
        if unit == Unit.SCORE and figure.of is not None and figure.value is not None:
            return self.say.text("report.points", score=shown, most=self.say.n(figure.of))
        return shown

    def basis(self, measure: str, figure: Figure) -> str:
        """What a share is made of."""
        unit = self.report.measures[measure].unit
        if unit != Unit.SHARE or figure.n is None or not figure.of:
            return ""
        return self.say.text("report.of", n=self.say.n(figure.n), count=figure.of)

    def source(self, figure: Figure) -> str:
        """Where a value that was entered, assessed or asked for comes from."""
        if figure.as_of is None:
            return ""
        if figure.source == Source.SURVEY:
            return self.say.text("report.survey", day=self.say.day_short(figure.as_of))
        if not figure.given_by:
            return ""
        return self.say.text("report.source", source=figure.given_by, day=self.say.day_short(figure.as_of))

    def target(self, line: Line) -> str:
        """What is to be reached; a dash where nothing is."""
        unit = self.report.measures[line.measure].unit
        rule = self._rule_of(line)
        if line.target is None:
            return self.say.n(None)
        shown = amount(self.say, unit, line.target)
        if rule is None:
            return shown
        return self.say.text("report.at_least" if rule.higher else "report.at_most", share=shown)

    def _rule_of(self, line: Line) -> Rule | None:
        return Rule.of(MEASURES[line.measure], line.target, line.tolerance)

    def rule(self, line: Line) -> str:
        """The traffic light's rule in a sentence, for this target."""
        rule = self._rule_of(line)
        if rule is None:
            return ""
        unit = self.report.measures[line.measure].unit
        green, amber = amount(self.say, unit, rule.green), amount(self.say, unit, rule.amber)
        way = "higher" if rule.higher else "lower"
        strict = ".strict" if green == amber else ""
        said = self.say.text(f"report.rule.{way}{strict}", green=green, amber=amber)
        if line.year_target is None:
            return said
        year = self.say.text("report.year_target", target=amount(self.say, unit, line.year_target))
        return f"{said} {year}"

    def light(self, line: Line) -> LightInWords:
        """The traffic light; a dark one says why it is: not measured, hidden, without a target, or not judged."""
        words = f"report.light.{line.light.value}"
        if line.now.hidden and line.light == Light.NO_VALUE:
            words = "report.hidden"
        elif line.target is not None and line.light == Light.NO_TARGET:
            words = "report.light.not_judged"
        return LightInWords(line.light.value, self.say.text(words))

    def with_basis(self, measure: str, figure: Figure) -> str:
        """A value, and what it is made of."""
        basis = self.basis(measure, figure)
        shown = self.figure(measure, figure)
        return f"{shown} ({basis})" if basis else shown

    def count(self, figure: Figure) -> str:
        """A count of cases."""
        return self.say.text("report.hidden") if figure.hidden else self.say.n(figure.value, 0)

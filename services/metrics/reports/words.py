"""A report in words of one language: what the page and the printed report both show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.metrics.indicators import share
from services.metrics.manual.store import ScopeKind
from services.metrics.measures import MEASURES, Source, Unit
from services.metrics.periods_in_words import name_of
from services.metrics.reports.building import COMPARED, RECEIVED
from services.metrics.reports.model import Figure, InWords, Line, Place, Report
from services.metrics.reports.periods import ReportPeriod
from services.metrics.tables import days, percent
from services.metrics.targets import Light, Rule
from shared.clock import oslo_day
from shared.web.i18n import Wording

MOST_KEY_FIGURES = 5
FIRST = "promise_kept"
"""What the reader looks for first, and what the report begins with."""


@dataclass(frozen=True)
class LightInWords:
    """A traffic light: `name` chooses the shape and colour, the words say the same."""

    name: str
    words: str


@dataclass(frozen=True)
class KeyFigure:
    """One of the first page's figures."""

    name: str
    value: str
    basis: str
    target: str
    light: LightInWords


@dataclass(frozen=True)
class LineInWords:
    """An indicator with its target; `measure` and `place` are ids, for links."""

    measure: str
    name: str
    focus: str
    ambition: str
    how: str
    start: str
    target: str
    rule: str
    before: str
    last_year: str
    now: str
    basis: str
    source: str
    light: LightInWords


@dataclass(frozen=True)
class Explained:
    """Why something is off target, and what is done; without words where nobody has written any."""

    scope_kind: str
    scope: str
    measure: str
    title: str
    value: str
    light: LightInWords
    why: str
    action: str
    by: str


@dataclass(frozen=True)
class PlaceInWords:
    """A place's indicators, and the explanations of those off target."""

    name: str
    is_whole: bool
    lines: Sequence[LineInWords]
    explained: Sequence[Explained]


@dataclass(frozen=True)
class CapitalInWords:
    """A capital, in the order of the balance sheet."""

    title: str
    goal: str
    purpose: str
    years: str
    places: Sequence[PlaceInWords]


@dataclass(frozen=True)
class TableInWords:
    """Headings (the first of words, the others of figures), and rows."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True)
class Told:
    """The whole report in one language."""

    language: str
    municipality: str
    title: str
    subtitle: str
    standing: str
    is_draft: bool
    conclusion: Sequence[str]
    key_figures: Sequence[KeyFigure]
    actions: Sequence[Explained]
    capitals: Sequence[CapitalInWords]
    trend: TableInWords
    trend_shares: Sequence[float | None]
    compared: TableInWords | None
    internal_control: TableInWords | None
    improvements: TableInWords | None
    definitions: Sequence[tuple[str, str]]
    labels: Mapping[str, str]


def period_name(say: Wording, period: ReportPeriod) -> str:
    """`november 2026`, `2. tertial 2026`, `2026`."""
    return name_of(say, period.days)


def title_of(say: Wording, period: ReportPeriod) -> str:
    """What a report is called."""
    return say.text(f"report.title.{period.kind.value}", period=period_name(say, period))


def amount(say: Wording, unit: Unit, value: float | None) -> str:
    """A value with its unit."""
    if value is None:
        return say.n(None)
    match unit:
        case Unit.SHARE:
            return percent(say, value)
        case Unit.DAYS:
            return days(say, value)
        case Unit.MONTHS:
            return say.text("report.in_months", count=round(value))
        case _:
            return say.n(value, _DECIMALS[unit])


_DECIMALS = {Unit.COUNT: 0, Unit.RATIO: 2, Unit.SCORE: 1, Unit.PER_THOUSAND: 1}


def told(report: Report, say: Wording) -> Told:
    """The report in the wording's language."""
    return _Telling(report, say).told()


def in_words(report: Report, line: Line, say: Wording) -> LineInWords:
    """One of its indicators."""
    return _Telling(report, say).line(line)


class _Telling:
    def __init__(self, report: Report, say: Wording) -> None:
        self.report = report
        self.say = say

    def told(self) -> Told:
        report, say = self.report, self.say
        # The first page answers for its own figures; those of the places below are with the places.
        shown = [line.measure for line in self._key_lines()]
        explained = [
            self._explained(place, line)
            for place, line in self._first_lines()
            if line.light.is_off and line.measure in shown
        ]
        return Told(
            language=say.language,
            municipality=report.municipality_name,
            title=title_of(say, report.period),
            subtitle=report.place_name,
            standing=self._standing(),
            is_draft=report.version == 0,
            conclusion=self._conclusion(),
            key_figures=self._key_figures(),
            actions=[one for one in explained if one.action or not report.is_public],
            capitals=self._capitals(),
            trend=self._trend(),
            trend_shares=[point.figures[FIRST].value for point in report.trend],
            compared=self._compared(),
            internal_control=self._internal_control(),
            improvements=self._improvements(),
            definitions=[
                (self._word(words.name), self._word(words.definition)) for words in report.measures.values()
            ],
            labels={name: say.text(f"report.label.{name}") for name in LABELS},
        )

    def _word(self, words: InWords | None) -> str:
        if not words:
            return ""
        return words.get(self.say.language) or next(iter(words.values()))

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
                name=self._name(line.measure),
                value=self._figure(line.measure, line.now),
                basis=self._basis(line.measure, line.now),
                target=self._target(line),
                light=self._light(line.light),
            )
            for line in self._key_lines()
        ]

    def _capitals(self) -> list[CapitalInWords]:
        say = self.say
        return [
            CapitalInWords(
                title=say.text(f"report.capital.{capital.capital}"),
                goal=self._word(capital.goal),
                purpose=self._word(capital.purpose),
                years=(
                    say.text("report.years", first=capital.years[0], last=capital.years[1])
                    if capital.years
                    else ""
                ),
                places=[
                    PlaceInWords(
                        name=say.text("report.whole") if place.kind == ScopeKind.MUNICIPALITY else place.name,
                        is_whole=place.kind == ScopeKind.MUNICIPALITY,
                        lines=[self.line(line) for line in place.lines],
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

    def line(self, line: Line) -> LineInWords:
        unit = MEASURES[line.measure].unit
        return LineInWords(
            measure=line.measure,
            name=self._name(line.measure),
            focus=self._word(line.focus),
            ambition=self._word(line.ambition),
            how=self._word(line.how),
            start=amount(self.say, unit, line.start),
            target=self._target(line),
            rule=self._rule(line),
            before=self._figure(line.measure, line.before),
            last_year=self._figure(line.measure, line.last_year),
            now=self._figure(line.measure, line.now),
            basis=self._basis(line.measure, line.now),
            source=self._source(line.now),
            light=self._light(line.light),
        )

    def _explained(self, place: Place, line: Line) -> Explained:
        say, written = self.say, line.explanation
        is_own = place.scope == self.report.scope
        name = self._name(line.measure)
        return Explained(
            scope_kind=place.kind.value,
            scope=place.id,
            measure=line.measure,
            title=name if is_own else say.text("report.of_place", measure=name, place=place.name),
            value=self._figure(line.measure, line.now),
            light=self._light(line.light),
            why=written.why if written else "",
            action=written.action if written else "",
            by=(
                say.text("report.written", by=written.by, day=say.day_short(oslo_day(written.at)))
                if written
                else ""
            ),
        )

    def _name(self, measure: str) -> str:
        return self._word(self.report.measures[measure].name)

    def _figure(self, measure: str, figure: Figure) -> str:
        unit = self.report.measures[measure].unit
        if figure.at_least is not None:
            return self.say.text("report.at_least", share=percent(self.say, figure.at_least))
        if figure.hidden:
            return self.say.text("report.hidden")
        shown = amount(self.say, unit, figure.value)
        if unit == Unit.SCORE and figure.of is not None and figure.value is not None:
            return self.say.text("report.points", score=shown, most=self.say.n(figure.of))
        return shown

    def _basis(self, measure: str, figure: Figure) -> str:
        """What a share is made of."""
        unit = self.report.measures[measure].unit
        if unit != Unit.SHARE or figure.n is None or not figure.of:
            return ""
        return self.say.text("report.of", n=self.say.n(figure.n), count=figure.of)

    def _source(self, figure: Figure) -> str:
        if figure.as_of is None:
            return ""
        if figure.source == Source.SURVEY:
            return self.say.text("report.survey", day=self.say.day_short(figure.as_of))
        if not figure.given_by:
            return ""
        return self.say.text("report.source", source=figure.given_by, day=self.say.day_short(figure.as_of))

    def _target(self, line: Line) -> str:
        unit = self.report.measures[line.measure].unit
        rule = self._rule_of(line)
        if line.target is None:
            return ""
        shown = amount(self.say, unit, line.target)
        if rule is None:
            return shown
        return self.say.text("report.at_least" if rule.higher else "report.at_most", share=shown)

    def _rule_of(self, line: Line) -> Rule | None:
        return Rule.of(MEASURES[line.measure], line.target, line.tolerance)

    def _rule(self, line: Line) -> str:
        """The traffic light's rule in a sentence, for this target."""
        rule = self._rule_of(line)
        if rule is None:
            return ""
        unit = self.report.measures[line.measure].unit
        green, amber = amount(self.say, unit, rule.green), amount(self.say, unit, rule.amber)
        way = "higher" if rule.higher else "lower"
        if green == amber:
            return self.say.text(f"report.rule.{way}.strict", green=green)
        return self.say.text(f"report.rule.{way}", green=green, amber=amber)

    def _light(self, light: Light) -> LightInWords:
        return LightInWords(light.value, self.say.text(f"report.light.{light.value}"))

    def _trend(self) -> TableInWords:
        say = self.say
        return TableInWords(
            say.text("report.trend"),
            [say.text("report.period"), say.text("report.received"), *map(self._name, COMPARED[:2])],
            [
                [
                    period_name(say, point.period),
                    self._count(point.figures[RECEIVED]),
                    *(self._with_basis(name, point.figures[name]) for name in COMPARED[:2]),
                ]
                for point in self.report.trend
            ],
        )

    def _compared(self) -> TableInWords | None:
        say, report = self.say, self.report
        if not report.compared:
            return None
        of = "sections" if report.place_kind == ScopeKind.MUNICIPALITY else "units"
        return TableInWords(
            say.text(f"report.compared.{of}"),
            [
                say.text(f"report.compared.column.{of}"),
                say.text("report.received"),
                self._name(FIRST),
                say.text("report.same_last_year"),
                *map(self._name, COMPARED[1:]),
            ],
            [
                [
                    one.name,
                    self._count(one.figures[RECEIVED]),
                    self._with_basis(FIRST, one.figures[FIRST]),
                    self._figure(FIRST, one.last_year[FIRST]),
                    *(self._figure(name, one.figures[name]) for name in COMPARED[1:]),
                ]
                for one in report.compared
            ],
            say.text("report.compared.note"),
        )

    def _with_basis(self, measure: str, figure: Figure) -> str:
        basis = self._basis(measure, figure)
        shown = self._figure(measure, figure)
        return f"{shown} ({basis})" if basis else shown

    def _count(self, figure: Figure) -> str:
        return self.say.text("report.hidden") if figure.hidden else self.say.n(figure.value, 0)

    def _internal_control(self) -> TableInWords | None:
        say, control = self.say, self.report.internal_control
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

    def _improvements(self) -> TableInWords | None:
        say, improvements = self.say, self.report.improvements
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


_JUDGED = (Light.GREEN, Light.AMBER, Light.RED)
LABELS = (
    "conclusion", "key_figures", "actions", "no_actions", "target", "before", "last_year", "now", "status",
    "indicator", "focus", "ambition", "how", "start", "goal", "purpose", "why", "action", "unexplained",
    "balance", "definitions", "rule", "explained", "page",
)  # fmt: skip
"""Headings and words of the layout, the same on the page and in print."""

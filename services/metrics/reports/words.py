"""A report put into words: the conclusion first, then the balance sheet in its order."""

from services.metrics.invented import author, notice
from services.metrics.manual.store import ScopeKind
from services.metrics.reports.figures_in_words import FigureWords
from services.metrics.reports.model import Figure, Line, Place, Report
from services.metrics.reports.periods import ReportKind
from services.metrics.reports.readers import has_public
from services.metrics.reports.seen import FIRST
from services.metrics.reports.tables_in_words import Tables, begun, title_of
from services.metrics.reports.told import (
    CapitalInWords,
    DefinitionInWords,
    Explained,
    KeyFigure,
    PlaceInWords,
    Told,
)
from services.metrics.tables import percent, percent_at_least, points_between
from services.metrics.targets import Light
from shared.clock import oslo_day
from shared.web.i18n import Wording

MOST_KEY_FIGURES = 5
MOST_OF_A_COMMITTEE = 8
"""A committee's sections have no figure in common but the promise: the first page has those of each."""
MOST_BELOW = 8
"""Places below that are named on the first page because they are far off target."""


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
        explained = [self._explained(place, line) for place, line in self._key_lines() if line.light.is_off]
        return Told(
            language=say.language,
            municipality=report.municipality_name,
            title=title_of(say, report.period),
            subtitle=report.place_name,
            standing=self._standing(),
            audience=say.text(f"report.audience.{self._audience}"),
            invented=notice(say) if report.invented else "",
            is_draft=report.version == 0,
            conclusion=self._conclusion(),
            where_targets=self._where_targets(),
            key_figures=self._key_figures(),
            actions=[one for one in explained if one.action or not report.is_public],
            is_judged=any(line.light in _JUDGED for _, line in self._first_lines()),
            all_reached=not any(line.light.is_off for _, line in self._first_lines()),
            below=self._below(),
            capitals=self._capitals(),
            columns=_COLUMNS_OF_A_YEAR if report.kind == ReportKind.ANNUAL else _COLUMNS,
            trend=self._tables.trend(),
            trend_shares=[point.figures[FIRST].value for point in begun(report.trend)],
            compared=self._tables.compared(),
            internal_control=self._tables.internal_control(),
            improvements=self._tables.improvements(),
            definitions=[self._definition(measure) for measure in report.measures],
            labels={name: say.text(f"report.label.{name}") for name in LABELS},
        )

    @property
    def _audience(self) -> str:
        if not self.report.is_public:
            return "internal" if has_public(self.report.period, self.report.scope) else "staff"
        return "public_committee" if self.report.place_kind == ScopeKind.COMMITTEE else "public"

    def _standing(self) -> str:
        report, say = self.report, self.say
        if report.issued_at is None:
            return say.text("report.draft", day=say.day(report.seen_on))
        day, by = say.day(oslo_day(report.issued_at)), author(say, report.issued_by or "")
        if report.version == 1:
            return say.text("report.issued", day=day, by=by)
        return say.text(
            "report.corrected", version=report.version, day=day, by=by, reason=report.reason or ""
        )

    def _conclusion(self) -> list[str]:
        say, report, sentences = self.say, self.report, list[str]()
        own = [line for place, line in report.lines if place.scope == report.scope]
        promise = next((line for line in own if line.measure == FIRST), None)
        together = [point.figures[FIRST] for point in report.trend]
        if promise and promise.now.value is not None:
            sentences.append(
                say.text(
                    f"report.conclusion.promise.{promise.light.value}",
                    share=percent(say, promise.now.value),
                    target=percent(say, promise.target),
                )
            )
            sentences += self._against(promise.now, promise.before)
        elif report.place_kind == ScopeKind.COMMITTEE and together and _is_told(together[-1]):
            sentences.append(
                say.text("report.conclusion.together", promises=self._words.with_basis(FIRST, together[-1]))
            )
            sentences += self._against(together[-1], together[-2]) if together[1:] else []
        elif report.place_kind == ScopeKind.COMMITTEE and (shares := self._shares()):
            sentences.append(say.text("report.conclusion.by_section", shares=", ".join(shares)))
        elif promise and promise.now.at_least is not None:
            sentences.append(
                say.text("report.conclusion.at_least", share=percent_at_least(say, promise.now.at_least))
            )
        lights = [
            line.light
            for _, line in report.lines
            if line.light in _JUDGED or (line.light == Light.NO_VALUE and not line.now.hidden)
        ]
        measured = [light for light in lights if light in _JUDGED]
        if measured:
            reached = measured.count(Light.GREEN)
            sentences.append(
                say.text("report.conclusion.targets", reached=say.n(reached), count=len(measured))
            )
            if missing := len(lights) - len(measured):
                sentences.append(say.text("report.conclusion.unmeasured", count=missing))
        if untold := sum(line.light == Light.NO_VALUE and line.now.hidden for _, line in report.lines):
            sentences.append(say.text("report.conclusion.untold", count=untold))
        if not sentences:
            sentences.append(say.text("report.conclusion.nothing"))
        if self._has_no_targets:
            sentences.append(
                say.text("report.conclusion.no_targets", place=report.place_name, year=report.year)
            )
        return sentences

    def _shares(self) -> list[str]:
        """What each of a committee's sections kept, as far as it may be told."""
        return [
            self.say.text(
                "report.conclusion.section", share=self._words.figure(FIRST, line.now), place=place.name
            )
            for place, line in self._first_lines()
            if line.measure == FIRST and _is_told(line.now)
        ]

    @property
    def _has_no_targets(self) -> bool:
        return all(line.target is None for _, line in self.report.lines)

    def _where_targets(self) -> str:
        """For those who can see to it that there are some."""
        return (
            self.say.text("report.where_targets")
            if self._has_no_targets and not self.report.is_public
            else ""
        )

    def _against(self, now: Figure, before: Figure) -> list[str]:
        """How the first figure stands to the period before, where both tell of enough."""
        if before.value is None or now.value is None:
            return []
        change = points_between(before.value, now.value)
        kind = self.report.kind.value
        if change == 0:
            if percent(self.say, before.value) != percent(self.say, now.value):
                return []
            return [self.say.text(f"report.conclusion.as_before.{kind}")]
        way = "up" if change > 0 else "down"
        return [self.say.text(f"report.conclusion.{way}.{kind}", count=abs(change))]

    def _first_lines(self) -> list[tuple[Place, Line]]:
        """Those of the place the report is about, not of the places under it; a committee's are its sections'."""
        of_sections = self.report.place_kind == ScopeKind.COMMITTEE
        return [
            (place, line)
            for place, line in self.report.lines
            if of_sections or place.scope == self.report.scope
        ]

    def _key_lines(self) -> list[tuple[Place, Line]]:
        """The promise, then what is worst, then the rest; without targets what is asked for first. All measured."""
        lines = [(place, line) for place, line in self._first_lines() if self._is_key(line)]
        order = {light: place for place, light in enumerate((Light.RED, Light.AMBER, Light.GREEN))}
        measures = {measure: place for place, measure in enumerate(_WITHOUT_TARGETS)}

        def first(one: tuple[Place, Line]) -> tuple[bool, int, int]:
            light, measure = one[1].light, one[1].measure
            return (
                measure != FIRST,
                order.get(light, len(order)),
                measures[measure] if self._has_no_targets else 0,
            )

        lines.sort(key=first)
        of_sections = self.report.place_kind == ScopeKind.COMMITTEE
        return lines[: MOST_OF_A_COMMITTEE if of_sections else MOST_KEY_FIGURES]

    def _is_key(self, line: Line) -> bool:
        if self._has_no_targets:
            return _is_told(line.now) and line.measure in _WITHOUT_TARGETS
        is_first = line.measure == FIRST and _is_told(line.now)
        return is_first or line.light in _JUDGED or line.now.at_least is not None

    def _below(self) -> list[Explained]:
        """Where places under the whole are far off target: the first page names them, few cases or many."""
        first = self._first_lines()
        red = [
            self._explained(place, line)
            for place, line in self.report.lines
            if line.light == Light.RED and (place, line) not in first
        ]
        return red[:MOST_BELOW]

    def _key_figures(self) -> list[KeyFigure]:
        return [
            KeyFigure(
                name=self._name(place, line.measure),
                value=self._words.figure(line.measure, line.now),
                basis=self._words.basis(line.measure, line.now),
                target=self._words.target(line),
                before=self._words.figure(line.measure, line.before),
                light=self._words.light(line),
            )
            for place, line in self._key_lines()
        ]

    def _name(self, place: Place, measure: str) -> str:
        """A measure's name, with the place where the report is about several."""
        name = self._words.name(measure)
        if place.scope == self.report.scope:
            return name
        return self.say.text("report.of_place", measure=name, place=place.name)

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

    def _definition(self, measure: str) -> DefinitionInWords:
        """The definition, and of the whole's target (else the first place's) what is meant by it."""
        say, words = self.say, self.report.measures[measure]
        said = [(say.text("report.label.definition"), self._words.word(words.definition))]
        line = next((line for _, line in self.report.lines if line.measure == measure), None)
        if line:
            of = self._words.line(line)
            meant = {"rule": of.rule, "ambition": of.ambition, "how": of.how, "start": of.start}
            said += [(say.text(f"report.label.{name}"), text) for name, text in meant.items() if text]
        return DefinitionInWords(self._words.word(words.name), said)

    def _explained(self, place: Place, line: Line) -> Explained:
        say, written = self.say, line.explanation
        return Explained(
            scope_kind=place.kind.value,
            scope=place.id,
            measure=line.measure,
            title=self._name(place, line.measure),
            value=self._words.figure(line.measure, line.now),
            light=self._words.light(line),
            why=written.why if written else "",
            action=written.action if written else "",
            by=(
                say.text(
                    "report.written", by=author(say, written.by), day=say.day_short(oslo_day(written.at))
                )
                if written
                else ""
            ),
        )


def _is_told(figure: Figure) -> bool:
    return figure.value is not None or figure.at_least is not None


_WITHOUT_TARGETS = (
    FIRST, "response_median", "backlog_overdue", "satisfaction_outcome", "improvements_closed_share",
)  # fmt: skip
"""What the first page tells where no target says what matters."""
_COLUMNS = ("target", "before", "last_year", "now")
_COLUMNS_OF_A_YEAR = ("target", "before", "now")
_JUDGED = (Light.GREEN, Light.AMBER, Light.RED)
LABELS = (
    "conclusion", "key_figures", "below", "actions", "no_actions", "target", "before", "last_year", "now", "status",
    "indicator", "focus", "ambition", "how", "start", "goal", "purpose", "why", "action", "unexplained",
    "unexplained_are", "balance", "definitions", "rule", "explained", "page",
)  # fmt: skip
"""Headings and words of the layout, the same on the page and in print."""

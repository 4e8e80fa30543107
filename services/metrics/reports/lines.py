"""The indicators of a place in a report: those it has targets for, else every figure that is known of it."""

from collections.abc import Mapping, Sequence

from services.metrics.manual.store import WHOLE, Scope, ScopeKind
from services.metrics.measures import MEASURES, OF_A_YEAR, Capital, Measure, Source, Unit
from services.metrics.reports.model import Explanation, Line
from services.metrics.reports.periods import ReportKind, ReportPeriod
from services.metrics.reports.seen import FIRST, Seen
from services.metrics.reports.store import ReportExplanation
from services.metrics.targets import Light, Rule, targets_of
from shared.municipality import Municipality, Target

_INHERITED = frozenset({Unit.SHARE, Unit.DAYS, Unit.SCORE})
"""A unit is held to its section's rates and lengths; a count of the whole is no measure of a part."""


class Lines:
    """Makes them for one period, of what has been seen of it and of those it is compared with."""

    def __init__(
        self,
        municipality: Municipality,
        period: ReportPeriod,
        tertials: Sequence[ReportPeriod],
        seen: Mapping[ReportPeriod, Seen],
        explained: Mapping[tuple[Scope, str], ReportExplanation],
    ) -> None:
        self._municipality = municipality
        self._period = period
        self._tertials = tertials
        self._seen = seen
        self._explained = explained

    def of(self, capital: Capital, scope: Scope, *, is_about: bool) -> tuple[Line, ...]:
        """The targets of a place; of one a report is about, and that has none, every figure that is known."""
        if targets := self._targets(scope):
            lines = [self._line(target, scope) for target in targets]
        elif is_about and self._has_any_figure(scope):
            every = (self._untargeted(measure, scope) for measure in MEASURES.values())
            lines = [line for line in every if line.measure == FIRST or _is_known(line)]
        else:
            lines = []
        return tuple(line for line in lines if MEASURES[line.measure].capital == capital)

    def _has_any_figure(self, scope: Scope) -> bool:
        periods = (self._period, self._period.before(), self._period.a_year_before())
        return any(
            self._seen[period].figure(one, scope).value for period in periods for one in MEASURES.values()
        )

    def _targets(self, scope: Scope) -> list[Target]:
        """Those of the place itself; a unit, and monthly a section, is held to those above it too."""
        year = self._period.days.last.year
        whole = targets_of(self._municipality, year, None)
        if scope == WHOLE:
            return whole
        is_unit = scope.kind == ScopeKind.UNIT
        unit = self._municipality.units.get(scope.id) if is_unit else None
        own = targets_of(self._municipality, year, unit.section if unit else scope.id)
        if self._period.kind != ReportKind.MONTHLY:
            return own
        chosen = {target.measure: target for target in own if not is_unit or self._is_inherited(target)}
        for target in whole:
            if self._is_inherited(target):
                chosen.setdefault(target.measure, target)
        return [target for identity in MEASURES for measure, target in chosen.items() if measure == identity]

    def _is_inherited(self, target: Target) -> bool:
        measure = MEASURES[target.measure.value]
        of_cases = measure.source == Source.SYSTEM and measure.id != "declarations_current_share"
        return of_cases and measure.unit in _INHERITED

    def _line(self, target: Target, scope: Scope) -> Line:
        measure = MEASURES[target.measure.value]
        goal, tolerance = self._share_of(measure, target.target), self._share_of(measure, target.tolerance)
        line, rule = self._untargeted(measure, scope), Rule.of(measure, goal, tolerance)
        return line.model_copy(
            update={
                "target_id": target.id,
                "focus": target.focus.given,
                "ambition": target.ambition.given,
                "how": target.how.given,
                "start": None if target.start is None else self._share_of(measure, target.start),
                "target": goal,
                "tolerance": tolerance,
                "year_target": None if goal == target.target else target.target,
                "light": rule.light(line.now.value) if rule else Light.NO_TARGET,
            }
        )

    def _share_of(self, measure: Measure, amount: float) -> float:
        """What a month or tertial answers for of a year's amount; as it is where it does not grow with time."""
        months = self._period.days.whole_months
        if measure.id not in OF_A_YEAR or months is None:
            return amount
        share = amount * months / 12
        return float(round(share)) if measure.unit == Unit.COUNT else share

    def _untargeted(self, measure: Measure, scope: Scope) -> Line:
        period = self._period
        return Line(
            measure=measure.id,
            now=self._seen[period].figure(measure, scope),
            before=self._seen[period.before()].figure(measure, scope),
            last_year=self._seen[period.a_year_before()].figure(measure, scope),
            parts=tuple(self._seen[one].figure(measure, scope) for one in self._tertials),
            light=Light.NO_TARGET,
            explanation=self._explanation(scope, measure.id),
        )

    def _explanation(self, scope: Scope, measure: str) -> Explanation | None:
        row = self._explained.get((scope, measure))
        if row is None:
            return None
        return Explanation(why=row.why, action=row.action, by=row.written_by, at=row.written_at)


def _is_known(line: Line) -> bool:
    return any(figure.value is not None for figure in (line.now, line.before, line.last_year))

"""What is known of one period: figures, entered values, and what other parts of the service hold."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.metrics.indicators import Indicators
from services.metrics.manual.standing import Held
from services.metrics.manual.store import Scope
from services.metrics.measures import MEASURES, Measure, Source, Unit, Value, value_of
from services.metrics.reports.model import Figure

FIRST = "promise_kept"
"""What the reader looks for first, and what every report begins with."""
COMPARED = (FIRST, "response_median", "backlog_overdue")
"""What places are shown beside each other by, after how much they received."""
RECEIVED = "received"
KINDS = ("praise", "complaint", "question", "appeal", "other")
OF_KINDS: Mapping[str, frozenset[str]] = {
    "praise_to_complaints": frozenset({"praise", "complaint"}),
    "appeals_received": frozenset({"appeal"}),
}
"""Measures of some kinds of submissions, with the kinds: all kinds together are what was received."""


@dataclass(frozen=True)
class Seen:
    """Everything known of one period."""

    figures: Mapping[Scope, Indicators]
    held: Mapping[Scope, Mapping[str, Held]]
    given: Mapping[tuple[Scope, str], Figure]
    """What other parts of the service hold."""

    def figure(self, measure: Measure, scope: Scope) -> Figure:
        """A measure of a place; a figure without a value where nothing is known."""
        if measure.source == Source.SYSTEM:
            indicators = self.figures.get(scope)
            value = value_of(measure, indicators) if indicators else _NOTHING[measure.unit]
            figure = _figure(value or Value(None))
            kinds = {kind: getattr(indicators.received, kind) for kind in KINDS} if indicators else {}
            return figure.model_copy(update={"kinds": kinds}) if measure.id in OF_KINDS else figure
        held = self.held.get(scope, {}).get(measure.id)
        if held is None:
            return self.given.get((scope, measure.id), Figure(source=measure.source))
        return _figure(held.value, measure.source, held.source).model_copy(update={"as_of": held.as_of})

    def compared(self, *scopes: Scope) -> dict[str, Figure]:
        """What a place is compared by; several places are counted together."""
        each = [self._compared(scope) for scope in scopes]
        if len(each) == 1:
            return each[0]
        return {name: together(name, [one[name] for one in each]) for name in (RECEIVED, *COMPARED)}

    def _compared(self, scope: Scope) -> dict[str, Figure]:
        indicators = self.figures.get(scope)
        received = indicators.received.total if indicators else 0
        figures = {RECEIVED: Figure(value=float(received), n=received)}
        return figures | {name: self.figure(MEASURES[name], scope) for name in COMPARED}


_NOTHING: Mapping[Unit, Value] = {unit: Value(None) for unit in Unit} | {Unit.COUNT: Value(0.0, 0)}
"""What the system measured where a place had no case at all: no rate, and none counted."""


def together(name: str, figures: Sequence[Figure]) -> Figure:
    """Several sections' figures: counts add up, and shares with what they are made of; medians are not told."""
    unit = MEASURES[name].unit if name in MEASURES else Unit.COUNT
    n, of = sum(figure.n or 0 for figure in figures), sum(figure.of or 0 for figure in figures)
    match unit:
        case Unit.COUNT:
            return Figure(value=float(n), n=n, of=of or None)
        case Unit.SHARE:
            return Figure(value=n / of if of else None, n=n, of=of)
        case _:
            return Figure()


def _figure(value: Value, source: Source = Source.SYSTEM, given_by: str | None = None) -> Figure:
    return Figure(value=value.value, n=value.n, of=value.of, source=source, given_by=given_by)

"""The catalogue of measures: every figure of the balance sheet that is told with a target or a report.

What a measure is called and what it means is in the texts, `measure.<id>` and `definition.<id>`. Those whose
source is the system are read off the indicators by `value_of`; the others are entered, imported or come from
the Kommunekompass and the surveys, and say so.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from services.metrics.indicators import Indicators


class Unit(StrEnum):
    """What a value is told in."""

    SHARE = "share"
    """From 0 to 1: told in per cent."""
    DAYS = "days"
    COUNT = "count"
    RATIO = "ratio"
    SCORE = "score"
    """Points of `Value.of` at the most; for satisfaction 1 to 5."""
    MONTHS = "months"
    PER_THOUSAND = "per_thousand"
    """Of a thousand residents, in the period."""


class Better(StrEnum):
    """Which way a measure should go."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


class Source(StrEnum):
    """Where a value comes from."""

    SYSTEM = "system"
    MANUAL = "manual"
    COMPASS = "compass"
    SURVEY = "survey"


class Capital(StrEnum):
    """The capital of the balance sheet a measure belongs to."""

    USER = "user"
    HUMAN = "human"


@dataclass(frozen=True)
class Value:
    """A measured value; `n` of `of` is what it was computed from, where it is a part of something.

    Days, scores and other means have only `n`: how many cases or answers. None is "nothing to measure".
    """

    value: float | None
    n: int | None = None
    of: int | None = None


@dataclass(frozen=True)
class Measure:
    """One measure; `read` is None where its source is not the system."""

    id: str
    unit: Unit
    better: Better
    source: Source
    capital: Capital = Capital.USER
    read: Callable[[Indicators], Value] | None = None

    @property
    def name(self) -> str:
        """The key of its name in the texts."""
        return f"measure.{self.id}"

    @property
    def definition(self) -> str:
        """The key of its definition in the texts."""
        return f"definition.{self.id}"


def value_of(measure: Measure, indicators: Indicators) -> Value | None:
    """What the system measured; None where the measure does not come from the system."""
    return measure.read(indicators) if measure.read else None


def _system(id: str, unit: Unit, better: Better, read: Callable[[Indicators], Value]) -> Measure:  # noqa: A002 - the measure's own word
    return Measure(id, unit, better, Source.SYSTEM, read=read)


def _given(
    id: str,  # noqa: A002 - the measure's own word
    unit: Unit,
    better: Better = Better.HIGHER,
    source: Source = Source.MANUAL,
    capital: Capital = Capital.USER,
) -> Measure:
    return Measure(id, unit, better, source, capital)


def _promise_kept(of: Indicators) -> Value:
    return Value(of.promise.share, of.promise.kept, of.promise.due)


def _interim_in_time(of: Indicators) -> Value:
    return Value(of.interim.share, of.interim.in_time, of.interim.needed)


def _praise_to_complaints(of: Indicators) -> Value:
    return Value(of.received.praise_to_complaints, of.received.praise, of.received.complaint)


def _answer_rate(of: Indicators) -> Value:
    said = of.satisfaction.helped + of.satisfaction.not_helped
    return Value(of.satisfaction.answer_rate, said, of.satisfaction.answered)


def _oldest(of: Indicators) -> Value:
    days = of.backlog.oldest_days
    return Value(None if days is None else float(days), of.backlog.open)


def _declarations(of: Indicators) -> Value:
    return Value(of.declarations.share, of.declarations.current, of.declarations.all)


def _enquiries(of: Indicators) -> Value:
    return Value(of.enquiries_per_1000, of.received.total, of.residents)


def _count(count: int, of: int | None = None) -> Value:
    return Value(float(count), count, of)


_CATALOGUE = (
    _system("promise_kept", Unit.SHARE, Better.HIGHER, _promise_kept),
    _system("interim_in_time", Unit.SHARE, Better.HIGHER, _interim_in_time),
    _system(
        "response_median",
        Unit.DAYS,
        Better.LOWER,
        lambda of: Value(of.response.median, of.response.n),
    ),
    _system(
        "response_p90",
        Unit.DAYS,
        Better.LOWER,
        lambda of: Value(of.response.p90, of.response.n),
    ),
    _system(
        "response_median_without_pauses",
        Unit.DAYS,
        Better.LOWER,
        lambda of: Value(of.response.median_without_pauses, of.response.n),
    ),
    _system(
        "response_p90_without_pauses",
        Unit.DAYS,
        Better.LOWER,
        lambda of: Value(of.response.p90_without_pauses, of.response.n),
    ),
    _system(
        "handover_median",
        Unit.DAYS,
        Better.LOWER,
        lambda of: Value(of.handover.median, of.handover.n),
    ),
    _system("handovers", Unit.COUNT, Better.LOWER, lambda of: _count(of.handover.handovers)),
    _system("backlog_open", Unit.COUNT, Better.LOWER, lambda of: _count(of.backlog.open)),
    _system(
        "backlog_overdue",
        Unit.COUNT,
        Better.LOWER,
        lambda of: _count(of.backlog.overdue, of.backlog.open),
    ),
    _system("backlog_oldest", Unit.DAYS, Better.LOWER, _oldest),
    _system("praise_to_complaints", Unit.RATIO, Better.HIGHER, _praise_to_complaints),
    _system("appeals_received", Unit.COUNT, Better.NEITHER, lambda of: _count(of.received.appeal)),
    _given("appeals_upheld", Unit.COUNT, Better.LOWER),
    _given("appeals_upheld_by_body", Unit.COUNT, Better.LOWER),
    _given("appeals_dismissed", Unit.COUNT, Better.NEITHER),
    _given("appeals_upheld_share", Unit.SHARE, Better.LOWER),
    _system(
        "satisfaction_process",
        Unit.SCORE,
        Better.HIGHER,
        lambda of: Value(of.satisfaction.process.mean, of.satisfaction.process.n),
    ),
    _system(
        "satisfaction_outcome",
        Unit.SCORE,
        Better.HIGHER,
        lambda of: Value(of.satisfaction.outcome.mean, of.satisfaction.outcome.n),
    ),
    _system("satisfaction_answer_rate", Unit.SHARE, Better.HIGHER, _answer_rate),
    _given("improvements_closed_share", Unit.SHARE),
    _given("arenas_share", Unit.SHARE),
    _given("arena_activity", Unit.COUNT),
    _system("declarations_current_share", Unit.SHARE, Better.HIGHER, _declarations),
    _given("survey_age_months", Unit.MONTHS, Better.LOWER, Source.SURVEY),
    *(
        _given(f"compass_{criterion}", Unit.SCORE, source=Source.COMPASS)
        for criterion in ("1_4", "2_2", "2_5", "2_6")
    ),
    _system("enquiries_per_1000", Unit.PER_THOUSAND, Better.NEITHER, _enquiries),
    _given("suggestions_received", Unit.COUNT, capital=Capital.HUMAN),
    _given("suggestions_implemented_share", Unit.SHARE, capital=Capital.HUMAN),
    _given("suggestions_per_employee", Unit.RATIO, capital=Capital.HUMAN),
    _given("roses_given", Unit.COUNT, capital=Capital.HUMAN),
)

OF_A_YEAR = frozenset(
    {
        "handovers",
        "appeals_received",
        "appeals_upheld",
        "appeals_upheld_by_body",
        "appeals_dismissed",
        "arena_activity",
        "enquiries_per_1000",
        "suggestions_received",
        "suggestions_per_employee",
        "roses_given",
    }
)
"""Measures that grow with the length of the period: the target of a year is met a part at a time."""

MEASURES: Mapping[str, Measure] = MappingProxyType({measure.id: measure for measure in _CATALOGUE})
"""By id, in the order of the balance sheet."""

"""Every measure beside earlier periods: what the cases tell, and what is entered, assessed or asked for."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from services.metrics.breakdown import BehindGroup
from services.metrics.cases import Behind
from services.metrics.dashboard import Insight
from services.metrics.indicators import Dimension, Indicators, share
from services.metrics.manual.standing import manual_values
from services.metrics.manual.store import WHOLE, Scope
from services.metrics.measures import MEASURES, Measure, Source, Unit, Value, value_of
from services.metrics.periods import Period
from services.metrics.periods_in_words import name_of
from services.metrics.reading import Reading
from services.metrics.reports.given import given
from services.metrics.reports.model import Figure
from services.metrics.reports.seen import Seen
from services.metrics.selection import Selection
from services.metrics.tables import Row, Shows, Table, amount
from shared.events import Kind
from shared.municipality import Municipality
from shared.web.i18n import Wording

_FILE = "alle-tall"
BY_KIND = ("praise", "complaint", "question", "appeal", "other")
_BEHIND = {
    "promise_kept": Behind.KEPT,
    "interim_in_time": Behind.INTERIM,
    **dict.fromkeys(
        (
            "response_median", "response_p90", "response_median_without_pauses", "response_p90_without_pauses",
        ),
        Behind.ANSWERED,
    ),
    "handover_median": Behind.OPENED,
    "backlog_open": Behind.OPEN,
    "backlog_overdue": Behind.OVERDUE,
    "backlog_oldest": Behind.OPEN,
    "satisfaction_answer_rate": Behind.SAID,
    "enquiries_per_1000": Behind.RECEIVED,
}  # fmt: skip
"""The cases that a figure is made of; of a share those that it counts, but of interim answers those that needed one."""
_WITH_COUNT = frozenset({Unit.SHARE, Unit.RATIO})


def place_of(selection: Selection, municipality: Municipality) -> Scope | None:
    """The place a selection is of; None where it is of some of a place's cases, which nobody enters values for."""
    chosen = dict(selection.chosen)
    section, unit = chosen.pop(Dimension.SECTION, None), chosen.pop(Dimension.UNIT, None)
    if chosen:
        return None
    if unit:
        return Scope.unit(unit) if unit in municipality.units else None
    if section:
        return Scope.section(section) if section in municipality.sections else None
    return WHOLE


async def read_others(reading: Reading, municipality: Municipality, insight: Insight) -> Sequence[Seen]:
    """What is known beside the cases, now, in the period before and last year; nothing of a part of a place."""
    scope = place_of(insight.selection, municipality)
    if scope is None:
        return ()
    entered = [measure.id for measure in MEASURES.values() if measure.source == Source.MANUAL]
    periods = (insight.period, insight.period_before, insight.period_last_year)
    others = await given(reading.session, municipality, periods, reading.today)
    return [
        Seen({}, {scope: await manual_values(reading.session, entered, scope, period)}, of_others)
        for period, of_others in zip(periods, others, strict=True)
    ]


@dataclass(frozen=True)
class _Line:
    """A measure, or a part of one, now and earlier; `links` as in `Row`."""

    name: str
    unit: Unit
    figures: Sequence[Figure]
    source: str
    links: Mapping[int, str] = field(default_factory=dict)


def every_measure(
    insight: Insight,
    others: Sequence[Seen],
    municipality: Municipality,
    say: Wording,
    behind: BehindGroup | None = None,
) -> Table:
    """Each measure now and earlier, with where it comes from, in the order of the balance sheet.

    :param behind: for those who may see the cases that a figure of now is made of: where they are.
    """
    rows = [
        Row(
            [line.name, *(_in_words(line.unit, figure, say) for figure in line.figures), line.source],
            None,
            line.links,
        )
        for line in _lines(insight, others, municipality, say, behind)
    ]
    columns = [
        (say.text("insight.figure"), Shows.WORDS),
        *((name_of(say, period), Shows.WORDS) for period in _periods(insight)),
        (say.text("insight.source"), Shows.WORDS),
    ]
    return Table(_FILE, say.text("insight.comparison"), columns, rows)


def every_number(insight: Insight, others: Sequence[Seen], municipality: Municipality, say: Wording) -> Table:
    """The same for a spreadsheet: each value as a number, with its unit and what it is made of beside it."""
    rows = []
    for line in _lines(insight, others, municipality, say):
        numbers = [
            number for figure in line.figures for number in (_number(line.unit, figure), figure.n, figure.of)
        ]
        rows.append(Row([line.name, say.text(f"insight.in_unit.{line.unit}"), *numbers, line.source]))
    columns = [
        (say.text("insight.figure"), Shows.WORDS),
        (say.text("insight.in_unit"), Shows.WORDS),
        *(
            (say.text(f"insight.file.{what}", period=name_of(say, period)), Shows.DAYS)
            for period in _periods(insight)
            for what in ("value", "n", "of")
        ),
        (say.text("insight.source"), Shows.WORDS),
    ]
    return Table(_FILE, say.text("insight.comparison"), columns, rows)


def _number(unit: Unit, figure: Figure) -> float | int | None:
    """A count without decimals, which a spreadsheet would show."""
    value = figure.value
    return int(value) if unit == Unit.COUNT and value is not None and value.is_integer() else value


def _periods(insight: Insight) -> Sequence[Period]:
    """That shown, the one before and last year's; the period before a year is last year."""
    periods = (insight.period, insight.period_before, insight.period_last_year)
    return periods[:2] if periods[1] == periods[2] else periods


def _lines(
    insight: Insight,
    others: Sequence[Seen],
    municipality: Municipality,
    say: Wording,
    behind: BehindGroup | None = None,
) -> Iterator[_Line]:
    shown = len(_periods(insight))
    counted = (insight.now, insight.before, insight.last_year)[:shown]
    scope = place_of(insight.selection, municipality) or WHOLE
    for measure in MEASURES.values():
        name = say.text(measure.name)
        if measure.source == Source.SYSTEM:
            values = [value_of(measure, of) or Value(None) for of in counted]
            figures = [Figure(value=value.value, n=value.n, of=value.of) for value in values]
            links = _links_of(measure, insight, behind)
            yield _Line(name, measure.unit, figures, say.text("insight.source.system"), links)
            if measure.id == "enquiries_per_1000":
                yield from _by_kind(insight.selection, counted, say, behind)
        elif others:
            figures = [seen.figure(measure, scope) for seen in others[:shown]]
            yield _Line(name, measure.unit, figures, _source(measure, figures[0], say))


def _in_words(unit: Unit, figure: Figure, say: Wording) -> str:
    """A value in words, with how many it is made of where that says something."""
    words = amount(say, unit, figure.value)
    if figure.value is None or figure.of is None:
        return words
    if unit == Unit.SCORE:
        return say.text("report.points", score=words, most=say.n(figure.of))
    if unit not in _WITH_COUNT or figure.n is None:
        return words
    key = "insight.share_of" if unit == Unit.SHARE else "insight.ratio_of"
    return say.text(key, share=words, n=say.n(figure.n), count=figure.of)


_NOW = 1
"""The place of the figure of now in a row."""


def _links_of(measure: Measure, insight: Insight, way: BehindGroup | None) -> dict[int, str]:
    """The way to the cases of now, where there are any."""
    value = value_of(measure, insight.now)
    if value is None or not (value.of or value.n):
        return {}
    if measure.id == "appeals_received":
        return _links(insight.selection.narrowed(Dimension.KIND, Kind.APPEAL), Behind.RECEIVED, way)
    return _links(insight.selection, _BEHIND.get(measure.id), way)


def _links(selection: Selection, behind: Behind | None, way: BehindGroup | None) -> dict[int, str]:
    address = way(selection, behind) if way and behind else None
    return {_NOW: address} if address else {}


def _by_kind(
    selection: Selection, counted: Sequence[Indicators], say: Wording, behind: BehindGroup | None
) -> Iterator[_Line]:
    """Enquiries per 1,000 residents of each kind; residents are the municipality's alone."""
    for kind in BY_KIND:
        counts = [getattr(of.received, kind) for of in counted]
        if kind == "other" and not any(counts):
            continue
        figures = [
            Figure(value=share(1000 * count, of.residents or 0), n=count, of=of.residents)
            for count, of in zip(counts, counted, strict=True)
        ]
        name = say.text("insight.per_1000_of_kind", kind=say.text(f"insight.kind.{kind}"))
        of_kind = selection.narrowed(Dimension.KIND, kind)
        links = _links(of_kind, Behind.RECEIVED, behind) if counts[0] and kind != "other" else {}
        yield _Line(name, Unit.PER_THOUSAND, figures, say.text("insight.source.system"), links)


def _source(measure: Measure, figure: Figure, say: Wording) -> str:
    if figure.given_by and figure.as_of:
        return say.text("report.source", source=figure.given_by, day=say.day_short(figure.as_of))
    if figure.as_of:
        return say.text("report.survey", day=say.day_short(figure.as_of))
    # An improvement's share is entered, or counted from those recorded here.
    recorded = figure.source == Source.SYSTEM and figure.value is not None
    return say.text(f"insight.source.{'registered' if recorded else measure.source.value}")

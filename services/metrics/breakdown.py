"""The tables of figures: divided by a dimension, and every measure of the system beside earlier periods."""

from collections.abc import Callable, Sequence

from services.metrics.cases import Behind
from services.metrics.dashboard import Groups, Insight
from services.metrics.indicators import Dimension, Indicators
from services.metrics.intervals import ENOUGH
from services.metrics.measures import MEASURES, Measure, Source, Unit, value_of
from services.metrics.names import Names
from services.metrics.periods_in_words import name_of
from services.metrics.selection import PARAMETERS, Selection
from services.metrics.tables import TOO_FEW, Cell, Row, Shows, Table, days, percent
from shared.web.i18n import Wording

BehindGroup = Callable[[Selection, Behind], str]
"""The address of the cases behind a number of a selection."""


def by_group(
    selection: Selection, groups: Groups, names: Names, say: Wording, behind: BehindGroup | None = None
) -> Table:
    """The groups in the municipality's own order, which ranks nobody; each leads to its own page.

    :param behind: for those who may see the cases: where they are.
    """
    by = selection.by
    columns = [
        (say.text(f"insight.{by}"), Shows.WORDS),
        (say.text("insight.received_short"), Shows.COUNT),
        (say.text("insight.due"), Shows.COUNT),
        (say.text("insight.kept"), Shows.COUNT),
        (say.text("insight.kept_share"), Shows.SHARE),
        (say.text("insight.median_days"), Shows.DAYS),
        (say.text("insight.open"), Shows.COUNT),
        (say.text("insight.overdue"), Shows.COUNT),
    ]
    rows = []
    for value in names.in_order(by, groups):
        of = groups[value]
        own = selection.narrowed(by, value) if value else None
        enough: Cell = of.promise.share if of.promise.due >= ENOUGH else TOO_FEW
        cells: list[Cell] = [
            names.name(by, value),
            of.received.total,
            of.promise.due,
            of.promise.kept,
            enough if of.promise.due else None,
            of.response.median,
            of.backlog.open,
            of.backlog.overdue,
        ]
        links = {}
        if own and behind:
            counted = {
                1: (Behind.RECEIVED, of.received.total),
                3: (Behind.KEPT, of.promise.kept),
                6: (Behind.OPEN, of.backlog.open),
                7: (Behind.OVERDUE, of.backlog.overdue),
            }
            links = {place: behind(own, number) for place, (number, count) in counted.items() if count}
        rows.append(Row(cells, f"/innsikt?{own.query()}" if own else None, links))
    # A municipality without areas has nothing to compare by area.
    if by == Dimension.AREA and not names.values(by):
        rows = []
    return Table(PARAMETERS[by], say.text(f"insight.table.{by}"), columns, rows)


def every_measure(insight: Insight, say: Wording) -> Table:
    """Each measure of the system, now and earlier."""
    shown: Sequence[tuple[str, Indicators]] = [
        (name_of(say, insight.period), insight.now),
        (name_of(say, insight.period_before), insight.before),
        (name_of(say, insight.period_last_year), insight.last_year),
    ]
    # The period before a year is last year.
    shown = shown[:2] if insight.period_before == insight.period_last_year else shown
    columns = [(say.text("insight.figure"), Shows.WORDS), *((name, Shows.WORDS) for name, _ in shown)]
    rows = [
        Row([say.text(f"measure.{measure.id}"), *(told(measure, of, say) for _, of in shown)])
        for measure in of_the_system()
    ]
    return Table("alle-tall", say.text("insight.comparison"), columns, rows)


def of_the_system() -> list[Measure]:
    """The measures that come from the cases themselves."""
    return [measure for measure in MEASURES.values() if measure.source == Source.SYSTEM]


def told(measure: Measure, of: Indicators, say: Wording) -> str:
    """A measure's value in words, with how many it is made of where that says something."""
    value = value_of(measure, of)
    if value is None or value.value is None:
        return say.n(None)
    match measure.unit:
        case Unit.SHARE:
            share = percent(say, value.value)
            return share if value.of is None else say.text("insight.share_of", share=share, count=value.of)
        case Unit.DAYS:
            return days(say, value.value)
        case Unit.COUNT:
            return say.n(value.value, 0)
        case _:
            return say.n(value.value, 2)

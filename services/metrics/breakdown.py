"""The tables of figures divided by a dimension."""

from collections.abc import Callable

from services.metrics.cases import Behind
from services.metrics.dashboard import Groups
from services.metrics.indicators import Dimension
from services.metrics.intervals import ENOUGH
from services.metrics.names import Names
from services.metrics.selection import PARAMETERS, Selection
from services.metrics.tables import TOO_FEW, Cell, Row, Shows, Table
from shared.web.i18n import Wording

BehindGroup = Callable[[Selection, Behind], str | None]
"""The address of the cases behind a number of a selection; None for those who may see none of them."""


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
            links = {
                place: address
                for place, (number, count) in counted.items()
                if count and (address := behind(own, number))
            }
        rows.append(Row(cells, f"/innsikt?{own.query()}" if own else None, links))
    # A municipality without areas has nothing to compare by area.
    if by == Dimension.AREA and not names.values(by):
        rows = []
    return Table(PARAMETERS[by], say.text(f"insight.table.{by}"), columns, rows)

"""Satisfaction in charts and a table: means, distributions and the answer rate."""

from collections.abc import Mapping
from typing import Literal

from services.metrics.indicators import Indicators, Ratings
from services.metrics.intervals import ENOUGH
from services.metrics.names import Names
from services.metrics.selection import PARAMETERS, Selection
from services.metrics.tables import Cell, Row, Shows, Table
from shared.web.charts import Chart, bar
from shared.web.i18n import Wording

Asked = Literal["process", "outcome"]
ASKED: tuple[Asked, ...] = ("process", "outcome")
BEST = 5


def ratings(of: Indicators, asked: Asked) -> Ratings:
    """Those of one of the two questions."""
    return of.satisfaction.process if asked == "process" else of.satisfaction.outcome


def chart(of: Indicators, asked: Asked, say: Wording) -> Chart | None:
    """How many gave each answer, the best on top; None where nobody did."""
    given = ratings(of, asked)
    if not given.n:
        return None
    return bar(
        say.text(f"satisfaction.{asked}"),
        [say.text(f"satisfaction.{asked}.{step}") for step in range(BEST, 0, -1)],
        [float(count) for count in reversed(given.counts)],
        shown=lambda count: say.n(count, 0),
        column=(say.text("satisfaction.answer"), say.text("satisfaction.residents")),
        note=say.text("satisfaction.mean_of", mean=say.n(given.mean), count=given.n),
    )


def by_group(
    selection: Selection, groups: Mapping[str | None, Indicators], names: Names, say: Wording
) -> Table:
    """The groups in the municipality's own order; a mean of fewer than enough is not compared."""
    columns = [
        (say.text(f"insight.{selection.by}"), Shows.WORDS),
        (say.text("satisfaction.answered"), Shows.COUNT),
        (say.text("satisfaction.rate"), Shows.SHARE),
        *(
            column
            for asked in ASKED
            for column in (
                (say.text(f"satisfaction.column.{asked}"), Shows.DAYS),
                (say.text(f"satisfaction.count.{asked}"), Shows.COUNT),
            )
        ),
    ]
    rows = []
    for value in names.in_order(selection.by, groups):
        of = groups[value]
        cells: list[Cell] = [
            names.name(selection.by, value),
            of.satisfaction.answered,
            of.satisfaction.answer_rate,
        ]
        for asked in ASKED:
            given = ratings(of, asked)
            enough: Cell = given.mean if given.n >= ENOUGH else say.text("satisfaction.few")
            cells += [enough if given.n else None, given.n]
        rows.append(Row(cells))
    return Table(f"tilfredshet-{PARAMETERS[selection.by]}", say.text("satisfaction.groups"), columns, rows)

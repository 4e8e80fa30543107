"""A figure month by month with its process limits, and in words whether anything has changed beyond noise."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from types import MappingProxyType

from markupsafe import Markup

from services.metrics import periods_in_words
from services.metrics.indicators import Trend
from services.metrics.intervals import ENOUGH
from services.metrics.selection import Selection
from services.metrics.tables import Row, Shows, Table, days, percent
from services.metrics.xmr import FEWEST, ProcessChart, Rule, Signal, process_chart
from shared.events import Kind
from shared.web.charts import Chart, control
from shared.web.i18n import Wording


@dataclass(frozen=True)
class Followed:
    """A figure that is followed over time.

    `read` gives None for a month with too few cases to make a point: a share of two cases is noise alone.
    `title` is the text of its name, `definition` that of its definition.
    """

    title: str
    definition: str
    read: Callable[[Trend], float | None]
    shown: Callable[[Wording, float | None], str]
    most: float | None = None


DRAWN = 256
"""Courses that are kept as they were drawn: each takes some 9 ms of processor to draw, and 40 kB."""
FOLLOWED: Mapping[str, Followed] = MappingProxyType(
    {
        "loefter-holdt": Followed(
            "measure.promise_kept",
            "definition.promise_kept",
            lambda month: month.promise.share if month.promise.due >= ENOUGH else None,
            percent,
            most=1,
        ),
        "svartid": Followed(
            "measure.response_median",
            "definition.response_median",
            lambda month: month.response.median if month.response.n >= ENOUGH else None,
            days,
        ),
        "svartid-ni-av-ti": Followed(
            "measure.response_p90",
            "definition.response_p90",
            lambda month: month.response.p90 if month.response.n >= ENOUGH else None,
            days,
        ),
        "mottatt": Followed(
            "insight.received",
            "definition.received",
            lambda month: float(month.received.total),
            lambda say, count: say.n(count, 0),
        ),
        "klager": Followed(
            "development.complaints",
            "definition.received",
            lambda month: float(month.received.complaint),
            lambda say, count: say.n(count, 0),
        ),
    }
)
"""By their names in addresses."""


@dataclass(frozen=True)
class Course:
    """How one figure went: the chart, what it says in a sentence, and each signal."""

    name: str
    chart: Chart
    verdict: str
    signals: Sequence[str]
    newest: Sequence[str]
    """The signals that the last month belongs to."""
    limits: str
    definition: str


@dataclass(frozen=True)
class _Asked:
    """What a course depends on; the same is drawn once."""

    name: str
    trends: tuple[Trend, ...]
    say: Wording
    query: str
    selection: Selection = field(compare=False)
    """Is the same where the query is."""


def course(name: str, trends: Sequence[Trend], selection: Selection, say: Wording) -> Course:
    """One figure over the months."""
    return _course(_Asked(name, tuple(trends), say, selection.query(), selection))


@lru_cache(maxsize=DRAWN)
def _course(asked: _Asked) -> Course:
    name, trends, selection, say = asked.name, asked.trends, asked.selection, asked.say
    followed = FOLLOWED[name]
    title = say.text(followed.title)
    values = [followed.read(trend) for trend in trends]
    chart = process_chart(values, least=0, most=followed.most)
    labels = [periods_in_words.short(say, trend.part) for trend in trends]

    def told(signal: Signal) -> str:
        return _told(signal, labels, title, say)

    last = len(values) - 1
    signals = [told(signal) for signal in reversed(chart.signals)] if chart else []
    return Course(
        name,
        _drawn(title, labels, values, chart, followed, say, _links(trends, selection)),
        _verdict(chart, signals, say),
        signals,
        [told(signal) for signal in chart.signals if signal.last == last] if chart else [],
        _limits(chart, followed, say),
        say.text(followed.definition),
    )


def _drawn(
    title: str,
    labels: Sequence[str],
    values: Sequence[float | None],
    chart: ProcessChart | None,
    followed: Followed,
    say: Wording,
    links: Sequence[str],
) -> Chart:
    limits = (chart.limits.lower, chart.limits.mean, chart.limits.upper) if chart else None
    drawn = control(
        title,
        labels,
        values,
        limits,
        chart.marked if chart else (),
        names=(
            title,
            say.text("development.mean"),
            say.text("development.limits"),
            say.text("development.signal"),
        ),
        shown=lambda figure: followed.shown(say, figure),
        column=say.text("development.month"),
        signal=say.text("development.yes"),
        most=followed.most,
    )
    rows = [[link, *row[1:]] for link, row in zip(links, drawn.rows, strict=True)]
    return replace(drawn, rows=rows)


def _links(trends: Sequence[Trend], selection: Selection) -> list[str]:
    """Each month in words, leading to its own overview."""
    return [
        Markup('<a class="ds-link" href="/innsikt?{}">{}</a>').format(
            selection.in_period(trend.part).query(), trend.part.name
        )
        for trend in trends
    ]


def _verdict(chart: ProcessChart | None, signals: Sequence[str], say: Wording) -> str:
    if chart is None:
        return say.text("development.too_few", fewest=FEWEST)
    return signals[0] if signals else say.text("development.noise")


def _told(signal: Signal, labels: Sequence[str], title: str, say: Wording) -> str:
    side = "above" if signal.above else "below"
    if signal.rule == Rule.OUTSIDE:
        return say.text(f"signal.outside.{side}", figure=title, month=labels[signal.first])
    return say.text(
        f"signal.run.{side}",
        figure=title,
        first=labels[signal.first],
        last=labels[signal.last],
    )


def _limits(chart: ProcessChart | None, followed: Followed, say: Wording) -> str:
    """Mean and limits in figures, and whether they still move."""
    if chart is None:
        return ""
    limits = chart.limits
    return say.text(
        "development.preliminary" if limits.are_preliminary else "development.frozen",
        count=limits.baseline,
        mean=followed.shown(say, limits.mean),
        lower=followed.shown(say, limits.lower),
        upper=followed.shown(say, limits.upper),
    )


def months_table(trends: Sequence[Trend], say: Wording) -> Table:
    """All months with all their figures, for a file."""
    columns = [
        (say.text("insight.first_day"), Shows.WORDS),
        (say.text("insight.last_day"), Shows.WORDS),
        *((say.text(f"insight.kind.{kind}"), Shows.COUNT) for kind in Kind),
        # Of all kinds, also those of another system that are none of ours.
        (say.text("insight.received_short"), Shows.COUNT),
        (say.text("insight.due"), Shows.COUNT),
        (say.text("insight.kept"), Shows.COUNT),
        (say.text("insight.median_days"), Shows.DAYS),
        (say.text("insight.p90_days"), Shows.DAYS),
    ]
    rows = [
        Row(
            [
                trend.part.first.isoformat(),
                trend.part.last.isoformat(),
                *(getattr(trend.received, kind) for kind in Kind),
                trend.received.total,
                trend.promise.due,
                trend.promise.kept,
                trend.response.median,
                trend.response.p90,
            ]
        )
        for trend in trends
    ]
    return Table("over-tid", say.text("insight.over_time"), columns, rows)

"""The dashboard: figures of a selection as cards, charts and tables, in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from services.metrics.cases import Behind
from services.metrics.indicators import Dimension, Indicators, Trend
from services.metrics.names import Names
from services.metrics.periods import Period
from services.metrics.reading import Reading
from services.metrics.selection import PARAMETERS, Selection
from services.metrics.tables import ENOUGH, TOO_FEW, Cell, Row, Shows, Table, days, percent
from shared.events import Kind
from shared.web.charts import Chart, bar, line, stacked_bar
from shared.web.i18n import Wording

GROUPED = (Dimension.UNIT, Dimension.TOPIC, Dimension.AREA, Dimension.KIND)
MOST_BARS = 12
Of = TypeVar("Of")
Groups = Mapping[str | None, Indicators]
Tell = Callable[[Indicators], str]


@dataclass(frozen=True)
class Insight:
    """All figures of one selection, of one moment."""

    selection: Selection
    now: Indicators
    before: Indicators
    last_year: Indicators
    trends: Sequence[Trend]
    groups: Mapping[Dimension, Groups]

    @property
    def is_empty(self) -> bool:
        """Whether there is no case to tell of."""
        now = self.now
        counts = (
            now.received.total,
            now.promise.due,
            now.promise.not_yet_due,
            now.response.n,
            now.backlog.open,
        )
        return not any(counts)


@dataclass(frozen=True)
class Card:
    """One indicator: its value, what it is made of, how it was, and how it is defined.

    `numbers` are (words, number behind which there are cases).
    """

    name: str
    title: str
    value: str
    notes: Sequence[str]
    compared: Sequence[tuple[str, str]] = ()
    numbers: Sequence[tuple[str, Behind]] = ()
    alarming: bool = False


async def read(reading: Reading, selection: Selection) -> Insight:
    """Reads everything a dashboard shows."""
    period, chosen = selection.period, selection.chosen
    groupings = [(), *((dimension,) for dimension in GROUPED)]
    whole, *grouped = await reading.grouped(groupings, period, chosen)
    groups = {
        dimension: {key[0]: indicators for key, indicators in found.items()}
        for dimension, found in zip(GROUPED, grouped, strict=True)
    }
    return Insight(
        selection,
        now=whole[()],
        before=await reading.total(period.before(), chosen),
        last_year=await reading.total(period.a_year_before(), chosen),
        trends=await reading.over_time(period, chosen),
        groups=groups,
    )


def in_words(say: Wording, period: Period) -> str:
    """A period by its days."""
    first, last = period.first, period.last
    if first == last:
        return say.day_short(first)
    begins = say.day_short(first)
    if first.year == last.year:
        begins = begins.removesuffix(f" {first.year}")
    return say.text("insight.from_to", first=begins, last=say.day_short(last))


class Telling:
    """Puts an insight into words, in one language."""

    def __init__(self, insight: Insight, names: Names, say: Wording) -> None:
        self._insight = insight
        self._names = names
        self.say = say

    @property
    def is_empty(self) -> bool:
        """Whether there is no case to tell of."""
        return self._insight.is_empty

    def cards(self) -> list[Card]:
        """The key figures, the promise first."""
        say, now = self.say, self._insight.now
        promise, response, received, backlog = now.promise, now.response, now.received, now.backlog
        satisfaction = now.satisfaction
        promise_notes = [say.text("insight.kept_of", kept=say.n(promise.kept), count=promise.due)]
        if promise.not_yet_due:
            promise_notes.append(
                say.text("insight.not_yet_due", count=promise.not_yet_due, early=say.n(promise.early))
            )
        return [
            Card(
                "promise",
                say.text("insight.promise"),
                percent(say, promise.share),
                promise_notes,
                self._compared(lambda of: f"{percent(say, of.promise.share)}{self._of(of.promise.due)}"),
                [
                    *self._numbers(promise.broken, "insight.see_broken", Behind.BROKEN),
                    *self._numbers(promise.not_yet_due, "insight.see_not_yet_due", Behind.NOT_YET_DUE),
                ],
            ),
            Card(
                "overdue",
                say.text("insight.overdue"),
                say.n(backlog.overdue),
                [say.text("insight.of_open", count=backlog.open)],
                self._compared(lambda of: say.n(of.backlog.overdue)),
                self._numbers(backlog.overdue, "insight.see_cases", Behind.OVERDUE),
                alarming=backlog.overdue > 0,
            ),
            Card(
                "due_soon",
                say.text("insight.due_soon"),
                say.n(backlog.due_soon),
                [say.text("insight.due_soon_note")],
                (),
                self._numbers(backlog.due_soon, "insight.see_cases", Behind.DUE_SOON),
            ),
            Card(
                "response",
                say.text("insight.response"),
                days(say, response.median),
                [
                    say.text("insight.p90", days=days(say, response.p90)),
                    say.text("insight.answered", count=response.n),
                ],
                self._compared(
                    lambda of: (
                        say.text(
                            "insight.median_and_p90",
                            median=days(say, of.response.median),
                            p90=days(say, of.response.p90),
                        )
                        if of.response.n
                        else days(say, None)
                    )
                ),
                self._numbers(response.n, "insight.see_cases", Behind.ANSWERED),
            ),
            Card(
                "received",
                say.text("insight.received"),
                say.n(received.total),
                [
                    self._kinds(now),
                    *(
                        [
                            say.text(
                                "insight.praise_to_complaints", ratio=say.n(received.praise_to_complaints, 2)
                            )
                        ]
                        if received.complaint
                        else []
                    ),
                ],
                self._compared(lambda of: say.n(of.received.total)),
                self._numbers(received.total, "insight.see_cases", Behind.RECEIVED),
            ),
            Card(
                "backlog",
                say.text("insight.backlog"),
                say.n(backlog.open),
                [say.text("insight.oldest", days=days(say, backlog.oldest_days))] if backlog.open else [],
                self._compared(lambda of: say.n(of.backlog.open)),
                self._numbers(backlog.open, "insight.see_cases", Behind.OPEN),
            ),
            Card(
                "handover",
                say.text("insight.handover"),
                days(say, now.handover.median),
                [say.text("insight.handovers", count=now.handover.handovers)],
                self._compared(lambda of: days(say, of.handover.median)),
            ),
            Card(
                "satisfaction",
                say.text("insight.satisfaction"),
                percent(say, satisfaction.share),
                [
                    say.text(
                        "insight.helped_of",
                        helped=say.n(satisfaction.helped),
                        count=satisfaction.helped + satisfaction.not_helped,
                    ),
                    say.text("insight.answer_rate", share=percent(say, satisfaction.answer_rate)),
                ],
                self._compared(lambda of: percent(say, of.satisfaction.share)),
            ),
        ]

    def charts_over_time(self) -> list[Chart]:
        """Received, promise and response time along the period."""
        say, trends = self.say, self._insight.trends
        labels = [self.part(trend.part) for trend in trends]
        column = say.text("insight.when")
        return [
            stacked_bar(
                say.text("insight.received_over_time"),
                labels,
                {
                    self._names.name(Dimension.KIND, kind): [getattr(t.received, kind) for t in trends]
                    for kind in Kind
                },
                shown=self._count,
                column=column,
            ),
            line(
                say.text("insight.promise_over_time"),
                labels,
                {say.text("insight.promise"): [trend.promise.share for trend in trends]},
                shown=lambda share: percent(say, share),
                column=column,
                most=1,
                note=say.text("insight.by_due_day"),
            ),
            line(
                say.text("insight.response_over_time"),
                labels,
                {
                    say.text("insight.median"): [trend.response.median for trend in trends],
                    say.text("insight.p90_short"): [trend.response.p90 for trend in trends],
                },
                shown=say.n,
                column=column,
                note=say.text("insight.in_days"),
            ),
            *self._promise_by(Dimension.KIND),
        ]

    def charts_by_group(self) -> list[Chart]:
        """Promise and received, by unit and by topic; in the municipality's own order, which ranks nobody."""
        charts = []
        for dimension in (Dimension.UNIT, Dimension.TOPIC):
            charts += self._promise_by(dimension)
            charts += self._received_by(dimension)
        return charts

    def tables(self) -> dict[str, Table]:
        """Every table of the dashboard, by name."""
        tables = [self._comparison(), *(self._grouped(dimension) for dimension in GROUPED), self._parts()]
        return {table.name: table for table in tables if table.rows}

    def period(self, period: Period) -> str:
        """A period by its days."""
        return in_words(self.say, period)

    def part(self, part: Period) -> str:
        """A part of a period, as short as a chart needs it."""
        if part.days == 1:
            return self.say.text("insight.day", day=part.first.day, month=part.first.month)
        if part.days <= 7:  # noqa: PLR2004 - a week
            return self.say.text("insight.week", number=part.first.isocalendar().week)
        month = self.say.text(f"insight.months.{part.first.month}")
        whole = self._insight.selection.period
        if whole.first.year == whole.last.year:
            return month
        return self.say.text("insight.month", month=month, year=part.first.year)

    def _promise_by(self, dimension: Dimension) -> list[Chart]:
        """A chart of those with enough cases to be compared; none where there are none."""
        say = self.say
        groups = [(name, of.promise) for name, of in self._ordered(dimension)]
        enough = [(name, promise) for name, promise in groups if promise.due >= ENOUGH]
        if not enough:
            return []
        shown = _largest(enough, lambda promise: promise.due)
        too_few = sum(0 < promise.due < ENOUGH for _, promise in groups)
        notes = [self._left_out(len(shown), len(enough))]
        if too_few:
            notes.append(say.text("insight.too_few_note", count=too_few, enough=ENOUGH))
        return [
            bar(
                say.text(f"insight.promise_by.{dimension}"),
                [name for name, _ in shown],
                [promise.share for _, promise in shown],
                shown=lambda share: percent(say, share),
                column=(say.text(f"insight.{dimension}"), say.text("insight.kept_share")),
                most=1,
                note=" ".join(filter(None, notes)),
            )
        ]

    def _received_by(self, dimension: Dimension) -> list[Chart]:
        say = self.say
        received = [(name, of.received.total) for name, of in self._ordered(dimension) if of.received.total]
        shown = _largest(received, lambda total: total)
        if not shown:
            return []
        return [
            bar(
                say.text(f"insight.received_by.{dimension}"),
                [name for name, _ in shown],
                [total for _, total in shown],
                shown=self._count,
                column=(say.text(f"insight.{dimension}"), say.text("insight.received_short")),
                note=self._left_out(len(shown), len(received)),
            )
        ]

    def _left_out(self, shown: int, there_are: int) -> str:
        return self.say.text("insight.largest", count=shown) if shown < there_are else ""

    def _comparison(self) -> Table:
        say, insight = self.say, self._insight
        shown = [(insight.selection.period, insight.now), *((of, was) for _, of, was in self._earlier())]
        columns = [
            (say.text("insight.figure"), Shows.WORDS),
            *((self.period(of), Shows.WORDS) for of, _ in shown),
        ]
        told: dict[str, Tell] = {
            "promise": lambda of: percent(say, of.promise.share),
            "due": lambda of: say.n(of.promise.due),
            "kept": lambda of: say.n(of.promise.kept),
            "broken": lambda of: say.n(of.promise.broken),
            "median": lambda of: days(say, of.response.median),
            "p90_short": lambda of: days(say, of.response.p90),
            "received": lambda of: say.n(of.received.total),
            "backlog": lambda of: say.n(of.backlog.open),
            "overdue": lambda of: say.n(of.backlog.overdue),
            "handover": lambda of: days(say, of.handover.median),
            "satisfaction": lambda of: percent(say, of.satisfaction.share),
        }
        rows = [
            Row([say.text(f"insight.{name}"), *(tell(of) for _, of in shown)]) for name, tell in told.items()
        ]
        return Table("sammenlikning", say.text("insight.comparison"), columns, rows)

    def _grouped(self, dimension: Dimension) -> Table:
        say = self.say
        columns = [
            (say.text(f"insight.{dimension}"), Shows.WORDS),
            (say.text("insight.received_short"), Shows.COUNT),
            (say.text("insight.due"), Shows.COUNT),
            (say.text("insight.kept"), Shows.COUNT),
            (say.text("insight.kept_share"), Shows.SHARE),
            (say.text("insight.median_days"), Shows.DAYS),
            (say.text("insight.open"), Shows.COUNT),
            (say.text("insight.overdue"), Shows.COUNT),
        ]
        groups = self._insight.groups[dimension]
        rows = []
        for value in self._names.in_order(dimension, groups):
            of = groups[value]
            address = f"?{self._insight.selection.narrowed(dimension, value).query()}" if value else None
            enough: Cell = of.promise.share if of.promise.due >= ENOUGH else TOO_FEW
            cells: list[Cell] = [
                self._names.name(dimension, value),
                of.received.total,
                of.promise.due,
                of.promise.kept,
                enough if of.promise.due else None,
                of.response.median,
                of.backlog.open,
                of.backlog.overdue,
            ]
            rows.append(Row(cells, address))
        # A municipality without areas has nothing to compare by area.
        if dimension == Dimension.AREA and not self._names.values(dimension):
            rows = []
        return Table(PARAMETERS[dimension], say.text(f"insight.table.{dimension}"), columns, rows)

    def _parts(self) -> Table:
        say = self.say
        columns = [
            (say.text("insight.first_day"), Shows.WORDS),
            (say.text("insight.last_day"), Shows.WORDS),
            *((self._names.name(Dimension.KIND, kind), Shows.COUNT) for kind in Kind),
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
                    trend.promise.due,
                    trend.promise.kept,
                    trend.response.median,
                    trend.response.p90,
                ]
            )
            for trend in self._insight.trends
        ]
        return Table("over-tid", say.text("insight.over_time"), columns, rows)

    def _earlier(self) -> list[tuple[str, Period, Indicators]]:
        """What the period is compared with; before a whole year is the year before, and is told once."""
        period = self._insight.selection.period
        last_year = (self.say.text("insight.last_year"), period.a_year_before(), self._insight.last_year)
        if period.before() == period.a_year_before():
            return [last_year]
        return [(self.say.text("insight.before"), period.before(), self._insight.before), last_year]

    def _compared(self, tell: Tell) -> list[tuple[str, str]]:
        return [(name, tell(indicators)) for name, _, indicators in self._earlier()]

    def _of(self, due: int) -> str:
        return f" ({self.say.text('insight.of', count=due)})" if due else ""

    def _kinds(self, of: Indicators) -> str:
        return ", ".join(
            self.say.text(f"insight.count.{kind}", count=getattr(of.received, kind)) for kind in Kind
        )

    def _numbers(self, count: int, key: str, number: Behind) -> list[tuple[str, Behind]]:
        return [(self.say.text(key, count=count), number)] if count else []

    def _ordered(self, dimension: Dimension) -> list[tuple[str, Indicators]]:
        groups = self._insight.groups[dimension]
        return [
            (self._names.name(dimension, value), groups[value])
            for value in self._names.in_order(dimension, groups)
        ]

    def _count(self, count: float | None) -> str:
        return self.say.n(count, 0)


def _largest(groups: Sequence[tuple[str, Of]], size: Callable[[Of], int]) -> list[tuple[str, Of]]:
    """As many as a chart has room for, those with the most cases, in the order they came."""
    largest = sorted(range(len(groups)), key=lambda place: -size(groups[place][1]))[:MOST_BARS]
    return [groups[place] for place in sorted(largest)]

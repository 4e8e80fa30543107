"""The public results: what residents were promised and what was held, as far as it may be told to anybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.metrics.documents import GroupDocument, ReportDocument, report
from services.metrics.indicators import Dimension
from services.metrics.names import Names
from services.metrics.periods import Period, Preset
from services.metrics.reading import Reading
from services.metrics.suppression import public
from services.metrics.tables import Row, Shows, Table, days, percent
from shared.web.charts import Chart, bar
from shared.web.i18n import Wording

TERTIALS = 4
"""How many tertials residents may look back on. They do not overlap, so that none can be subtracted from
another."""


def periods(today: date) -> list[Period]:
    """This tertial and those before it, the newest first."""
    chosen = [Period.of(Preset.THIS_TERTIAL, today)]
    while len(chosen) < TERTIALS:
        chosen.append(chosen[-1].before())
    return chosen


async def read(reading: Reading, period: Period) -> ReportDocument:
    """What may be told of a period, by service section."""
    whole, sections = await reading.total_and([Dimension.SECTION], period)
    return public(report(period, whole, [Dimension.SECTION], sections))


async def read_trend(reading: Reading, offered: Sequence[Period]) -> list[ReportDocument]:
    """What may be told of each period as a whole, the oldest first."""
    return [public(report(period, await reading.total(period))) for period in reversed(offered)]


def trend(say: Wording, documents: Sequence[ReportDocument]) -> Chart | None:
    """The share kept in each period; None where it may be told of fewer than two."""
    told = [document for document in documents if document.promise.share is not None]
    if len(told) <= 1:
        return None
    return bar(
        say.text("results.trend"),
        [name_of(say, Period(document.period.first, document.period.last)) for document in told],
        [document.promise.share for document in told],
        shown=lambda share: percent(say, share),
        column=(say.text("results.period"), say.text("insight.kept_share")),
        most=1,
    )


def name_of(say: Wording, period: Period) -> str:
    """A tertial by its months."""
    number = 1 + (period.first.month - 1) // 4
    return say.text("results.tertial", months=say.text(f"results.months.{number}"), year=period.first.year)


@dataclass(frozen=True)
class Results:
    """A period's public figures in words."""

    document: ReportDocument
    names: Names
    say: Wording

    @property
    def is_empty(self) -> bool:
        """Whether nothing was received, due or answered."""
        of = self.document
        return (of.received.total, of.promise.due, of.response_days.n) == (0, 0, 0)

    @property
    def conclusion(self) -> str:
        """What was held of what was promised, in a sentence."""
        say, promise = self.say, self.document.promise
        if promise.due is None:
            return say.text("results.few_due")
        if not promise.due:
            return say.text("results.none_due")
        if promise.share is not None:
            share = percent(say, promise.share)
            return say.text("results.kept", share=share, count=promise.due)
        if promise.share_at_least is not None:
            share = percent(say, promise.share_at_least)
            return say.text("results.kept_at_least", share=share, count=promise.due)
        return say.text("results.few_kept", count=promise.due)

    def figures(self) -> list[tuple[str, str, str]]:
        """The key figures: title, value, explanation."""
        say, of = self.say, self.document
        received = of.received
        kinds = [
            say.text(f"insight.count.{kind}", count=count)
            for kind in ("praise", "complaint", "question")
            if (count := getattr(received, kind)) is not None
        ]
        figures = [
            (say.text("results.promise"), self._share(of), self._counted(of.promise.due, "results.due")),
            (
                say.text("results.response"),
                days(say, of.response_days.median),
                say.text("results.p90", days=days(say, of.response_days.p90))
                if of.response_days.p90 is not None
                else self._counted(of.response_days.n, "results.answered"),
            ),
            (say.text("results.received"), self._told(received.total), ", ".join(kinds)),
        ]
        if of.satisfaction.share is not None:
            said = (of.satisfaction.helped or 0) + (of.satisfaction.not_helped or 0)
            figures.append(
                (
                    say.text("results.satisfaction"),
                    percent(say, of.satisfaction.share),
                    say.text("results.said", count=said),
                )
            )
        return figures

    def table(self) -> Table:
        """Each service section, in the municipality's own order."""
        say = self.say
        columns = [
            (say.text("insight.section"), Shows.WORDS),
            (say.text("results.received"), Shows.COUNT),
            (say.text("insight.due"), Shows.COUNT),
            (say.text("insight.kept_share"), Shows.WORDS),
            (say.text("insight.median_days"), Shows.WORDS),
        ]
        rows = [
            Row(
                [
                    self.names.name(Dimension.SECTION, group.key[Dimension.SECTION]),
                    self._told(group.received.total),
                    self._told(group.promise.due),
                    self._share(group),
                    say.n(group.response_days.median)
                    if group.response_days.n is not None
                    else say.text("results.hidden"),
                ]
            )
            for group in self._sections()
        ]
        return Table("tjenesteomrader", say.text("results.by_section"), columns, rows)

    def _sections(self) -> Sequence[GroupDocument]:
        by_value = {group.key[Dimension.SECTION]: group for group in self.document.groups or ()}
        return [by_value[value] for value in self.names.in_order(Dimension.SECTION, by_value)]

    def _share(self, of: ReportDocument | GroupDocument) -> str:
        promise = of.promise
        if promise.share is not None:
            return percent(self.say, promise.share)
        if promise.share_at_least is not None:
            return self.say.text("results.at_least", share=percent(self.say, promise.share_at_least))
        return "–" if promise.due == 0 else self.say.text("results.hidden")

    def _told(self, count: int | None) -> str:
        return self.say.text("results.hidden") if count is None else self.say.n(count, 0)

    def _counted(self, count: int | None, key: str) -> str:
        return self.say.text("results.hidden_note") if count is None else self.say.text(key, count=count)

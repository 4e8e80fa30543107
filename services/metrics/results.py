"""The public results: what residents were promised and what was held, as far as it may be told to anybody."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.metrics.documents import ReportDocument, report
from services.metrics.indicators import Dimension
from services.metrics.names import Names
from services.metrics.periods import Period, Preset
from services.metrics.published import WHOLE, Published, Told
from services.metrics.reading import Reading
from services.metrics.suppression import public
from services.metrics.tables import Row, Shows, Table, days, percent, percent_at_least
from shared.events import Kind
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


async def read_whole(reading: Reading, period: Period) -> ReportDocument:
    """What may be told of the municipality as a whole: kinds, the slowest answers, whether they helped."""
    return public(report(period, await reading.total(period)))


def trend(say: Wording, every: Sequence[Published]) -> Chart | None:
    """The share kept in each tertial, the oldest first; None where it may be told of fewer than two."""
    told = [(of.tertial, of.by_section[WHOLE].share) for of in every]
    told = [(tertial, share) for tertial, share in told if share is not None]
    if len(told) <= 1:
        return None
    return bar(
        say.text("results.trend"),
        [name_of(say, tertial) for tertial, _ in told],
        [share for _, share in told],
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
    """A tertial's public figures in words: `published` by section, topic and area, `document` of the whole."""

    published: Published
    document: ReportDocument
    names: Names
    say: Wording

    @property
    def whole(self) -> Told:
        """All sections together."""
        return self.published.by_section[WHOLE]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was received, due or answered."""
        return (self.whole.received, self.whole.due, self.whole.answered) == (0, 0, 0)

    @property
    def conclusion(self) -> str:
        """What was held of what was promised, in a sentence."""
        say, of = self.say, self.whole
        if of.due is None:
            return say.text("results.few_due")
        if not of.due:
            return say.text("results.none_due")
        if of.share is not None:
            return say.text("results.kept", share=percent(say, of.share), count=of.due)
        if of.share_at_least is not None:
            return say.text(
                "results.kept_at_least", share=percent_at_least(say, of.share_at_least), count=of.due
            )
        return say.text("results.few_kept", count=of.due)

    def figures(self) -> list[tuple[str, str, str]]:
        """The key figures: title, value, explanation."""
        say, of, document = self.say, self.whole, self.document
        p90 = document.response_days.p90 if of.answered else None
        figures = [
            (say.text("results.promise"), self._share(of), self._counted(of.due, "results.due")),
            (
                say.text("results.response"),
                days(say, of.median),
                self._counted(of.answered, "results.answered")
                if p90 is None
                else say.text("results.p90", days=days(say, p90)),
            ),
            (say.text("results.received"), self._number(of.received), self._kinds()),
        ]
        satisfaction = document.satisfaction
        if satisfaction.share is not None:
            said = (satisfaction.helped or 0) + (satisfaction.not_helped or 0)
            figures.append(
                (
                    say.text("results.satisfaction"),
                    percent(say, satisfaction.share),
                    say.text("results.said", count=said),
                )
            )
        return figures

    def by_section(self) -> Table:
        """Each service section, in the municipality's own order."""
        told = self.published.by_section
        order = self.names.in_order(Dimension.SECTION, self.published.sections)
        rows = [self._row(self.names.name(Dimension.SECTION, section), told[section]) for section in order]
        return self._table("tjenesteomrader", "results.by_section", "insight.section", rows)

    def by_topic(self) -> list[Table]:
        """The topics of each section that may be told of, section by section."""
        tables = []
        for section in self.names.in_order(Dimension.SECTION, self.published.sections):
            told = {topic: of for (one, topic), of in self.published.by_topic.items() if one == section}
            rows = [
                self._row(self.names.name(Dimension.TOPIC, topic), told[topic])
                for topic in self.names.in_order(Dimension.TOPIC, told)
                if not _is_silent(told[topic])
            ]
            if section and rows:
                title = self.names.name(Dimension.SECTION, section)
                tables.append(Table(section, title, self._columns("insight.topic"), rows))
        return tables

    def by_area(self) -> Table:
        """Each place; no rows where the municipality has none."""
        told = self.published.by_area
        order = self.names.in_order(Dimension.AREA, told) if self.names.values(Dimension.AREA) else []
        rows = [self._row(self.names.name(Dimension.AREA, area), told[area]) for area in order]
        return self._table("steder", "results.by_area", "insight.area", rows)

    def _table(self, name: str, title: str, first: str, rows: Sequence[Row]) -> Table:
        return Table(name, self.say.text(title), self._columns(first), rows)

    def _columns(self, first: str) -> list[tuple[str, Shows]]:
        say = self.say
        return [
            (say.text(first), Shows.WORDS),
            (say.text("insight.kept_share"), Shows.SHARE),
            (say.text("insight.due"), Shows.COUNT),
            (say.text("results.received"), Shows.COUNT),
            (say.text("insight.median_days"), Shows.DAYS),
        ]

    def _row(self, name: str, of: Told) -> Row:
        median = self.say.n(of.median) if of.answered is not None else self.say.text("results.hidden")
        # The share first: on a phone it is all that is seen without scrolling.
        return Row([name, self._share(of), self._number(of.due), self._number(of.received), median])

    def _share(self, of: Told) -> str:
        if of.share is not None:
            return percent(self.say, of.share)
        if of.share_at_least is not None:
            return self.say.text("results.at_least", share=percent_at_least(self.say, of.share_at_least))
        return self.say.n(None) if of.due == 0 else self.say.text("results.hidden")

    def _kinds(self) -> str:
        received = self.document.received
        counts = [(kind, getattr(received, kind)) for kind in Kind]
        if self.whole.received is None:
            return ""
        told = [
            self.say.text(f"insight.count.{kind}", count=count)
            for kind, count in counts
            # Few municipalities have appeals among what residents write: none is not worth a word.
            if count or (count is not None and kind != Kind.APPEAL)
        ]
        return ", ".join(told)

    def _number(self, count: int | None) -> str:
        return self.say.text("results.hidden") if count is None else self.say.n(count, 0)

    def _counted(self, count: int | None, key: str) -> str:
        return self.say.text("results.hidden_note") if count is None else self.say.text(key, count=count)


def _is_silent(of: Told) -> bool:
    """Whether nothing at all may be told."""
    return of.received is None and of.due is None and of.answered is None

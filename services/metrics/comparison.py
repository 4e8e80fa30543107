"""Units beside each other with how sure each figure is: never a league table.

A group is said to differ from the whole only where its interval excludes the whole's figure. One with fewer
than ten cases is shown and not judged (decision 15).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from services.metrics.dashboard import Groups, read_groups
from services.metrics.indicators import Dimension, Indicators
from services.metrics.intervals import CONFIDENCE, ENOUGH, Interval, wilson
from services.metrics.names import Names
from services.metrics.reading import Reader, Reading
from services.metrics.selection import PARAMETERS, Selection
from services.metrics.spread import median_bounds
from services.metrics.tables import Row, Shows, Table, days, percent
from shared.web.charts import Chart, intervals
from shared.web.i18n import Wording

DRAWN = 50
"""Charts that are kept: the same is drawn once."""


class Order(StrEnum):
    """How the groups stand; neither is by their figures. The value stands in addresses."""

    ORGANISATION = "organisasjon"
    NAME = "navn"


@dataclass(frozen=True)
class Compared:
    """A figure that groups are compared by; `count` is how many cases it is made of."""

    measure: str
    figure: Callable[[Indicators], float | None]
    count: Callable[[Indicators], int]
    shown: Callable[[Wording, float | None], str]
    most: float | None = None


COMPARED: Mapping[str, Compared] = MappingProxyType(
    {
        "loefter-holdt": Compared(
            "promise_kept", lambda of: of.promise.share, lambda of: of.promise.due, percent, most=1
        ),
        "svartid": Compared("response_median", lambda of: of.response.median, lambda of: of.response.n, days),
        "svaret-hjalp": Compared(
            "satisfaction",
            lambda of: of.satisfaction.share,
            lambda of: of.satisfaction.helped + of.satisfaction.not_helped,
            percent,
            most=1,
        ),
    }
)
"""By their names in addresses."""


@dataclass(frozen=True)
class Compare:
    """One group: its figure, of how many, and between which bounds it may lie; None where too few say."""

    value: str | None
    name: str
    count: int
    figure: float | None
    interval: Interval | None

    def verdict(self, whole: float | None) -> str:
        """`too_few`, `above`, `below` or `alike`: the end of a text's key."""
        if self.figure is None or self.interval is None or whole is None:
            return "too_few"
        if not self.interval.excludes(whole):
            return "alike"
        return "above" if self.interval.low > whole else "below"


@dataclass(frozen=True)
class Comparison:
    """All groups of a selection by one figure."""

    name: str
    order: Order
    selection: Selection
    whole: Indicators
    groups: Sequence[Compare]

    @property
    def of(self) -> Compared:
        """What they are compared by."""
        return COMPARED[self.name]

    @property
    def figure(self) -> float | None:
        """That of the whole."""
        return self.of.figure(self.whole)

    @property
    def judged(self) -> Sequence[Compare]:
        """Those with enough cases."""
        return [group for group in self.groups if group.interval is not None]

    def drawn(self, say: Wording) -> Chart | None:
        """Those with enough cases, each with its interval; None where there are none."""
        judged = [(group, group.interval) for group in self.groups if group.interval is not None]
        if not judged:
            return None
        shown = self.of.shown
        return _drawn(
            self.name,
            tuple(group.name for group, _ in judged),
            # One more case is seen in the words, and rarely in the drawing, which takes its time.
            tuple((self._at(of.low), self._at(group.figure or 0), self._at(of.high)) for group, of in judged),
            tuple(
                (shown(say, group.figure), f"{shown(say, of.low)} – {shown(say, of.high)}")
                for group, of in judged
            ),
            None if self.figure is None else self._at(self.figure),
            self.selection.by,
            say,
        )

    def _at(self, figure: float) -> float:
        """Where it is drawn: less than half a dot from where it is."""
        return round(figure, 3 if self.of.most else 2)

    def table(self, say: Wording) -> Table:
        """Every group, those with too few cases too."""
        columns = [
            (say.text(f"insight.{self.selection.by}"), Shows.WORDS),
            (say.text("comparison.count"), Shows.COUNT),
            (say.text(f"comparison.figure.{self.of.measure}"), Shows.WORDS),
            (say.text("comparison.interval"), Shows.WORDS),
            (say.text("comparison.verdict"), Shows.WORDS),
        ]
        rows = [
            Row(
                [
                    group.name,
                    group.count,
                    self.of.shown(say, group.figure) if group.interval else None,
                    self._between(group.interval, say),
                    say.text(f"comparison.is.{group.verdict(self.figure)}"),
                ],
                f"/innsikt?{self.selection.narrowed(self.selection.by, group.value).query()}"
                if group.value
                else None,
            )
            for group in self.groups
        ]
        return Table(self._file, say.text("comparison.table"), columns, rows)

    def numbers(self, say: Wording) -> Table:
        """The same for a spreadsheet: the bounds in columns of their own, shares from 0 to 1 and lengths in days."""
        columns = [
            (say.text(f"insight.{self.selection.by}"), Shows.WORDS),
            (say.text("comparison.count"), Shows.COUNT),
            (say.text(f"comparison.figure.{self.of.measure}"), Shows.DAYS),
            (say.text("comparison.low"), Shows.DAYS),
            (say.text("comparison.high"), Shows.DAYS),
            (say.text("comparison.verdict"), Shows.WORDS),
        ]
        rows = []
        for group in self.groups:
            verdict = say.text(f"comparison.is.{group.verdict(self.figure)}")
            told = (
                (group.figure, group.interval.low, group.interval.high)
                if group.interval
                else (None, None, None)
            )
            rows.append(Row([group.name, group.count, *told, verdict]))
        return Table(self._file, say.text("comparison.table"), columns, rows)

    @property
    def _file(self) -> str:
        return f"sammenlikning-{PARAMETERS[self.selection.by]}"

    def chance(self, say: Wording) -> str:
        """How many would differ by chance alone."""
        count = len(self.judged)
        return say.text("comparison.chance", count=count, expected=say.n(count * (1 - CONFIDENCE), 1))

    def _between(self, interval: Interval | None, say: Wording) -> str | None:
        if interval is None:
            return None
        return say.text(
            "comparison.between", low=self.of.shown(say, interval.low), high=self.of.shown(say, interval.high)
        )


@lru_cache(maxsize=DRAWN)
def _drawn(
    name: str,
    labels: Sequence[str],
    bounds: Sequence[tuple[float, float, float]],
    told: Sequence[tuple[str, str]],
    whole: float | None,
    by: Dimension,
    say: Wording,
) -> Chart:
    of = COMPARED[name]
    return intervals(
        say.text("comparison.chart", figure=say.text(f"comparison.figure.{of.measure}")),
        labels,
        bounds,
        whole,
        names=(say.text("comparison.point"), say.text("comparison.interval"), say.text("comparison.whole")),
        told=told,
        column=say.text(f"insight.{by}"),
        axis=say.n if of.shown is days else lambda figure: of.shown(say, figure),
        most=of.most,
        note=say.text("comparison.in_days") if of.shown is days else "",
    )


async def asked_comparison(
    query: Mapping[str, str], reader: Reader, selection: Selection, names: Names
) -> Comparison:
    """The comparison that an address asks for; by promises kept where it does not say."""
    name = query.get("maltall", "")
    order = next((one for one in Order if one == query.get("orden")), Order.ORGANISATION)
    async with reader.reading(selection.organisation) as reading:
        return await read(
            reading, selection, name if name in COMPARED else next(iter(COMPARED)), order, names
        )


async def read(reading: Reading, selection: Selection, name: str, order: Order, names: Names) -> Comparison:
    """The groups of a selection by one figure; those without any case of it are left out."""
    of = COMPARED[name]
    whole, groups = await read_groups(reading, selection)
    counted = {value: of.count(group) for value, group in groups.items() if of.count(group)}
    bounds = await _bounds(reading, selection, of, groups, counted)
    compared = [
        Compare(
            value,
            names.name(selection.by, value),
            counted[value],
            of.figure(groups[value]),
            bounds.get(value),
        )
        for value in names.in_order(selection.by, counted)
    ]
    if order == Order.NAME:
        compared.sort(key=lambda group: (group.value is None, group.name.casefold()))
    return Comparison(name, order, selection, whole, compared)


async def _bounds(
    reading: Reading, selection: Selection, of: Compared, groups: Groups, counted: Mapping[str | None, int]
) -> dict[str | None, Interval]:
    enough = {value: count for value, count in counted.items() if count >= ENOUGH}
    if of.measure == "response_median":
        question = reading.question(selection.period, selection.chosen)
        answered = {value: groups[value].response for value in enough}
        return await median_bounds(reading.session, question, selection.by, answered)
    found = {}
    for value, count in enough.items():
        interval = wilson(round((of.figure(groups[value]) or 0) * count), count)
        if interval:
            found[value] = interval
    return found

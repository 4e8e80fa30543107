"""What a dashboard page reads: figures of a selection, now and earlier, divided, and month by month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.metrics.figures import over_time
from services.metrics.indicators import Indicators, Trend
from services.metrics.periods import Period
from services.metrics.reading import Reading
from services.metrics.selection import Selection

Groups = Mapping[str | None, Indicators]
YEARS_BACK = 2
"""A development begins in January so many years before the year it ends in."""


@dataclass(frozen=True)
class Insight:
    """Figures of one selection, all of one moment; `before` and `last_year` are of the periods of these names.

    A period that is not over is compared with as many days of the others, so that counts can be compared.
    """

    selection: Selection
    today: date
    now: Indicators
    before: Indicators
    last_year: Indicators
    groups: Groups

    @property
    def period(self) -> Period:
        """The period as far as it has come."""
        return self.selection.period.until(self.today)

    @property
    def period_before(self) -> Period:
        """What `before` is of."""
        return earlier(self.selection.period, self.today)[0]

    @property
    def period_last_year(self) -> Period:
        """What `last_year` is of."""
        return earlier(self.selection.period, self.today)[1]

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


def earlier(period: Period, today: date) -> tuple[Period, Period]:
    """The period before and that of last year, as many days of them as have come of this one."""
    before, last_year = period.before(), period.a_year_before()
    if period.last <= today or today < period.first:
        return before, last_year
    passed = today - period.first
    return before.until(before.first + passed), last_year.until(last_year.first + passed)


async def read(reading: Reading, selection: Selection) -> Insight:
    """Everything the overview and the tables show; as many queries however many groups there are."""
    period, chosen = selection.period, selection.chosen
    before, last_year = earlier(period, reading.today)
    now, was_before, was_last_year, grouped = await reading.together(
        [(period, ()), (before, ()), (last_year, ()), (period, (selection.by,))], chosen
    )
    return Insight(
        selection,
        reading.today,
        now=now[()],
        before=was_before[()],
        last_year=was_last_year[()],
        groups={key[0]: indicators for key, indicators in grouped.items()},
    )


async def read_groups(reading: Reading, selection: Selection) -> tuple[Indicators, Groups]:
    """The whole and its groups in the period alone."""
    whole, grouped = await reading.grouped([(), (selection.by,)], selection.period, selection.chosen)
    return whole[()], {key[0]: indicators for key, indicators in grouped.items()}


async def read_months(reading: Reading, selection: Selection) -> Sequence[Trend]:
    """Each month from the first with a case on; see `months`."""
    parts = months(selection.period, reading.today)
    if not parts:
        return []
    question = reading.question(Period(parts[0].first, parts[-1].last), selection.chosen)
    trends = await over_time(reading.session, question, parts)
    begun = next((place for place, trend in enumerate(trends) if has_cases(trend)), len(trends))
    return trends[begun:]


def has_cases(trend: Trend) -> bool:
    """Whether anything was received, due or answered."""
    return any((trend.received.total, trend.promise.due, trend.response.n))


def months(period: Period, today: date) -> list[Period]:
    """The whole months that a development shows: those over by now and by the end of the period.

    They begin in January two years before, so that the limits, made of the first twelve, stand still all year
    and are the same to everybody who looks in it.
    """
    last = min(period.last, today)
    year = last.year - YEARS_BACK
    every = [Period.months(year, month) for month in range(1, 12 * YEARS_BACK + last.month + 1)]
    return [month for month in every if month.last <= period.last and month.last < today]

"""What a period is called."""

from services.metrics.periods import Period
from shared.web.i18n import Wording

_WEEK = 7


def name_of(say: Wording, period: Period) -> str:
    """November 2026; 3. tertial 2026; 2026; else its days."""
    year, months = period.first.year, period.whole_months
    if period.name is None:
        return in_days(say, period)
    if months == 1:
        return say.text("period.month", month=say.text(f"period.months.{period.first.month}"), year=year)
    if period.name == str(year):
        return period.name
    return say.text(f"period.tertial.{1 + period.first.month // 4}", year=year)


def in_days(say: Wording, period: Period) -> str:
    """A period by its first day and its last."""
    first, last = period.first, period.last
    if first == last:
        return say.day_short(first)
    begins = say.day_short(first)
    if first.year == last.year:
        begins = begins.removesuffix(f" {first.year}")
    return say.text("insight.from_to", first=begins, last=say.day_short(last))


def short(say: Wording, period: Period, *, with_year: bool = True) -> str:
    """A part of a longer period, as short as a chart needs it."""
    if period.days == 1:
        return say.text("insight.day", day=period.first.day, month=period.first.month)
    if period.days <= _WEEK:
        return say.text("insight.week", number=period.first.isocalendar().week)
    month = say.text(f"insight.months.{period.first.month}")
    return say.text("insight.month", month=month, year=period.first.year) if with_year else month

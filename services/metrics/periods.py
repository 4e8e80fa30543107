"""Periods of whole Norwegian days: those people ask for, and those they are compared with."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Self

from shared.workdays import FIRST_YEAR, LAST_YEAR

_DAY = timedelta(days=1)
_NAME = re.compile(r"(?P<year>\d{4})(?:-(?P<month>0[1-9]|1[0-2])|-T(?P<tertial>[123]))?", re.ASCII)
_MONTHS = 12
_TERTIAL = 4


class Preset(StrEnum):
    """The periods with a name; the value stands in addresses."""

    LAST_30_DAYS = "siste-30-dager"
    THIS_MONTH = "denne-maneden"
    LAST_MONTH = "forrige-maned"
    THIS_TERTIAL = "dette-tertialet"
    LAST_TERTIAL = "forrige-tertial"
    THIS_YEAR = "i-ar"
    LAST_YEAR = "i-fjor"


class PeriodError(ValueError):
    """A period that ends before it begins."""

    def __init__(self, first: date, last: date) -> None:
        super().__init__(f"the period ends ({last}) before it begins ({first})")
        self.first = first
        self.last = last


@dataclass(frozen=True)
class Period:
    """From the first day to the last, both included. Raises PeriodError."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise PeriodError(self.first, self.last)

    @classmethod
    def months(cls, year: int, month: int, count: int = 1) -> Self:
        """So many whole months from this one on; `month` may lie outside 1 to 12."""
        return cls(_month(year, month), _month(year, month + count) - _DAY)

    @classmethod
    def tertial(cls, year: int, number: int) -> Self:
        """Four months: tertial 1 begins in January, 2 in May, 3 in September."""
        return cls.months(year, 1 + _TERTIAL * (number - 1), _TERTIAL)

    @classmethod
    def of(cls, preset: Preset, today: date) -> Self:
        """What a preset means on this day."""
        year, month = today.year, today.month
        tertial = 1 + (month - 1) // _TERTIAL
        return {
            Preset.LAST_30_DAYS: cls(today - 29 * _DAY, today),
            Preset.THIS_MONTH: cls.months(year, month),
            Preset.LAST_MONTH: cls.months(year, month - 1),
            Preset.THIS_TERTIAL: cls.tertial(year, tertial),
            Preset.LAST_TERTIAL: cls.tertial(year, tertial - 1),
            Preset.THIS_YEAR: cls.months(year, 1, _MONTHS),
            Preset.LAST_YEAR: cls.months(year - 1, 1, _MONTHS),
        }[preset]

    @classmethod
    def named(cls, name: str) -> Self | None:
        """The month `2026-11`, tertial `2026-T3` or year `2026`; None for any other name."""
        found = _NAME.fullmatch(name)
        if not found or not FIRST_YEAR < int(found["year"]) < LAST_YEAR:
            return None
        year = int(found["year"])
        if found["month"]:
            return cls.months(year, int(found["month"]))
        return cls.tertial(year, int(found["tertial"])) if found["tertial"] else cls.months(year, 1, _MONTHS)

    @property
    def name(self) -> str | None:
        """The name that `named` takes; None for days that have none."""
        year, months = self.first.year, self.whole_months
        if months == 1:
            return f"{year}-{self.first.month:02}"
        if months == _TERTIAL and self.first.month % _TERTIAL == 1:
            return f"{year}-T{1 + self.first.month // _TERTIAL}"
        return str(year) if months == _MONTHS and self.first.month == 1 else None

    @property
    def days(self) -> int:
        """How many days it has."""
        return (self.last - self.first).days + 1

    @property
    def whole_months(self) -> int | None:
        """How many calendar months it consists of; None where it is not whole months."""
        after = self.last + _DAY
        if self.first.day != 1 or after.day != 1:
            return None
        return (after.year - self.first.year) * _MONTHS + after.month - self.first.month

    def before(self) -> "Period":
        """The one just before, as long: as many months where it is whole months, else as many days."""
        months = self.whole_months
        if months:
            return Period.months(self.first.year, self.first.month - months, months)
        return Period(self.first - self.days * _DAY, self.first - _DAY)

    def after(self) -> "Period":
        """The one just after, as long."""
        months = self.whole_months
        if months:
            return Period.months(self.first.year, self.first.month + months, months)
        return Period(self.last + _DAY, self.last + self.days * _DAY)

    def a_year_before(self) -> "Period":
        """The same days of the year before; 29 February becomes the 28th."""
        if self.whole_months:
            return Period.months(self.first.year - 1, self.first.month, self.whole_months)
        return Period(_a_year_before(self.first), _a_year_before(self.last))

    def until(self, day: date) -> "Period":
        """As much of it as has come by this day; at least its first day."""
        return Period(self.first, max(self.first, min(self.last, day)))

    def by_month(self) -> Iterator["Period"]:
        """The calendar months it touches, whole."""
        first = _month(self.first.year, self.first.month)
        while first <= self.last:
            yield Period.months(first.year, first.month)
            first = _month(first.year, first.month + 1)

    def by_day(self) -> Iterator[date]:
        """Its days."""
        return (self.first + number * _DAY for number in range(self.days))

    def around(self, day: date) -> list["Period"]:
        """Its days before this one, the day and those after; as many of the three as it has."""
        ends = (
            (self.first, min(self.last, day - _DAY)),
            (max(self.first, day), min(self.last, day)),
            (max(self.first, day + _DAY), self.last),
        )
        return [Period(first, last) for first, last in ends if first <= last]

    def cut(self) -> list["Period"]:
        """Its calendar months; the first and the last may be shorter."""
        return [Period(max(month.first, self.first), min(month.last, self.last)) for month in self.by_month()]

    def rest_of(self, whole: "Period") -> "Period | None":
        """The days of the whole that it does not have, where these are one period: it stands at either end of it."""
        if self.first == whole.first and self.last < whole.last:
            return Period(self.last + _DAY, whole.last)
        if self.last == whole.last and self.first > whole.first:
            return Period(whole.first, self.first - _DAY)
        return None

    def months_and_days(self) -> list[tuple[str, "Period"]]:
        """Its whole months together, as `m`, and the days before and after them, as `d`."""
        begins = self.first if self.first.day == 1 else _month(self.first.year, self.first.month + 1)
        after = self.last + _DAY
        ends = _month(after.year, after.month)
        if ends <= begins:
            return [("d", self)]
        pieces = [("m", Period(begins, ends - _DAY))]
        if self.first < begins:
            pieces.append(("d", Period(self.first, begins - _DAY)))
        if ends <= self.last:
            pieces.append(("d", Period(ends, self.last)))
        return pieces


def runs_of(days: Iterable[date]) -> list[Period]:
    """The days in order, those that follow each other together."""
    runs: list[Period] = []
    for day in sorted(days):
        if runs and runs[-1].last + _DAY == day:
            runs[-1] = Period(runs[-1].first, day)
        else:
            runs.append(Period(day, day))
    return runs


def _month(year: int, month: int) -> date:
    """The first day of a month; month 13 is January of the year after, month 0 December of the one before."""
    return date(year + (month - 1) // _MONTHS, 1 + (month - 1) % _MONTHS, 1)


def _a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)

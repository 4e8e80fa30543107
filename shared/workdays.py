"""Norwegian working days.

A working day is a day that is neither Saturday, nor Sunday, nor a public holiday, nor one that the
municipality itself holds closed. Public holidays follow from the date of Easter by law (helligdagsfredloven
§ 2 and the act on 1 and 17 May), so they are reckoned here and not looked up: the calendar libraries stop at
2100, in silence, and a year without holidays would give wrong deadlines that nobody notices.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Self

from dateutil.easter import easter

FIRST_YEAR = 1970
LAST_YEAR = 2199

_DAY = timedelta(days=1)
_FIXED_HOLIDAYS = (
    (1, 1, "new_years_day"),
    (5, 1, "labour_day"),
    (5, 17, "constitution_day"),
    (12, 25, "christmas_day"),
    (12, 26, "second_christmas_day"),
)
_HOLIDAYS_FROM_EASTER = (
    (-3, "maundy_thursday"),
    (-2, "good_friday"),
    (0, "easter_sunday"),
    (1, "easter_monday"),
    (39, "ascension_day"),
    (49, "whit_sunday"),
    (50, "whit_monday"),
)


class CalendarEndsError(ValueError):
    """A day in a year whose holidays the calendar does not know."""

    def __init__(self, year: int) -> None:
        """Keep the year that was asked for."""
        super().__init__(f"the calendar knows the years {FIRST_YEAR} to {LAST_YEAR}, not {year}")
        self.year = year


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a day is not a working day.

    :param key: a public holiday's key such as `whit_monday`, or `saturday`, `sunday`, `christmas_eve`,
        `new_years_eve`, or `closed` for a day of the municipality's own; its words are the catalogue's
        `deadline.day.<key>`.
    :param name: what the municipality calls a day of its own, else `None`.
    """

    key: str
    name: str | None = None


_WEEKEND: Mapping[int, tuple[Reason, ...]] = {5: (Reason("saturday"),), 6: (Reason("sunday"),)}


@dataclass(frozen=True)
class WorkCalendar:
    """The working days of one municipality in the years 1970 to 2199; every other year is an error.

    24 and 31 December are working days by law; a municipality may hold them closed, and other days too.
    Each year is reckoned when it is first asked for. Every method raises `CalendarEndsError` for a day
    outside the known years.
    """

    christmas_eve_closed: bool = False
    new_years_eve_closed: bool = False
    closed_days: frozenset[tuple[date, str]] = frozenset()
    _years: dict[int, Mapping[date, tuple[Reason, ...]]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def closing(
        cls,
        closed_days: Mapping[date, str],
        *,
        christmas_eve_closed: bool = False,
        new_years_eve_closed: bool = False,
    ) -> Self:
        """Make the calendar of a municipality with closed days of its own: the day and what it is called."""
        return cls(christmas_eve_closed, new_years_eve_closed, frozenset(closed_days.items()))

    @property
    def last_year(self) -> int:
        """The last year whose working days are known."""
        return LAST_YEAR

    def is_working_day(self, day: date) -> bool:
        """Tell whether people are at work."""
        return not self.why_not_working(day)

    def why_not_working(self, day: date) -> tuple[Reason, ...]:
        """Say why a day is not a working day: nothing if it is one.

        A day can be two holidays at once, as 17 May 2027 is. That it also is a Saturday or Sunday is said
        only when nothing else is.
        """
        return self._closures(day.year).get(day) or _WEEKEND.get(day.weekday(), ())

    def next_working_day(self, day: date, *, inclusive: bool = False) -> date:
        """Find the first working day after `day`, or from `day` on when it is included."""
        if not inclusive:
            day += _DAY
        while self.why_not_working(day):
            day += _DAY
        return day

    def add_working_days(self, day: date, count: int) -> date:
        """Find the `count`-th working day after `day`, or before it if negative; 0 is `day` itself.

        The first working day after `day` is number one, whether `day` is a working day or not.
        """
        step = _DAY if count > 0 else -_DAY
        left = abs(count)
        while left:
            day += step
            left -= not self.why_not_working(day)
        return day

    def working_days_between(self, start: date, end: date) -> int:
        """Count how many working days `end` lies after `start`, negative if before; `start` never counts."""
        if end < start:
            return -sum(map(self.is_working_day, _days(end, start)))
        return sum(map(self.is_working_day, _days(start + _DAY, end + _DAY)))

    def _closures(self, year: int) -> Mapping[date, tuple[Reason, ...]]:
        closures = self._years.get(year)
        if closures is None:
            closures = self._years[year] = self._reckon(year)
        return closures

    def _reckon(self, year: int) -> Mapping[date, tuple[Reason, ...]]:
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise CalendarEndsError(year)
        closures: dict[date, tuple[Reason, ...]] = {}
        for day, reason in (*public_holidays(year), *self._own_closures(year)):
            closures[day] = (*closures.get(day, ()), reason)
        return closures

    def _own_closures(self, year: int) -> Iterator[tuple[date, Reason]]:
        if self.christmas_eve_closed:
            yield date(year, 12, 24), Reason("christmas_eve")
        if self.new_years_eve_closed:
            yield date(year, 12, 31), Reason("new_years_eve")
        for day, name in sorted(self.closed_days):
            if day.year == year:
                yield day, Reason("closed", name)


def public_holidays(year: int) -> Iterator[tuple[date, Reason]]:
    """Give a year's public holidays but for the ordinary Sundays; two may fall on the same day."""
    for month, day, key in _FIXED_HOLIDAYS:
        yield date(year, month, day), Reason(key)
    easter_sunday: date = easter(year)
    for days, key in _HOLIDAYS_FROM_EASTER:
        yield easter_sunday + days * _DAY, Reason(key)


def _days(start: date, stop: date) -> Iterator[date]:
    while start < stop:
        yield start
        start += _DAY

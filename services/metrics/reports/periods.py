"""The periods that reports are about, and their names: `2026-11`, `2026-T2`, `2026`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.metrics.periods import Period

FIRST_YEAR, LAST_YEAR = 2000, 2199
_MONTHS = 12
_TERTIAL_MONTHS = 4
_POINTS = {"monthly": 12, "tertial": 6, "annual": 6}


class ReportKind(StrEnum):
    """Månedsrapport, tertialrapport, årsrapport; the value stands in addresses and commands."""

    MONTHLY = "monthly"
    TERTIAL = "tertial"
    ANNUAL = "annual"


class ReportPeriodError(ValueError):
    """A period that the kind of report is not made for."""

    def __init__(self, kind: ReportKind, code: str) -> None:
        super().__init__(f"a {kind} report is of a period such as {_EXAMPLES[kind]}, not {code!r}")
        self.kind = kind
        self.code = code


_EXAMPLES = {ReportKind.MONTHLY: "2026-11", ReportKind.TERTIAL: "2026-T2", ReportKind.ANNUAL: "2026"}
_CODES = {
    ReportKind.MONTHLY: re.compile(r"(\d{4})-(0[1-9]|1[0-2])"),
    ReportKind.TERTIAL: re.compile(r"(\d{4})-[Tt]([1-3])"),
    ReportKind.ANNUAL: re.compile(r"(\d{4})"),
}


@dataclass(frozen=True)
class ReportPeriod:
    """A month, a tertial or a year; `number` is that of the month or tertial, 1 for a year."""

    kind: ReportKind
    year: int
    number: int = 1

    @classmethod
    def parse(cls, kind: ReportKind, code: str) -> "ReportPeriod":
        """The period of this name. Raises ReportPeriodError."""
        match = _CODES[kind].fullmatch(code.strip())
        if not match or not FIRST_YEAR <= int(match[1]) <= LAST_YEAR:
            raise ReportPeriodError(kind, code)
        return cls(kind, int(match[1]), int(match[2]) if kind != ReportKind.ANNUAL else 1)

    @classmethod
    def with_day(cls, kind: ReportKind, day: date) -> "ReportPeriod":
        """The one that this day is in."""
        match kind:
            case ReportKind.MONTHLY:
                return cls(kind, day.year, day.month)
            case ReportKind.TERTIAL:
                return cls(kind, day.year, 1 + (day.month - 1) // _TERTIAL_MONTHS)
            case ReportKind.ANNUAL:
                return cls(kind, day.year)

    @property
    def code(self) -> str:
        """Its name, in addresses and commands."""
        match self.kind:
            case ReportKind.MONTHLY:
                return f"{self.year}-{self.number:02}"
            case ReportKind.TERTIAL:
                return f"{self.year}-T{self.number}"
            case ReportKind.ANNUAL:
                return str(self.year)

    @property
    def days(self) -> Period:
        """From its first day to its last."""
        match self.kind:
            case ReportKind.MONTHLY:
                return Period.months(self.year, self.number)
            case ReportKind.TERTIAL:
                return Period.tertial(self.year, self.number)
            case ReportKind.ANNUAL:
                return Period.months(self.year, 1, _MONTHS)

    def before(self) -> "ReportPeriod":
        """The one just before."""
        if self.kind == ReportKind.ANNUAL:
            return ReportPeriod(self.kind, self.year - 1)
        if self.number > 1:
            return ReportPeriod(self.kind, self.year, self.number - 1)
        return ReportPeriod(self.kind, self.year - 1, _MONTHS if self.kind == ReportKind.MONTHLY else 3)

    def a_year_before(self) -> "ReportPeriod":
        """The same one of the year before."""
        return ReportPeriod(self.kind, self.year - 1, self.number)

    def development(self) -> Sequence["ReportPeriod"]:
        """The periods of the trend, the oldest first, this one last: a year of months, two of tertials.

        Of a year they are its tertials and those of the year before.
        """
        last = self
        if self.kind == ReportKind.ANNUAL:
            last = ReportPeriod(ReportKind.TERTIAL, self.year, 3)
        points = [last]
        while len(points) < _POINTS[self.kind]:
            points.append(points[-1].before())
        return points[::-1]

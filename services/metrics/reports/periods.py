"""The periods that reports are about, and their names: `2026-11`, `2026-T2`, `2026`."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.metrics.periods import Period


class ReportKind(StrEnum):
    """Månedsrapport, tertialrapport, årsrapport; the value stands in commands."""

    MONTHLY = "monthly"
    TERTIAL = "tertial"
    ANNUAL = "annual"


PUBLIC = (ReportKind.TERTIAL, ReportKind.ANNUAL)
"""What anybody can read once it is issued."""
_MONTHS = {ReportKind.MONTHLY: 1, ReportKind.TERTIAL: 4, ReportKind.ANNUAL: 12}
_POINTS = {ReportKind.MONTHLY: 12, ReportKind.TERTIAL: 6, ReportKind.ANNUAL: 6}
_EXAMPLES = {ReportKind.MONTHLY: "2026-11", ReportKind.TERTIAL: "2026-T2", ReportKind.ANNUAL: "2026"}


class ReportPeriodError(ValueError):
    """A period that the kind of report is not made for."""

    def __init__(self, kind: ReportKind, code: str) -> None:
        super().__init__(f"a {kind} report is of a period such as {_EXAMPLES[kind]}, not {code!r}")
        self.kind = kind
        self.code = code


@dataclass(frozen=True)
class ReportPeriod:
    """A month, a tertial or a year; `number` is that of the month or tertial, 1 for a year."""

    kind: ReportKind
    year: int
    number: int = 1

    @classmethod
    def parse(cls, kind: ReportKind, code: str) -> "ReportPeriod":
        """The period of this name. Raises ReportPeriodError."""
        days = Period.named(code.strip().upper())
        if days is None or days.whole_months != _MONTHS[kind]:
            raise ReportPeriodError(kind, code)
        return cls.with_day(kind, days.first)

    @classmethod
    def about(cls, kind: ReportKind, code: str) -> "ReportPeriod":
        """The period that the named one is, or is within: of a tertial report that of `2026-11` is `2026-T3`.

        Raises ReportPeriodError.
        """
        days = Period.named(code.strip().upper())
        if days is None or (days.whole_months or 0) > _MONTHS[kind]:
            raise ReportPeriodError(kind, code)
        return cls.with_day(kind, days.first)

    @classmethod
    def with_day(cls, kind: ReportKind, day: date) -> "ReportPeriod":
        """The one that this day is in."""
        return cls(kind, day.year, 1 + (day.month - 1) // _MONTHS[kind])

    @property
    def code(self) -> str:
        """Its name, in addresses and commands."""
        return self.days.name or ""

    @property
    def days(self) -> Period:
        """From its first day to its last."""
        months = _MONTHS[self.kind]
        return Period.months(self.year, 1 + months * (self.number - 1), months)

    def before(self) -> "ReportPeriod":
        """The one just before."""
        return self.with_day(self.kind, self.days.before().first)

    def a_year_before(self) -> "ReportPeriod":
        """The same one of the year before."""
        return ReportPeriod(self.kind, self.year - 1, self.number)

    def development(self) -> Sequence["ReportPeriod"]:
        """The periods of the trend, the oldest first, this one last: a year of months, two of tertials.

        Of a year they are its tertials and those of the year before.
        """
        kind = ReportKind.TERTIAL if self.kind == ReportKind.ANNUAL else self.kind
        points = [self.with_day(kind, self.days.last)]
        while len(points) < _POINTS[self.kind]:
            points.append(points[-1].before())
        return points[::-1]

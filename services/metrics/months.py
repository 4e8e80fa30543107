"""Which months have changed since they were last looked at.

Whatever is counted of a day writes the cell of all cases in its month. Which transaction wrote it last, and where
it stands, is told by PostgreSQL (`xmin` and `ctid`), and is another after each change.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.periods import Period

Version = tuple[Any, ...]
_HELD = "months"
_MONTHS = text("""
    SELECT cell.first, cell.xmin, cell.ctid, cell.backlog_print FROM cell JOIN cell_key AS k USING (key)
    WHERE k.by = 0 AND cell.grain = 'm'
""")


@dataclass(frozen=True)
class Months:
    """As they are at one moment."""

    versions: Mapping[date, Version]
    backlog_prints: Mapping[date, int]
    _of_periods: dict[Period, Version] = field(default_factory=dict)

    def version(self, period: Period) -> Version:
        """Of all months it touches: the same as long as nothing in them has changed."""
        if period not in self._of_periods:
            self._of_periods[period] = tuple(self.versions.get(month.first) for month in period.by_month())
        return self._of_periods[period]


def hold(session: AsyncSession) -> None:
    """Says that all that is read in this session is of one moment: the months are then looked at once."""
    session.info[_HELD] = None


async def months(session: AsyncSession) -> Months:
    """All months in which anything happened."""
    held: Months | None = session.info.get(_HELD)
    if held is None:
        rows = (await session.execute(_MONTHS)).all()
        held = Months(
            {first: (xmin, ctid) for first, xmin, ctid, _ in rows}, {row[0]: row[3] for row in rows}
        )
        if _HELD in session.info:
            session.info[_HELD] = held
    return held

"""Which months and days have changed since they were last looked at.

Whatever is counted of a day writes the cells of all cases of that day and of its month. Which transaction wrote a
cell last, and where it stands, is told by PostgreSQL (`xmin` and `ctid`), and is another after each change.
"""

from collections.abc import Collection
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.periods import Period

Version = tuple[Any, ...]
_HELD = "months"
_OF_ALL_CASES = """
    SELECT cell.first, cell.xmin, cell.ctid, cell.backlog_print FROM {} JOIN cell_key AS k ON k.by = 0
    JOIN cell ON cell.key = k.key AND {}
"""
_MONTHS = text(_OF_ALL_CASES.format("(SELECT) AS one", "cell.grain = 'm'"))
_DAYS = text(
    _OF_ALL_CASES.format(
        "unnest(CAST(:months AS date[])) AS month",
        "cell.grain = 'd' AND cell.first >= month AND cell.first < month + INTERVAL '1 month'",
    )
)


class Months:
    """As they are at one moment."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session
        self._cells: dict[tuple[str, date], Version] = {}
        self._read: set[date] = set()
        self._versions: dict[Period, Version] = {}
        self.prints: dict[date, int] = {}
        """What the backlog depends on (`cells`), by the first day of each month in which anything happened."""
        self.prints_of_days: dict[date, int] = {}
        """The same of each day of the months that were read day by day."""

    async def read(self) -> None:
        """Reads all months."""
        for first, xmin, ctid, backlog_print in await self._session.execute(_MONTHS):
            self._cells["m", first] = (xmin, ctid)
            self.prints[first] = backlog_print

    async def read_days(self, of: Collection[date]) -> None:
        """Reads the days of the months that begin on these."""
        unread = {*of} - self._read
        if not unread:
            return
        for day, xmin, ctid, backlog_print in await self._session.execute(_DAYS, {"months": sorted(unread)}):
            self._cells["d", day] = (xmin, ctid)
            self.prints_of_days[day] = backlog_print
        self._read |= unread

    def version(self, period: Period) -> Version:
        """Of all months that it touches: the same as long as nothing in them has changed."""
        if period not in self._versions:
            self._versions[period] = tuple(self._cells.get(("m", month.first)) for month in period.by_month())
        return self._versions[period]

    def version_of_days(self, period: Period) -> Version:
        """Of its days, which have been read: the same as long as nothing in them has changed."""
        return tuple(self._cells.get(("d", day)) for day in period.by_day())


def hold(session: AsyncSession) -> None:
    """Says that all that is read in this session is of one moment: the months are then looked at once."""
    session.info[_HELD] = None


async def months(session: AsyncSession) -> Months:
    """The months as the session sees them."""
    held: Months | None = session.info.get(_HELD)
    if held is None:
        held = Months(session)
        await held.read()
        if _HELD in session.info:
            session.info[_HELD] = held
    return held

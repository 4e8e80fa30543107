"""Keeps what is published, so that a page which everybody reads does not ask the database each time."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, text

from services.metrics import published
from services.metrics.cells import set_for
from services.metrics.indicators import Dimension
from services.metrics.periods import Period
from services.metrics.published import Line, Published
from services.metrics.reading import Reader
from services.metrics.store import CaseFact
from shared.clock import Clock

NOW = timedelta(minutes=1)
"""How old the figures of the tertial it is may be, and invented ones; those of one that is over are read each day.

A simulated year may be removed and another made up between two looks, and tells of nobody.
"""


_SECTIONS = text(
    f"SELECT DISTINCT unit, section FROM cell_key WHERE by = {set_for([Dimension.UNIT]).by}"  # noqa: S608 - a number of ours
)
"""Every unit with each section it has been in."""
_Kept = tuple[datetime, date, Published]
"""When it was read, on which day, and what was found."""


class Publications:
    """Each tertial as it is published, read at most once a minute or, once it is over, once a day.

    What is kept goes with a simulated year: `is_invented` says whether the figures are of one now.
    """

    def __init__(self, reader: Reader, clock: Clock, is_invented: Callable[[], bool]) -> None:
        self._reader = reader
        self._clock = clock
        self._is_invented = is_invented
        self._kept: dict[Period, _Kept] = {}
        self._one_at_a_time = asyncio.Lock()

    async def of(self, tertial: Period) -> Published:
        """What is published of a tertial."""
        async with self._one_at_a_time:
            now, today = self._clock(), self._reader.today()
            if (kept := self._kept.get(tertial)) and self._holds(kept, tertial, now, today):
                return kept[2]
            async with self._reader.reading() as reading:
                found = await published.read(reading, tertial)
            self._kept[tertial] = (now, today, found)
            return found

    def _holds(self, kept: _Kept, tertial: Period, now: datetime, today: date) -> bool:
        read_at, read_on, found = kept
        is_settled = tertial.last < today and not found.invented
        is_fresh = read_on == today and (is_settled or abs(now - read_at) < NOW)
        return is_fresh and found.invented == self._is_invented()

    async def every(self) -> Sequence[Published]:
        """Every tertial since the first case, the oldest first."""
        return [await self.of(tertial) for tertial in await self._known()]

    async def _known(self) -> Sequence[Period]:
        async with self._reader.reading() as reading:
            first = await reading.session.scalar(select(func.min(CaseFact.received_on)))
        today = self._reader.today()
        if first is None or first > today:
            return []
        tertials = [Period.tertial(first.year, 1 + (first.month - 1) // 4)]
        while tertials[-1].last < today:
            tertials.append(tertials[-1].after())
        return tertials

    async def silences(self, period: Period, dimensions: Sequence[Dimension]) -> Mapping[str | None, Line]:
        """What an answer about this period may not tell, since what is published of its months hides it.

        Nothing where what is published divides time or cases in other ways. By the organisation of now as by that
        of then: most units are the same in both.
        """
        if period.whole_months is None or len(dimensions) != 1:
            return {}
        overlapping = [
            one for one in await self._known() if one.first <= period.last and period.first <= one.last
        ]
        told = [await self.of(tertial) for tertial in overlapping]
        if dimensions[0] is not Dimension.UNIT:
            return published.silences(told, period, dimensions[0])
        async with self._reader.reading() as reading:
            sections = (await reading.session.execute(_SECTIONS)).all()
        return published.units_silences(published.silences(told, period, Dimension.SECTION), sections)

    def today(self) -> date:
        """The day it is in Norway."""
        return self._reader.today()

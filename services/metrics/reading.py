"""Asks for figures as of now: what the pages, the API and the gauges share."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics import figures
from services.metrics.indicators import Dimension, Indicators, Key, Question, Trend
from services.metrics.invented import has_invented
from services.metrics.periods import Period
from shared.clock import Clock, oslo_day
from shared.database import Database
from shared.workdays import WorkCalendar


class Reading:
    """One look at the facts: everything that is read in it, is of the same moment."""

    def __init__(self, session: AsyncSession, today: date, calendar: WorkCalendar) -> None:
        self.session = session
        self.today = today
        self._calendar = calendar

    async def is_invented(self) -> bool:
        """Whether any of the figures are of a simulated year."""
        return await has_invented(self.session)

    def question(self, period: Period, chosen: Mapping[Dimension, str] | None = None) -> Question:
        """A question as of today."""
        return Question(period, self.today, self._calendar, chosen or {})

    async def total(self, period: Period, chosen: Mapping[Dimension, str] | None = None) -> Indicators:
        """The indicators of a period."""
        (whole,) = await self.grouped([()], period, chosen)
        return whole[()]

    async def total_and(
        self, dimensions: Sequence[Dimension], period: Period
    ) -> tuple[Indicators, dict[Key, Indicators] | None]:
        """The indicators of a period and of each group in it; no groups where there are no dimensions."""
        if not dimensions:
            return await self.total(period), None
        whole, groups = await self.grouped([(), dimensions], period)
        return whole[()], groups

    async def grouped(
        self,
        groupings: Sequence[Sequence[Dimension]],
        period: Period,
        chosen: Mapping[Dimension, str] | None = None,
    ) -> list[dict[Key, Indicators]]:
        """The indicators of a period in several groupings."""
        return await figures.grouped(self.session, self.question(period, chosen), groupings)

    async def over_time(self, period: Period, chosen: Mapping[Dimension, str] | None = None) -> list[Trend]:
        """What can be told of each part of a period."""
        question = self.question(period, chosen)
        return await figures.over_time(self.session, question, period.parts())


class Reader:
    """Begins readings."""

    def __init__(self, database: Database, clock: Clock, calendar: WorkCalendar) -> None:
        self._database = database
        self._clock = clock
        self._calendar = calendar

    def today(self) -> date:
        """The day it is in Norway."""
        return oslo_day(self._clock())

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Reading]:
        """A reading of one moment: the total and its groups add up, whatever is being counted meanwhile."""
        async with self._database.reading() as session:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield Reading(session, self.today(), self._calendar)

"""Asks for figures as of now: what the pages, the API and the gauges share."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics import figures
from services.metrics.indicators import Dimension, Indicators, Key, Question, Trend
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

    def question(self, period: Period, chosen: Mapping[Dimension, str] | None = None) -> Question:
        """A question as of today."""
        return Question(period, self.today, self._calendar, chosen or {})

    async def total(self, period: Period, chosen: Mapping[Dimension, str] | None = None) -> Indicators:
        """The indicators of a period."""
        return await figures.total(self.session, self.question(period, chosen))

    async def by(
        self, dimensions: Sequence[Dimension], period: Period, chosen: Mapping[Dimension, str] | None = None
    ) -> dict[Key, Indicators]:
        """The indicators of a period, each group for itself."""
        return await figures.by(self.session, self.question(period, chosen), dimensions)

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

"""Asks for figures as of now: what the pages, the API and the gauges share."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics import figures
from services.metrics.indicators import (
    Declarations,
    Dimension,
    Indicators,
    Key,
    Organisation,
    Question,
)
from services.metrics.invented import has_invented
from services.metrics.months import hold
from services.metrics.organisation import places_now
from services.metrics.periods import Period
from shared.clock import Clock, oslo_day
from shared.database import Database
from shared.municipality import Municipality
from shared.workdays import WorkCalendar


class Reading:
    """One look at the facts: everything that is read in it, is of the same moment."""

    def __init__(
        self,
        session: AsyncSession,
        today: date,
        calendar: WorkCalendar,
        municipality: Municipality | None = None,
        organisation: Organisation = Organisation.THEN,
    ) -> None:
        self.session = session
        self.today = today
        self._calendar = calendar
        self._municipality = municipality
        self._organisation = organisation

    async def is_invented(self) -> bool:
        """Whether any of the figures are of a simulated year."""
        return await has_invented(self.session)

    def question(self, period: Period, chosen: Mapping[Dimension, str] | None = None) -> Question:
        """A question as of today; a unit is asked for with its teams, whose cases it answers for."""
        known = self._municipality
        values: dict[Dimension, tuple[str, ...]] = {name: (value,) for name, value in (chosen or {}).items()}
        if known is not None and Dimension.UNIT in values:
            values[Dimension.UNIT] = known.with_teams(values[Dimension.UNIT][0])
        asked = Question(period, self.today, self._calendar, values)
        if known is None:
            return asked
        now = places_now(known, self.today) if self._organisation is Organisation.NOW else None
        in_force = [promise for promise in known.promises if promise.in_force(asked.seen_on)]
        outdated = sum(promise.outdated(asked.seen_on) for promise in in_force)
        return replace(
            asked,
            now=now,
            declarations=Declarations(current=len(in_force) - outdated, all=len(in_force)),
            residents=known.look.residents_in(asked.seen_on.year),
        )

    async def total(self, period: Period, chosen: Mapping[Dimension, str] | None = None) -> Indicators:
        """The indicators of a period."""
        (whole,) = await self.together([(period, ())], chosen)
        return whole[()]

    async def together(
        self,
        wanted: Sequence[tuple[Period, Sequence[Dimension]]],
        chosen: Mapping[Dimension, str] | None = None,
    ) -> list[dict[Key, Indicators]]:
        """The indicators of each period in the grouping beside it; by nothing, the total under the key of nothing."""
        questions = [(self.question(period, chosen), dimensions) for period, dimensions in wanted]
        return await figures.together(self.session, questions)

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


class Reader:
    """Begins readings."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        calendar: WorkCalendar,
        municipality: Municipality | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._calendar = calendar
        self._municipality = municipality

    def today(self) -> date:
        """The day it is in Norway."""
        return oslo_day(self._clock())

    @asynccontextmanager
    async def reading(self, organisation: Organisation = Organisation.THEN) -> AsyncIterator[Reading]:
        """A reading of one moment: the total and its groups add up, whatever is being counted meanwhile."""
        async with self._database.reading() as session:
            await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            hold(session)
            yield Reading(session, self.today(), self._calendar, self._municipality, organisation)

"""Improvements as figures and the results page read them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.improvements import store
from services.metrics.improvements.store import ImprovementVersion
from services.metrics.indicators import share
from services.metrics.periods import Period
from services.metrics.suppression import is_small


@dataclass(frozen=True)
class ClosedOfDecided:
    """Improvements decided in a period, and how many of them were carried out by its end."""

    closed: int = 0
    decided: int = 0

    @property
    def share(self) -> float | None:
        """Carried out, of those decided."""
        return share(self.closed, self.decided)


@dataclass(frozen=True)
class PublishedImprovement:
    """What may be told to anybody. `cases`: how many said so, None where unknown or fewer than five."""

    id: UUID
    title: str
    said: str
    changed: str
    unit: str
    section: str
    decided_on: date
    closed_on: date | None
    topic: str | None
    cases: int | None


async def closed_of_decided(
    session: AsyncSession, period: Period, *, unit: str | None = None
) -> ClosedOfDecided:
    """The measure `improvements_closed_share`, of the whole municipality or a unit."""
    decided = _decided(await store.improvements(session), period)
    return _closed([one for one in decided if unit in {None, one.unit}], period)


async def closed_of_decided_by_section(
    session: AsyncSession, periods: Sequence[Period]
) -> list[Mapping[str | None, ClosedOfDecided]]:
    """The same of each section that decided any, and of all (None), in each of the periods."""
    every = await store.improvements(session)
    found: list[Mapping[str | None, ClosedOfDecided]] = []
    for period in periods:
        by_section: dict[str | None, list[ImprovementVersion]] = {None: []}
        for one in _decided(every, period):
            by_section[None].append(one)
            by_section.setdefault(one.section, []).append(one)
        found.append({section: _closed(its, period) for section, its in by_section.items()})
    return found


def _decided(every: Sequence[ImprovementVersion], period: Period) -> Sequence[ImprovementVersion]:
    return [one for one in every if not one.withdrawn and period.first <= one.decided_on <= period.last]


def _closed(decided: Sequence[ImprovementVersion], period: Period) -> ClosedOfDecided:
    return ClosedOfDecided(
        sum(one.closed_on is not None and one.closed_on <= period.last for one in decided), len(decided)
    )


async def published(session: AsyncSession, period: Period) -> list[PublishedImprovement]:
    """Published improvements that were carried out in the period, or decided in it and not carried out yet.

    Those carried out come first, each group the latest first.
    """
    told = [
        one
        for one in await store.improvements(session)
        if one.published
        and not one.withdrawn
        and period.first <= (one.closed_on or one.decided_on) <= period.last
    ]
    told.sort(key=lambda one: (one.closed_on is not None, one.closed_on or one.decided_on), reverse=True)
    return [
        PublishedImprovement(
            one.improvement_id,
            one.title,
            one.said,
            one.changed,
            one.unit,
            one.section,
            one.decided_on,
            one.closed_on,
            one.topic,
            None if is_small(one.cases) else one.cases,
        )
        for one in told
    ]

"""When residents were last asked: what the measure `survey_age_months` reads."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.suppression import FEWEST
from services.metrics.surveys import store
from services.metrics.surveys.store import ImportedResult

TARGET_MONTHS = 24
"""A survey every second year."""
_MONTHS = 12


@dataclass(frozen=True)
class Asked:
    """When residents have been asked.

    By ours with at least five answers, on the days they closed; and by imported ones of the whole municipality (no
    service named), each counting from the last day of its year.
    """

    closed_on: Sequence[date]
    years: Sequence[int]

    def latest(self, on: date) -> date | None:
        """The day the last survey of residents closed, before this day."""
        days = [day for day in self.closed_on if day < on]
        days += [min(date(year, _MONTHS, 31), on) for year in self.years if year <= on.year]
        return max(days, default=None)


async def asked(session: AsyncSession) -> Asked:
    """All that is known."""
    ours = await store.surveys(session)
    counts = await store.answered(session, [one.id for one in ours]) if ours else {}
    years = await session.scalars(select(ImportedResult.year).where(ImportedResult.service == "").distinct())
    return Asked([one.closes_on for one in ours if counts[one.id] >= FEWEST], years.all())


def age_in_months(since: date | None, on: date) -> int | None:
    """Whole months from that day; None where residents have never been asked."""
    if since is None:
        return None
    return (on.year - since.year) * _MONTHS + on.month - since.month - (on.day < since.day)

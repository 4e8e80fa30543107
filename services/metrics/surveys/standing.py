"""When residents were last asked: what the measure `survey_age_months` reads."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.suppression import FEWEST
from services.metrics.surveys import store
from services.metrics.surveys.store import ImportedResult

TARGET_MONTHS = 24
"""A survey every second year."""
_MONTHS = 12


async def latest(session: AsyncSession, on: date) -> date | None:
    """The day the last survey of residents closed, before this day.

    One of our own with at least five answers, or an imported one of the whole municipality (no service
    named), which counts from the last day of its year.
    """
    closed = [one for one in await store.surveys(session) if one.closes_on < on]
    counts = await store.answered(session, [one.id for one in closed])
    days = [one.closes_on for one in closed if counts[one.id] >= FEWEST]
    year = await session.scalar(
        select(func.max(ImportedResult.year)).where(
            ImportedResult.service == "", ImportedResult.year <= on.year
        )
    )
    if year:
        days.append(min(date(year, _MONTHS, 31), on))
    return max(days, default=None)


def age_in_months(since: date | None, on: date) -> int | None:
    """Whole months from that day; None where residents have never been asked."""
    if since is None:
        return None
    return (on.year - since.year) * _MONTHS + on.month - since.month - (on.day < since.day)

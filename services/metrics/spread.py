"""How sure the median response time of each group is: the cases whose places bound it."""

from collections.abc import Mapping

from sqlalchemy import Integer, Text, column, func, select, values
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.figures import is_chosen
from services.metrics.indicators import Dimension, Question, in_days
from services.metrics.intervals import Interval, median_places
from services.metrics.store import CaseFact

_NONE = ""
"""In place of no value: ids are never empty."""


async def median_bounds(
    session: AsyncSession, question: Question, dimension: Dimension, answered: Mapping[str | None, int]
) -> dict[str | None, Interval]:
    """The interval of each group's median response time in days, one query for all.

    :param answered: how many cases of each group were answered in the period. Those with under six have none.
    """
    places = {value: pair for value, n in answered.items() if (pair := median_places(n))}
    if not places:
        return {}
    wanted = values(column("value", Text), column("place", Integer), name="wanted").data(
        [(value or _NONE, place) for value, pair in places.items() for place in dict.fromkeys(pair)]
    )
    value = func.coalesce(getattr(CaseFact, dimension), _NONE)
    ranked = (
        select(
            value.label("value"),
            CaseFact.response,
            func.row_number().over(partition_by=value, order_by=CaseFact.response).label("place"),
        )
        .where(
            CaseFact.received_at.is_not(None),
            *is_chosen(question),
            CaseFact.answered_on.between(question.period.first, question.period.last),
        )
        .subquery()
    )
    statement = select(ranked.c.value, ranked.c.response).join(
        wanted, (wanted.c.value == ranked.c.value) & (wanted.c.place == ranked.c.place)
    )
    found: dict[str, list[float]] = {}
    for name, microseconds in (await session.execute(statement)).all():
        days = in_days(microseconds)
        if days is not None:
            found.setdefault(name, []).append(days)
    return {name or None: Interval(min(bounds), max(bounds)) for name, bounds in found.items()}

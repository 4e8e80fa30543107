"""How sure the median response time of each group is: the cases whose places bound it."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.indicators import DAY, Dimension, Question
from services.metrics.intervals import Interval, median_places
from services.metrics.ladder import RESPONSE
from services.metrics.places import Group, Sought, at_places


async def median_bounds(
    session: AsyncSession, question: Question, dimension: Dimension, answered: Mapping[str | None, int]
) -> dict[str | None, Interval]:
    """The interval of each group's median response time in days, all of them at once.

    :param answered: how many cases of each group were answered in the period. Those with under six have none.
    """
    pairs = {value: pair for value, n in answered.items() if (pair := median_places(n))}
    # Places are counted from one there, from nought on the ladder.
    sought = [
        Sought(Group((dimension,), (value,), question.period), RESPONSE, answered[value], (low - 1, high - 1))
        for value, (low, high) in pairs.items()
    ]
    bounds: dict[str | None, Interval] = {}
    for value, lengths in zip(pairs, await at_places(session, question, sought), strict=True):
        days = [length / DAY for length in lengths.values()]
        bounds[value] = Interval(min(days), max(days))
    return bounds

"""How sure the median response time of each group is: the cases whose places bound it."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.indicators import DAY, Dimension, Question, Response
from services.metrics.intervals import Interval, median_places
from services.metrics.ladder import RESPONSE
from services.metrics.lengths import lengths_at
from services.metrics.runs import Group


async def median_bounds(
    session: AsyncSession, question: Question, dimension: Dimension, answered: Mapping[str | None, Response]
) -> dict[str | None, Interval]:
    """The interval of each group's median response time in days, all of them at once.

    :param answered: the response times of each group in the period. Those of under six cases have no interval.
    """
    seen = {
        (Group((dimension,), (value,), question.period), RESPONSE): (of.n, of.print)
        for value, of in answered.items()
        if median_places(of.n)
    }
    bounds: dict[str | None, Interval] = {}
    for (group, _), lengths in (await lengths_at(session, question, _bounding, seen)).items():
        days = [length / DAY for length in lengths.values()]
        bounds[group.key[0]] = Interval(min(days), max(days))
    return bounds


def _bounding(count: int) -> tuple[int, ...]:
    # Places are counted from one there, from nought on the ladder.
    return tuple(place - 1 for place in median_places(count) or ())

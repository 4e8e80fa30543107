"""How sure the median response time of each group is: the cases whose places bound it."""

from collections.abc import Mapping

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.asking import Asked
from services.metrics.indicators import Dimension, Question, in_days
from services.metrics.intervals import Interval, median_places


async def median_bounds(
    session: AsyncSession, question: Question, dimension: Dimension, answered: Mapping[str | None, int]
) -> dict[str | None, Interval]:
    """The interval of each group's median response time in days, one query for all.

    :param answered: how many cases of each group were answered in the period. Those with under six have none.
    """
    places = {value: pair for value, n in answered.items() if (pair := median_places(n))}
    if not places:
        return {}
    asked = Asked(question)
    wanted = [(value, place) for value, pair in places.items() for place in dict.fromkeys(pair)]
    statement = f"""
        SELECT ranked.value, ranked.response FROM (
            SELECT {asked.value(dimension, "c")} AS value, c.response,
                row_number() OVER (PARTITION BY {asked.value(dimension, "c")} ORDER BY c.response) AS place
            FROM case_fact AS c {asked.places("c")}
            WHERE c.received_at IS NOT NULL AND {asked.chosen("c")}
                AND c.answered_on BETWEEN :first AND :last
        ) AS ranked
        JOIN unnest(CAST(:values AS text[]), CAST(:places AS int[])) AS wanted (value, place)
            ON wanted.value IS NOT DISTINCT FROM ranked.value AND wanted.place = ranked.place
    """  # noqa: S608 - of our own names alone
    parameters = asked.parameters(
        first=question.period.first,
        last=question.period.last,
        values=[value for value, _ in wanted],
        places=[place for _, place in wanted],
    )
    found: dict[str | None, list[float]] = {}
    for value, microseconds in (await session.execute(text(statement), parameters)).all():
        days = in_days(microseconds)
        if days is not None:
            found.setdefault(value, []).append(days)
    return {value: Interval(min(bounds), max(bounds)) for value, bounds in found.items()}

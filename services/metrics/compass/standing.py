"""The Kommunekompass as other figures read it: what the last issued assessment says of each criterion."""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.compass import store
from services.metrics.compass.judging import Method, Sheet
from services.metrics.compass.versions import versions


class Score(NamedTuple):
    """Points of the most points, by the version that the assessment follows."""

    score: float
    most: float
    version: str
    issued_on: date


async def scores(session: AsyncSession, on: date) -> Mapping[str, Score]:
    """By criterion's id (`1.4`), as they stand on a day; empty where nothing had been issued by then."""
    standing = await store.latest_issued(session, on)
    if standing is None:
        return {}
    version = versions()[standing.version]
    held = await store.judgements(session, [standing.id])
    sheet = Sheet.judged(version, held[standing.id], Method(standing.method))
    return {
        id_: Score(
            float(points), float(version.criteria[id_].most), version.version, standing.issued_on or on
        )
        for id_, points in sheet.points.items()
        if points is not None
    }

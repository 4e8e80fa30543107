"""Values that other parts of the service hold: the Kommunekompass, the last survey, improvements."""

from collections.abc import Mapping, Sequence
from datetime import date

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.compass import standing as compass
from services.metrics.improvements import closed_of_decided_by_section, published
from services.metrics.manual.store import WHOLE, Scope
from services.metrics.measures import Source
from services.metrics.periods import Period
from services.metrics.reports.model import Figure, Improvement
from services.metrics.surveys import standing as surveys
from shared.municipality import Municipality

IMPROVEMENTS = "improvements_closed_share"
_CRITERIA = {"compass_1_4": "1.4", "compass_2_2": "2.2", "compass_2_5": "2.5", "compass_2_6": "2.6"}


async def given(
    session: AsyncSession, municipality: Municipality, periods: Sequence[Period], today: date
) -> list[Mapping[tuple[Scope, str], Figure]]:
    """By place and measure, as they stood when each period ended, or stand today."""
    asked = await surveys.asked(session)
    improved = await closed_of_decided_by_section(session, periods)
    found: list[Mapping[tuple[Scope, str], Figure]] = []
    for period, counts in zip(periods, improved, strict=True):
        on = min(period.last, today)
        figures = _of_compass(await compass.scores(session, on))
        since = asked.latest(on)
        age = surveys.age_in_months(since, on)
        if age is not None:
            figures[WHOLE, "survey_age_months"] = Figure(value=float(age), source=Source.SURVEY, as_of=since)
        for scope in (WHOLE, *map(Scope.section, municipality.sections)):
            its = counts.get(scope.id or None)
            if its and its.decided:
                figures[scope, IMPROVEMENTS] = Figure(value=its.share, n=its.closed, of=its.decided)
        found.append(figures)
    return found


def _of_compass(scores: Mapping[str, compass.Score]) -> dict[tuple[Scope, str], Figure]:
    return {
        (WHOLE, measure): Figure(
            value=score.score,
            of=round(score.most),
            source=Source.COMPASS,
            given_by=f"Kommunekompasset {score.version}",
            as_of=score.issued_on,
        )
        for measure, criterion in _CRITERIA.items()
        if (score := scores.get(criterion))
    }


async def improvements(
    session: AsyncSession, municipality: Municipality, period: Period
) -> tuple[Improvement, ...]:
    """What was changed in the period because of what residents said, and may be told."""
    sections = municipality.sections
    return tuple(
        Improvement(
            text=one.title,
            said=one.said,
            changed=one.changed,
            place=sections[one.section].name if one.section in sections else one.section,
            done_on=one.closed_on,
        )
        for one in await published(session, period)
        if one.closed_on is not None
    )

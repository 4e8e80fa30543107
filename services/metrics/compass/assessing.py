"""Assessments as the pages read them: with what they hold, beside others, or as the next one's beginning."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.compass import store, telling
from services.metrics.compass.judging import Method, Sheet
from services.metrics.compass.store import CompassAssessment
from services.metrics.compass.telling import Told
from services.metrics.compass.versions import Area, versions
from shared.web.errors import NotFoundProblem, Problem
from shared.web.i18n import Message, Wording


class FrozenProblem(Problem):
    """An issued assessment does not change."""

    def __init__(self) -> None:
        super().__init__(Message("compass.frozen.title"), Message("compass.frozen.detail"))

    status = HTTPStatus.CONFLICT


async def found(session: AsyncSession, assessment_id: UUID, *, lock: bool = False) -> CompassAssessment:
    """Raises NotFoundProblem."""
    known = await store.assessment(session, assessment_id, lock=lock)
    if known is None or known.version not in versions():
        raise NotFoundProblem
    return known


async def draft(session: AsyncSession, assessment_id: UUID) -> CompassAssessment:
    """Locked, so that two savings come after each other and none after the issue.

    Raises NotFoundProblem or FrozenProblem.
    """
    known = await found(session, assessment_id, lock=True)
    if known.issued_on:
        raise FrozenProblem
    return known


def area_of(assessment: CompassAssessment, number: int) -> Area:
    """The area of this number. Raises NotFoundProblem."""
    area = next((one for one in versions()[assessment.version].areas if one.number == number), None)
    if area is None:
        raise NotFoundProblem
    return area


async def told(session: AsyncSession, assessments: Sequence[CompassAssessment]) -> list[Told]:
    """Each with what it holds; those of a version that is no longer known are left out."""
    known = [one for one in assessments if one.version in versions()]
    held = await store.judgements(session, [one.id for one in known])
    return [
        Told(one, Sheet.judged(versions()[one.version], held[one.id], Method(one.method)), held[one.id])
        for one in known
    ]


async def copy_latest(session: AsyncSession, begun: CompassAssessment, at: datetime) -> None:
    """What the last issued assessment of the same version and method holds, as the new one's first saving."""
    earlier = [
        one
        for one in await store.assessments(session)
        if one.issued_on and (one.version, one.method) == (begun.version, begun.method)
    ]
    if not earlier:
        return
    held = (await store.judgements(session, [earlier[0].id]))[earlier[0].id]
    for area in versions()[begun.version].areas:
        content = {one.id: held[one.id] for one in area.criteria if one.id in held}
        if content:
            store.save(session, begun.id, area.number, content, at=at, by=begun.begun_by)


def others(told: Told, everything: Sequence[Told], say: Wording) -> list[tuple[str, Sheet]]:
    """The one issued before it, of the same version alone, and the published examples."""
    own = told.assessment
    before = [
        one
        for one in everything
        if one.version.version == told.version.version
        and one.assessment.issued_at
        and one.assessment.id != own.id
        and (own.issued_at is None or one.assessment.issued_at < own.issued_at)
    ]
    earlier = [
        (say.day_short(one.assessment.issued_on), one.sheet) for one in before[:1] if one.assessment.issued_on
    ]
    return [*earlier, *telling.examples(told.version)]

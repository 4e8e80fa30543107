"""Assessments, and every saving of an area: what counts is the last, what was before can be fetched back."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, Date, DateTime, ForeignKey, Identity, Index, Integer, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB, distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from services.metrics.compass.judging import Judgement, Judgements
from services.metrics.store import Row

_CONTENT = TypeAdapter(dict[str, Judgement])


class CompassAssessment(Row):
    """One assessment: a draft until it is issued, then frozen. `source`: who judged, where others did."""

    __tablename__ = "compass_assessment"

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[str] = mapped_column(Text)
    method: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text)
    begun_on: Mapped[date] = mapped_column(Date)
    begun_by: Mapped[str] = mapped_column(Text)
    issued_on: Mapped[date | None] = mapped_column(Date)
    issued_by: Mapped[str | None] = mapped_column(Text)
    issued_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class CompassSaving(Row):
    """What an area held when it was saved: judgements by criterion."""

    __tablename__ = "compass_saving"
    __table_args__ = (Index("compass_saving_area", "assessment_id", "area", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    assessment_id: Mapped[UUID] = mapped_column(ForeignKey("compass_assessment.id", ondelete="CASCADE"))
    area: Mapped[int] = mapped_column(Integer)
    saved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    saved_by: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSONB)

    @property
    def judgements(self) -> Judgements:
        """The content, read."""
        return _CONTENT.validate_python(self.content)


async def assessments(session: AsyncSession) -> Sequence[CompassAssessment]:
    """All, drafts first, then the latest issued first."""
    order = (CompassAssessment.issued_at.desc().nulls_first(), CompassAssessment.begun_on.desc())
    return (await session.scalars(select(CompassAssessment).order_by(*order))).all()


async def assessment(
    session: AsyncSession, assessment_id: UUID, *, lock: bool = False
) -> CompassAssessment | None:
    """One of them; locked, nobody else can save or issue it meanwhile."""
    return await session.get(CompassAssessment, assessment_id, with_for_update=lock or None)


async def latest_issued(session: AsyncSession, on: date) -> CompassAssessment | None:
    """The one that stands on a day."""
    return await session.scalar(
        select(CompassAssessment)
        .where(CompassAssessment.issued_on <= on)
        .order_by(CompassAssessment.issued_at.desc())
        .limit(1)
    )


async def judgements(
    session: AsyncSession, assessment_ids: Sequence[UUID]
) -> dict[UUID, dict[str, Judgement]]:
    """What each assessment holds: the last saving of each of its areas."""
    latest = (
        select(CompassSaving)
        .where(CompassSaving.assessment_id.in_(assessment_ids))
        .ext(distinct_on(CompassSaving.assessment_id, CompassSaving.area))
        .order_by(CompassSaving.assessment_id, CompassSaving.area, CompassSaving.id.desc())
    )
    found: dict[UUID, dict[str, Judgement]] = {one: {} for one in assessment_ids}
    for saving in await session.scalars(latest):
        found[saving.assessment_id] |= saving.judgements
    return found


async def savings(session: AsyncSession, assessment_id: UUID, area: int) -> Sequence[CompassSaving]:
    """Every saving of an area, the last first."""
    return (
        await session.scalars(
            select(CompassSaving)
            .where(CompassSaving.assessment_id == assessment_id, CompassSaving.area == area)
            .order_by(CompassSaving.id.desc())
        )
    ).all()


def save(
    session: AsyncSession,
    assessment_id: UUID,
    area: int,
    content: Mapping[str, Judgement],
    *,
    at: datetime,
    by: str,
) -> None:
    """Keeps an area as it is now."""
    session.add(
        CompassSaving(
            assessment_id=assessment_id,
            area=area,
            saved_at=at,
            saved_by=by,
            content=_CONTENT.dump_python(dict(content), mode="json"),
        )
    )

"""Improvements, each saving a version of its own: the last counts, those before can be fetched back."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Boolean, Date, DateTime, Integer, Text, Uuid, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, aliased, mapped_column

from services.metrics.store import Row


class ImprovementVersion(Row):
    """An improvement as it was saved. `said` is what residents said, in the unit's own words.

    `withdrawn`: recorded by mistake; it counts nowhere, and can be taken back in.
    """

    __tablename__ = "improvement_version"

    improvement_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    saved_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    saved_by: Mapped[str] = mapped_column(Text)
    unit: Mapped[str] = mapped_column(Text)
    section: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    said: Mapped[str] = mapped_column(Text)
    changed: Mapped[str] = mapped_column(Text)
    decided_on: Mapped[date] = mapped_column(Date)
    closed_on: Mapped[date | None] = mapped_column(Date)
    topic: Mapped[str | None] = mapped_column(Text)
    cases: Mapped[int | None] = mapped_column(Integer)
    published: Mapped[bool] = mapped_column(Boolean)
    withdrawn: Mapped[bool] = mapped_column(Boolean)


CONTENT = (
    "unit",
    "section",
    "title",
    "said",
    "changed",
    "decided_on",
    "closed_on",
    "topic",
    "cases",
    "published",
    "withdrawn",
)
"""What a version says, apart from who saved it and when."""


_LATEST = (
    select(ImprovementVersion)
    .ext(distinct_on(ImprovementVersion.improvement_id))
    .order_by(ImprovementVersion.improvement_id, ImprovementVersion.number.desc())
    .subquery()
)
_CURRENT = aliased(ImprovementVersion, _LATEST)
# Put together once: it takes longer than to ask it.
_IMPROVEMENTS = select(_CURRENT).order_by(_CURRENT.decided_on.desc(), _CURRENT.improvement_id.desc())


async def improvements(session: AsyncSession) -> Sequence[ImprovementVersion]:
    """The last version of each, those decided last first."""
    return (await session.scalars(_IMPROVEMENTS)).all()


async def versions(
    session: AsyncSession, improvement_id: UUID, *, lock: bool = False
) -> Sequence[ImprovementVersion]:
    """Every version of one, the last first; locked, a saving waits for the one before it."""
    statement = select(ImprovementVersion).where(ImprovementVersion.improvement_id == improvement_id)
    if lock:
        # Apart from the reading, which is then of what was saved while this waited.
        await session.execute(statement.where(ImprovementVersion.number == 1).with_for_update())
    return (await session.scalars(statement.order_by(ImprovementVersion.number.desc()))).all()

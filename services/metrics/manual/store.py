"""Entered values: nothing is changed or deleted, a correction is a new row."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Date, DateTime, Double, Identity, Index, Integer, Text, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from services.metrics.periods import Period
from services.metrics.store import Row


class ScopeKind(StrEnum):
    """How much of the municipality something is about."""

    MUNICIPALITY = "municipality"
    SECTION = "section"
    UNIT = "unit"
    COMMITTEE = "committee"
    """The sections a political committee answers for, together: reports alone are made of it."""


@dataclass(frozen=True)
class Scope:
    """The whole municipality, a section, a unit or a committee's sections; the whole has no id."""

    kind: ScopeKind = ScopeKind.MUNICIPALITY
    id: str = ""

    @classmethod
    def stored(cls, kind: str, identity: str) -> "Scope":
        """As a row has it."""
        return cls(ScopeKind(kind), identity)

    @classmethod
    def section(cls, section: str) -> "Scope":
        """A section."""
        return cls(ScopeKind.SECTION, section)

    @classmethod
    def unit(cls, unit: str) -> "Scope":
        """A unit."""
        return cls(ScopeKind.UNIT, unit)

    @classmethod
    def committee(cls, committee: str) -> "Scope":
        """What a committee answers for."""
        return cls(ScopeKind.COMMITTEE, committee)


WHOLE = Scope()


class OfAPlace:
    """The columns of what is about a place."""

    scope_kind: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)

    @property
    def place(self) -> Scope:
        """Which one."""
        return Scope.stored(self.scope_kind, self.scope)


class ManualValue(OfAPlace, Row):
    """One entry. The last of a measure, scope and period holds; a value of None takes it back.

    `n` of `of` is what a share is made of. `as_of` is the day the source says it, `source` which one that is.
    """

    __tablename__ = "manual_value"
    __table_args__ = (Index("manual_value_of", "measure", "scope_kind", "scope", "first", "last", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    measure: Mapped[str] = mapped_column(Text)
    first: Mapped[date] = mapped_column(Date)
    last: Mapped[date] = mapped_column(Date)
    value: Mapped[float | None] = mapped_column(Double)
    n: Mapped[int | None] = mapped_column(Integer)
    of: Mapped[int | None] = mapped_column(Integer)
    source: Mapped[str] = mapped_column(Text)
    as_of: Mapped[date] = mapped_column(Date)
    note: Mapped[str | None] = mapped_column(Text)
    entered_by: Mapped[str] = mapped_column(Text)
    entered_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))

    @property
    def period(self) -> Period:
        """The days it is about."""
        return Period(self.first, self.last)


_OF = (
    ManualValue.measure,
    ManualValue.scope_kind,
    ManualValue.scope,
    ManualValue.first,
    ManualValue.last,
)


async def standing(
    session: AsyncSession, measures: Collection[str], scopes: Collection[Scope], until: date
) -> Sequence[ManualValue]:
    """What holds now of these measures and scopes, for periods that have ended by a day, the oldest first."""
    latest = (
        select(ManualValue)
        .where(
            ManualValue.measure.in_(measures),
            ManualValue.scope.in_({scope.id for scope in scopes}),
            ManualValue.last <= until,
        )
        .ext(distinct_on(*_OF))
        .order_by(*_OF, ManualValue.id.desc())
    )
    rows = (await session.scalars(latest)).all()
    wanted = set(scopes)
    held = [row for row in rows if row.value is not None and row.place in wanted]
    return sorted(held, key=lambda row: (row.last, row.first))


async def entered(
    session: AsyncSession, scopes: Collection[Scope] | None, most: int
) -> Sequence[ManualValue]:
    """Every entry for these scopes (None: all), the newest first, those that were corrected included."""
    statement = select(ManualValue).order_by(ManualValue.id.desc()).limit(most)
    if scopes is not None:
        statement = statement.where(
            ManualValue.scope.in_({scope.id for scope in scopes}),
            ManualValue.scope_kind.in_({scope.kind.value for scope in scopes}),
        )
    rows = (await session.scalars(statement)).all()
    wanted = None if scopes is None else set(scopes)
    return [row for row in rows if wanted is None or row.place in wanted]

"""Explanations, issued versions, and the ledger of what the schedule has done."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    Identity,
    Index,
    Integer,
    Text,
    Uuid,
    func,
    select,
    true,
    tuple_,
)
from sqlalchemy.dialects.postgresql import distinct_on, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, defer, mapped_column

from services.metrics.manual.store import OfAPlace, Scope
from services.metrics.reports.periods import ReportKind, ReportPeriod
from services.metrics.store import Row
from shared.identity import derived_id


def report_id(municipality: str, period: ReportPeriod, scope: Scope) -> UUID:
    """One report, whatever its versions: also what its events are about."""
    return derived_id("report", municipality, period.kind, period.code, scope.kind, scope.id)


class ReportExplanation(OfAPlace, Row):
    """What a leader wrote about an indicator; the last one of each holds, the earlier ones are kept."""

    __tablename__ = "report_explanation"
    __table_args__ = (Index("report_explanation_of", "kind", "code", "scope_kind", "scope", "measure", "id"),)

    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    measure: Mapped[str] = mapped_column(Text)
    why: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    written_by: Mapped[str] = mapped_column(Text)
    """The name as it goes into the report."""
    written_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


class ReportVersion(OfAPlace, Row):
    """An issued version: never changed (the database refuses), corrected by the next.

    `document` is the text that `sha256` is of, byte by byte.
    """

    __tablename__ = "report_version"
    __table_args__ = (Index("report_version_issued", "kind", "scope_kind", "scope", "last"),)

    report_id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)
    version: Mapped[int] = mapped_column(Integer, primary_key=True)
    kind: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    last: Mapped[date] = mapped_column(Date)
    document: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    issued_by: Mapped[str] = mapped_column(Text)
    issued_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))
    reason: Mapped[str | None] = mapped_column(Text)


class ReportSchedule(Row):
    """What the schedule has done; the key holds that each is done once, however many processes there are."""

    __tablename__ = "report_schedule"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    code: Mapped[str] = mapped_column(Text, primary_key=True)
    step: Mapped[str] = mapped_column(Text, primary_key=True)
    due_on: Mapped[date] = mapped_column(Date)
    done_at: Mapped[datetime] = mapped_column(DateTime(timezone=True))


async def explanations(
    session: AsyncSession, period: ReportPeriod
) -> dict[tuple[Scope, str], ReportExplanation]:
    """What was written last of each place and measure in a period."""
    row = ReportExplanation
    of = (row.scope_kind, row.scope, row.measure)
    statement = (
        select(row)
        .where(row.kind == period.kind.value, row.code == period.code)
        .ext(distinct_on(*of))
        .order_by(*of, row.id.desc())
    )
    return {(one.place, one.measure): one for one in await session.scalars(statement)}


async def versions(session: AsyncSession, report: UUID) -> Sequence[ReportVersion]:
    """Every issued version of a report, the newest first."""
    statement = select(ReportVersion).where(ReportVersion.report_id == report)
    return (await session.scalars(statement.order_by(ReportVersion.version.desc()))).all()


async def issued(
    session: AsyncSession, kinds: Sequence[ReportKind], most: int, *, of: Collection[Scope] | None = None
) -> Sequence[ReportVersion]:
    """The newest version of each issued report of these kinds, the newest period first, the whole before its parts.

    :param of: the places they are of; None is all.
    """
    row = ReportVersion
    newest = (
        select(row.report_id, func.max(row.version).label("version"))
        .where(row.kind.in_([kind.value for kind in kinds]))
        .where(
            tuple_(row.scope_kind, row.scope).in_([(one.kind.value, one.id) for one in of])
            if of is not None
            else true()
        )
        .group_by(row.report_id)
        .subquery()
    )
    statement = (
        select(row)
        .options(defer(row.document, raiseload=True))
        .join(newest, (row.report_id == newest.c.report_id) & (row.version == newest.c.version))
        .order_by(row.last.desc(), row.kind, row.scope != "", row.scope_kind, row.scope)
        .limit(most)
    )
    return (await session.scalars(statement)).all()


async def corrections(session: AsyncSession, first: date, last: date) -> int:
    """How many issued versions of reports on periods within these days correct an earlier one."""
    counted = await session.scalar(
        select(func.count())
        .select_from(ReportVersion)
        .where(ReportVersion.version > 1, ReportVersion.last.between(first, last))
    )
    return counted or 0


async def claim(session: AsyncSession, period: ReportPeriod, step: str, due_on: date, now: datetime) -> bool:
    """Writes a step into the ledger; False where it stands there.

    A second process waits here until the first has committed, and then finds the row.
    """
    statement = (
        insert(ReportSchedule)
        .values(kind=period.kind.value, code=period.code, step=step, due_on=due_on, done_at=now)
        .on_conflict_do_nothing()
        .returning(ReportSchedule.step)
    )
    return await session.scalar(statement) is not None


async def done(session: AsyncSession) -> set[tuple[str, str, str]]:
    """Kind, period and step of everything in the ledger."""
    rows = await session.execute(select(ReportSchedule.kind, ReportSchedule.code, ReportSchedule.step))
    return {(row.kind, row.code, row.step) for row in rows}


BEGINNING = ("", "", "beginning")
"""The row that says when the schedule was first looked at."""


async def began(session: AsyncSession, today: date, now: datetime) -> date:
    """The day this municipality began with Svarfrist: nothing that was due by then is made up for."""
    kind, code, step = BEGINNING
    row = {"kind": kind, "code": code, "step": step, "due_on": today, "done_at": now}
    await session.execute(insert(ReportSchedule).values(**row).on_conflict_do_nothing())
    day = await session.scalar(select(ReportSchedule.due_on).where(ReportSchedule.step == step))
    return day or today

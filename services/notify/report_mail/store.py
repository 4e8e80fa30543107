"""Mails about reports: one row for each reader of each event."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.messages import MessageState
from services.notify.tables import Row
from shared.events import ReportExplanationWanted, ReportFrozen
from shared.identity import derived_id

ReportEvent = ReportFrozen | ReportExplanationWanted


class ReportMail(Row):
    """A mail to one reader. While it is being sent its row is locked."""

    __tablename__ = "report_mail"
    __table_args__ = (
        Index("report_mail_waiting", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Made from the event and the reader: one mail, however often the event is heard."""
    event: Mapped[str]
    person: Mapped[str]
    report: Mapped[str]
    period: Mapped[str]
    section: Mapped[str | None]
    unit: Mapped[str | None]
    committee: Mapped[str | None]
    version: Mapped[int | None]
    count: Mapped[int | None]
    due_on: Mapped[date | None]
    again: Mapped[bool]
    state: Mapped[str]
    attempts: Mapped[int]
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    error: Mapped[str | None]


async def queue(session: AsyncSession, events: Sequence[ReportEvent], now: datetime) -> None:
    """Writes down a mail for each reader; one that has been written down before is left as it is."""
    rows = [
        {
            "id": derived_id("report-mail", event.id, person),
            "event": event.NAME,
            "person": person,
            "report": event.report,
            "period": event.period,
            "section": event.section,
            "unit": event.unit,
            "committee": event.committee if isinstance(event, ReportFrozen) else None,
            "version": event.version if isinstance(event, ReportFrozen) else None,
            "count": event.count if isinstance(event, ReportExplanationWanted) else None,
            "due_on": event.due_on if isinstance(event, ReportExplanationWanted) else None,
            "again": isinstance(event, ReportExplanationWanted) and event.again,
            "state": MessageState.WAITING.value,
            "attempts": 0,
            "created_at": now,
            "next_attempt_at": now,
        }
        for event in events
        for person in event.readers
    ]
    if rows:
        await session.execute(insert(ReportMail).values(rows).on_conflict_do_nothing())


async def next_waiting(session: AsyncSession, now: datetime) -> ReportMail | None:
    """Locks the mail that is to be sent next, but for those another process is sending."""
    return await session.scalar(
        select(ReportMail)
        .where(ReportMail.state == MessageState.WAITING.value, ReportMail.next_attempt_at <= now)
        .order_by(ReportMail.next_attempt_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )

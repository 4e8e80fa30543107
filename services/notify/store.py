"""The messages: what waits to be sent, and what became of each. The other tables are in `tables`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, SmallInteger, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.messages import MessageState, Word
from services.notify.tables import CaseRow, PromiseRow, Row


class MessageRow(Row):
    """A message and its delivery: never an address, nor words of the mail server, which may quote one."""

    __tablename__ = "message"
    __table_args__ = (
        Index("message_waiting", "priority", "next_attempt_at", postgresql_where=text("state = 'waiting'")),
        Index("message_failed", "kind", postgresql_where=text("state = 'failed'")),
        Index("message_case", "case_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Made from the key: the primary key holds that a message is written down once."""
    key: Mapped[str]
    kind: Mapped[str]
    case_id: Mapped[UUID]
    to_resident: Mapped[bool]
    person: Mapped[str | None]
    priority: Mapped[int] = mapped_column(SmallInteger)
    caused_by: Mapped[UUID]
    facts: Mapped[dict[str, str]] = mapped_column(JSONB)
    state: Mapped[str]
    attempts: Mapped[int] = mapped_column(SmallInteger)
    created_at: Mapped[datetime]
    next_attempt_at: Mapped[datetime]
    error: Mapped[str | None]
    response_code: Mapped[int | None] = mapped_column(SmallInteger)
    sent_at: Mapped[datetime | None]


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages of one kind and state."""

    kind: str
    state: str
    count: int


async def queue(session: AsyncSession, words: Sequence[Word], now: datetime) -> None:
    """Writes down messages to be sent; one that has been written down before is left as it is."""
    if not words:
        return
    await session.execute(
        _QUEUE,
        {
            "ids": [word.id for word in words],
            "keys": [word.key for word in words],
            "kinds": [word.kind.value for word in words],
            "case_ids": [word.case_id for word in words],
            "to_resident": [word.to_resident for word in words],
            "people": [word.person for word in words],
            "priorities": [int(word.priority) for word in words],
            "causes": [word.caused_by for word in words],
            "facts": [json.dumps(dict(word.facts)) for word in words],
            "now": now,
        },
    )


_QUEUE = text(
    """
    INSERT INTO message (id, key, kind, case_id, to_resident, person, priority, caused_by, facts,
        state, attempts, created_at, next_attempt_at)
    SELECT v.*, 'waiting', 0, CAST(:now AS timestamptz), CAST(:now AS timestamptz)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:keys AS text[]), CAST(:kinds AS text[]),
        CAST(:case_ids AS uuid[]), CAST(:to_resident AS boolean[]), CAST(:people AS text[]),
        CAST(:priorities AS smallint[]), CAST(:causes AS uuid[]), CAST(:facts AS jsonb[])) AS v
    ON CONFLICT DO NOTHING
    """
)


async def next_message(
    session: AsyncSession, now: datetime
) -> tuple[MessageRow, CaseRow, PromiseRow | None] | None:
    """Locks the message that is to be sent next, with its case; None where none waits or is due.

    The lock is held until the transaction ends: no lease to run out, whatever the clock does, and a process
    that dies leaves the message to the next one at once.
    """
    message = await session.scalar(
        select(MessageRow)
        .where(MessageRow.state == MessageState.WAITING.value, MessageRow.next_attempt_at <= now)
        .order_by(MessageRow.priority, MessageRow.next_attempt_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if message is None:
        return None
    case, promise = (
        await session.execute(
            select(CaseRow, PromiseRow)
            .outerjoin(PromiseRow, PromiseRow.case_id == CaseRow.case_id)
            .where(CaseRow.case_id == message.case_id)
            .order_by(PromiseRow.number.desc(), PromiseRow.version.desc())
            .limit(1)
        )
    ).one()
    return message, case, promise


async def unsent(session: AsyncSession) -> list[Waiting]:
    """How many messages wait and how many have failed, by kind."""
    rows = await session.execute(
        select(MessageRow.kind, MessageRow.state, func.count())
        .where(text("state IN ('waiting', 'failed')"))
        .group_by(MessageRow.kind, MessageRow.state)
    )
    return [Waiting(kind, state, count) for kind, state, count in rows]

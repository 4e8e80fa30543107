"""The messages, and how they are written down. Queries about them are in `post`, the other tables in `tables`."""

import json
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, SmallInteger, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped, mapped_column

from services.notify.messages import Medium, Word
from services.notify.tables import Row

UNSENT = "state IN ('waiting', 'gathering', 'failed', 'bounced')"
"""What has not reached its reader: the condition of an index, and of the count that uses it."""


class MessageRow(Row):
    """A message and its delivery: never an address, nor words of the mail server, which may quote one."""

    __tablename__ = "message"
    __table_args__ = (
        Index(
            "message_waiting",
            "channel",
            "priority",
            "next_attempt_at",
            postgresql_where=text("state = 'waiting'"),
        ),
        Index("message_gathering", "person", postgresql_where=text("state = 'gathering'")),
        Index("message_unsent", "kind", "state", postgresql_where=text(UNSENT)),
        Index("message_digest", "digest_id", postgresql_where=text("digest_id IS NOT NULL")),
        Index("message_case", "case_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    """Made from the key: the primary key holds that a message is written down once."""
    key: Mapped[str]
    kind: Mapped[str]
    channel: Mapped[str] = mapped_column(server_default=Medium.EMAIL.value)
    case_id: Mapped[UUID | None]
    """None for a digest, which is of many."""
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
    digest_id: Mapped[UUID | None]
    """The digest that says it instead."""
    bounced_at: Mapped[datetime | None]
    bounce_status: Mapped[str | None]


async def queue(session: AsyncSession, words: Sequence[Word], now: datetime) -> None:
    """Writes down messages to be sent; one that has been written down before is left as it is.

    The cases are known. A resident is told anything only where they can be reached: without an e-mail address
    by SMS.
    """
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
            "states": [word.first_state.value for word in words],
            "now": now,
        },
    )


_QUEUE = text(
    """
    INSERT INTO message (id, key, kind, case_id, to_resident, person, priority, caused_by, facts,
        state, channel, attempts, created_at, next_attempt_at)
    SELECT v.id, v.key, v.kind, v.case_id, v.to_resident, v.person, v.priority, v.caused_by, v.facts, v.state,
        CASE WHEN v.to_resident AND NOT case_file.has_email THEN 'sms' ELSE 'email' END,
        0, CAST(:now AS timestamptz), CAST(:now AS timestamptz)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:keys AS text[]), CAST(:kinds AS text[]),
        CAST(:case_ids AS uuid[]), CAST(:to_resident AS boolean[]), CAST(:people AS text[]),
        CAST(:priorities AS smallint[]), CAST(:causes AS uuid[]), CAST(:facts AS jsonb[]),
        CAST(:states AS text[])) AS v(id, key, kind, case_id, to_resident, person, priority, caused_by, facts,
        state)
    JOIN case_file USING (case_id)
    ON CONFLICT DO NOTHING
    """
)

"""Named queries about messages: what is to be sent next, what a digest is made of, what came back."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.notify.ladder import Outcome
from services.notify.messages import Medium, MessageKind, Priority, message_id
from services.notify.store import UNSENT, MessageRow
from services.notify.tables import CaseRow, PromiseRow


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message with its case, and the case's promise as it stands; a digest has neither."""

    message: MessageRow
    case: CaseRow | None
    promise: PromiseRow | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Messages of one kind and state."""

    kind: str
    state: str
    count: int


async def next_message(
    session: AsyncSession, medium: Medium, now: datetime, *, last: Collection[UUID] = ()
) -> Claimed | None:
    """Locks the message that is to be sent next by this medium; None where none waits or is due.

    The lock is held until the transaction ends: no lease to run out, whatever the clock does, and a process
    that dies leaves the message to the next one at once. `last`: messages that go after all others.
    """
    waiting = (
        select(MessageRow)
        .where(
            text("state = 'waiting'"), MessageRow.channel == medium.value, MessageRow.next_attempt_at <= now
        )
        .order_by(MessageRow.priority, MessageRow.next_attempt_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    message = await session.scalar(waiting.where(MessageRow.id.not_in(last)) if last else waiting)
    if message is None and last:
        message = await session.scalar(waiting)
    if message is None:
        return None
    if message.case_id is None:
        return Claimed(message, None, None)
    case, promise = (
        await session.execute(
            select(CaseRow, PromiseRow)
            .outerjoin(PromiseRow, PromiseRow.case_id == CaseRow.case_id)
            .where(CaseRow.case_id == message.case_id)
            .order_by(PromiseRow.number.desc(), PromiseRow.version.desc())
            .limit(1)
        )
    ).one()
    return Claimed(message, case, promise)


@dataclass(frozen=True, slots=True)
class Gathered:
    """How many reminders of one person may go out now, and since when they may."""

    person: str | None
    count: int
    since: datetime


async def gathered(session: AsyncSession, now: datetime) -> list[Gathered]:
    """The reminders that may become part of a digest now, by person; where there are none, a look at an index."""
    rows = await session.execute(
        text(
            "SELECT person, count(*), min(next_attempt_at) FROM message"
            " WHERE state = 'gathering' AND next_attempt_at <= :now GROUP BY person"
        ),
        {"now": now},
    )
    return [Gathered(*row) for row in rows]


async def release(session: AsyncSession, person: str | None, now: datetime) -> None:
    """Lets a person's reminders go by themselves."""
    await session.execute(_RELEASE, {"person": person, "now": now})


_RELEASE = text(
    """
    UPDATE message SET state = 'waiting'
    WHERE state = 'gathering' AND person IS NOT DISTINCT FROM CAST(:person AS text)
        AND next_attempt_at <= :now
    """
)


async def hold(session: AsyncSession, person: str | None, now: datetime, until: datetime) -> None:
    """Lets a person's reminders gather until then."""
    await session.execute(_HOLD, {"person": person, "now": now, "until": until})


_HOLD = text(
    """
    UPDATE message SET next_attempt_at = :until
    WHERE state = 'gathering' AND person IS NOT DISTINCT FROM CAST(:person AS text)
        AND next_attempt_at <= :now
    """
)


def digest_key(person: str, day: object) -> str:
    """The key of a person's digest of a day: its primary key holds that there is one."""
    return f"digest/{person}/{day}"


async def digests_there(session: AsyncSession, keys: Collection[str]) -> set[str]:
    """Which of these digests have been written down."""
    ids = [message_id(key) for key in keys]
    found = await session.scalars(select(MessageRow.key).where(MessageRow.id.in_(ids)))
    return set(found)


async def write_digest(session: AsyncSession, key: str, person: str, now: datetime) -> None:
    """Writes a digest down, puts the person's reminders into it, and says so in the ledger of their steps."""
    told = {"id": message_id(key), "person": person, "now": now}
    await session.execute(_WRITE_DIGEST, {**told, "key": key})
    await session.execute(
        _PUT_IN_DIGEST, {**told, "outcome": Outcome.DIGEST.value, "sent": Outcome.SENT.value}
    )


_WRITE_DIGEST = text(
    f"""
    INSERT INTO message (id, key, kind, channel, to_resident, person, priority, caused_by, facts,
        state, attempts, created_at, next_attempt_at)
    SELECT :id, :key, '{MessageKind.DIGEST}', '{Medium.EMAIL}', false, person, priority, caused_by, '{{}}',
        'waiting', 0, :now, :now
    FROM message WHERE state = 'gathering' AND person = :person AND next_attempt_at <= :now
    ORDER BY created_at, id LIMIT 1
    """  # noqa: S608 - our own words
)
_PUT_IN_DIGEST = text(
    """
    WITH said AS (
        UPDATE message SET state = 'in_digest', digest_id = :id
        WHERE state = 'gathering' AND person = :person AND next_attempt_at <= :now
        RETURNING case_id, facts
    )
    UPDATE step SET outcome = :outcome FROM said
    WHERE step.case_id = said.case_id AND step.version = CAST(said.facts ->> 'version' AS smallint)
        AND step.step = said.facts ->> 'step' AND step.outcome = :sent
    """
)


async def members(session: AsyncSession, digest: UUID) -> list[Claimed]:
    """The reminders that a digest says, with their cases and promises, the ones longest due first."""
    any_version = aliased(PromiseRow)
    latest = (
        select(any_version.version)
        .where(any_version.case_id == CaseRow.case_id)
        .order_by(any_version.number.desc(), any_version.version.desc())
        .limit(1)
        .correlate(CaseRow)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(MessageRow, CaseRow, PromiseRow)
        .join(CaseRow, CaseRow.case_id == MessageRow.case_id)
        .join(PromiseRow, and_(PromiseRow.case_id == CaseRow.case_id, PromiseRow.version == latest))
        .where(MessageRow.digest_id == digest)
        .order_by(MessageRow.facts["due_on"].astext, CaseRow.reference)
    )
    return [Claimed(message, case, promise) for message, case, promise in rows]


async def locked(session: AsyncSession, message: UUID) -> MessageRow | None:
    """One message, locked; waits for whoever is sending it."""
    row: MessageRow | None = await session.scalar(
        select(MessageRow).where(MessageRow.id == message).with_for_update()
    )
    return row


async def unsent(session: AsyncSession) -> list[Waiting]:
    """How many messages wait, have failed or have come back, by kind and state."""
    rows = await session.execute(
        select(MessageRow.kind, MessageRow.state, func.count())
        .where(text(UNSENT))
        .group_by(MessageRow.kind, MessageRow.state)
    )
    return [Waiting(kind, state, count) for kind, state, count in rows]


async def oldest_waiting(session: AsyncSession, now: datetime) -> datetime | None:
    """Since when the message that has waited longest has been waiting, but for reminders until the office opens."""
    for_the_office = and_(
        MessageRow.priority == Priority.REMINDER, MessageRow.attempts == 0, MessageRow.next_attempt_at > now
    )
    oldest: datetime | None = await session.scalar(
        select(func.min(MessageRow.created_at)).where(text("state = 'waiting'"), ~for_the_office)
    )
    return oldest

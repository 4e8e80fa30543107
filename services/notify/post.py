"""Named queries about messages: what is to be sent next, what a digest is made of, what came back."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from services.notify.ladder import Outcome
from services.notify.messages import Medium, MessageKind, MessageState, Priority, message_id
from services.notify.store import UNSENT, MessageRow
from services.notify.tables import CaseRow, PromiseRow, StepRow


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


async def next_message(session: AsyncSession, medium: Medium, now: datetime) -> Claimed | None:
    """Locks the message that is to be sent next by this medium; None where none waits or is due.

    The lock is held until the transaction ends: no lease to run out, whatever the clock does, and a process
    that dies leaves the message to the next one at once.
    """
    message = await session.scalar(
        select(MessageRow)
        .where(
            text("state = 'waiting'"), MessageRow.channel == medium.value, MessageRow.next_attempt_at <= now
        )
        .order_by(MessageRow.priority, MessageRow.next_attempt_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
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


async def gathering(session: AsyncSession) -> list[MessageRow]:
    """Locks the reminders that may become part of a digest, oldest first."""
    found = await session.scalars(
        select(MessageRow)
        .where(text("state = 'gathering'"))
        .order_by(MessageRow.created_at, MessageRow.id)
        .with_for_update()
    )
    return list(found)


async def something_gathers(session: AsyncSession) -> bool:
    """Whether there is any: one look at an index."""
    return await session.scalar(text("SELECT 1 FROM message WHERE state = 'gathering' LIMIT 1")) is not None


async def release(session: AsyncSession, ids: Collection[UUID]) -> None:
    """Lets reminders go by themselves."""
    await session.execute(
        update(MessageRow).where(MessageRow.id.in_(ids)).values(state=MessageState.WAITING.value)
    )


def digest_key(person: str, day: object) -> str:
    """The key of a person's digest of a day: its primary key holds that there is one."""
    return f"digest/{person}/{day}"


async def digests_there(session: AsyncSession, keys: Collection[str]) -> set[str]:
    """Which of these digests have been written down."""
    ids = [message_id(key) for key in keys]
    found = await session.scalars(select(MessageRow.key).where(MessageRow.id.in_(ids)))
    return set(found)


async def write_digest(
    session: AsyncSession, key: str, person: str, members: Sequence[MessageRow], now: datetime
) -> None:
    """Writes a digest down, puts these reminders into it, and says so in the ledger of each one's step."""
    digest = message_id(key)
    await session.execute(
        insert(MessageRow).values(
            id=digest,
            key=key,
            kind=MessageKind.DIGEST.value,
            channel=Medium.EMAIL.value,
            case_id=None,
            to_resident=False,
            person=person,
            priority=int(Priority.REMINDER),
            caused_by=members[0].caused_by,
            facts={},
            state=MessageState.WAITING.value,
            attempts=0,
            created_at=now,
            next_attempt_at=now,
        )
    )
    await session.execute(
        update(MessageRow)
        .where(MessageRow.id.in_([member.id for member in members]))
        .values(state=MessageState.IN_DIGEST.value, digest_id=digest)
    )
    steps = [member for member in members if "step" in member.facts]
    await session.execute(
        _SAY_IN_LEDGER,
        {
            "case_ids": [member.case_id for member in steps],
            "versions": [int(member.facts["version"]) for member in steps],
            "steps": [member.facts["step"] for member in steps],
            "outcome": Outcome.DIGEST.value,
            "sent": Outcome.SENT.value,
        },
    )


_SAY_IN_LEDGER = text(
    f"""
    UPDATE {StepRow.__tablename__} SET outcome = :outcome
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:versions AS smallint[]), CAST(:steps AS text[]))
        AS v(case_id, version, step)
    WHERE step.case_id = v.case_id AND step.version = v.version AND step.step = v.step
        AND step.outcome = :sent
    """  # noqa: S608 - our own table's name
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


async def oldest_waiting(session: AsyncSession) -> datetime | None:
    """Since when the message that has waited longest has been waiting."""
    oldest: datetime | None = await session.scalar(
        select(func.min(MessageRow.created_at)).where(text("state = 'waiting'"))
    )
    return oldest

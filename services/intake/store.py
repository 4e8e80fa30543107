"""Intake's tables, and named queries about what residents wrote and who they are; drafts are in `draft_store`."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    DateTime,
    ForeignKey,
    LargeBinary,
    SmallInteger,
    Text,
    TextClause,
    bindparam,
    false,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, load_only, mapped_column

_INSTANT = DateTime(timezone=True)


class Row(DeclarativeBase):
    """A table of intake."""

    type_annotation_map: ClassVar = {str: Text}


class Submission(Row):
    """What a resident sent, and the promise she was given for it."""

    __tablename__ = "submission"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(unique=True)
    secret: Mapped[str] = mapped_column(unique=True)
    idempotency_key: Mapped[str | None] = mapped_column(unique=True)
    fingerprint: Mapped[bytes | None]
    kind: Mapped[str]
    topic: Mapped[str | None]
    area: Mapped[str | None]
    channel: Mapped[str]
    language: Mapped[str]
    text: Mapped[str]
    reply_wanted: Mapped[bool]
    received_at: Mapped[datetime] = mapped_column(_INSTANT)
    promise_id: Mapped[str | None]
    rule: Mapped[str | None]
    rule_version: Mapped[str | None]
    due_on: Mapped[date | None]


class Contact(Row):
    """Who sent it: a table of its own, so that forgetting a person is deleting a row."""

    __tablename__ = "contact"

    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True
    )
    name: Mapped[str | None]
    email: Mapped[str | None]
    phone: Mapped[str | None]
    only_answers: Mapped[bool] = mapped_column(server_default=false())
    """They have asked for no message but the answers."""


class Supplement(Row):
    """Something the resident added later."""

    __tablename__ = "supplement"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    submission_id: Mapped[UUID] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(_INSTANT)
    text: Mapped[str]


class Feedback(Row):
    """Whether the answer helped. One a submission: it may be changed."""

    __tablename__ = "feedback"

    submission_id: Mapped[UUID] = mapped_column(
        ForeignKey("submission.id", ondelete="CASCADE"), primary_key=True
    )
    at: Mapped[datetime] = mapped_column(_INSTANT)
    helped: Mapped[bool]
    comment: Mapped[str]
    process: Mapped[int | None] = mapped_column(SmallInteger)
    outcome: Mapped[int | None] = mapped_column(SmallInteger)


class Draft(Row):
    """What somebody has typed and not sent; deleted a day after it was last touched.

    `answers` is what was typed, `refused` the files that could not be taken, each with why. Once it has been
    sent, `submission_id` leads to the receipt and the answers are gone.
    """

    __tablename__ = "draft"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    visitor: Mapped[str] = mapped_column(index=True)
    form: Mapped[str]
    answers: Mapped[dict[str, str]] = mapped_column(JSONB)
    refused: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    submission_id: Mapped[UUID | None] = mapped_column(ForeignKey("submission.id", ondelete="CASCADE"))
    touched_at: Mapped[datetime] = mapped_column(_INSTANT, index=True)


class Attachment(Row):
    """A file, of a draft until that is sent, then of the submission and perhaps one of its supplements."""

    __tablename__ = "attachment"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    draft_id: Mapped[UUID | None] = mapped_column(ForeignKey("draft.id", ondelete="CASCADE"), index=True)
    submission_id: Mapped[UUID | None] = mapped_column(
        ForeignKey("submission.id", ondelete="CASCADE"), index=True
    )
    supplement_id: Mapped[UUID | None] = mapped_column(ForeignKey("supplement.id", ondelete="CASCADE"))
    name: Mapped[str]
    media_type: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    added_at: Mapped[datetime] = mapped_column(_INSTANT)

    __table_args__ = (
        CheckConstraint("(draft_id IS NULL) <> (submission_id IS NULL)", name="attachment_has_one_owner"),
    )


# ---------- accepting ----------


def _insert_many(table: type[Row], more: str = "") -> TextClause:
    """An INSERT of any number of rows in one statement that is the same, and so prepared once, for any number.

    Each column is an array; a multi-row VALUES would be another statement for each number of rows.
    """
    columns = table.__table__.columns
    names = ", ".join(column.name for column in columns)
    arrays = ", ".join(f":{column.name}" for column in columns)
    # The names are those of our own tables.
    statement = f"INSERT INTO {table.__tablename__} ({names}) SELECT * FROM unnest({arrays}) {more}"  # noqa: S608
    return text(statement).bindparams(
        *(bindparam(column.name, type_=ARRAY(column.type)) for column in columns)
    )


def _by_column(table: type[Row], rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {column.name: [row[column.name] for row in rows] for column in table.__table__.columns}


_INSERT_SUBMISSIONS = _insert_many(
    Submission, "ON CONFLICT (idempotency_key) DO NOTHING RETURNING submission.id"
)
_INSERT_CONTACTS = _insert_many(Contact)


async def add_submissions(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> set[UUID]:
    """Writes submissions; returns the ids of those whose idempotency key was not there before.

    Waits for another transaction that is writing the same key. Rows must be in the order of their keys, or
    two transactions may wait for one another.
    """
    found = await session.scalars(_INSERT_SUBMISSIONS, _by_column(Submission, rows))
    return set(found.all())


async def add_contacts(session: AsyncSession, rows: Sequence[Mapping[str, Any]]) -> None:
    """Writes contacts, at least one."""
    await session.execute(_INSERT_CONTACTS, _by_column(Contact, rows))


async def submissions_by_key(session: AsyncSession, keys: Collection[str]) -> dict[str, Submission]:
    """What was accepted under these idempotency keys."""
    found = await session.scalars(select(Submission).where(Submission.idempotency_key.in_(keys)))
    return {submission.idempotency_key or "": submission for submission in found}


# ---------- a case and what belongs to it ----------


async def submission_by_secret(session: AsyncSession, secret: str) -> Submission | None:
    """The submission a resident's link opens."""
    if "\0" in secret:  # PostgreSQL has no such text to look for
        return None
    found: Submission | None = await session.scalar(select(Submission).where(Submission.secret == secret))
    return found


async def submission(session: AsyncSession, submission_id: UUID) -> Submission | None:
    """One submission."""
    return await session.get(Submission, submission_id)


async def contact(session: AsyncSession, submission_id: UUID) -> Contact | None:
    """Who sent it, where they said so."""
    return await session.get(Contact, submission_id)


async def first_words(session: AsyncSession, ids: Collection[UUID], length: int) -> dict[UUID, str]:
    """The beginning of each text that is known."""
    found = await session.execute(
        select(Submission.id, func.left(Submission.text, length)).where(Submission.id.in_(ids))
    )
    return {row[0]: row[1] for row in found}


async def phones(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, str]:
    """The numbers of those who gave one."""
    found = await session.execute(
        select(Contact.submission_id, Contact.phone).where(
            Contact.submission_id.in_(ids), Contact.phone.is_not(None)
        )
    )
    return {row[0]: row[1] for row in found if row[1]}


async def supplements(session: AsyncSession, submission_id: UUID) -> list[Supplement]:
    """What was added to a submission, oldest first."""
    found = await session.scalars(
        select(Supplement)
        .where(Supplement.submission_id == submission_id)
        .order_by(Supplement.at, Supplement.id)
    )
    return list(found)


async def count_supplements(session: AsyncSession, submission_id: UUID) -> int:
    """How often something was added to a submission."""
    wanted = select(func.count()).where(Supplement.submission_id == submission_id)
    return await session.scalar(wanted) or 0


async def add_supplement(
    session: AsyncSession, supplement_id: UUID, submission_id: UUID, words: str, at: datetime
) -> None:
    """Writes a supplement."""
    session.add(Supplement(id=supplement_id, submission_id=submission_id, at=at, text=words))
    await session.flush()


async def feedback(session: AsyncSession, submission_id: UUID) -> Feedback | None:
    """Whether the answer helped, where the resident said so."""
    return await session.get(Feedback, submission_id)


async def give_feedback(
    session: AsyncSession,
    submission_id: UUID,
    *,
    helped: bool,
    comment: str,
    process: int | None,
    outcome: int | None,
    at: datetime,
) -> bool:
    """Writes or changes feedback; whether it says something new."""
    said = {"helped": helped, "comment": comment, "process": process, "outcome": outcome}
    new = insert(Feedback).values(submission_id=submission_id, at=at, **said)
    changed = new.on_conflict_do_update(
        index_elements=[Feedback.submission_id],
        set_={"at": at, **said},
        where=or_(*(getattr(Feedback, name).is_distinct_from(value) for name, value in said.items())),
    )
    return await session.scalar(changed.returning(Feedback.submission_id)) is not None


# ---------- files ----------

WITHOUT_CONTENT = load_only(
    Attachment.id, Attachment.supplement_id, Attachment.name, Attachment.media_type, Attachment.size
)
"""What lists show of files."""


async def attachments(session: AsyncSession, submission_id: UUID) -> list[Attachment]:
    """The files of a submission and its supplements, without their content, in the order they were added."""
    found = await session.scalars(
        select(Attachment)
        .where(Attachment.submission_id == submission_id)
        .order_by(Attachment.added_at, Attachment.id)
        .options(WITHOUT_CONTENT)
    )
    return list(found)


async def sent_attachment(session: AsyncSession, attachment_id: UUID) -> Attachment | None:
    """A file that has been sent, with its content."""
    found: Attachment | None = await session.scalar(
        select(Attachment).where(Attachment.id == attachment_id, Attachment.submission_id.is_not(None))
    )
    return found

"""Named queries about drafts and their files: what residents have typed and not sent yet, and what it becomes."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from sqlalchemy import Uuid, bindparam, delete, select, text, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.intake.store import WITHOUT_CONTENT, Attachment, Draft

_PAIRS = (bindparam("drafts", type_=ARRAY(Uuid)), bindparam("submissions", type_=ARRAY(Uuid)))
_SEND_FILES = text(
    "UPDATE attachment SET draft_id = NULL, submission_id = sent.submission_id"
    " FROM unnest(:drafts, :submissions) AS sent (draft_id, submission_id)"
    " WHERE attachment.draft_id = sent.draft_id RETURNING attachment.submission_id"
).bindparams(*_PAIRS)
_SEND_DRAFTS = text(
    "UPDATE draft SET submission_id = sent.submission_id, answers = '{}', refused = '[]'"
    " FROM unnest(:drafts, :submissions) AS sent (draft_id, submission_id) WHERE draft.id = sent.draft_id"
).bindparams(*_PAIRS)


async def draft(
    session: AsyncSession, draft_id: UUID, visitor: str, *, for_change: bool = False
) -> Draft | None:
    """A visitor's draft; nobody else's."""
    wanted = select(Draft).where(Draft.id == draft_id, Draft.visitor == visitor)
    found: Draft | None = await session.scalar(wanted.with_for_update() if for_change else wanted)
    return found


async def open_draft(session: AsyncSession, visitor: str, form: str) -> Draft | None:
    """What the visitor last typed in this form and has not sent."""
    found: Draft | None = await session.scalar(
        select(Draft)
        .where(Draft.visitor == visitor, Draft.form == form, Draft.submission_id.is_(None))
        .order_by(Draft.touched_at.desc())
        .limit(1)
    )
    return found


async def begin_draft(session: AsyncSession, draft_id: UUID, visitor: str, form: str, at: datetime) -> None:
    """Makes an empty draft where there is none with this id."""
    await session.execute(
        insert(Draft)
        .values(id=draft_id, visitor=visitor, form=form, answers={}, refused=[], touched_at=at)
        .on_conflict_do_nothing()
    )


async def close_draft(session: AsyncSession, draft_id: UUID, submission_id: UUID) -> None:
    """Empties a draft that has been sent, and keeps what it became."""
    await session.execute(
        update(Draft)
        .where(Draft.id == draft_id)
        .values(submission_id=submission_id, answers={}, refused=[])
        .execution_options(synchronize_session=False)
    )


async def delete_draft(session: AsyncSession, draft_id: UUID, visitor: str) -> None:
    """Throws away what was typed, files included; what has been sent stays."""
    await session.execute(
        delete(Draft).where(Draft.id == draft_id, Draft.visitor == visitor, Draft.submission_id.is_(None))
    )


async def delete_drafts_before(session: AsyncSession, instant: datetime) -> int:
    """Deletes drafts nobody has touched since; returns how many."""
    found = await session.scalars(delete(Draft).where(Draft.touched_at < instant).returning(Draft.id))
    return len(found.all())


async def draft_files(session: AsyncSession, draft_id: UUID) -> list[Attachment]:
    """The files of a draft, without their content, in the order they were added."""
    found = await session.scalars(
        select(Attachment)
        .where(Attachment.draft_id == draft_id)
        .order_by(Attachment.added_at, Attachment.id)
        .options(WITHOUT_CONTENT)
    )
    return list(found)


async def remove_draft_file(session: AsyncSession, draft_id: UUID, attachment_id: UUID) -> None:
    """Deletes a file of a draft, if it is there."""
    await session.execute(
        delete(Attachment).where(Attachment.id == attachment_id, Attachment.draft_id == draft_id)
    )


async def send_drafts(session: AsyncSession, submissions: Mapping[UUID, UUID]) -> list[UUID]:
    """Gives drafts' files to the submissions they became, and empties the drafts.

    `submissions` are by draft; returned is the submission of each file.
    """
    pairs = {"drafts": list(submissions), "submissions": list(submissions.values())}
    files = await session.scalars(_SEND_FILES, pairs)
    await session.execute(_SEND_DRAFTS, pairs)
    return list(files.all())


async def give_files_to_supplement(session: AsyncSession, supplement_id: UUID, submission_id: UUID) -> int:
    """Gives a draft's files to the supplement of the same id that it became; returns how many."""
    found = await session.scalars(
        update(Attachment)
        .where(Attachment.draft_id == supplement_id)
        .values(draft_id=None, submission_id=submission_id, supplement_id=supplement_id)
        .returning(Attachment.id)
    )
    return len(found.all())

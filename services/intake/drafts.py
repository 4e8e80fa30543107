"""What somebody is typing, kept on the server until it is sent, so that nothing typed is ever lost.

A visitor is known by a random cookie that goes when the browser closes, and by nothing else. A draft is made
when a form is first sent to us; its id is in the form, and is also what makes sending it twice one submission.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from litestar.datastructures import Cookie, UploadFile

from services.intake import draft_store, store
from services.intake.files import MOST_BYTES, File, Refused, examined, look_at_all
from services.intake.validation import Typed
from shared.database import Transaction
from shared.events import Kind
from shared.identity import new_id

VISITOR_COOKIE = "utkast"
FIELDS = ("topic", "area", "text", "reply_wanted", "name", "email", "phone")
REMOVE = "remove:"
_LONGEST_KEPT = 100_000
_YES, _NO = "yes", "no"


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft as a page shows it. `sent_as` is the submission it became."""

    id: UUID
    answers: Mapping[str, str]
    files: Sequence[store.Attachment] = ()
    refused: Sequence[Refused] = ()
    sent_as: UUID | None = None

    def answer(self, field: str) -> str:
        """What was typed in a field."""
        return self.answers.get(field, "")

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed or attached."""
        return not self.files and not any(self.answers.values())

    def typed(self, kind: Kind) -> Typed:
        """For the rules. Contact details count only where an answer is wanted."""
        wanted = {_YES: True, _NO: False}.get(self.answer("reply_wanted"))
        contact = {field: self.answer(field) for field in ("name", "email", "phone")} if wanted else {}
        return Typed(
            kind=kind,
            text=self.answer("text"),
            topic=self.answer("topic"),
            area=self.answer("area"),
            reply_wanted=wanted,
            **contact,
        )


def key_of(draft_id: UUID) -> str:
    """The idempotency key of a draft."""
    return f"draft:{draft_id}"


def new_visitor() -> str:
    """128 random bits."""
    return secrets.token_urlsafe(16)


def visitor_cookie(visitor: str, *, secure: bool) -> Cookie:
    """Without an age: it goes when the browser closes, so that the next person on a shared one sees nothing."""
    return Cookie(key=VISITOR_COOKIE, value=visitor, path="/", httponly=True, samesite="lax", secure=secure)


def a_new_one() -> Kept:
    """An empty draft that is not stored yet."""
    return Kept(id=uuid4(), answers={})


async def find(tx: Transaction, visitor: str, form: str, draft_id: UUID | None) -> Kept | None:
    """The visitor's draft of this id, or without one what she last typed in this form."""
    found = (
        await draft_store.draft(tx.session, draft_id, visitor)
        if draft_id
        else await draft_store.open_draft(tx.session, visitor, form)
    )
    if found is None or found.form != form:
        return None
    files = await draft_store.draft_files(tx.session, found.id)
    return Kept(
        id=found.id,
        answers=found.answers,
        files=files,
        refused=[Refused(**refused) for refused in found.refused],
        sent_as=found.submission_id,
    )


async def save(
    tx: Transaction,
    visitor: str,
    form: str,
    draft_id: UUID,
    *,
    answers: Mapping[str, str],
    uploads: Sequence[File | Refused] = (),
    remove: UUID | None = None,
) -> Kept:
    """Keeps what was typed and attached, and tells what is kept now. A draft that has been sent stays as it is."""
    await draft_store.begin_draft(tx.session, draft_id, visitor, form, tx.now)
    found = await draft_store.draft(tx.session, draft_id, visitor, for_change=True)
    if found is None or found.form != form:  # somebody else's id: begin one that is this visitor's
        return await save(tx, visitor, form, uuid4(), answers=answers, uploads=uploads)
    if found.submission_id:
        return Kept(id=found.id, answers={}, sent_as=found.submission_id)
    if remove:
        await draft_store.remove_draft_file(tx.session, draft_id, remove)
    files = await draft_store.draft_files(tx.session, draft_id)
    # A file that is on its way when the form is sent comes twice.
    known = {(file.name, file.size) for file in files}
    kept, refused = examined(uploads, known)
    tx.session.add_all(
        store.Attachment(
            id=new_id(tx.now),
            draft_id=draft_id,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
            content=file.content,
            # A microsecond apart, so that they stay in the order they were chosen.
            added_at=tx.now + timedelta(microseconds=position),
        )
        for position, file in enumerate(kept)
    )
    found.answers = {field: value[:_LONGEST_KEPT].replace("\0", "") for field, value in answers.items()}
    found.refused = [{"name": each.name, "why": each.why} for each in refused]
    found.touched_at = tx.now
    await tx.session.flush()
    files = await draft_store.draft_files(tx.session, draft_id)
    return Kept(id=draft_id, answers=found.answers, files=files, refused=refused)


def uuid_in(value: object) -> UUID | None:
    """An id in a form; None where there is none."""
    try:
        return UUID(str(value))
    except ValueError:
        return None


def file_to_remove(action: str) -> UUID | None:
    """The file whose button was pressed."""
    return uuid_in(action.removeprefix(REMOVE)) if action.startswith(REMOVE) else None


async def read_uploads(uploads: Sequence[object]) -> list[File | Refused]:
    """The files of a multipart form, each read to one byte beyond what may be kept, and looked at."""
    read = [
        (upload.filename, await upload.read(MOST_BYTES + 1))
        for upload in uploads
        if isinstance(upload, UploadFile) and upload.filename
    ]
    return await look_at_all(read)

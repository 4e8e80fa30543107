"""What a resident adds to her case, on its page or by mail: kept as a draft first, then once as a supplement."""

from services.intake import draft_store, drafts, store
from services.intake.drafts import Kept
from services.intake.validation import text_fault, tidy
from shared.database import Transaction
from shared.events import SubmissionSupplemented
from shared.identity import derived_id
from shared.web.i18n import Message

FORM = "supplement"
MOST = 100
"""Additions that a case takes; more than any has had, and fewer than would fill a disk."""


def writer(submission: store.Submission) -> str:
    """Whose draft a supplement is: whoever has the case's secret."""
    return f"case:{submission.id}"


def errors(draft: Kept, *, before: int) -> dict[str, Message]:
    """What is wrong with it, by field; empty where nothing is. `before`: how many the case has already."""
    if before >= MOST:
        return {"text": Message("case.add.error.many", {"most": MOST})}
    missing = None if draft.files else "case.add.error.text"
    fault = text_fault(draft.answer("text"), missing=missing)
    found = {"text": fault} if fault else {}
    if draft.refused:
        found["files"] = draft.refused[0].message
    return found


async def open_draft(tx: Transaction, submission: store.Submission) -> Kept:
    """What she has typed and not sent yet, or an empty one."""
    return await drafts.find(tx, writer(submission), FORM, None) or drafts.a_new_one()


async def add(tx: Transaction, submission: store.Submission, draft: Kept, municipality: str) -> None:
    """Adds it to the case. The supplement has the draft's id, so that what is sent twice is one."""
    words = tidy(draft.answer("text"))
    await store.add_supplement(tx.session, draft.id, submission.id, words, tx.now)
    count = await draft_store.give_files_to_supplement(tx.session, draft.id, submission.id)
    await draft_store.close_draft(tx.session, draft.id, submission.id)
    tx.publish(
        SubmissionSupplemented(
            id=derived_id("supplement", draft.id),
            at=tx.now,
            case_id=submission.id,
            municipality=municipality,
            supplement_id=draft.id,
            attachments=count,
        )
    )

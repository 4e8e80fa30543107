"""Answers the questions of the bus: the only way what a resident wrote, and who she is, leaves intake."""

from uuid import UUID

from services.intake import store
from services.intake.files import Links
from shared.clock import Clock
from shared.database import Database
from shared.questions import (
    Attachment,
    Contact,
    Excerpts,
    Feedback,
    MailContact,
    ReadContact,
    ReadExcerpts,
    ReadSubmission,
    SubmissionText,
    Supplement,
)

_EXCERPT = 90
_READ_FOR_AN_EXCERPT = 240


class Answering:
    """Reads what is asked for. An unknown case is no fault: the answer says it was not found."""

    def __init__(self, database: Database, links: Links, clock: Clock) -> None:
        self._database = database
        self._links = links
        self._clock = clock

    async def submission(self, question: ReadSubmission) -> SubmissionText:
        """All of one submission."""
        async with self._database.reading() as session:
            found = await store.submission(session, question.case_id)
            if found is None:
                return SubmissionText(found=False)
            contact = await store.contact(session, found.id)
            supplements = await store.supplements(session, found.id)
            feedback = await store.feedback(session, found.id)
            files = await store.attachments(session, found.id)
        return SubmissionText(
            text=found.text,
            contact=contact and Contact(name=contact.name, email=contact.email, phone=contact.phone),
            attachments=self._shown(files, None),
            supplements=[
                Supplement(id=each.id, at=each.at, text=each.text, attachments=self._shown(files, each.id))
                for each in supplements
            ],
            feedback=[Feedback(at=feedback.at, helped=feedback.helped, comment=feedback.comment)]
            if feedback
            else [],
        )

    async def excerpts(self, question: ReadExcerpts) -> Excerpts:
        """The first words of each, on one line; the residents' numbers only where they are asked for."""
        async with self._database.reading() as session:
            found = await store.first_words(session, question.case_ids, _READ_FOR_AN_EXCERPT)
            phones = await store.phones(session, question.case_ids) if question.phones else {}
        return Excerpts(excerpts={case_id: excerpt(text) for case_id, text in found.items()}, phones=phones)

    async def contact(self, question: ReadContact) -> MailContact:
        """Where messages to the resident go, and whether they want any but the answers."""
        async with self._database.reading() as session:
            found = await store.submission(session, question.case_id)
            if found is None:
                return MailContact(found=False)
            contact = await store.contact(session, found.id)
        return MailContact(
            name=contact and contact.name,
            email=contact and contact.email,
            phone=contact and contact.phone,
            only_answers=bool(contact and contact.only_answers),
            language=found.language,
            secret=found.secret,
            reference=found.reference,
        )

    def _shown(self, files: list[store.Attachment], supplement_id: UUID | None) -> list[Attachment]:
        now = self._clock()
        return [
            Attachment(
                id=file.id,
                name=file.name,
                media_type=file.media_type,
                size=file.size,
                url=self._links.to(file.id, now),
            )
            for file in files
            if file.supplement_id == supplement_id
        ]


def excerpt(text: str, length: int = _EXCERPT) -> str:
    """The first words of a text on one line, cut between words where it is longer than `length`."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    cut = line[:length].rsplit(" ", 1)[0] if " " in line[:length] else line[: length - 1]
    return f"{cut.rstrip('.,;:!?')}…"

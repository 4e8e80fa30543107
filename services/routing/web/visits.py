"""Somebody looking at a case: what every page about it shows, and what they are told of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from litestar.enums import RequestEncodingType
from litestar.params import Body
from litestar.response import Redirect

from services.routing import store
from services.routing.cases import Case, is_waiting
from services.routing.casework import Casework
from services.routing.store import AnswerRow, CaseRow, NoteRow
from services.routing.web.choices import choices
from services.routing.web.desk import Desk
from services.routing.web.legal import legal_clocks
from services.routing.web.lists import number_in, title
from services.routing.web.story import Storyteller
from services.routing.web.urgency import due_tag, other_tags, urgency
from services.routing.work import NotNowError
from shared.database import Transaction
from shared.events import Event
from shared.explanation import Reader, explain
from shared.municipality import Person as Colleague
from shared.questions import Attachment, SubmissionText
from shared.reckoning import reckoned
from shared.web.errors import ConflictProblem, InvalidProblem
from shared.web.i18n import Message, Wording
from shared.web.session import SignedIn
from shared.workdays import CalendarEndsError


@dataclass(frozen=True, slots=True)
class Said:
    """A contribution to the conversation of a case: the resident's, ours, or a word among colleagues."""

    kind: str
    at: datetime
    text: str
    who: str = ""
    attachments: Sequence[Attachment] = ()
    expected_on: date | None = None


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody looking at a case they may see."""

    person: Colleague
    row: CaseRow
    say: Wording

    @property
    def address(self) -> str:
        """The page of the case."""
        return f"/saksbehandling/sak/{self.row.reference}"


@dataclass
class AnswerForm:
    """An answer on its way: first checked (`check`), then sent (`send`), or changed again (`edit`)."""

    text: str = ""
    expected_on: str = ""
    step: str = "check"
    key: str = ""
    version: str = ""


@dataclass
class PlainForm:
    """A button that needs no more than itself."""

    key: str = ""
    version: str = ""


Plain = Annotated[PlainForm, Body(media_type=RequestEncodingType.URL_ENCODED)]


class Visits:
    """Opens cases for people, and knows what their pages need."""

    def __init__(self, desk: Desk) -> None:
        """Take the parts the desk's pages share."""
        self.desk = desk

    async def visit(self, reference: str, signed_in: SignedIn, say: Wording) -> Visit:
        """Open a case for who is signed in.

        :raises NotFoundProblem: there is none.
        :raises ForbiddenProblem: it is not theirs to see.
        """
        colleague = self.desk.colleague(signed_in)
        return Visit(colleague, await self.desk.case(colleague, reference), say)

    async def opened(self, visit: Visit) -> tuple[dict[str, Any], Case]:
        """Everything in the case; that somebody has read it is committed before it is shown."""
        submission = await self.desk.submission(visit.row.case_id)
        async with self.desk.database.transaction() as tx:
            work = self.work(tx, visit)
            case, history = await (work.open() if submission else work.look())
            answers = await store.answers_of(tx.session, case.case_id)
            notes = await store.notes_of(tx.session, case.case_id)
        async with self.desk.database.reading() as session:
            row = await store.case_by_id(session, case.case_id) or visit.row
            leading = await store.case_by_id(session, case.merged_into) if case.merged_into else None
            followers = await store.merged_into(session, case.case_id)
        storyteller, say = self.storyteller(visit), visit.say
        reasons = {note.event_id: note.text for note in notes if note.event_id}
        return {
            **self.frame(visit, row),
            "case": row,
            "submission": submission,
            "conversation": self._conversation(row, submission, answers, notes),
            "story": storyteller.entries(history, reasons),
            "why_here": storyteller.why_here(history),
            "deliveries": storyteller.deliveries(history),
            "explained": self._explained(row, history, say),
            "choices": choices(case, history, self.desk),
            "leading": leading,
            "followers": len(followers),
            "reached": row.seen_at and row.undelivered_at and row.seen_at >= row.undelivered_at,
            "legal": legal_clocks(row, answers, self.desk, say.language),
            "key": self.desk.new_key(),
            "version": case.version,
            "further": case.answered_at is not None,
        }, case

    async def after(self, visit: Visit, case_id: UUID, done: str, *, to_list: bool = False) -> Redirect:
        """Back to the case, or to the list where one may no longer see it or is done with it."""
        async with self.desk.database.reading() as session:
            row = await store.case_by_id(session, case_id)
        if to_list or row is None or not self.desk.may_see(visit.person, row):
            return Redirect(f"/saksbehandling?gjort={done}&om={visit.row.reference}", status_code=303)
        return Redirect(f"{visit.address}?gjort={done}", status_code=303)

    def frame(self, visit: Visit, row: CaseRow) -> dict[str, Any]:
        """What every page about a case shows of it."""
        today, soon, say, names = self.desk.today, self.desk.soon(), visit.say, self.desk.names
        return {
            "address": visit.address,
            "case": row,
            "title": title(row, self.desk, say),
            "due": due_tag(row, today, soon, say),
            "urgency": urgency(row, today, soon),
            "tags": other_tags(row, today, say),
            "unit": names.unit(row.unit),
            "caseworker": names.person(row.person),
            "is_mine": row.person == visit.person.id,
            "is_sensitive": self.desk.is_sensitive(row),
            "waiting": is_waiting(row.finished_at, row.waiting_until, today),
        }

    def storyteller(self, visit: Visit) -> Storyteller:
        """Who tells the case's story in the reader's language."""
        return Storyteller(visit.say, self.desk.names, self.desk.clock())

    def work(self, tx: Transaction, visit: Visit) -> Casework:
        """What this person can do to this case."""
        return Casework(tx, self.desk.municipality, visit.person, visit.row.case_id)

    def answer_said(self, answer: AnswerRow) -> Said:
        """An answer as part of the conversation."""
        return Said(
            answer.kind,
            answer.at,
            answer.text,
            self.desk.names.person(answer.person),
            expected_on=answer.expected_on,
        )

    def _conversation(
        self,
        row: CaseRow,
        submission: SubmissionText | None,
        answers: Sequence[AnswerRow],
        notes: Sequence[NoteRow],
    ) -> list[Said]:
        names = self.desk.names
        said = [self.answer_said(answer) for answer in answers]
        said += [Said("handover" if note.event_id else "note", note.at, note.text, names.person(note.person))
                 for note in notes]  # fmt: skip
        if submission and submission.found:
            said.append(
                Said("resident", row.received_at, submission.text, attachments=submission.attachments)
            )
            said += [
                Said("supplement", more.at, more.text, attachments=more.attachments)
                for more in submission.supplements
            ]
            said += [
                Said("helped" if feedback.helped else "not_helped", feedback.at, feedback.comment)
                for feedback in submission.feedback
            ]
        return sorted(said, key=lambda entry: entry.at)

    def _explained(self, row: CaseRow, history: Sequence[Event], say: Wording) -> list[str]:
        """How the due day came about; nothing where a calendar changed since would say another day."""
        try:
            found = reckoned(history, self.desk.municipality.calendar, self.desk.clock())
        except CalendarEndsError:
            return []
        if found is None or found.deadline.due_on != row.due_on:
            return []
        return explain(found.deadline, say.language, self.desk.texts, start=found.start, reader=Reader.STAFF)


def refusal(refused: NotNowError) -> ConflictProblem:
    """What somebody is told who asks for what cannot be done to the case as it is now."""
    return ConflictProblem(Message("refused.title"), Message(f"refused.{refused.why}"))


def written(text: str) -> str:
    """What somebody typed, with line breaks as they are kept, no blanks round it, and no NUL: PostgreSQL has none."""
    return text.replace("\r\n", "\n").replace("\0", "").strip()


def form_key(text: str) -> UUID:
    """A form's key.

    :raises InvalidProblem: it is none; nobody types it.
    """
    try:
        return UUID(text)
    except ValueError:
        raise InvalidProblem from None


def form_version(text: str) -> int:
    """The version of the case that a form was opened on.

    :raises InvalidProblem: it is none; nobody types it.
    """
    version = number_in(text)
    if version is None:
        raise InvalidProblem
    return version

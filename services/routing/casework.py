"""What a person does to a case every day: open it, answer, hand over, take, note, mark as read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.routing import merging, store
from services.routing.assignment import Workload, candidates
from services.routing.cases import Case
from services.routing.store import NoteRow
from services.routing.work import ChangedMeanwhileError, NotNowError, Work, closings
from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseInterimAnswered,
    CaseOpened,
    Event,
)
from shared.identity import derived_id
from shared.pauses import pauses_of, waited
from shared.questions import AnswerKind


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as it was written; `expected_on` only in an interim one."""

    key: UUID
    version: int
    text: str
    final: bool
    expected_on: date | None = None

    @property
    def kind(self) -> AnswerKind:
        """What it is to the resident."""
        return AnswerKind.ANSWER if self.final else AnswerKind.INTERIM


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a case is handed to; without a person it goes to whoever in the unit has the least to do."""

    unit: str
    person: str | None = None


class Casework(Work):
    """The everyday acts."""

    async def open(self) -> tuple[Case, Sequence[Event]]:
        """Note who has read the case; the first time its own caseworker does, say that it is opened."""
        case, history = await self.look()
        self.note_reading(case.case_id)
        if case.person == self.person.id and case.opened_at is None and not case.finished:
            assigned = _last_assignment(history)
            opened = CaseOpened.caused(
                assigned,
                id=derived_id("case.opened", assigned.id),
                at=self.moment(history),
                person=self.person.id,
                unit=assigned.unit,
            )
            return await self.said(history, opened), [*history, opened]
        return case, history

    async def answer(self, draft: Draft) -> Case:
        """Answer the resident, and those whose cases were merged into this one.

        :raises AlreadySentError: the form was sent before with another text.
        :raises ChangedMeanwhileError: a colleague was first.
        """
        followers = await merging.locked_with_followers(self)
        case, history = await self.known(self.case_id)
        if await self.sent_before(draft.key, case, draft.text):
            return case
        self.require(draft.version, case, history)
        answered = self._answered(draft, case, history, draft.key, self.unit_of(case))
        for follower in followers:
            theirs, told = await self.known(follower)
            key = derived_id("answer", draft.key, follower)
            await self.said(told, self._answered(draft, theirs, told, key, answered.unit, answered.id))
        return await self.said(history, answered)

    async def hand_over(self, to: Receiver, why: str, *, key: UUID, version: int) -> Case:
        """Give the case to another unit or person; the reason is a note that stays in this database.

        :raises ChangedMeanwhileError: a colleague was first.
        """
        case, history = await self.look()
        if await self.tx.session.get(NoteRow, key):
            return case
        self.require(version, case, history)
        event = await self.handed_over(to, case, history, key)
        self._note(key, case, event.at, why, event.id)
        return await self.said(history, event)

    async def handed_over(
        self, to: Receiver, case: Case, history: Sequence[Event], key: UUID
    ) -> CaseAssigned:
        """The handing over of the case, to the least busy of the unit where nobody is named."""
        person = to.person or await self._least_busy(to.unit, apart_from=case.person)
        return self._assigned(history, case, to.unit, person, AssignmentReason.HANDED_OVER, key)

    async def take(self, *, key: UUID, version: int) -> Case:
        """Make the case one's own; it stays its unit's where one belongs to that or leads it.

        :raises ChangedMeanwhileError: a colleague was first.
        """
        case, history = await self.look()
        if self.has_said(history, "case.taken", key) or case.person == self.person.id:
            return case
        self.require(version, case, history)
        led = {unit.id for unit in self.municipality.units_led_by(self.person.id)}
        unit = case.unit if case.unit in led else self.person.unit or case.unit
        event = self._assigned(
            history, case, unit or self.municipality.front_desk, self.person.id, AssignmentReason.TAKEN, key
        )
        return await self.said(history, event)

    async def note(self, text: str, *, key: UUID) -> Case:
        """Leave a word to colleagues; the resident never sees it."""
        case, history = await self.look()
        if not await self.tx.session.get(NoteRow, key):
            self._note(key, case, self.moment(history), text, None)
        return case

    async def mark_read(self, *, version: int, attention_at: datetime | None = None) -> Case:
        """Say that nothing is left to do.

        A case that wants no answer is closed, and so is one reopened that has its answer already; news in a
        finished one is seen.

        :param attention_at: the last news that was seen; what came later is not.
        :raises ChangedMeanwhileError: there is something that was not seen.
        :raises NotNowError: `read_unanswered`: the case waits for its answer.
        """
        case, history = await self.look()
        if case.finished:
            if case.attention_at and (attention_at is None or attention_at < case.attention_at):
                raise ChangedMeanwhileError(case, history)
            await self._seen(case.attention_at)
            return case
        if case.reply_wanted and not case.ever_answered:
            raise NotNowError("read_unanswered")
        self.require(version, case, history)
        again = closings(history)
        name = ("case.closed", case.case_id, again) if again else ("case.closed", case.case_id)
        return await self.said(history, self.event(CaseClosed, history, *name, unit=self.unit_of(case)))

    async def mark_reached(self) -> Case:
        """Say that the resident, whom our message did not reach, was told in another way."""
        case, _ = await self.look()
        if case.undelivered_at:
            await self._seen(case.undelivered_at)
        return case

    async def _seen(self, at: datetime | None) -> None:
        await store.mark_seen(self.tx.session, self.case_id, max(self.tx.now, at or self.tx.now))

    async def _least_busy(self, unit: str, *, apart_from: str | None) -> str | None:
        at_work = [
            person for person in candidates(self.municipality, unit, self.today) if person.id != apart_from
        ]
        await store.lock_assignments(self.tx.session)
        loads = await store.workload(self.tx.session, [person.id for person in at_work])
        return Workload(loads).give(at_work, self.tx.now)

    def _answered(
        self,
        draft: Draft,
        case: Case,
        history: Sequence[Event],
        key: UUID,
        unit: str,
        caused_by: UUID | None = None,
    ) -> CaseAnswered | CaseInterimAnswered:
        """Keep the answer of one case, and give what is said of it."""
        at = self.moment(history)
        self.write(draft.kind, key, case, at, draft.text, unit=unit, day=draft.expected_on)
        fields = {"at": at, "answer_id": key, "unit": unit} | ({"caused_by": caused_by} if caused_by else {})
        if draft.final:
            seconds = round(waited(pauses_of(history), at).total_seconds())
            return self.event(CaseAnswered, history, "answer", key, **fields, waited_seconds=seconds)
        return self.event(
            CaseInterimAnswered, history, "answer", key, **fields, expected_on=draft.expected_on
        )

    def _assigned(
        self,
        history: Sequence[Event],
        case: Case,
        unit: str,
        person: str | None,
        reason: AssignmentReason,
        key: UUID,
    ) -> CaseAssigned:
        return self.event(
            CaseAssigned,
            history,
            f"case.{reason}",
            key,
            unit=unit,
            section=self.municipality.section_of(unit).id,
            person=person,
            reason=reason,
            assigned_by=self.person.id,
            from_unit=case.unit,
            from_person=case.person,
        )

    def _note(self, key: UUID, case: Case, at: datetime, text: str, event_id: UUID | None) -> None:
        self.tx.session.add(
            NoteRow(id=key, case_id=case.case_id, at=at, person=self.person.id, text=text, event_id=event_id)
        )


def _last_assignment(history: Sequence[Event]) -> CaseAssigned:
    return next(event for event in reversed(history) if isinstance(event, CaseAssigned))

"""What a person does to a case: decide, store, publish. Each takes the case's lock first, and never commits.

A form carries its own key, so that sending it twice does it once, and the case's version it was written on,
so that nobody overrules a colleague unawares.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.routing import store
from services.routing.assignment import Workload, candidates
from services.routing.cases import Case, fold, next_moment
from services.routing.store import AccessRow, AnswerRow, NoteRow
from shared.clock import oslo_day
from shared.database import Transaction
from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseInterimAnswered,
    CaseOpened,
    Event,
    SubmissionReceived,
)
from shared.identity import derived_id
from shared.municipality import Municipality, Person


class CaseworkRefusedError(Exception):
    """Something cannot be done to a case as it is now."""


class ChangedMeanwhileError(CaseworkRefusedError):
    """A colleague answered, closed or handed over the case after the form was opened."""

    def __init__(self, case: Case, history: Sequence[Event]) -> None:
        """Keep the case as it is now, and how it came there."""
        super().__init__(f"case {case.case_id} is at version {case.version}")
        self.case = case
        self.history = history


class AlreadySentError(CaseworkRefusedError):
    """This form was sent before, with other words in it."""

    def __init__(self, case: Case, answer: AnswerRow) -> None:
        """Keep what was sent."""
        super().__init__(f"answer {answer.id} was sent before")
        self.case = case
        self.answer = answer


class NothingToMarkError(CaseworkRefusedError):
    """A case that waits for its answer cannot be marked as read."""


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer as it was written; `expected_on` only in an interim one."""

    key: UUID
    version: int
    text: str
    final: bool
    expected_on: date | None = None


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a case is handed to; without a person it goes to whoever in the unit has the least to do."""

    unit: str
    person: str | None = None


class Casework:
    """The acts of one person on one case, within one transaction."""

    def __init__(self, tx: Transaction, municipality: Municipality, person: Person, case_id: UUID) -> None:
        """Take who does it, to what."""
        self._tx = tx
        self._municipality = municipality
        self._person = person
        self._case_id = case_id

    async def look(self) -> tuple[Case, Sequence[Event]]:
        """The case as it is now, and how it came there."""
        return await self._case()

    async def open(self) -> tuple[Case, Sequence[Event]]:
        """Note who has read the case; the first time its own caseworker does, say that it is opened."""
        case, history = await self._case()
        self._tx.session.add(AccessRow(case_id=case.case_id, person=self._person.id, at=self._tx.now))
        if case.person == self._person.id and case.opened_at is None and not case.finished:
            assigned = _last_assignment(history)
            opened = CaseOpened.caused(
                assigned,
                id=derived_id("case.opened", assigned.id),
                at=next_moment(history, self._tx.now),
                person=self._person.id,
                unit=assigned.unit,
            )
            return await self._said(history, opened), [*history, opened]
        return case, history

    async def answer(self, draft: Draft) -> Case:
        """Answer the resident.

        :raises AlreadySentError: the form was sent before with another text.
        :raises ChangedMeanwhileError: a colleague was first.
        """
        case, history = await self._case()
        before = await self._tx.session.get(AnswerRow, draft.key)
        if before is not None:
            if before.case_id != case.case_id or before.text != draft.text:
                self._tx.session.expunge(before)  # it is told of after the transaction is gone
                raise AlreadySentError(case, before)
            return case
        self._require(draft.version, case, history)
        at = next_moment(history, self._tx.now)
        unit = case.unit or self._municipality.front_desk
        self._tx.session.add(
            AnswerRow(
                id=draft.key,
                case_id=case.case_id,
                at=at,
                final=draft.final,
                text=draft.text,
                person=self._person.id,
                unit=unit,
                expected_on=draft.expected_on,
            )
        )
        cause, said_id = _cause(history), derived_id("answer", draft.key)
        event: CaseAnswered | CaseInterimAnswered
        if draft.final:
            event = CaseAnswered.caused(
                cause, id=said_id, at=at, answer_id=draft.key, person=self._person.id, unit=unit
            )
        else:
            event = CaseInterimAnswered.caused(
                cause,
                id=said_id,
                at=at,
                answer_id=draft.key,
                person=self._person.id,
                unit=unit,
                expected_on=draft.expected_on,
            )
        return await self._said(history, event)

    async def hand_over(self, to: Receiver, why: str, *, key: UUID, version: int) -> Case:
        """Give the case to another unit or person; the reason is a note that stays in this database.

        :raises ChangedMeanwhileError: a colleague was first.
        """
        case, history = await self._case()
        if await self._tx.session.get(NoteRow, key):
            return case
        self._require(version, case, history)
        person = to.person or await self._least_busy(to.unit, apart_from=case.person)
        event = self._assigned(history, case, to.unit, person, AssignmentReason.HANDED_OVER, key)
        self._note(key, case, event.at, why, event.id)
        return await self._said(history, event)

    async def take(self, *, key: UUID, version: int) -> Case:
        """Make the case one's own; it stays its unit's where one belongs to that or leads it.

        :raises ChangedMeanwhileError: a colleague was first.
        """
        case, history = await self._case()
        event_id = derived_id("case.taken", key)
        if any(event.id == event_id for event in history) or case.person == self._person.id:
            return case
        self._require(version, case, history)
        led = {unit.id for unit in self._municipality.units_led_by(self._person.id)}
        unit = case.unit if case.unit in led else self._person.unit or case.unit
        event = self._assigned(
            history, case, unit or self._municipality.front_desk, self._person.id, AssignmentReason.TAKEN, key
        )
        return await self._said(history, event)

    async def note(self, text: str, *, key: UUID) -> Case:
        """Leave a word to colleagues; the resident never sees it."""
        case, history = await self._case()
        if not await self._tx.session.get(NoteRow, key):
            self._note(key, case, next_moment(history, self._tx.now), text, None)
        return case

    async def mark_read(self) -> Case:
        """Say that nothing is left to do: a case that wants no answer is closed, news in a finished one is seen.

        :raises NothingToMarkError: the case waits for its answer.
        """
        case, history = await self._case()
        if case.finished:
            seen_at = max(self._tx.now, case.attention_at or self._tx.now)
            await store.mark_seen(self._tx.session, case.case_id, seen_at)
            return case
        if case.reply_wanted:
            raise NothingToMarkError
        closed = CaseClosed.caused(
            _cause(history),
            id=derived_id("case.closed", case.case_id),
            at=next_moment(history, self._tx.now),
            person=self._person.id,
            unit=case.unit or self._municipality.front_desk,
        )
        return await self._said(history, closed)

    async def _case(self) -> tuple[Case, Sequence[Event]]:
        await store.lock_cases(self._tx.session, [self._case_id])
        history = (await self._tx.history([self._case_id]))[self._case_id]
        case = fold(history)
        if case is None:
            raise LookupError(self._case_id)
        return case, history

    async def _said(self, history: Sequence[Event], event: Event) -> Case:
        self._tx.publish(event)
        case = fold([*history, event])
        if case is None:
            raise LookupError(self._case_id)
        await store.save_cases(self._tx.session, [case])
        return case

    async def _least_busy(self, unit: str, *, apart_from: str | None) -> str | None:
        at_work = [
            person
            for person in candidates(self._municipality, unit, oslo_day(self._tx.now))
            if person.id != apart_from
        ]
        await store.lock_assignments(self._tx.session)
        loads = await store.workload(self._tx.session, [person.id for person in at_work])
        return Workload(loads).give(at_work, self._tx.now)

    def _assigned(
        self,
        history: Sequence[Event],
        case: Case,
        unit: str,
        person: str | None,
        reason: AssignmentReason,
        key: UUID,
    ) -> CaseAssigned:
        return CaseAssigned.caused(
            _cause(history),
            id=derived_id(f"case.{reason}", key),
            at=next_moment(history, self._tx.now),
            unit=unit,
            section=self._municipality.section_of(unit).id,
            person=person,
            reason=reason,
            assigned_by=self._person.id,
            from_unit=case.unit,
            from_person=case.person,
        )

    def _note(self, key: UUID, case: Case, at: object, text: str, event_id: UUID | None) -> None:
        self._tx.session.add(
            NoteRow(id=key, case_id=case.case_id, at=at, person=self._person.id, text=text, event_id=event_id)
        )

    def _require(self, version: int, case: Case, history: Sequence[Event]) -> None:
        if version != case.version:
            raise ChangedMeanwhileError(case, history)


def _cause(history: Sequence[Event]) -> Event:
    """What the case began with."""
    return next(event for event in history if isinstance(event, SubmissionReceived))


def _last_assignment(history: Sequence[Event]) -> CaseAssigned:
    return next(event for event in reversed(history) if isinstance(event, CaseAssigned))

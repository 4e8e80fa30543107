"""One person at work on one case, within one transaction: what every act on a case is made of.

An act decides, stores and publishes; it takes the case's lock first, and never commits. A form carries its
own key, so that sending it twice does it once, and the case's version it was written on, so that nobody
overrules a colleague unawares.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from services.routing import store
from services.routing.cases import Case, fold, next_moment
from services.routing.store import AccessRow, AnswerRow
from shared.clock import oslo_day
from shared.database import Transaction
from shared.events import CaseClosed, Event, SubmissionReceived
from shared.identity import derived_id
from shared.municipality import Municipality, Person
from shared.questions import AnswerKind

Said = TypeVar("Said", bound=Event)


class CaseworkRefusedError(Exception):
    """Something cannot be done to a case as it is now."""


class ChangedMeanwhileError(CaseworkRefusedError):
    """A colleague did something to the case, or its resident added to it, after the form was opened."""

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


class NotNowError(CaseworkRefusedError):
    """The case is not one this can be done to; `why` is the end of the text that says so, `refused.<why>`."""

    def __init__(self, why: str) -> None:
        """Keep the reason."""
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Letter:
    """A word to the resident: the form's key, the version of the case it was written on, the words."""

    key: UUID
    version: int
    text: str


class Work:
    """A person, a case, and the transaction that what is done to it is part of."""

    def __init__(self, tx: Transaction, municipality: Municipality, person: Person, case_id: UUID) -> None:
        """Take who does it, to what."""
        self.tx = tx
        self.municipality = municipality
        self.person = person
        self.case_id = case_id

    @property
    def today(self) -> date:
        """The day it is in Norway."""
        return oslo_day(self.tx.now)

    async def look(self) -> tuple[Case, Sequence[Event]]:
        """The case as it is now, and how it came there. Nobody else changes it until the commit."""
        await store.lock_cases(self.tx.session, [self.case_id])
        return await self.known(self.case_id)

    def note_reading(self, case_id: UUID) -> None:
        """Write down that this person has read what the resident of a case wrote."""
        self.tx.session.add(AccessRow(case_id=case_id, person=self.person.id, at=self.tx.now))

    async def known(self, case_id: UUID) -> tuple[Case, Sequence[Event]]:
        """A case whose lock has been taken, and how it came where it is.

        :raises LookupError: nobody has heard of it.
        """
        history = (await self.tx.history([case_id]))[case_id]
        case = fold(history, self.municipality.calendar)
        if case is None:
            raise LookupError(case_id)
        return case, history

    def require(self, version: int, case: Case, history: Sequence[Event]) -> None:
        """Go on only on the version that the form was opened on.

        :raises ChangedMeanwhileError: a colleague was first.
        """
        if version != case.version:
            raise ChangedMeanwhileError(case, history)

    def moment(self, history: Iterable[Event]) -> datetime:
        """When something is said now."""
        return next_moment(history, self.tx.now)

    def event(self, model: type[Said], history: Sequence[Event], *name: object, **fields: Any) -> Said:
        """An event of the case of this history, by this person.

        The same `name` gives the same event, so that it is said once.
        """
        received = next(event for event in history if isinstance(event, SubmissionReceived))
        given = {
            "at": self.moment(history), "person": self.person.id, "case_id": received.case_id,
            "municipality": received.municipality, "caused_by": received.id, **fields,
        }  # fmt: skip
        return model(id=derived_id(*name), **given)

    def has_said(self, history: Iterable[Event], *name: object) -> bool:
        """Whether the event of this name was said before: the form was sent twice."""
        wanted = derived_id(*name)
        return any(event.id == wanted for event in history)

    async def said(self, history: Sequence[Event], *events: Event) -> Case:
        """Publish what was done, and keep what the case is now."""
        self.tx.publish(*events)
        case = fold([*history, *events], self.municipality.calendar)
        if case is None:
            raise LookupError(events)
        await store.save_cases(self.tx.session, [case])
        return case

    def unit_of(self, case: Case) -> str:
        """The unit a case is with."""
        return case.unit or self.municipality.front_desk

    async def sent_before(self, key: UUID, case: Case, text: str) -> bool:
        """Whether this form was sent before.

        :raises AlreadySentError: it was, with another text.
        """
        before = await self.tx.session.get(AnswerRow, key)
        if before is not None and (before.case_id != case.case_id or before.text != text):
            self.tx.session.expunge(before)  # it is told of after the transaction is gone
            raise AlreadySentError(case, before)
        return before is not None

    def write(
        self,
        kind: AnswerKind,
        key: UUID,
        case: Case,
        at: datetime,
        text: str,
        *,
        unit: str | None = None,
        day: date | None = None,
    ) -> None:
        """Keep what the resident is to read."""
        self.tx.session.add(
            AnswerRow(
                id=key,
                case_id=case.case_id,
                at=at,
                kind=kind,
                text=text,
                person=self.person.id,
                unit=unit or self.unit_of(case),
                expected_on=day,
            )
        )


def closings(history: Iterable[Event]) -> int:
    """How often the case was closed: what tells one closing from the next."""
    return sum(isinstance(event, CaseClosed) for event in history)

"""What every page of the desk works with, and what they all must know of who is there."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from services.routing import store
from services.routing.access import Ownership, may_see
from services.routing.names import Names
from services.routing.sensitivity import SensitiveTopics
from services.routing.store import CaseRow
from shared.catalogue import Catalogue
from shared.clock import Clock, oslo_day
from shared.database import Database
from shared.explanation import own_texts
from shared.identity import new_id, parse_reference
from shared.municipality import Municipality, Person
from shared.questions import Excerpts, NoAnswerError, ReadExcerpts, ReadSubmission, SubmissionText
from shared.web.errors import ForbiddenProblem, NotFoundProblem
from shared.web.i18n import Message
from shared.web.session import SignedIn

Ask = Callable[..., Awaitable[Any]]
"""`shared.questions.ask` on the service's broker."""

EXCERPT_TIME_LIMIT = 0.8
"""Seconds a list waits for the first words of its cases before it goes on without."""


@dataclass(frozen=True)
class Desk:
    """The parts the pages share."""

    database: Database
    municipality: Municipality
    clock: Clock
    ask: Ask
    sensitive: SensitiveTopics

    @property
    def names(self) -> Names:
        """What everything is called."""
        return Names(self.municipality)

    @property
    def today(self) -> date:
        """The day it is in Norway."""
        return oslo_day(self.clock())

    @property
    def texts(self) -> Catalogue:
        """How deadlines are explained, in the municipality's own wording where it has one."""
        return own_texts(self.municipality.texts_folder)

    def soon(self) -> date:
        """The last day that counts as soon: two working days ahead."""
        return self.municipality.calendar.add_working_days(self.today, 2)

    def colleague(self, signed_in: SignedIn) -> Person:
        """Who is signed in, as the configuration knows them now.

        :raises ForbiddenProblem: they no longer work here.
        """
        person = self.municipality.people.get(signed_in.person_id)
        if person is None or not person.in_force(self.today):
            raise ForbiddenProblem(detail=Message("desk.not_employed"))
        return person

    def may_see(self, person: Person, case: CaseRow) -> bool:
        """Whether they may open it."""
        owned = Ownership(unit=case.unit, person=case.person, is_sensitive=self.is_sensitive(case))
        return may_see(person, owned, self.municipality)

    def is_sensitive(self, case: CaseRow) -> bool:
        """Whether only its own unit may read about it."""
        return case.topic in self.sensitive

    async def case(self, person: Person, reference: str) -> CaseRow:
        """The case of a reference, for somebody who may see it.

        :raises NotFoundProblem: there is none.
        :raises ForbiddenProblem: it is not theirs to see.
        """
        wanted = parse_reference(reference)
        async with self.database.reading() as session:
            case = await store.case_by_reference(session, wanted) if wanted else None
        if case is None:
            raise NotFoundProblem(Message("case.unknown.title"), Message("case.unknown.detail"))
        if not self.may_see(person, case):
            raise ForbiddenProblem(Message("case.forbidden.title"), Message("case.forbidden.detail"))
        return case

    async def submission(self, case_id: UUID) -> SubmissionText | None:
        """What the resident wrote; None while intake does not answer."""
        try:
            found: SubmissionText = await self.ask(ReadSubmission(case_id=case_id))
        except NoAnswerError:
            return None
        return found

    async def excerpts(self, case_ids: list[UUID]) -> dict[UUID, str] | None:
        """The first words of cases; None while intake does not answer."""
        if not case_ids:
            return {}
        try:
            found: Excerpts = await self.ask(ReadExcerpts(case_ids=case_ids), time_limit=EXCERPT_TIME_LIMIT)
        except NoAnswerError:
            return None
        return found.excerpts

    def new_key(self) -> UUID:
        """The key of a form, by which sending it twice is told from sending two."""
        return new_id(self.clock())

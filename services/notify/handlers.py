"""What is heard about a case becomes its state, its promises, the ladder of them, and messages to send."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.notify import (
    case_store,
    messages,
    promise_store,
    promises,
    register,
    store,
    terms,
    wait_store,
    waits,
)
from services.notify.case import Case, fold
from shared.database import Transaction
from shared.events import CaseAnswered, CaseMerged, Event
from shared.municipality import Municipality


class Handlers:
    """The events of many cases at once, in a handful of statements.

    Everything is derived from a case's whole history, and everything has a name that is the same each time
    (a step's key, a message's key, an event's id), so that any order and repetition gives the same.
    """

    def __init__(self, municipality: Municipality) -> None:
        self._municipality = municipality

    async def __call__(self, new: Sequence[Event], tx: Transaction) -> None:
        """Handles new events."""
        case_ids = list(dict.fromkeys(event.case_id for event in new))
        # What is said about a case and about the one it is merged into must not pass each other unseen.
        others = {event.into for event in new if isinstance(event, CaseMerged)}
        await case_store.lock(tx.session, {*case_ids, *others})
        histories = await tx.history(case_ids)
        recorded = await promise_store.recorded(tx.session, case_ids)
        cases = [fold(case_id, histories[case_id]) for case_id in case_ids]
        await case_store.save(tx.session, cases)
        calendar = self._municipality.calendar
        changes = [
            change
            for case in cases
            for change in promises.changes(
                case.case_id,
                case.municipality,
                terms.derive(histories[case.case_id], calendar),
                recorded[case.case_id],
                tx.now,
            )
        ]
        await register.write(tx, self._municipality, changes)
        planned = [
            wait for case in cases for wait in waits.planned(case.case_id, case.pauses, self._municipality)
        ]
        await wait_store.plan(tx.session, planned, tx.now)
        words = [
            word
            for case in cases
            for word in messages.called_for(
                case, histories[case.case_id], sms=self._municipality.messages.sms
            )
        ]
        words += await self._answers_of_others(new, histories, tx)
        await store.queue(tx.session, words, tx.now)

    async def _answers_of_others(
        self, new: Sequence[Event], histories: Mapping[UUID, Sequence[Event]], tx: Transaction
    ) -> list[messages.Word]:
        """To the residents of merged cases: that the case theirs was merged into has been answered."""
        merged = {event.case_id for event in new if isinstance(event, CaseMerged)}
        leading = {event.case_id for event in new if isinstance(event, CaseAnswered)}
        if merged:
            leading |= await case_store.leading(tx.session, merged)
        if not leading:
            return []
        following = await case_store.merged_into(tx.session, leading)
        if not following:
            return []
        known = dict(histories)
        known |= await tx.history({one for pair in following for one in pair} - known.keys())
        return [
            word
            for follower, leader in following
            for word in messages.answers_of_other(
                _folded(follower, known), known[leader], sms=self._municipality.messages.sms
            )
        ]


def _folded(case_id: UUID, known: Mapping[UUID, Sequence[Event]]) -> Case:
    return fold(case_id, known[case_id])

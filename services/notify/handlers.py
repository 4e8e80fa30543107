"""What is heard about a case becomes its state, its promises, the ladder of them, and messages to send."""

from collections import defaultdict
from collections.abc import Sequence
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
from services.notify.case import fold
from shared.database import Transaction
from shared.events import Event
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
        await case_store.lock(tx.session, case_ids)
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
        own, said = defaultdict[UUID, list[Event]](list), {event.id for event in new}
        for change in changes:
            if change.event:
                own[change.recorded.case_id].append(change.event)
                said.add(change.event.id)
        words = [
            word
            for case in cases
            for word in messages.called_for(
                case,
                [*histories[case.case_id], *own[case.case_id]],
                said,
                sms=self._municipality.messages.sms,
            )
        ]
        await store.queue(tx.session, words, tx.now)

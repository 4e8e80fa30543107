"""What is heard about a case becomes its state, its promise, the ladder of it, and messages to send."""

from collections.abc import Sequence

from services.notify import ladder, messages, store
from services.notify.case import FIRST_VERSION, Case, fold
from shared.database import Transaction
from shared.events import Event, PromiseMade
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
        await store.lock(tx.session, case_ids)
        histories = await tx.history(case_ids)
        cases = [fold(case_id, histories[case_id]) for case_id in case_ids]
        settled = {case.case_id for case in cases if case.settled}
        made = [taken for case in cases if (taken := self._taken_over(case, tx))]
        await store.save_cases(tx.session, cases)
        await store.add_promises(
            tx.session,
            [(taken, case.received.at) for taken, case in _with_cases(made, cases) if case.received],
        )
        await store.plan(
            tx.session,
            [
                (taken.case_id, taken.version, step)
                for taken in made
                for step in ladder.steps(taken.due_on, self._municipality)
            ],
            settled,
            tx.now,
        )
        if newly_settled := settled - {taken.case_id for taken in made}:
            await store.settle(tx.session, newly_settled, tx.now)
        kept = {case.case_id: case.answered_at for case in cases if case.answered_at and case.kept}
        await store.hasten_verdicts(tx.session, kept)
        sms = self._municipality.messages.sms
        words = [
            word for case in cases for word in messages.called_for(case, histories[case.case_id], sms=sms)
        ]
        await store.queue(tx.session, words, tx.now)

    def _taken_over(self, case: Case, tx: Transaction) -> PromiseMade | None:
        """The event that takes a promise over, published the first time the promise is heard of."""
        promised = case.received and case.received.promise
        if case.made or not case.received or not promised:
            return None
        made = PromiseMade.caused(
            case.received,
            at=tx.now,
            id=ladder.made_id(case.case_id, FIRST_VERSION),
            version=FIRST_VERSION,
            promise_id=promised.promise_id,
            rule=promised.rule,
            rule_version=promised.rule_version,
            due_on=promised.due_on,
        )
        tx.publish(made)
        return made


def _with_cases(made: Sequence[PromiseMade], cases: Sequence[Case]) -> list[tuple[PromiseMade, Case]]:
    by_id = {case.case_id: case for case in cases}
    return [(taken, by_id[taken.case_id]) for taken in made]

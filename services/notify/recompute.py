"""What a changed rule, calendar or closed day would change about the open promises, and the change itself.

A promise keeps the rule it was made under, unless the declaration of the same id says something else now. What
is judged, answered or over stays as it is, and so does a day that the resident was given by an extension.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.notify import case_store, messages, promise_store, register, store
from services.notify.case import PromiseState, fold
from services.notify.promises import Change, Recorded, latest_version, moved_event
from services.notify.terms import Derived, derive, says
from shared import promise
from shared.database import Database, Transaction
from shared.events import Event, MoveReason, PromiseMoved
from shared.municipality import Municipality
from shared.promise import Rule

BATCH = 500


class Why(StrEnum):
    """What of the configuration makes the difference."""

    RULE = "rule"
    """The declaration gives another time."""
    CALENDAR = "calendar"
    """The same time ends on another day: a closed day or a holiday has come or gone."""
    WORDS = "words"
    """Only what the declaration says has changed, not the day."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """An open promise as it stands, and as the configuration of now would have it."""

    reference: str
    before: Recorded
    after: Recorded
    event: PromiseMoved

    @property
    def why(self) -> Why:
        """What of the configuration makes the difference."""
        if self.before.terms.rule != self.after.terms.rule:
            return Why.RULE
        return Why.WORDS if self.before.terms.due_on == self.after.terms.due_on else Why.CALENDAR


@dataclass(slots=True)
class Looked:
    """How many open promises have been looked at."""

    promises: int = 0


async def preview(
    database: Database, municipality: Municipality, now: datetime, looked: Looked
) -> AsyncIterator[Proposal]:
    """Every change that `apply` would make; makes none."""
    after = UUID(int=0)
    while True:
        # Nothing is added in it, so the transaction that ends it commits nothing.
        async with database.transaction() as tx:
            case_ids = await promise_store.open_cases(tx.session, after, BATCH)
            proposals = [found async for found, _ in _proposals(tx, case_ids, municipality, now, looked)]
        for proposal in proposals:
            yield proposal
        if len(case_ids) < BATCH:
            return
        after = case_ids[-1]


async def apply(
    database: Database, municipality: Municipality, now: datetime, looked: Looked
) -> AsyncIterator[Proposal]:
    """Moves the promises, a batch of cases in each transaction, and tells residents of later days.

    What was moved before a crash is moved; called again it moves the rest.
    """
    after = UUID(int=0)
    while True:
        async with database.transaction() as tx:
            case_ids = await promise_store.open_cases(tx.session, after, BATCH)
            if case_ids:
                await case_store.lock(tx.session, case_ids)
            done = [found async for found in _proposals(tx, case_ids, municipality, now, looked)]
            await register.write(
                tx, municipality, [Change(proposal.after, proposal.event) for proposal, _ in done]
            )
            words = [
                word
                for proposal, history in done
                for word in messages.called_for(
                    fold(proposal.before.case_id, history),
                    [*history, proposal.event],
                    {proposal.event.id},
                    sms=municipality.messages.sms,
                )
            ]
            await store.queue(tx.session, words, tx.now)
        for proposal, _ in done:
            yield proposal
        if len(case_ids) < BATCH:
            return
        after = case_ids[-1]


async def _proposals(
    tx: Transaction, case_ids: Sequence[UUID], municipality: Municipality, now: datetime, looked: Looked
) -> AsyncIterator[tuple[Proposal, Sequence[Event]]]:
    histories = await tx.history(case_ids) if case_ids else {}
    recorded = await promise_store.recorded(tx.session, case_ids) if case_ids else {}
    for case_id in case_ids:
        reference = fold(case_id, histories[case_id]).received
        open_ones = [
            known
            for known in recorded[case_id]
            if known.state is PromiseState.OPEN
            and not known.is_ended
            and promise.kept(known.terms.due_on, now)
        ]
        for known in open_ones:
            looked.promises += 1
            version = latest_version(recorded[case_id]) + 1
            proposal = propose(known, histories[case_id], municipality, version=version, at=now)
            if proposal and reference:
                yield replace(proposal, reference=reference.reference), histories[case_id]


def propose(
    known: Recorded, history: Sequence[Event], municipality: Municipality, *, version: int, at: datetime
) -> Proposal | None:
    """What the configuration of now makes of an open promise; None where it is what it was."""
    terms = known.terms
    if terms.is_day_given or not history:
        return None
    rule, rule_version = terms.rule, terms.rule_version
    for declared in municipality.promises:
        if declared.id == terms.promise_id:
            rule, rule_version = declared.rule, declared.version
    plain = promise.deadline(terms.counted_from, Rule.parse(rule), municipality.calendar)
    wanted = replace(
        terms,
        rule=rule,
        rule_version=rule_version,
        due_on=plain.due_on,
        due_without_pauses_on=plain.due_on,
        reason=MoveReason.RECOMPUTED,
    )
    moved = replace(known, version=version, terms=wanted)
    event = moved_event(history[0].municipality, moved, terms.due_on, at)
    derived = derive([*history, event], municipality.calendar)
    after = _of_number(derived, known.number)
    if after is None or says(after.now) == says(terms):
        return None
    moved = replace(moved, terms=replace(after.now, reason=MoveReason.RECOMPUTED))
    return Proposal("", known, moved, event.model_copy(update={"due_on": after.now.due_on}))


def _of_number(derived: Sequence[Derived], number: int) -> Derived | None:
    return next((each for each in derived if each.number == number), None)

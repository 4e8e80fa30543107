"""Writes down what has changed about promises: the event, the version, and its place in the ledger."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.notify import ladder, ledger, promise_store
from services.notify.ledger import Version
from services.notify.promises import Change, Recorded
from shared import promise
from shared.database import Transaction
from shared.events import LapseReason
from shared.municipality import Municipality


async def write(tx: Transaction, municipality: Municipality, changes: Sequence[Change]) -> None:
    """Publishes and records changes, in their order, and plans the ladder of what holds now.

    The cases are locked. What is done under an earlier version stays; the rest of its ladder is retired.
    """
    if not changes:
        return
    tx.publish(*(change.event for change in changes if change.event))
    await promise_store.add(tx.session, [change.recorded for change in changes if change.event])
    await promise_store.save(tx.session, [change.recorded for change in changes if not change.event])
    standing = {(change.recorded.case_id, change.recorded.number): change for change in changes}
    planned = [change.recorded for change in standing.values() if change.event]
    moved = {version.case_id for version in planned if version.version > 1}
    taken = set[tuple[UUID, int, str, datetime]]()
    if moved:
        await ledger.retire(tx.session, moved, tx.now)
        taken = await ledger.taken(tx.session, moved)
    ended = {_key(change.recorded) for change in standing.values() if change.recorded.is_ended}
    steps = [
        (version.case_id, version.version, step)
        for version in planned
        for step in ladder.steps(version.terms.due_on, municipality)
        if (version.case_id, version.number, step.step, step.due_at) not in taken
    ]
    await ledger.plan(tx.session, steps, ended, tx.now)
    await ledger.settle(tx.session, ended - {_key(version) for version in planned}, tx.now)
    decided = {_key(change.recorded): decided_at(change.recorded) for change in standing.values()}
    await ledger.hasten_verdicts(tx.session, {key: at for key, at in decided.items() if at})


def decided_at(version: Recorded) -> datetime | None:
    """When a verdict became certain before the due day was over; None where it is not.

    A case closed without an answer may yet be answered in time.
    """
    due_on, lapse = version.terms.due_on, version.lapse
    if version.answered_at and promise.kept(due_on, version.answered_at):
        return version.answered_at
    if lapse and lapse.reason is not LapseReason.CLOSED and promise.kept(due_on, lapse.at):
        return lapse.at
    return None


def _key(version: Recorded) -> Version:
    return version.case_id, version.version

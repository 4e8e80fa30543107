"""The scheduler: carries out the steps that are due, each exactly once, however many processes share them."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from uuid import UUID

import structlog
from prometheus_client import Gauge
from sqlalchemy.ext.asyncio import AsyncSession

from services.notify import (
    case_store,
    ladder,
    ledger,
    promise_store,
    register,
    set_aside,
    store,
    wait_store,
    waits,
)
from services.notify.bell import Bell
from services.notify.case import PromiseState, Verdict
from services.notify.ledger import Share, Version
from services.notify.office_hours import next_office_time
from services.notify.promises import Change, Recorded, latest_version, moved_event
from services.notify.waits import Wait, WaitOutcome
from shared.clock import Clock
from shared.counters import from_nought
from shared.database import Database, Transaction, is_away
from shared.events import MoveReason
from shared.loops import is_asked_to_end
from shared.municipality import Municipality

Heard = Callable[[], Awaitable[datetime | None]]
"""Up to which instant everything that was said has been heard; None where that cannot be told now."""

log = structlog.get_logger()
steps_total = from_nought(
    "svarfrist_steps_total",
    "Steps of the reminder ladder done, by outcome",
    outcome=[*ladder.Outcome, *(f"wait_{outcome}" for outcome in WaitOutcome)],
)
oldest_due_gauge = Gauge(
    "svarfrist_steps_oldest_due_seconds", "For how long the step longest due has waited; 0 where none is due"
)
lag_gauge = Gauge(
    "svarfrist_scheduler_lag_seconds", "How long after its due time the last step was carried out"
)


@dataclass(frozen=True, slots=True)
class _Part:
    """One sort of what falls due: how its cases are locked, decided about, and set aside where that fails."""

    claim: Callable[[AsyncSession, datetime, int], Awaitable[Sequence[UUID]]]
    carry_out: Callable[[Transaction, Sequence[UUID], datetime], Awaitable[int]]
    set_aside: Callable[[AsyncSession, UUID, datetime, datetime, Exception], Awaitable[int]]


class Scheduler:
    """Looks each second for due steps: one probe of an index, so an idle million costs nothing.

    A step's effects (messages, events, the verdict) are in the transaction that marks it done in the ledger,
    under the lock of its case. Steps are decided about only when everything said up to their due time has
    been heard: a notify that was down for a week first hears the week's answers.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        municipality: Municipality,
        heard_until: Heard,
        *,
        batch: int = 500,
        poll: float = 1.0,
        bell: Bell | None = None,
        next_bell: Bell | None = None,
    ) -> None:
        """`bell` wakes it; it rings `next_bell` when it has done something."""
        self._database = database
        self._clock = clock
        self._municipality = municipality
        self._heard_until = heard_until
        self._batch = batch
        self._poll = poll
        self._bell = bell or Bell()
        self._next_bell = next_bell or Bell()
        self._is_behind = False
        self._parts = (
            self._of_the_ladder(Share.VERDICTS),
            _Part(wait_store.claim_due, self._end_waits, set_aside.waits),
            self._of_the_ladder(Share.RUNGS),
        )

    def _of_the_ladder(self, share: Share) -> "_Part":
        return _Part(
            partial(ledger.claim_due, share=share),
            partial(self._carry_out, share),
            partial(set_aside.steps, share=share),
        )

    async def run(self) -> None:
        """Works until cancelled. A database that is away is waited for."""
        while not is_asked_to_end():
            try:
                if await self.work():
                    self._next_bell.ring()
            except Exception as error:  # the scheduler outlives every fault
                log.warning("scheduler.failed", error=type(error).__name__, exc_info=error)
            await self._bell.pause(self._poll / 10 if self._is_behind else self._poll)

    async def work(self) -> int:
        """Carries out what is due, batch by batch; returns how many steps. Verdicts go before reminders.

        A case that cannot be decided about is set aside, and counts too.
        Asks how far the bus has been heard even where nothing is due, so that an outage is noticed.
        """
        heard_until = await self._heard_until()
        now = self._clock()
        async with self._database.reading() as session:
            next_due = await ledger.earliest_due(session)
        earliest = (next_due.verdict, next_due.wait, next_due.rung)
        waited = [(now - instant).total_seconds() for instant in earliest if instant]
        oldest_due_gauge.set(max([0.0, *waited]))
        if heard_until is None:
            return 0
        done, until = 0, min(now, heard_until)
        self._is_behind = any(instant and until < instant <= now for instant in earliest)
        for instant, part in zip(earliest, self._parts, strict=True):
            while instant and instant <= until and (in_batch := await self._batch_of(part, until)):
                done += in_batch
        return done

    async def _batch_of(self, part: "_Part", until: datetime) -> int:
        """Decides about a batch of cases in one transaction, or about each alone where that fails."""
        case_ids: Sequence[UUID] = ()
        try:
            async with self._database.transaction() as tx:
                case_ids = await part.claim(tx.session, until, self._batch)
                return await part.carry_out(tx, case_ids, until) if case_ids else 0
        except Exception as error:
            if is_away(error) or not case_ids:
                raise
            log.warning("scheduler.batch_failed", cases=len(case_ids), error=type(error).__name__)
        return sum([await self._alone(part, case_id, until) for case_id in case_ids])

    async def _alone(self, part: "_Part", case_id: UUID, until: datetime) -> int:
        """Decides about one case. Where even that fails it is set aside, and tried again later."""
        try:
            async with self._database.transaction() as tx:
                await case_store.lock(tx.session, [case_id])
                return await part.carry_out(tx, [case_id], until)
        except Exception as error:
            if is_away(error):
                raise
            async with self._database.transaction() as tx:
                await case_store.lock(tx.session, [case_id])
                count = await part.set_aside(tx.session, case_id, until, tx.now, error)
            log.exception("step.set_aside", case_id=str(case_id), steps=count, exc_info=error)
            return count

    async def _carry_out(
        self, share: Share, tx: Transaction, case_ids: Sequence[UUID], until: datetime
    ) -> int:
        due = await ledger.due_steps(tx.session, share, case_ids, until)
        decisions = {
            at_hand: ladder.decide(at_hand, steps, self._municipality, tx.now)
            for at_hand, steps in due.items()
        }
        verdicts: dict[Version, Verdict] = {}
        for at_hand, decision in decisions.items():
            tx.publish(*decision.events)
            if decision.verdict:
                verdicts[at_hand.case_id, at_hand.version] = decision.verdict
        await store.queue(
            tx.session, [word for decision in decisions.values() for word in decision.words], tx.now
        )
        await promise_store.record_verdicts(tx.session, verdicts, tx.now)
        outcomes = [
            (at_hand.case_id, at_hand.version, step, outcome)
            for at_hand, decision in decisions.items()
            for step, outcome in decision.outcomes.items()
        ]
        await ledger.finish_steps(tx.session, outcomes, tx.now)
        await ledger.postpone_steps(
            tx.session,
            [
                (at_hand.case_id, at_hand.version, step, opens)
                for at_hand, decision in decisions.items()
                for step, opens in decision.postponed.items()
            ],
        )
        for _, _, _, outcome in outcomes:
            steps_total.labels(outcome.value).inc()
        for steps in due.values():
            lag_gauge.set((tx.now - steps[0].due_at).total_seconds())
        return sum(map(len, due.values()))

    async def _end_waits(self, tx: Transaction, case_ids: Sequence[UUID], until: datetime) -> int:
        """Tells both sides of each wait that is over, and the others of the promise that stands after it."""
        over = await wait_store.due(tx.session, case_ids, until)
        opens = next_office_time(tx.now, self._municipality)
        if opens > tx.now:
            await wait_store.postpone(tx.session, over, opens)
            return len(over)
        delayed = await self._to_be_told_of_delay(tx, case_ids, until)
        outcomes = [(wait, waits.outcome(wait, delayed)) for wait in over]
        told = {wait.case_id: wait for wait in over if not wait.is_settled}
        await store.queue(
            tx.session,
            [
                word
                for wait in told.values()
                for word in waits.words(
                    wait, waits.outcome(wait, delayed), sms=self._municipality.messages.sms
                )
            ],
            tx.now,
        )
        recorded = await promise_store.recorded(tx.session, told)
        changes = [
            change for wait in told.values() for change in _unanswered(wait, recorded[wait.case_id], tx)
        ]
        await register.write(tx, self._municipality, changes)
        await wait_store.finish(tx.session, outcomes, tx.now)
        for _, outcome in outcomes:
            steps_total.labels(f"wait_{outcome.value}").inc()
        return len(over)

    async def _to_be_told_of_delay(
        self, tx: Transaction, case_ids: Sequence[UUID], until: datetime
    ) -> set[UUID]:
        """The cases whose residents the rungs that are due tell of a delay: they are carried out after this."""
        due = await ledger.due_steps(tx.session, Share.RUNGS, case_ids, until)
        return {
            word.case_id
            for at_hand, steps in due.items()
            for word in ladder.decide(at_hand, steps, self._municipality, tx.now).words
            if word.to_resident
        }


def _unanswered(wait: Wait, recorded: Sequence[Recorded], tx: Transaction) -> Iterator[Change]:
    """The version of an open promise that says that no answer came; its day is the one that stood."""
    latest = max(recorded, key=lambda known: (known.number, known.version), default=None)
    if latest is None or latest.state is not PromiseState.OPEN or latest.is_ended:
        return
    terms = replace(latest.terms, reason=MoveReason.NO_ANSWER, cause=wait.paused_by)
    moved = replace(latest, version=latest_version(recorded) + 1, terms=terms)
    yield Change(moved, moved_event(wait.municipality, moved, latest.terms.due_on, tx.now))

"""The scheduler: carries out the steps that are due, each exactly once, however many processes share them."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from uuid import UUID

import structlog
from prometheus_client import Counter, Gauge

from services.notify import ladder, store
from services.notify.case import Verdict
from services.notify.store import Share
from shared.clock import Clock
from shared.database import Database, Transaction
from shared.municipality import Municipality

Heard = Callable[[], Awaitable[datetime | None]]
"""Up to which instant everything that was said has been heard; None where that cannot be told now."""

log = structlog.get_logger()
steps_total = Counter("svarfrist_steps_total", "Steps of the reminder ladder done, by outcome", ["outcome"])
oldest_due_gauge = Gauge(
    "svarfrist_steps_oldest_due_seconds", "For how long the step longest due has waited; 0 where none is due"
)
lag_gauge = Gauge(
    "svarfrist_scheduler_lag_seconds", "How long after its due time the last step was carried out"
)


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
    ) -> None:
        self._database = database
        self._clock = clock
        self._municipality = municipality
        self._heard_until = heard_until
        self._batch = batch
        self._poll = poll

    async def run(self) -> None:
        """Works until cancelled. A database that is away is waited for."""
        while True:
            try:
                await self.work()
            except Exception as error:  # the scheduler outlives every fault
                log.warning("scheduler.failed", error=type(error).__name__, exc_info=error)
            await asyncio.sleep(self._poll)

    async def work(self) -> int:
        """Carries out what is due, batch by batch; returns how many steps. Verdicts go before reminders.

        Asks how far the bus has been heard even where nothing is due, so that an outage is noticed.
        """
        heard_until = await self._heard_until()
        now = self._clock()
        async with self._database.reading() as session:
            due = [(share, await store.earliest_due(session, share)) for share in Share]
        waited = [(now - earliest).total_seconds() for _, earliest in due if earliest]
        oldest_due_gauge.set(max([0.0, *waited]))
        if heard_until is None:
            return 0
        done, until = 0, min(now, heard_until)
        for share, earliest in due:
            while earliest and earliest <= until and (in_batch := await self._batch_of(share, until)):
                done += in_batch
        return done

    async def _batch_of(self, share: Share, until: datetime) -> int:
        async with self._database.transaction() as tx:
            return await self._carry_out(tx, share, until)

    async def _carry_out(self, tx: Transaction, share: Share, until: datetime) -> int:
        case_ids = await store.claim_due(tx.session, share, until, self._batch)
        if not case_ids:
            return 0
        due = await store.due_steps(tx.session, share, case_ids, until)
        decisions = {
            at_hand: ladder.decide(at_hand, steps, self._municipality, tx.now)
            for at_hand, steps in due.items()
        }
        verdicts: dict[UUID, Verdict] = {}
        for at_hand, decision in decisions.items():
            tx.publish(*decision.events)
            if decision.verdict:
                verdicts[at_hand.case_id] = decision.verdict
        await store.queue(
            tx.session, [word for decision in decisions.values() for word in decision.words], tx.now
        )
        await store.record_verdicts(tx.session, verdicts, tx.now)
        outcomes = [
            (at_hand.case_id, at_hand.version, step, outcome)
            for at_hand, decision in decisions.items()
            for step, outcome in decision.outcomes.items()
        ]
        await store.finish_steps(tx.session, outcomes, tx.now)
        await store.postpone_steps(
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

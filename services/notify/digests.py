"""Gathers reminders: whoever would get many on a morning gets one mail that lists the cases.

A reminder to staff is written down as `gathering`. Once the steps that are due have all been carried out, the
reminders of each person are counted: few go by themselves, many are put into a digest, in one transaction and
under one lock, so that what a digest says is fixed before it is sent the first time and is the same at each
try. There is one digest per person and day: the primary key of its row holds it.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import structlog
from prometheus_client import Counter
from sqlalchemy import text

from services.notify import ledger, post
from services.notify.bell import Bell
from services.notify.office_hours import next_office_time, opening
from services.notify.post import Gathered
from shared.clock import OSLO, Clock, oslo_day
from shared.database import Database, Transaction
from shared.municipality import Municipality

LONGEST_WAIT = timedelta(minutes=10)
"""How long a reminder waits at the most for the steps that are still to be carried out."""
_LOCK = 5_117_001
"""The advisory lock under which digests are made: several processes never share a person's reminders out."""

log = structlog.get_logger()
digests_total = Counter("svarfrist_digests_total", "Digests written down")


class Gatherer:
    """Looks each second for reminders to gather: one probe of an index where there are none."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        municipality: Municipality,
        *,
        poll: float = 1.0,
        bell: Bell | None = None,
        next_bells: Sequence[Bell] = (),
    ) -> None:
        """`bell` wakes it; it rings `next_bells` when messages may wait."""
        self._database = database
        self._clock = clock
        self._municipality = municipality
        self._poll = poll
        self._bell = bell or Bell()
        self._next_bells = next_bells

    async def run(self) -> None:
        """Works until cancelled. A database that is away is waited for."""
        while True:
            try:
                await self.work()
            except Exception as error:  # the gatherer outlives every fault
                log.warning("digests.failed", error=type(error).__name__, exc_info=error)
            for bell in self._next_bells:
                bell.ring()
            await self._bell.pause(self._poll)

    async def work(self) -> None:
        """Decides about the reminders that are gathering now."""
        async with self._database.reading() as session:
            if not await post.gathered(session, self._clock()):
                return
        async with self._database.transaction() as tx:
            if await tx.session.scalar(text(f"SELECT pg_try_advisory_xact_lock({_LOCK})")):
                await self._decide(tx)

    async def _decide(self, tx: Transaction) -> None:
        rules, today = self._municipality.reminders.digest, oslo_day(tx.now)
        groups = await post.gathered(tx.session, tx.now)
        goes_out = self._goes_out(today, not_before=tx.now)
        if rules.least and goes_out <= tx.now and not await self._is_complete(tx, groups):
            return
        keys = {group.person: post.digest_key(group.person or "", today) for group in groups}
        there = await post.digests_there(tx.session, keys.values())
        for group in groups:
            if not rules.least or group.person is None:
                await post.release(tx.session, group.person, tx.now)
            elif goes_out > tx.now:
                await post.hold(tx.session, group.person, tx.now, goes_out)
            elif group.count < rules.least:
                await post.release(tx.session, group.person, tx.now)
            elif keys[group.person] in there:
                next_morning = self._goes_out(today + timedelta(days=1), not_before=tx.now)
                await post.hold(tx.session, group.person, tx.now, next_morning)
            else:
                await post.write_digest(tx.session, keys[group.person], group.person, tx.now)
                digests_total.inc()
                log.info("digest.written", messages=group.count)

    def _goes_out(self, day: date, *, not_before: datetime) -> datetime:
        """When what gathers may go out, from a day on: in office hours, and not before the digests' time."""
        opens = next_office_time(max(not_before, opening(day, self._municipality)), self._municipality)
        at = self._municipality.reminders.digest.at
        return (
            opens if at is None else max(opens, datetime.combine(oslo_day(opens), at, OSLO).astimezone(UTC))
        )

    async def _is_complete(self, tx: Transaction, groups: Sequence[Gathered]) -> bool:
        """Whether no step is due that may still add to what is gathering, or that has been waited for."""
        due = (await ledger.earliest_due(tx.session)).rung
        if due is None or due > tx.now:
            return True
        return any(tx.now - group.since >= LONGEST_WAIT for group in groups)

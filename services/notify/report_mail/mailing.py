"""Hears of reports and mails their readers, in office hours, at least once each."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog

from services.notify import people
from services.notify.carriers import MailServer
from services.notify.delivery import Delivery, ServerAwayError
from services.notify.messages import Medium, MessageState
from services.notify.office_hours import next_office_time
from services.notify.pacer import Pacer
from services.notify.recording import failed_total, sent_total
from services.notify.report_mail import store
from services.notify.report_mail.letters import ReportLetters
from services.notify.report_mail.store import ReportMail
from services.notify.stopping import to_the_end
from shared.clock import oslo_day
from shared.database import Database, Transaction
from shared.events import Event, ReportExplanationWanted, ReportFrozen
from shared.messaging import Handler
from shared.municipality import Municipality

log = structlog.get_logger()
POLL = 2.0
AWAY = 30.0
"""Seconds until a mail server that is away is asked again."""


def hearing(cases: Handler) -> Handler:
    """Takes what is said about reports, and leaves the rest to the handler of cases."""

    async def handle(new: Sequence[Event], tx: Transaction) -> None:
        reports = [event for event in new if isinstance(event, ReportFrozen | ReportExplanationWanted)]
        await store.queue(tx.session, reports, tx.now)
        if others := [
            event for event in new if not isinstance(event, ReportFrozen | ReportExplanationWanted)
        ]:
            await cases(others, tx)

    return handle


class ReportMailing:
    """Sends what waits, one after the other; a reader who is away has it sent to the substitute."""

    def __init__(
        self,
        database: Database,
        municipality: Municipality,
        letters: ReportLetters,
        server: MailServer,
        pacer: Pacer,
        *,
        retry_delays: Sequence[float],
    ) -> None:
        self._database = database
        self._municipality = municipality
        self._letters = letters
        self._server = server
        self._pacer = pacer
        self._retry_delays = tuple(retry_delays)

    async def run(self) -> None:
        """Sends until cancelled. Whoever is away is waited for."""
        try:
            while True:
                pause = await to_the_end(self._pause())
                await asyncio.sleep(pause)
        finally:
            await self._server.close()

    async def _pause(self) -> float:
        try:
            return 0 if await self.send_next() else POLL
        except ServerAwayError as error:
            log.warning("report_mail.waits", reason=error.reason)
        except Exception as error:  # noqa: BLE001 - the loop outlives every fault
            log.warning("report_mail.waits", reason=type(error).__name__)
        return AWAY

    async def send_next(self) -> bool:
        """Takes the next mail one step on; returns whether there was one. Raises ServerAwayError."""
        async with self._database.transaction() as tx:
            row = await store.next_waiting(tx.session, tx.now)
            if row is not None:
                await self._take_on(tx, row)
        return row is not None

    async def _take_on(self, tx: Transaction, row: ReportMail) -> None:
        opens = next_office_time(tx.now, self._municipality)
        if opens > tx.now:
            row.next_attempt_at = opens
            return
        today = oslo_day(tx.now)
        if row.due_on and row.due_on < today:
            row.state = MessageState.OBSOLETE.value
            return
        if row.person not in self._municipality.people:
            row.state = MessageState.NO_ADDRESS.value
            return
        try:
            mail = self._letters.mail(row, people.present(self._municipality, row.person, today), at=tx.now)
        except Exception as error:  # noqa: BLE001 - one mail that cannot be written must not stop the rest
            reason = f"unwritable_{type(error).__name__}"
            log.error("report_mail.unwritable", mail=str(row.id), reason=reason)  # noqa: TRY400 - codes only
            self._record(tx, row, Delivery(error=reason))
            return
        await self._pacer.turn()
        self._record(tx, row, await self._server.hand_over(mail))

    def _record(self, tx: Transaction, row: ReportMail, delivery: Delivery) -> None:
        row.attempts += 1
        row.error = delivery.error
        if delivery.sent:
            row.state, row.sent_at = MessageState.SENT.value, tx.now
            sent_total.labels(row.event, Medium.EMAIL.value).inc()
        elif delivery.final or row.attempts > len(self._retry_delays):
            row.state = MessageState.FAILED.value
            failed_total.labels(row.event, Medium.EMAIL.value).inc()
            log.warning("report_mail.failed", mail=str(row.id), error=delivery.error, code=delivery.code)
        else:
            row.next_attempt_at = tx.now + timedelta(seconds=self._retry_delays[row.attempts - 1])

"""Sends what waits: at least once, in the order of who waits for it, as fast as is allowed and no faster.

What is guaranteed: a message that was written down is never lost, and is sent at least once. Its row is locked
while it is being sent, and what the server said is recorded in the same transaction. Only where this process
(or its database) dies between the server's 250 and that commit is it sent a second time, then with the same
Message-ID, by which the embedded mailbox and many mail systems know a copy. See decision 0004.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from typing import Protocol
from uuid import UUID

import structlog
from prometheus_client import Counter
from sqlalchemy.exc import DBAPIError

from services.notify import people, store
from services.notify.case import PromiseState
from services.notify.letters import Addressee, Letters, Matter
from services.notify.messages import MessageKind, MessageState, Priority
from services.notify.smtp import Delivery, ServerAwayError
from services.notify.store import MessageRow
from services.notify.tables import CaseRow, PromiseRow
from shared.clock import oslo_day
from shared.database import Database, Transaction
from shared.events import MessageFailed, MessageSent
from shared.identity import derived_id
from shared.municipality import Municipality
from shared.questions import MailContact, NoAnswerError, ReadContact

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
NOT_YET = timedelta(seconds=15)
"""How long a message waits for what it needs: who has the case, or what the case is."""

DAY_AS_IT_STANDS = frozenset(
    {
        MessageKind.ASSIGNED, MessageKind.SUPPLEMENTED, MessageKind.WAIT_ENDED, MessageKind.RESTARTED,
        MessageKind.RECLASSIFIED,
    }
)  # fmt: skip
"""What names the due day of the moment it is sent, not of the one it was written down at."""
SAYS_WHEN = frozenset(
    {
        MessageKind.RECEIPT, MessageKind.WAIT_ENDED, MessageKind.RESTARTED, MessageKind.RECLASSIFIED,
        MessageKind.REOPENED,
    }
)  # fmt: skip
"""What names the day an answer comes by, and no day where that has passed."""

AskContact = Callable[[ReadContact], Awaitable[MailContact]]
Monotonic = Callable[[], float]
Sleep = Callable[[float], Awaitable[None]]

log = structlog.get_logger()
sent_total = Counter("svarfrist_messages_sent_total", "Mails the mail server took over, by kind", ["kind"])
failed_total = Counter("svarfrist_messages_failed_total", "Mails given up, by kind", ["kind"])
retried_total = Counter("svarfrist_messages_retried_total", "Tries after which a mail waits for the next one")
away_total = Counter("svarfrist_mail_server_away_total", "Times the mail server could not be reached")


class HandsOver(Protocol):
    """A connection to a mail server."""

    async def hand_over(self, mail: EmailMessage) -> Delivery:
        """Tries once. Raises ServerAwayError."""
        ...

    async def close(self) -> None:
        """Ends the connection."""
        ...


class Pacer:
    """Lets so many through a second, evenly; shared by all connections of a process."""

    def __init__(
        self, per_second: float, *, monotonic: Monotonic = time.monotonic, sleep: Sleep = asyncio.sleep
    ) -> None:
        self._gap = 1 / per_second
        self._monotonic = monotonic
        self._sleep = sleep
        self._next = 0.0

    async def turn(self) -> None:
        """Waits for the next turn."""
        now = self._monotonic()
        mine = max(now, self._next)
        self._next = mine + self._gap
        if mine > now:
            await self._sleep(mine - now)


class Sender:
    """One connection's loop: claim a message, write the mail, hand it over, record what came of it."""

    def __init__(
        self,
        database: Database,
        municipality: Municipality,
        letters: Letters,
        server: HandsOver,
        ask: AskContact,
        pacer: Pacer,
        *,
        public_url: str,
        retry_delays: Sequence[float],
        poll: float = 0.5,
    ) -> None:
        self._database = database
        self._municipality = municipality
        self._letters = letters
        self._server = server
        self._ask = ask
        self._pacer = pacer
        self._public_url = public_url.rstrip("/")
        self._retry_delays = tuple(retry_delays)
        self._poll = poll
        self._pause = FIRST_PAUSE
        self._unrecorded: dict[UUID, Delivery] = {}

    async def run(self) -> None:
        """Sends until cancelled. Whoever is away (mail server, intake, database) is waited for."""
        try:
            while True:
                pause = await self._next_after()
                await asyncio.sleep(pause)
        finally:
            await self._server.close()

    async def _next_after(self) -> float:
        """Sends one message, if any; returns how long to wait before the next."""
        try:
            found = await self.send_next()
        except ServerAwayError as error:
            away_total.inc()
            return self._growing(error.reason)
        except NoAnswerError:
            return self._growing("intake_away")
        except Exception as error:  # noqa: BLE001 - the sender outlives every fault
            return self._growing(type(error).__name__)
        self._pause = FIRST_PAUSE
        return 0 if found else self._poll

    def _growing(self, reason: str) -> float:
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
        log.warning("sender.waits", reason=reason, pause=pause)
        return pause

    async def send_next(self) -> bool:
        """Takes the next message one step on; returns whether there was one.

        Raises ServerAwayError or NoAnswerError, and the message then is as it was before.
        """
        async with self._database.transaction() as tx:
            found = await store.next_message(tx.session, tx.now)
            if found is None:
                return False
            message, case, promise = found
            try:
                await self._take_on(tx, message, case, promise)
            except (ServerAwayError, NoAnswerError, DBAPIError, OSError):
                raise
            except Exception as error:  # noqa: BLE001 - one mail that cannot be written must not stop the rest
                # The error's own words may quote an address, and so may its traceback.
                reason = f"unwritable_{type(error).__name__}"
                log.error("message.unwritable", message_id=str(message.id), kind=message.kind, reason=reason)  # noqa: TRY400
                self._record(tx, message, case, Delivery(error=reason))
        return True

    async def _take_on(
        self,
        tx: Transaction,
        message: MessageRow,
        case: CaseRow,
        promise: PromiseRow | None,
    ) -> None:
        if case.reference is None or case.kind is None:
            message.next_attempt_at = tx.now + NOT_YET
            return
        if _is_obsolete(message, case, oslo_day(tx.now)):
            message.state = MessageState.OBSOLETE.value
            return
        addressee = await self._addressee(message, case, tx.now)
        if addressee is None:
            message.state = MessageState.NO_ADDRESS.value
            return
        if not message.to_resident and message.person is None and case.unit is None:
            message.next_attempt_at = tx.now + NOT_YET
            return
        delivery = self._unrecorded.get(message.id)
        if delivery is None:
            mail = self._letters.mail(_matter(message, case, promise, tx.now), addressee, at=tx.now)
            await self._pacer.turn()
            delivery = await self._server.hand_over(mail)
        self._unrecorded = {message.id: delivery} if delivery.sent else {}
        self._record(tx, message, case, delivery)

    async def _addressee(self, message: MessageRow, case: CaseRow, now: datetime) -> Addressee | None:
        if message.to_resident:
            return await self._resident(case)
        person = people.addressed(
            self._municipality, message.person, unit=case.unit, caseworker=case.person, on=oslo_day(now)
        )
        if person is None:
            return None
        return Addressee(
            email=person.email,
            name=person.name,
            language=self._municipality.languages[0],
            link=f"{self._public_url}/saksbehandling/sak/{case.reference}",
        )

    async def _resident(self, case: CaseRow) -> Addressee | None:
        contact = await self._ask(ReadContact(case_id=case.case_id))
        if not contact.found or not contact.email:
            return None
        return Addressee(
            email=contact.email,
            name=contact.name,
            language=contact.language,
            link=f"{self._public_url}/sak/{contact.secret}",
        )

    def _record(self, tx: Transaction, message: MessageRow, case: CaseRow, delivery: Delivery) -> None:
        message.attempts += 1
        message.error, message.response_code = delivery.error, delivery.code
        told = {
            "at": tx.now,
            "case_id": message.case_id,
            "municipality": case.municipality,
            "caused_by": message.caused_by,
            "message_id": message.id,
            "message": message.kind,
            "to_resident": message.to_resident,
            "attempts": message.attempts,
        }
        if delivery.sent:
            message.state, message.sent_at = MessageState.SENT.value, tx.now
            tx.publish(MessageSent(id=derived_id(message.id, "sent"), **told))
            sent_total.labels(message.kind).inc()
        elif delivery.final or message.attempts > len(self._retry_delays):
            message.state = MessageState.FAILED.value
            error = " ".join(str(part) for part in (delivery.error, delivery.code) if part is not None)
            tx.publish(MessageFailed(id=derived_id(message.id, "failed"), error=error, **told))
            failed_total.labels(message.kind).inc()
            log.warning("message.failed", message_id=str(message.id), kind=message.kind, error=error)
        else:
            delay = self._retry_delays[message.attempts - 1]
            message.next_attempt_at = tx.now + timedelta(seconds=delay)
            retried_total.inc()
            log.info(
                "message.retried",
                message_id=str(message.id),
                kind=message.kind,
                error=delivery.error,
                code=delivery.code,
                again_in=delay,
            )


def _is_obsolete(message: MessageRow, case: CaseRow, today: date) -> bool:
    if message.priority != Priority.REMINDER:
        return False
    if case.answered_at or case.closed_at:
        return True
    return message.kind == MessageKind.DUE_SOON and _is_past(message.facts, today)


def _is_past(facts: Mapping[str, str], today: date) -> bool:
    return "due_on" in facts and date.fromisoformat(facts["due_on"]) < today


def _matter(message: MessageRow, case: CaseRow, promise: PromiseRow | None, now: datetime) -> Matter:
    """What the mail is about, in words that fit the day it is sent on."""
    facts, kind = dict(message.facts), MessageKind(message.kind)
    if kind in DAY_AS_IT_STANDS:
        facts.pop("due_on", None)
        if promise and promise.state != PromiseState.LAPSED:
            facts["due_on"] = promise.due_on.isoformat()
    if _is_past(facts, oslo_day(now)):
        if kind in SAYS_WHEN:
            del facts["due_on"]
        if kind is MessageKind.DELAY:
            kind = MessageKind.DELAYED
    return Matter(
        id=message.id,
        kind=kind,
        case_id=message.case_id,
        to_resident=message.to_resident,
        reference=case.reference or "",
        submission=case.kind or "",
        topic=case.topic,
        area=case.area,
        unit=case.unit,
        person=case.person,
        facts=facts,
    )

"""Sends what waits: at least once, in the order of who waits for it, as fast as is allowed and no faster.

What is guaranteed: a message that was written down is never lost, and is sent at least once. Its row is locked
while it is being sent, and what the server said is recorded in the same transaction. Only where this process
(or its database) dies between the server's 250 and that commit is it sent a second time, then with the same
Message-ID or idempotency key, by which the embedded mailbox and many systems know a copy. See decision 0004.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from services.notify import people, post
from services.notify.as_it_stands import is_obsolete, matter_of
from services.notify.bell import Bell
from services.notify.carriers import Carrier
from services.notify.delivery import Delivery, ServerAwayError
from services.notify.matters import Addressee, Collection, Entry
from services.notify.messages import ALWAYS, Medium, MessageKind, MessageState, Priority
from services.notify.office_hours import next_office_time
from services.notify.pacer import Pacer
from services.notify.post import Claimed
from services.notify.recording import record
from services.notify.stopping import to_the_end
from services.notify.store import MessageRow
from services.notify.tables import CaseRow
from shared.clock import oslo_day
from shared.counters import from_nought
from shared.database import Database, Transaction
from shared.municipality import Municipality
from shared.questions import MailContact, NoAnswerError, ReadContact

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
NOT_YET = timedelta(seconds=15)
"""How long a message waits for what it needs: who has the case, or what the case is."""
LAST_FOR = 15.0
"""Seconds for which others go before a message that got no answer, from intake or a server."""

AskContact = Callable[[ReadContact], Awaitable[MailContact]]

log = structlog.get_logger()
away_total = from_nought(
    "svarfrist_mail_server_away_total",
    "Times the mail server or gateway could not be reached",
    channel=Medium,
)


class Sender:
    """One connection's loop: claim a message, have it written and handed over, record what came of it."""

    def __init__(
        self,
        database: Database,
        municipality: Municipality,
        carrier: Carrier,
        ask: AskContact,
        pacer: Pacer,
        *,
        public_url: str,
        retry_delays: Sequence[float],
        poll: float = 0.5,
        bell: Bell | None = None,
    ) -> None:
        """`bell` ends its pause where nothing waited."""
        self._database = database
        self._municipality = municipality
        self._carrier = carrier
        self._ask = ask
        self._pacer = pacer
        self._public_url = public_url.rstrip("/")
        self._retry_delays = tuple(retry_delays)
        self._poll = poll
        self._bell = bell or Bell()
        self._pause = FIRST_PAUSE
        self._unrecorded: dict[UUID, Delivery] = {}
        """What the server has taken over, until that is committed."""
        self._last: dict[UUID, float] = {}

    async def run(self) -> None:
        """Sends until cancelled. Whoever is away (mail server, gateway, intake, database) is waited for."""
        try:
            while True:
                pause = await to_the_end(self._next_after())
                if self._pause > FIRST_PAUSE:  # somebody is away, and does not come because a message has
                    await asyncio.sleep(pause)
                else:
                    await self._bell.pause(pause)
        finally:
            await self._carrier.close()

    async def _next_after(self) -> float:
        """Sends one message, if any; returns how long to wait before the next."""
        try:
            found = await self.send_next()
        except ServerAwayError as error:
            away_total.labels(self._carrier.medium.value).inc()
            return self._growing(error.reason)
        except NoAnswerError:
            return self._growing("intake_away")
        except Exception as error:  # noqa: BLE001 - the sender outlives every fault
            return self._growing(type(error).__name__)
        self._pause = FIRST_PAUSE
        return 0 if found else self._poll

    def _growing(self, reason: str) -> float:
        pause, self._pause = self._pause, min(2 * self._pause, LONGEST_PAUSE)
        log.warning("sender.waits", channel=self._carrier.medium.value, reason=reason, pause=pause)
        return pause

    async def send_next(self) -> bool:
        """Takes the next message one step on; returns whether there was one.

        Raises ServerAwayError or NoAnswerError, and the message then is as it was before; but others go first for
        a while, since it may be this one alone that gets no answer.
        """
        async with self._database.transaction() as tx:
            claimed = await post.next_message(
                tx.session, self._carrier.medium, tx.now, last=self._unanswered()
            )
            if claimed is None:
                return False
            message = claimed.message
            members = await self._members(tx, message)
            try:
                await self._take_on(tx, claimed, members)
            except (ServerAwayError, NoAnswerError):
                self._last[message.id] = time.monotonic() + LAST_FOR
                raise
            except (DBAPIError, OSError):
                raise
            except Exception as error:  # noqa: BLE001 - one message that cannot be written must not stop the rest
                # The error's own words may quote an address, and so may its traceback.
                reason = f"unwritable_{type(error).__name__}"
                log.error("message.unwritable", message_id=str(message.id), kind=message.kind, reason=reason)  # noqa: TRY400
                self._record(tx, message, members, Delivery(error=reason))
        self._unrecorded.pop(message.id, None)
        return True

    def _unanswered(self) -> list[UUID]:
        """The messages that others go before for now."""
        now = time.monotonic()
        self._last = {message: until for message, until in self._last.items() if until > now}
        return list(self._last)

    async def _members(self, tx: Transaction, message: MessageRow) -> list[Claimed]:
        """What a digest says; those of its reminders that would remind of nothing any more are left out."""
        if message.kind != MessageKind.DIGEST:
            return []
        members = await post.members(tx.session, message.id)
        for member in members:
            if member.message.state == MessageState.IN_DIGEST and is_obsolete(member, oslo_day(tx.now)):
                member.message.state = MessageState.OBSOLETE.value
        return [member for member in members if member.message.state == MessageState.IN_DIGEST]

    async def _take_on(self, tx: Transaction, claimed: Claimed, members: Sequence[Claimed]) -> None:
        message, case = claimed.message, claimed.case
        if delivered := self._unrecorded.get(message.id):
            self._record(tx, message, members, delivered)
            return
        if case and (case.reference is None or case.kind is None):
            message.next_attempt_at = tx.now + NOT_YET
            return
        if is_obsolete(claimed, oslo_day(tx.now)) or (case is None and not members):
            message.state = MessageState.OBSOLETE.value
            return
        # A reminder that waited, for whatever reason, never goes by night.
        if (
            message.priority == Priority.REMINDER
            and (opens := next_office_time(tx.now, self._municipality)) > tx.now
        ):
            message.next_attempt_at = opens
            return
        if case and not message.to_resident and message.person is None and case.unit is None:
            message.next_attempt_at = tx.now + NOT_YET
            return
        addressee = await self._addressee(message, case, tx.now)
        if not isinstance(addressee, Addressee):
            for each in (message, *(member.message for member in members)):
                each.state = addressee.value
            return
        what = self._collection(message, members) if case is None else matter_of(claimed, case, tx.now)
        await self._pacer.turn()
        delivery = await self._carrier.carry(what, addressee, at=tx.now)
        if delivery.sent:
            self._unrecorded[message.id] = delivery
        self._record(tx, message, members, delivery)

    async def _addressee(
        self, message: MessageRow, case: CaseRow | None, now: datetime
    ) -> Addressee | MessageState:
        """Who it goes to, or what becomes of it where it goes to nobody."""
        if case and message.to_resident:
            return await self._resident(message, case)
        person = people.addressed(
            self._municipality,
            message.person,
            unit=case.unit if case else None,
            caseworker=case.person if case else None,
            on=oslo_day(now),
        )
        if person is None:
            return MessageState.NO_ADDRESS
        return Addressee(
            address=person.email,
            name=person.name,
            language=self._municipality.languages[0],
            link=self._desk(case.reference if case else None),
        )

    async def _resident(self, message: MessageRow, case: CaseRow) -> Addressee | MessageState:
        contact = await self._ask(ReadContact(case_id=case.case_id))
        address = contact.email if self._carrier.medium is Medium.EMAIL else contact.phone
        if not contact.found or not address:
            return MessageState.NO_ADDRESS
        if contact.only_answers and message.kind not in ALWAYS:
            return MessageState.OPTED_OUT
        link = f"{self._public_url}/sak/{contact.secret}"
        return Addressee(
            address=address,
            name=contact.name,
            language=contact.language,
            link=link,
            notices=f"{link}/varsler",
        )

    def _collection(self, message: MessageRow, members: Sequence[Claimed]) -> Collection:
        entries = [self._entry(member.message, member.case) for member in members if member.case]
        return Collection(id=message.id, entries=entries)

    def _entry(self, message: MessageRow, case: CaseRow) -> Entry:
        return Entry(
            kind=MessageKind(message.kind),
            reference=case.reference or "",
            topic=case.topic,
            unit=case.unit,
            due_on=date.fromisoformat(message.facts["due_on"]),
            link=self._desk(case.reference),
        )

    def _desk(self, reference: str | None) -> str:
        return f"{self._public_url}/saksbehandling" + (f"/sak/{reference}" if reference else "")

    def _record(
        self,
        tx: Transaction,
        message: MessageRow,
        members: Sequence[Claimed],
        delivery: Delivery,
    ) -> None:
        record(
            tx,
            message,
            [member.message for member in members],
            delivery,
            municipality=self._municipality.id,
            retry_delays=self._retry_delays,
        )

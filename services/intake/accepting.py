"""Accepting submissions: one way in for the form and the API, and nothing is accepted before its commit.

A commit costs a disk sync, whatever it holds. So submissions that wait at the same time are written together:
a writer takes all that have come, writes them with a handful of statements, and tells each caller once they
are durable. Nobody waits for more to come. A batch that fails is written again one by one, so that a bad one
fails alone.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy.exc import IntegrityError

from services.intake import draft_store, store
from services.intake.promising import Promise, Promises
from services.intake.submissions import NewSubmission
from shared.clock import Clock
from shared.counters import from_nought
from shared.database import Database, Transaction, is_away
from shared.events import Channel, Kind, SubmissionReceived
from shared.identity import new_id, new_reference, new_secret
from shared.municipality import Municipality
from shared.web.errors import InvalidProblem, UnavailableProblem
from shared.web.i18n import Message

log = structlog.get_logger()
accepted_total = from_nought(
    "svarfrist_submissions_accepted_total", "Submissions accepted", channel=Channel, kind=Kind
)

_REFERENCES_TRIED = 5


class KeyReusedProblem(InvalidProblem):
    """An idempotency key came again with other content: whoever sent it means another submission."""

    def __init__(self) -> None:
        super().__init__(
            detail=Message("api.error.key_reused.detail"),
            fields={"Idempotency-Key": Message("api.error.key_reused")},
        )


@dataclass(frozen=True, slots=True)
class Accepted:
    """A submission that is durable. `repeated`: it was before, and the same request came again."""

    id: UUID
    reference: str
    secret: str
    due_on: date | None
    repeated: bool = False


@dataclass(slots=True, eq=False)
class _Waiting:
    """A submission on its way in. Its id is its own; reference and secret are drawn at each try."""

    new: NewSubmission
    id: UUID
    at: datetime
    key: str | None
    fingerprint: bytes | None
    promise: Promise | None
    draft_id: UUID | None
    accepted: asyncio.Future[Accepted]
    reference: str = field(default="", init=False)
    secret: str = field(default="", init=False)

    def draw(self, reference: Callable[[], str], secret: Callable[[], str]) -> None:
        self.reference, self.secret = reference(), secret()

    def row(self) -> dict[str, Any]:
        promised = self.promise.promised if self.promise else None
        return {
            "id": self.id,
            "reference": self.reference,
            "secret": self.secret,
            "idempotency_key": self.key,
            "fingerprint": self.fingerprint,
            "kind": self.new.kind.value,
            "topic": self.new.topic,
            "area": self.new.area,
            "channel": self.new.channel.value,
            "language": self.new.language,
            "text": self.new.text,
            "reply_wanted": self.new.reply_wanted,
            "received_at": self.at,
            "promise_id": promised and promised.promise_id,
            "rule": promised and promised.rule,
            "rule_version": promised and promised.rule_version,
            "due_on": promised and promised.due_on,
        }

    def contact(self) -> dict[str, Any]:
        contact = self.new.contact
        return {
            "submission_id": self.id,
            "name": contact and contact.name,
            "email": contact and contact.email,
            "phone": contact and contact.phone,
            "only_answers": False,
        }

    def received(self, municipality: str, attachments: int) -> SubmissionReceived:
        return SubmissionReceived(
            id=new_id(self.at),
            at=self.at,
            case_id=self.id,
            municipality=municipality,
            reference=self.reference,
            kind=self.new.kind,
            topic=self.new.topic,
            area=self.new.area,
            channel=self.new.channel,
            language=self.new.language,
            reply_wanted=self.new.reply_wanted,
            has_email=bool(self.new.contact and self.new.contact.email),
            has_phone=bool(self.new.contact and self.new.contact.phone),
            attachments=attachments,
            promise=self.promise.promised if self.promise else None,
        )


class Acceptor:
    """The one way in. Safe to use from any number of requests, processes and machines at once."""

    def __init__(
        self,
        database: Database,
        municipality: Municipality,
        clock: Clock,
        *,
        writers: int = 1,
        most: int = 100,
        reference: Callable[[], str] = new_reference,
        secret: Callable[[], str] = new_secret,
    ) -> None:
        """`writers` transactions at the same time, of at the most `most` submissions each."""
        self._database = database
        self._municipality = municipality.id
        self._promises = Promises(municipality)
        self._clock = clock
        self._most = most
        self._reference = reference
        self._secret = secret
        self._idle_writers = writers
        self._waiting: list[_Waiting] = []
        self._writing: set[asyncio.Task[None]] = set()

    async def accept(
        self, new: NewSubmission, *, key: str | None = None, draft_id: UUID | None = None
    ) -> Accepted:
        """Makes a submission durable, and only then returns; the draft's files go with it.

        The same key with the same content gives what it gave the first time. Raises KeyReusedProblem where
        the content is another, UnavailableProblem where the database is away. A caller that goes away takes
        nothing back, and disturbs nobody.
        """
        now = self._clock()
        waiting = _Waiting(
            new=new,
            id=new_id(now),
            at=now,
            key=key,
            fingerprint=new.fingerprint() if key else None,
            promise=self._promises.to(new, now),
            draft_id=draft_id,
            accepted=asyncio.get_running_loop().create_future(),
        )
        self._waiting.append(waiting)
        if self._idle_writers:
            self._idle_writers -= 1
            task = asyncio.create_task(self._write_all())
            self._writing.add(task)
            task.add_done_callback(self._writing.discard)
        return await waiting.accepted

    async def _write_all(self) -> None:
        """Writes until nothing waits."""
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                await self._write(batch)
        finally:
            self._idle_writers += 1

    async def _write(self, batch: Sequence[_Waiting]) -> None:
        try:
            await self._commit(batch)
        except Exception as error:  # noqa: BLE001 - each caller is told what went wrong with its own
            if len(batch) == 1 or is_away(error):
                for waiting in batch:
                    _fail(waiting, error)
                return
            log.warning("accepting.batch_failed", size=len(batch), error=type(error).__name__)
            for waiting in batch:
                await self._write([waiting])

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        """Writes a batch in one transaction; a reference that is taken is drawn anew."""
        for tries_left in reversed(range(_REFERENCES_TRIED)):
            for waiting in batch:
                waiting.draw(self._reference, self._secret)
            try:
                async with self._database.transaction() as tx:
                    results = await self._insert(batch, tx)
            except IntegrityError:
                if not tries_left:
                    raise
                continue
            for waiting, result in zip(batch, results, strict=True):
                _tell(waiting, result)
            return

    async def _insert(self, batch: Sequence[_Waiting], tx: Transaction) -> list[Accepted | KeyReusedProblem]:
        in_order = sorted(batch, key=lambda waiting: waiting.key or "")
        new_ids = await store.add_submissions(tx.session, [waiting.row() for waiting in in_order])
        new = [waiting for waiting in batch if waiting.id in new_ids]
        contacts = [waiting.contact() for waiting in new if waiting.new.contact]
        if contacts:
            await store.add_contacts(tx.session, contacts)
        drafts = {waiting.draft_id: waiting.id for waiting in new if waiting.draft_id}
        files = await draft_store.send_drafts(tx.session, drafts) if drafts else []
        tx.publish(*(waiting.received(self._municipality, files.count(waiting.id)) for waiting in new))
        repeated = {waiting.key for waiting in batch if waiting.key and waiting.id not in new_ids}
        before = await store.submissions_by_key(tx.session, repeated) if repeated else {}
        return [
            _result(waiting, None if waiting.id in new_ids else before[waiting.key or ""])
            for waiting in batch
        ]


def _result(waiting: _Waiting, before: store.Submission | None) -> Accepted | KeyReusedProblem:
    if before is None:
        due_on = waiting.promise.promised.due_on if waiting.promise else None
        return Accepted(waiting.id, waiting.reference, waiting.secret, due_on)
    if before.fingerprint != waiting.fingerprint:
        return KeyReusedProblem()
    return Accepted(before.id, before.reference, before.secret, before.due_on, repeated=True)


def _tell(waiting: _Waiting, result: Accepted | KeyReusedProblem) -> None:
    if isinstance(result, Accepted) and not result.repeated:
        accepted_total.labels(waiting.new.channel.value, waiting.new.kind.value).inc()
    if waiting.accepted.done():  # the caller has gone
        return
    if isinstance(result, Accepted):
        waiting.accepted.set_result(result)
    else:
        waiting.accepted.set_exception(result)


def _fail(waiting: _Waiting, error: Exception) -> None:
    if not waiting.accepted.done():
        waiting.accepted.set_exception(UnavailableProblem() if is_away(error) else error)

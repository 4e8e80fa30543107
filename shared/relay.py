"""The relay: what is in the outbox goes to JetStream, and leaves the outbox only when JetStream has it.

An event that cannot be published while others can is set aside: it stays in the outbox and is tried again with a
growing delay, beside the others and not before them. So events of one case may pass each other, which no
receiver minds: it derives its state from all that was said, in any order (decision 2).
"""

import asyncio
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import structlog
from nats.errors import BadHeaderError, BadSubjectError, MaxPayloadError
from nats.js import JetStreamContext
from prometheus_client import Counter, Gauge
from sqlalchemy import ARRAY, BigInteger, any_, bindparam, delete, func, select

from shared.database import Database, Transaction, outbox
from shared.logs import in_words
from shared.loops import is_asked_to_end

STREAM = "DIALOGUE"
DELAYS: Sequence[float] = (1, 5, 30, 120, 600)
"""Seconds before each new try of an event that is set aside; the last of them before every later one."""
LARGEST = 1024 * 1024
"""Bytes that the bus takes at the most (deploy/nats.py). It cuts the connection of who sends more."""
_ENVELOPE = 64
"""Bytes beside an event's body and headers, and for each header."""
_NOT_YET = "not yet"
"""Why an event is unpublished that JetStream did not come to in time: it goes out with the next batch."""
_OUR_FAULT = (BadHeaderError, BadSubjectError, MaxPayloadError)
"""What the client refuses to send whatever the bus is like."""

log = structlog.get_logger()
published_total = Counter("svarfrist_events_published_total", "Events acknowledged by JetStream")
set_aside_gauge = Gauge(
    "svarfrist_outbox_set_aside", "Events that could not be published while others could, and are tried again"
)


@dataclass(frozen=True, slots=True)
class _Aside:
    tries: int
    tried_at: float

    @property
    def delay(self) -> float:
        return DELAYS[min(self.tries, len(DELAYS)) - 1]


class Relay:
    """Takes outbox rows in batches (`FOR UPDATE SKIP LOCKED`: several relays may run).

    Publishes with `Nats-Msg-Id` = event id and the whole batch in flight, and deletes the rows that JetStream
    has acknowledged in the transaction that locked them. If the process dies in between, the next relay
    publishes again with the same id, and the stream or else the receiver's inbox drops the copy. Which rows are
    set aside each process knows for itself: another, or the next, finds it out by trying.
    """

    def __init__(
        self,
        database: Database,
        js: JetStreamContext,
        *,
        batch: int = 500,
        poll: float = 1.0,
        linger: float = 0.005,
        ack_timeout: float = 15.0,
        quiet: float = 3.0,
        now: Callable[[], float] = time.monotonic,
        is_connected: Callable[[], bool] = lambda: True,
    ) -> None:
        """`quiet`: seconds without another acknowledgement, after one, from which the rest is set aside.

        `is_connected`: whether the bus is there. What the client takes while it is not heaps up in its memory, and
        what it refuses then holds one of its 4000 places for answers for ever: a night's outage would use them up.
        """
        self._database = database
        self._js = js
        self._batch = batch
        self._poll = poll
        self._linger = linger
        self._ack_timeout = ack_timeout
        self._quiet = quiet
        self._now = now
        self._is_connected = is_connected
        self._aside: dict[int, _Aside] = {}
        self._acknowledged_at = float("-inf")
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There is something new in the outbox."""
        self._woken.set()

    async def run(self) -> None:
        """Relays until cancelled. A bus or a database that is away is waited for, with growing pauses."""
        # Not gathered: of two gathered loops the one that ends first would leave the other to itself.
        async with asyncio.TaskGroup() as loops:
            loops.create_task(self._run_new())
            loops.create_task(self._run_aside())

    async def _run_new(self) -> None:
        pause = 0.1
        while not is_asked_to_end():
            try:
                while not is_asked_to_end() and await self.relay_batch():
                    pause = 0.1
            except Exception as error:  # noqa: BLE001 - the relay outlives every fault
                log.warning("relay.failed", error=type(error).__name__, pause=pause)
                await asyncio.sleep(pause)
                pause = min(pause * 2, 5.0)
                continue
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), self._poll)
                # A transaction each for what many requests say at once would cost more than it hurries.
                await asyncio.sleep(self._linger)
            self._woken.clear()

    async def _run_aside(self) -> None:
        while not is_asked_to_end():
            await asyncio.sleep(self._poll)
            try:
                await self.relay_aside()
            except Exception as error:  # noqa: BLE001 - tried again in a moment
                log.warning("relay.failed", error=type(error).__name__, pause=self._poll)

    async def relay_batch(self) -> int:
        """Publishes one batch; returns how many events it has tried; those it is not done with come again.

        Raises NotAcknowledgedError where JetStream took none of them, which is no fault of theirs.
        """
        async with self._database.transaction() as tx:
            asked = select(outbox).order_by(outbox.c.id).limit(self._batch)
            if self._aside:
                asked = asked.where(~_one_of(self._aside))
            rows = (await tx.session.execute(asked.with_for_update(skip_locked=True))).all()
            if not rows:
                return 0
            unpublished = await self._publish(tx, rows)
        if len(unpublished) == len(rows):
            unpublished = {row: why for row, why in unpublished.items() if why in _NAMES_OF_OUR_FAULT}
            if not unpublished:
                raise NotAcknowledgedError(len(rows))
        self._set_aside(rows, unpublished)
        return len(rows)

    async def relay_aside(self) -> int:
        """Tries again those that were set aside long enough; returns how many JetStream acknowledged now."""
        now = self._now()
        due = sorted(row for row, aside in self._aside.items() if aside.tried_at + aside.delay <= now)
        due = due[: self._batch]
        if not due:
            return 0
        async with self._database.transaction() as tx:
            asked = select(outbox).where(_one_of(due)).order_by(outbox.c.id)
            rows = (await tx.session.execute(asked.with_for_update(skip_locked=True))).all()
            unpublished = await self._publish(tx, rows)
        self._set_aside(rows, unpublished)
        # What is not there any more another relay has published; one that it holds is met again as a new one.
        for row in set(due) - set(unpublished):
            self._aside.pop(row, None)
        set_aside_gauge.set(len(self._aside))
        return len(rows) - len(unpublished)

    async def _publish(self, tx: Transaction, rows: Sequence[Any]) -> dict[int, str]:
        """Publishes rows and deletes those that JetStream has; returns the others with why not.

        Raises NotAcknowledgedError where the bus is away.
        """
        if not self._is_connected():
            raise NotAcknowledgedError(len(rows))
        refused: dict[int, str] = {}
        futures: dict[int, asyncio.Future[Any]] = {}
        for row in rows:
            headers = {**row.headers, "Nats-Msg-Id": str(row.event_id)}
            try:
                futures[row.id] = await self._send(row.subject, row.body, headers)
            except _OUR_FAULT as error:
                refused[row.id] = type(error).__name__
        is_answering = await self._answered(futures.values())
        last = max((row_id for row_id, future in futures.items() if future.done()), default=0)
        for row_id, future in futures.items():
            if future.cancelled() or not future.done():
                future.cancel()
                refused[row_id] = _NOT_YET if is_answering and row_id > last else "no acknowledgement"
            elif refusal := future.exception():
                refused[row_id] = in_words(refusal)
        acknowledged = [row_id for row_id in futures if row_id not in refused]
        if acknowledged:
            self._acknowledged_at = self._now()
            await tx.session.execute(delete(outbox).where(outbox.c.id.in_(acknowledged)))
        published_total.inc(len(acknowledged))
        return refused

    async def _send(self, subject: str, body: bytes, headers: dict[str, str]) -> asyncio.Future[Any]:
        size = len(body) + sum(len(name) + len(value.encode()) + _ENVELOPE for name, value in headers.items())
        if size + _ENVELOPE > LARGEST:
            raise MaxPayloadError
        return await self._js.publish_async(
            subject, body, stream=STREAM, headers=headers, wait_stall=self._ack_timeout
        )

    async def _answered(self, futures: Collection[asyncio.Future[Any]]) -> bool:
        """Waits for JetStream's answers: for all, until it has said nothing for a while, or for the time limit.

        It answers in the order in which it was asked, so that a silence after an answer is about the rest. Returns
        whether it was still answering: then the rest has only not had its turn.
        """
        end = time.monotonic() + self._ack_timeout
        pending: Collection[asyncio.Future[Any]] = futures
        while pending and (left := end - time.monotonic()) > 0:
            before = len(pending)
            _, pending = await asyncio.wait(pending, timeout=min(self._quiet, left))
            if len(pending) == before < len(futures) and left > self._quiet:
                return False
        return len(pending) < len(futures)

    def _set_aside(self, rows: Sequence[Any], unpublished: Mapping[int, str]) -> None:
        for row in rows:
            if unpublished.get(row.id, _NOT_YET) == _NOT_YET:
                continue
            known = self._aside.get(row.id)
            if known and self._acknowledged_at < known.tried_at:
                # Nothing has been taken since the last try: it may be the bus, which must not make it wait longer.
                self._aside[row.id] = replace(known, tried_at=self._now())
                continue
            self._aside[row.id] = aside = _Aside(known.tries + 1 if known else 1, self._now())
            log.error(
                "event.set_aside",
                event_id=str(row.event_id),
                subject=row.subject,
                reason=unpublished[row.id],
                tries=aside.tries,
                again_in=aside.delay,
            )
        set_aside_gauge.set(len(self._aside))

    async def waiting(self) -> int:
        """How many events are still in the outbox."""
        async with self._database.reading() as session:
            return await session.scalar(select(func.count()).select_from(outbox)) or 0


_NAMES_OF_OUR_FAULT = frozenset(error.__name__ for error in _OUR_FAULT)


def _one_of(rows: Collection[int]) -> Any:
    return outbox.c.id == any_(bindparam("of_rows", list(rows), type_=ARRAY(BigInteger)))


class NotAcknowledgedError(Exception):
    """JetStream did not acknowledge any of the `count` events of a batch; they stay in the outbox."""

    def __init__(self, count: int) -> None:
        super().__init__(f"JetStream did not acknowledge {count} events")
        self.count = count

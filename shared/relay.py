"""The relay: what is in the outbox goes to JetStream, and leaves the outbox only when JetStream has it."""

import asyncio
from contextlib import suppress

import structlog
from nats.js import JetStreamContext
from prometheus_client import Counter
from sqlalchemy import delete, func, select

from shared.database import Database, outbox

STREAM = "DIALOGUE"

log = structlog.get_logger()
published_total = Counter("svarfrist_events_published_total", "Events acknowledged by JetStream")


class Relay:
    """Takes outbox rows in batches (`FOR UPDATE SKIP LOCKED`: several relays may run).

    Publishes with `Nats-Msg-Id` = event id and the whole batch in flight, and deletes the rows that JetStream
    has acknowledged in the transaction that locked them. If the process dies in between, the next relay
    publishes again with the same id, and the stream or else the receiver's inbox drops the copy.
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
    ) -> None:
        self._database = database
        self._js = js
        self._batch = batch
        self._poll = poll
        self._linger = linger
        self._ack_timeout = ack_timeout
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """There is something new in the outbox."""
        self._woken.set()

    async def run(self) -> None:
        """Relays until cancelled. A bus or a database that is away is waited for, with growing pauses."""
        pause = 0.1
        while True:
            try:
                while await self.relay_batch():
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

    async def relay_batch(self) -> int:
        """Publishes one batch; returns how many events JetStream acknowledged."""
        async with self._database.transaction() as tx:
            rows = (
                await tx.session.execute(
                    select(outbox).order_by(outbox.c.id).limit(self._batch).with_for_update(skip_locked=True)
                )
            ).all()
            if not rows:
                return 0
            futures = [
                await self._js.publish_async(
                    row.subject,
                    row.body,
                    stream=STREAM,
                    headers={**row.headers, "Nats-Msg-Id": str(row.event_id)},
                    wait_stall=self._ack_timeout,
                )
                for row in rows
            ]
            _, unanswered = await asyncio.wait(futures, timeout=self._ack_timeout)
            for future in unanswered:
                future.cancel()
            acknowledged = [
                row.id
                for row, future in zip(rows, futures, strict=True)
                if future.done() and not future.cancelled() and future.exception() is None
            ]
            if acknowledged:
                await tx.session.execute(delete(outbox).where(outbox.c.id.in_(acknowledged)))
        published_total.inc(len(acknowledged))
        if len(acknowledged) < len(rows):
            raise NotAcknowledgedError(len(rows) - len(acknowledged))
        return len(acknowledged)

    async def waiting(self) -> int:
        """How many events are still in the outbox."""
        async with self._database.reading() as session:
            return await session.scalar(select(func.count()).select_from(outbox)) or 0


class NotAcknowledgedError(Exception):
    """JetStream did not acknowledge `count` events of a batch; they stay in the outbox."""

    def __init__(self, count: int) -> None:
        super().__init__(f"JetStream did not acknowledge {count} events")
        self.count = count

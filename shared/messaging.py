"""The consumer loop: from JetStream to a committed transaction, and never anything lost in between.

Each service has one durable pull consumer. The loop takes what has arrived, up to a batch, and handles it in
one transaction: claim in the inbox, call the handler with the new events, commit, acknowledge. A batch that
fails is handled again event by event; an event that fails alone is asked for again with a growing delay, and
after the last try is laid, whole and with its error, in the dead-letter stream.
"""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence

import structlog
from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from prometheus_client import Counter, Gauge

from shared import events
from shared.database import Database, Transaction, is_away
from shared.events import Event, UnreadableEventError
from shared.logs import in_words
from shared.loops import is_asked_to_end
from shared.relay import STREAM

DEAD_STREAM = "DEAD"
EXPIRED = "408"
"""What JetStream says when a request's time is up."""
Handler = Callable[[Sequence[Event], Transaction], Awaitable[None]]

log = structlog.get_logger()
handled_total = Counter("svarfrist_events_handled_total", "Events handled and committed")
repeated_total = Counter("svarfrist_events_repeated_total", "Events heard before and dropped")
retried_total = Counter("svarfrist_events_retried_total", "Events that failed and will be tried again")
dead_total = Counter("svarfrist_dead_letters_total", "Events laid in the dead-letter stream")
waiting_gauge = Gauge("svarfrist_events_waiting", "Events on the stream not yet acknowledged by this service")


class Arrivals:
    """Messages as JetStream delivers them to a durable pull consumer, with one request kept open ahead.

    nats-py's `fetch` waits for a full batch or its time limit, and two at once on one subscription stall; this
    keeps up to `ahead` messages on their way and hands over at once whatever has arrived.
    """

    HEARTBEAT = 5.0
    EXPIRES = 30.0

    def __init__(self, nc: Client, durable: str, *, ahead: int = 400) -> None:
        self._nc = nc
        self._ahead = ahead
        self._inbox = nc.new_inbox()
        self._request = f"$JS.API.CONSUMER.MSG.NEXT.{STREAM}.{durable}"
        self._queue: asyncio.Queue[Msg] = asyncio.Queue()
        self._outstanding = 0
        self._heard = 0.0

    async def open(self) -> None:
        """Subscribes to the consumer's deliveries."""
        await self._nc.subscribe(self._inbox, cb=self._arrived, pending_msgs_limit=-1, pending_bytes_limit=-1)

    async def take(self, most: int, linger: float = 0) -> list[Msg]:
        """What has arrived, at least one message and at the most `most`; waits where there is nothing.

        With `linger`, waits so many seconds for company after the first: fewer and larger transactions.
        """
        while self._queue.empty():
            await self._ask()
            try:
                taken = [await asyncio.wait_for(self._queue.get(), self.HEARTBEAT)]
                break
            except TimeoutError:
                continue
        else:
            taken = [self._queue.get_nowait()]
        if linger and self._queue.qsize() < most:
            await asyncio.sleep(linger)
        while len(taken) < most and not self._queue.empty():
            taken.append(self._queue.get_nowait())
        await self._ask()
        return taken

    async def _ask(self) -> None:
        silent = time.monotonic() - self._heard > 2 * self.HEARTBEAT
        if silent:
            self._outstanding = 0
        room = self._ahead - self._outstanding - self._queue.qsize()
        if room < self._ahead // 2:
            return
        request = {
            "batch": room,
            "expires": int(self.EXPIRES * 1e9),
            "idle_heartbeat": int(self.HEARTBEAT * 1e9),
        }
        self._outstanding += room
        self._heard = time.monotonic()
        await self._nc.publish(self._request, json.dumps(request).encode(), self._inbox)

    async def _arrived(self, message: Msg) -> None:
        self._heard = time.monotonic()
        status = (message.headers or {}).get("Status")
        if status is None:
            self._outstanding = max(0, self._outstanding - 1)
            self._queue.put_nowait(message)
        elif status != "100":
            unserved = (message.headers or {}).get("Nats-Pending-Messages")
            self._outstanding = max(0, self._outstanding - int(unserved)) if unserved else 0
            if status == EXPIRED:
                await self._ask()  # the loop itself may be waiting for another HEARTBEAT


class Consumer:
    """A service's loop over its durable consumer."""

    def __init__(
        self,
        *,
        service: str,
        nc: Client,
        js: JetStreamContext,
        database: Database,
        handler: Handler,
        keeps_history: bool = True,
        batch: int = 100,
        linger: float = 0,
        beside: int = 1,
        retry_delays: Sequence[float] = (1, 5, 30, 120, 600),
    ) -> None:
        """`beside`: batches under way at once, for a handler whose transactions may run beside each other.

        While the database works on one, the next is read.
        """
        self._service = service
        self._js = js
        self._database = database
        self._handler = handler
        self._keeps_history = keeps_history
        self._batch = batch
        self._linger = linger
        self._retry_delays = tuple(retry_delays)
        self._beside = beside
        self._arrivals = Arrivals(nc, service, ahead=4 * batch)
        self._taking = asyncio.Lock()

    async def run(self) -> None:
        """Handles events until cancelled. A bus that is away is waited for; JetStream then delivers again."""
        await self._arrivals.open()
        async with asyncio.TaskGroup() as loops:
            for _ in range(self._beside):
                loops.create_task(self._work())

    async def _work(self) -> None:
        while not is_asked_to_end():
            try:
                # One takes at a time: company that arrives belongs to one batch.
                async with self._taking:
                    messages = await self._arrivals.take(self._batch, self._linger)
                await self.handle(messages)
            except (NatsError, OSError) as error:
                log.warning("consumer.bus_away", error=type(error).__name__)
                await asyncio.sleep(1)

    async def handle(self, messages: Sequence[Msg]) -> None:
        """Handles messages in one transaction, or one by one where that fails, and answers for each of them."""
        readable: list[tuple[Msg, Event]] = []
        for message in messages:
            try:
                readable.append((message, events.read(message.headers, message.data)))
            except UnreadableEventError as error:
                await self._bury(message, error.reason)
        if not readable:
            return
        if await self._try(readable) or len(readable) == 1:
            return
        for alone in readable:
            await self._try([alone])

    async def _try(self, readable: Sequence[tuple[Msg, Event]]) -> bool:
        """Whether these messages were handled in one transaction; one that fails alone is asked for again."""
        try:
            await self._commit_when_possible(readable)
        except Exception as error:  # noqa: BLE001 - every fault of a handler is dealt with here
            if len(readable) == 1:
                await self._failed(readable[0][0], error)
            return False
        for message, _ in readable:
            await message.ack()
        return True

    async def _commit_when_possible(self, readable: Sequence[tuple[Msg, Event]]) -> None:
        """Commits; a database that is away is no fault of the events, and is waited for."""
        while True:
            try:
                return await self._commit([event for _, event in readable])
            except Exception as error:
                if not is_away(error):
                    raise
                log.warning("consumer.database_away", error=type(error).__name__)
            for message, _ in readable:
                await message.in_progress()
            await asyncio.sleep(1)

    async def _commit(self, heard: Sequence[Event]) -> None:
        async with self._database.transaction() as tx:
            new = await tx.claim(heard, with_bodies=self._keeps_history)
            if new:
                await self._handler(new, tx)
        handled_total.inc(len(new))
        repeated_total.inc(len(heard) - len(new))

    async def _failed(self, message: Msg, error: Exception) -> None:
        tries = message.metadata.num_delivered
        headers = message.headers or {}
        if tries > len(self._retry_delays):
            await self._bury(message, in_words(error))
            return
        delay = self._retry_delays[tries - 1]
        retried_total.inc()
        log.warning(
            "event.failed",
            event_id=headers.get("ce-id"),
            event_type=headers.get("ce-type"),
            tries=tries,
            again_in=delay,
            exc_info=error,
        )
        await message.nak(delay=delay)

    async def _bury(self, message: Msg, reason: str) -> None:
        sequence = message.metadata.sequence.stream
        headers = {
            **(message.headers or {}),
            "svarfrist-error": " ".join(reason.split())[:1000],
            "svarfrist-subject": message.subject,
            "svarfrist-sequence": str(sequence),
            "svarfrist-tries": str(message.metadata.num_delivered),
            # Buried again, where its acknowledgement was lost, it is the same letter.
            "Nats-Msg-Id": f"{self._service}:{sequence}",
        }
        await self._js.publish(
            f"dead.{self._service}", message.data, stream=DEAD_STREAM, headers=headers, timeout=15
        )
        dead_total.inc()
        log.error(
            "event.dead",
            event_id=headers.get("ce-id"),
            event_type=headers.get("ce-type"),
            sequence=sequence,
            reason=headers["svarfrist-error"],
        )
        await message.ack()

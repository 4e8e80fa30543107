"""What the operator reads from the event stream and says on it: audits, imports, a simulated year."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from time import monotonic

from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeoutError
from nats.js import JetStreamContext
from nats.js.api import AckPolicy, ConsumerConfig
from nats.js.errors import APIError

from deploy.errors import BusAwayError, StackError
from shared.events import MARK, SUBJECT_ROOT, Event
from shared.relay import STREAM

FETCH = 2000
FETCH_TIMEOUT = 1.0
SILENCES = 15
"""Fetches in a row without an answer after which the bus is given up."""
IN_FLIGHT = 1000
"""Events whose acknowledgements are waited for together: each is synced to the disk before it is one."""
ACK_TIMEOUT = 15.0
TRIES = 3
PATIENCE = 60.0
"""Seconds without any progress after which metrics is not waited for."""
Progress = Callable[[int], None]
"""Told how many are done."""


class NotAcknowledgedError(StackError):
    """The bus did not take some events, asked three times."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"The bus did not take {count} events. What it took stays: see 'svarfrist status', and run the same "
            "command again, which goes on where this one stopped."
        )


async def messages(js: JetStreamContext, subject: str, *, bodies: bool = False) -> AsyncIterator[Msg]:
    """All messages there are now, oldest first: their headers, and their bodies only where asked for.

    To be read to its end. Raises BusAwayError where the bus leaves some of them out.
    """
    if not await count(js, subject):
        return
    config = ConsumerConfig(ack_policy=AckPolicy.NONE, headers_only=not bodies, inactive_threshold=60)
    subscription = await js.pull_subscribe(subject, stream=STREAM, config=config)
    last = (await js.stream_info(STREAM)).state.last_seq
    reached, pending, silent = 0, 1, 0
    try:
        while pending and reached < last:
            try:
                fetched = await subscription.fetch(FETCH, timeout=FETCH_TIMEOUT)
            except NatsTimeoutError:
                pending, silent = (await subscription.consumer_info()).num_pending or 0, silent + 1
                if pending and silent == SILENCES:
                    raise BusAwayError("it has more messages") from None
                continue
            silent = 0
            for message in fetched:
                reached, pending = message.metadata.sequence.stream, message.metadata.num_pending
                if reached <= last:
                    yield message
    finally:
        await subscription.unsubscribe()


async def count(js: JetStreamContext, subject: str) -> int:
    """How many messages have such a subject."""
    subjects = (await js.stream_info(STREAM, subjects_filter=subject)).state.subjects
    return sum((subjects or {}).values())


async def publish(js: JetStreamContext, events: Sequence[Event], progress: Progress, *, run: str = "") -> int:
    """Says events; returns the last one's place in the stream, 0 without any. Raises NotAcknowledgedError.

    An event that the stream has had within the hour is dropped there, and one that was heard before by those
    who hear it: its id is the same. With the name of a `run` the stream drops nothing of another run's: what was
    purged can be said again at once.
    """
    last = 0
    for start in range(0, len(events), IN_FLIGHT):
        waiting = list(events[start : start + IN_FLIGHT])
        for _ in range(TRIES):
            last, waiting = await _publish_batch(js, waiting, last, run)
            if not waiting:
                break
        else:
            raise NotAcknowledgedError(len(waiting))
        progress(min(start + IN_FLIGHT, len(events)))
    return last


async def _publish_batch(
    js: JetStreamContext, events: Sequence[Event], last: int, run: str
) -> tuple[int, list[Event]]:
    try:
        futures = [
            await js.publish_async(
                event.subject,
                event.body(),
                stream=STREAM,
                headers={**event.headers(), "Nats-Msg-Id": f"{event.id}{run}"},
                wait_stall=ACK_TIMEOUT,
            )
            for event in events
        ]
    except (NatsError, APIError, TimeoutError):
        return last, list(events)
    _, unanswered = await asyncio.wait(futures, timeout=ACK_TIMEOUT)
    for future in unanswered:
        future.cancel()
    refused: list[Event] = []
    for event, future in zip(events, futures, strict=True):
        if future.cancelled() or future in unanswered or future.exception() is not None:
            refused.append(event)
        else:
            last = max(last, future.result().seq)
    return last, refused


async def begin(js: JetStreamContext, municipality: str) -> None:
    """Lays a mark at the beginning of an empty stream, so that purging what follows leaves it where it began.

    A stream whose first messages are gone is one whose figures cannot be rebuilt.
    """
    if not (await js.stream_info(STREAM)).state.last_seq:
        await js.publish(
            f"{SUBJECT_ROOT}.{municipality}.beginning", stream=STREAM, headers={MARK: "beginning"}
        )


async def heard_by(js: JetStreamContext, service: str, sequence: int, progress: Progress) -> bool:
    """Whether a service has handled everything up to a place in the stream; waits while it gets nearer.

    `progress` is told how many of its events it has still to handle.
    """
    nearest, since, was_quiet = -1, monotonic(), False
    while True:
        info = await js.consumer_info(STREAM, service)
        left = (info.num_pending or 0) + (info.num_ack_pending or 0)
        floor = info.ack_floor.stream_seq if info.ack_floor else 0
        progress(left)
        # What was published a moment ago may not be counted as waiting yet: nothing left, twice, is nothing left.
        if floor >= sequence or (not left and was_quiet):
            return True
        was_quiet = not left
        if floor > nearest:
            nearest, since = floor, monotonic()
        elif monotonic() - since > PATIENCE:
            return False
        await asyncio.sleep(0.2)

"""Writes down what came of a try to send, and says it on the bus."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from services.notify.delivery import Delivery
from services.notify.messages import Medium, MessageKind, MessageState
from services.notify.store import MessageRow
from shared.counters import from_nought
from shared.database import Transaction
from shared.events import MessageFailed, MessageSent, ReportExplanationWanted, ReportFrozen
from shared.identity import derived_id

log = structlog.get_logger()
_KINDS = (*MessageKind, ReportFrozen.NAME, ReportExplanationWanted.NAME)
sent_total = from_nought(
    "svarfrist_messages_sent_total",
    "Messages the mail server or gateway took over",
    kind=_KINDS,
    channel=Medium,
)
failed_total = from_nought(
    "svarfrist_messages_failed_total", "Messages given up", kind=_KINDS, channel=Medium
)
retried_total = from_nought(
    "svarfrist_messages_retried_total", "Tries after which a message waits for the next one", channel=Medium
)


def record(
    tx: Transaction,
    message: MessageRow,
    members: Sequence[MessageRow],
    delivery: Delivery,
    *,
    municipality: str,
    retry_delays: Sequence[float],
) -> None:
    """Records a try of a message; what a digest says (`members`) has the digest's fate.

    The events are of cases, so that a digest says one for each of its reminders and none for itself.
    """
    message.attempts += 1
    message.error, message.response_code = delivery.error, delivery.code
    if delivery.sent:
        sent_total.labels(message.kind, message.channel).inc()
        for each in (message, *members):
            each.state, each.sent_at = MessageState.SENT.value, tx.now
            if each.case_id is not None:
                tx.publish(
                    MessageSent(
                        id=derived_id(each.id, "sent"), **_told(tx, each, message.attempts, municipality)
                    )
                )
    elif delivery.final or message.attempts > len(retry_delays):
        error = " ".join(str(part) for part in (delivery.error, delivery.code) if part is not None)
        failed_total.labels(message.kind, message.channel).inc()
        log.warning("message.failed", message_id=str(message.id), kind=message.kind, error=error)
        for each in (message, *members):
            each.state = MessageState.FAILED.value
            if each.case_id is not None:
                told = _told(tx, each, message.attempts, municipality)
                tx.publish(MessageFailed(id=derived_id(each.id, "failed"), error=error, **told))
    else:
        _wait_for_the_next_try(tx, message, delivery, retry_delays[message.attempts - 1])


def _wait_for_the_next_try(tx: Transaction, message: MessageRow, delivery: Delivery, delay: float) -> None:
    message.next_attempt_at = tx.now + timedelta(seconds=delay)
    retried_total.labels(message.channel).inc()
    log.info(
        "message.retried",
        message_id=str(message.id),
        kind=message.kind,
        channel=message.channel,
        error=delivery.error,
        code=delivery.code,
        again_in=delay,
    )


def _told(tx: Transaction, message: MessageRow, attempts: int, municipality: str) -> dict[str, object]:
    return {
        "at": tx.now,
        "case_id": message.case_id,
        "municipality": municipality,
        "caused_by": message.caused_by,
        "message_id": message.id,
        "message": message.kind,
        "to_resident": message.to_resident,
        "attempts": attempts,
        "channel": message.channel,
    }

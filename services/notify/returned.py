"""Records on a message that it did not reach its reader, though a server had taken it."""

from uuid import UUID

import structlog

from services.notify import post
from services.notify.messages import MessageKind, MessageState
from services.notify.store import MessageRow
from shared.counters import from_nought
from shared.database import Database, Transaction
from shared.events import MessageBounced
from shared.identity import derived_id

_SAID = (MessageState.SENT, MessageState.IN_DIGEST)
"""States of a reminder that a digest really said; one that had become obsolete was left out."""

log = structlog.get_logger()
bounced_total = from_nought(
    "svarfrist_messages_bounced_total", "Messages that came back, by kind", kind=MessageKind
)


class NoSuchMessageError(LookupError):
    """No message has this id: it was never written down, or has been forgotten since."""


async def record(database: Database, municipality_id: str, message_id: UUID, status: str) -> None:
    """Write it down and say so, once however often it is heard. Raises NoSuchMessageError.

    :param status: the enhanced status code of a mail; of a text message, `sms.` and the gateway's word.
    """
    async with database.transaction() as tx:
        row = await post.locked(tx.session, message_id)
        if row is None:
            raise NoSuchMessageError
        if row.state == MessageState.BOUNCED:
            return
        said = [member.message for member in await post.members(tx.session, message_id)]
        for each in [row, *(member for member in said if member.state in _SAID)]:
            _bounced(tx, each, municipality_id, status)
    bounced_total.labels(row.kind).inc()
    log.warning("message.bounced", message_id=str(message_id), kind=row.kind, status=status)


def _bounced(tx: Transaction, message: MessageRow, municipality_id: str, status: str) -> None:
    message.state, message.bounced_at = MessageState.BOUNCED.value, tx.now
    message.bounce_status = status
    if message.case_id is None:
        return
    tx.publish(
        MessageBounced(
            id=derived_id(message.id, "bounced"),
            at=tx.now,
            case_id=message.case_id,
            municipality=municipality_id,
            caused_by=message.caused_by,
            message_id=message.id,
            message=message.kind,
            to_resident=message.to_resident,
            status=status,
        )
    )

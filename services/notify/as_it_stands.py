"""What a message says on the day it is sent, which may be another than the one it was written down on."""

from collections.abc import Mapping
from datetime import date, datetime

from services.notify.case import PromiseState
from services.notify.matters import Matter
from services.notify.messages import MessageKind, Priority
from services.notify.post import Claimed
from services.notify.tables import CaseRow
from shared.clock import oslo_day

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


def is_obsolete(claimed: Claimed, today: date) -> bool:
    """Whether a reminder would remind of nothing: answered, closed, moved to another day, or past its day."""
    message, case, promise = claimed.message, claimed.case, claimed.promise
    if message.priority != Priority.REMINDER or case is None:
        return False
    if case.answered_at or case.closed_at:
        return True
    if (
        promise
        and not message.to_resident
        and int(message.facts.get("version", promise.version)) < promise.version
    ):
        return True
    return message.kind == MessageKind.DUE_SOON and _is_past(message.facts, today)


def _is_past(facts: Mapping[str, str], today: date) -> bool:
    return "due_on" in facts and date.fromisoformat(facts["due_on"]) < today


def matter_of(claimed: Claimed, case: CaseRow, now: datetime) -> Matter:
    """What the message is about, in words that fit the day it is sent on."""
    message, promise = claimed.message, claimed.promise
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
        case_id=case.case_id,
        to_resident=message.to_resident,
        reference=case.reference or "",
        submission=case.kind or "",
        topic=case.topic,
        area=case.area,
        unit=case.unit,
        person=case.person,
        facts=facts,
    )

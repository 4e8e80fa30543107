"""What is said to both sides when a question has had no answer by the last day of its pause."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.notify.messages import MessageKind, Priority, Word, is_reachable
from services.notify.office_hours import opening
from shared.municipality import Municipality
from shared.pauses import Pause


class WaitOutcome(StrEnum):
    """What became of a wait; written in its ledger, once."""

    TOLD = "told"
    MERGED = "merged"
    """The resident hears the same morning that the answer is late, and by which day it comes: that says it."""
    HEARD = "heard"
    """The clock ran again before: the resident answered, or the caseworker went on."""
    ASKED_AGAIN = "asked_again"
    """Another question, asked while this one waited, is the one that is told about."""
    SETTLED = "settled"
    """The case was answered, closed or merged before the office opened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """A wait that is over, with its case as it stands."""

    case_id: UUID
    municipality: str
    paused_by: UUID
    has_email: bool
    is_settled: bool
    has_phone: bool = False


@dataclass(frozen=True, slots=True)
class Planned:
    """When both sides are to be told; `outcome` where that is not needed any more."""

    case_id: UUID
    paused_by: UUID
    due_at: datetime
    outcome: WaitOutcome | None


def planned(case_id: UUID, pauses: Sequence[Pause], municipality: Municipality) -> Iterator[Planned]:
    """The ledger's rows for a case's pauses, each due when the office opens after its last day."""
    for pause in pauses:
        opens = opening(pause.last_day + timedelta(days=1), municipality)
        yield Planned(case_id, pause.paused_by, opens, WaitOutcome.HEARD if pause.resumed else None)


def outcome(wait: Wait, delayed: Collection[UUID]) -> WaitOutcome:
    """What becomes of a wait that is over; `delayed`: whose residents are told of a delay now."""
    if wait.is_settled:
        return WaitOutcome.SETTLED
    return WaitOutcome.MERGED if wait.case_id in delayed else WaitOutcome.TOLD


def words(wait: Wait, outcome: WaitOutcome, *, sms: bool = False) -> Iterator[Word]:
    """To the resident, that we go on without their answer; to whoever has the case, that the clock runs."""
    for to_resident in (True, False):
        if to_resident and outcome is WaitOutcome.MERGED:
            continue
        if to_resident and not is_reachable(has_email=wait.has_email, has_phone=wait.has_phone, sms=sms):
            continue
        yield Word(
            key=f"{wait.case_id}/wait/{wait.paused_by}/{'resident' if to_resident else 'caseworker'}",
            kind=MessageKind.WAIT_ENDED,
            case_id=wait.case_id,
            to_resident=to_resident,
            person=None,
            priority=Priority.REMINDER if to_resident else Priority.STAFF,
            caused_by=wait.paused_by,
        )

"""A case as notify sees it: a pure fold over what was said about it, in whatever order it was heard."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from shared import promise
from shared.clock import oslo_day
from shared.events import (
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseInterimAnswered,
    Event,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
    SubmissionReceived,
)

FIRST_VERSION = 1
Said = TypeVar("Said", bound=Event)


class PromiseState(StrEnum):
    """What has become of a promise. Only `open` ever changes."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    LAPSED = "lapsed"
    """Closed without an answer on the due day or before, because none was wanted: nothing to judge."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a promise, and the day in Oslo that it holds for."""

    state: PromiseState
    judged_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is known of a case. `received` is None where the submission itself has not been heard of yet."""

    case_id: UUID
    municipality: str
    received: SubmissionReceived | None = None
    assigned: CaseAssigned | None = None
    """The latest assignment: who has the case now."""
    answered_at: datetime | None = None
    """The first final answer; an interim one does not count."""
    closed_at: datetime | None = None
    expected_on: date | None = None
    """The day the latest interim answer gave the resident."""
    made: PromiseMade | None = None
    verdict: Verdict | None = None
    """As it was recorded, the first one where there were several: it is frozen."""

    @property
    def settled(self) -> bool:
        """Nobody needs reminding any more."""
        return self.answered_at is not None or self.closed_at is not None

    @property
    def kept(self) -> bool:
        """An answer came on the due day or before. Nothing heard later can make that untrue, only earlier."""
        promised = self.received and self.received.promise
        return bool(promised and self.answered_at and promise.kept(promised.due_on, self.answered_at))


def fold(case_id: UUID, history: Sequence[Event]) -> Case:
    """The case after these events, which are in the order of their own time."""
    received = _first(history, SubmissionReceived)
    interim = _last(history, CaseInterimAnswered)
    answered = _first(history, CaseAnswered)
    closed = _first(history, CaseClosed)
    return Case(
        case_id=case_id,
        municipality=history[0].municipality if history else "",
        received=received,
        assigned=_last(history, CaseAssigned),
        answered_at=answered.at if answered else None,
        closed_at=closed.at if closed else None,
        expected_on=interim.expected_on if interim else None,
        made=_first(history, PromiseMade),
        verdict=_recorded(history),
    )


def judge(
    due_on: date, *, answered_at: datetime | None, closed_at: datetime | None, now: datetime
) -> Verdict | None:
    """The verdict on a promise, None while it is still open.

    Not to be recorded before everything said until now has been heard: an answer given in time, or an earlier
    one, may still be on its way.
    """
    if answered_at and promise.kept(due_on, answered_at):
        return Verdict(PromiseState.KEPT, oslo_day(answered_at))
    if now < promise.broken_from(due_on):
        return None
    if closed_at and promise.kept(due_on, closed_at):
        return Verdict(PromiseState.LAPSED, oslo_day(closed_at))
    return Verdict(PromiseState.BROKEN, due_on + timedelta(days=1))


def _recorded(history: Sequence[Event]) -> Verdict | None:
    for event in history:
        if isinstance(event, PromiseKept):
            return Verdict(PromiseState.KEPT, event.judged_on)
        if isinstance(event, PromiseBroken):
            return Verdict(PromiseState.BROKEN, event.judged_on)
    return None


def _first(history: Sequence[Event], kind: type[Said]) -> Said | None:
    return next((event for event in history if isinstance(event, kind)), None)


def _last(history: Sequence[Event], kind: type[Said]) -> Said | None:
    return _first(history[::-1], kind)

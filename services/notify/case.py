"""A case as notify sees it: a pure fold over what was said about it, in whatever order it was heard."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import TypeVar
from uuid import UUID

from shared import promise
from shared.clock import oslo_day
from shared.events import (
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseInterimAnswered,
    CaseMerged,
    CaseReclassified,
    CaseReopened,
    Event,
    Kind,
    LapseReason,
    SubmissionReceived,
)
from shared.pauses import Pause, pauses_of

Said = TypeVar("Said", bound=Event)


class PromiseState(StrEnum):
    """What has become of a promise. Only `open` ever changes."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    LAPSED = "lapsed"
    """Nothing to judge: closed in time without an answer, merged, or reclassified as promised nothing."""
    MOVED = "moved"
    """A later version of the same promise holds."""


@dataclass(frozen=True, slots=True)
class Lapse:
    """Why a promise is not judged, and since when."""

    reason: LapseReason
    at: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a promise, and the day in Oslo that it holds for."""

    state: PromiseState
    judged_on: date
    reason: LapseReason | None = None
    """Why it lapsed, where it did."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """A case from an opening to the next: it is received once, and may be reopened any number of times.

    :param number: of the promise that was given then, if any.
    :param ended_at: the next opening; what was said until then belongs here.
    """

    number: int
    opening: SubmissionReceived | CaseReopened
    events: tuple[Event, ...]
    ended_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What is known of a case. `received` is None where the submission itself has not been heard of yet.

    Answers, closings and days given are those since the case was last opened.
    """

    case_id: UUID
    municipality: str
    received: SubmissionReceived | None = None
    reclassified: CaseReclassified | None = None
    assigned: CaseAssigned | None = None
    """The latest assignment: who has the case now."""
    answered_at: datetime | None = None
    """The first final answer; an interim one does not count."""
    first_answer: UUID | None = None
    """The event of the first final answer there ever was: each other one is a new answer."""
    closed_at: datetime | None = None
    """Closed without an answer, or merged with another case."""
    expected_on: date | None = None
    """The day the latest interim answer gave the resident."""
    pauses: tuple[Pause, ...] = ()

    @property
    def kind(self) -> Kind | None:
        """What the submission is: as the resident said, or a caseworker after them."""
        said = self.reclassified or self.received
        return said.kind if said else None

    @property
    def topic(self) -> str | None:
        """What it is about."""
        said = self.reclassified or self.received
        return said.topic if said else None

    @property
    def area(self) -> str | None:
        """Where it is from."""
        said = self.reclassified or self.received
        return said.area if said else None


def fold(case_id: UUID, history: Sequence[Event]) -> Case:
    """The case after these events, which are in the order of their own time."""
    latest = list(chapters(history))[-1:]
    now = latest[0].events if latest else history
    interim, answered = last(now, CaseInterimAnswered), first(now, CaseAnswered)
    closed, merged = first(now, CaseClosed), first(now, CaseMerged)
    return Case(
        case_id=case_id,
        municipality=history[0].municipality if history else "",
        received=first(history, SubmissionReceived),
        reclassified=last(history, CaseReclassified),
        assigned=last(history, CaseAssigned),
        answered_at=answered.at if answered else None,
        first_answer=next((event.id for event in history if isinstance(event, CaseAnswered)), None),
        closed_at=min((said.at for said in (closed, merged) if said), default=None),
        expected_on=interim.expected_on if interim else None,
        pauses=pauses_of(history),
    )


def chapters(history: Sequence[Event]) -> Iterator[Chapter]:
    """The case's openings in order, each with what was said from it on; none before the receipt is known.

    What was said at the instant of a reopening was said before it: that which it reopens.
    """
    received = first(history, SubmissionReceived)
    if received is None:
        return
    reopenings = [event for event in history if isinstance(event, CaseReopened)]
    openings: list[SubmissionReceived | CaseReopened] = [received, *reopenings]
    for number, (opening, following) in enumerate(zip_longest(openings, reopenings), 1):
        events = tuple(
            event
            for event in history
            if (number == 1 or event.at > opening.at) and (following is None or event.at <= following.at)
        )
        yield Chapter(number, opening, events, following.at if following else None)


def judge(
    due_on: date, *, answered_at: datetime | None, lapse: Lapse | None, now: datetime
) -> Verdict | None:
    """The verdict on a promise, None while it is still open.

    Not to be recorded before everything said until now has been heard: an answer given in time, or an earlier
    one, may still be on its way. A case closed in time may be answered in time after all, until the due day
    has passed.
    """
    if answered_at and promise.kept(due_on, answered_at):
        return Verdict(PromiseState.KEPT, oslo_day(answered_at))
    is_over = now >= promise.broken_from(due_on)
    if lapse and promise.kept(due_on, lapse.at) and (is_over or lapse.reason is not LapseReason.CLOSED):
        return Verdict(PromiseState.LAPSED, oslo_day(lapse.at), lapse.reason)
    return Verdict(PromiseState.BROKEN, due_on + timedelta(days=1)) if is_over else None


def first(history: Iterable[Event], kind: type[Said]) -> Said | None:
    """The first event of a kind."""
    return next((event for event in history if isinstance(event, kind)), None)


def last(history: Sequence[Event], kind: type[Said]) -> Said | None:
    """The last event of a kind."""
    return first(history[::-1], kind)

"""Which promise a case stands under, and what has become of it: folded from what was said of it. Pure.

Notify owns promises: what it has said of one counts, the newest version first. What routing has said since (an
extension, another kind, a reopening; a pause, its end, a new start) counts until notify has taken it up, so that
whoever did it, or reads of it, sees at once what it led to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar
from uuid import UUID

from shared.events import (
    CaseExtended,
    CasePaused,
    CaseReclassified,
    CaseReopened,
    CaseRestarted,
    CaseResumed,
    Event,
    PromiseBroken,
    Promised,
    PromiseKept,
    PromiseLapsed,
    PromiseMade,
    PromiseMoved,
    SubmissionReceived,
)
from shared.reckoning import reckoned
from shared.workdays import CalendarEndsError, WorkCalendar

Verdict = PromiseKept | PromiseBroken
Spoken = PromiseMade | PromiseMoved | PromiseLapsed
OwnAct = CaseReclassified | CaseExtended
ClockAct = CasePaused | CaseResumed | CaseRestarted
"""What routing says of the clock: the day it leads to is to be reckoned."""
Said = TypeVar("Said", Spoken, Verdict)


@dataclass(frozen=True, slots=True)
class Standing:
    """The case's present promise.

    :param number: 1 for the receipt's promise, one more for each reopening.
    :param due_on: its last day as it stands now; None where no answer is promised, or no longer.
    :param kept: notify's verdict; None while there is none.
    """

    number: int = 1
    promise_id: str | None = None
    rule: str | None = None
    due_on: date | None = None
    kept: bool | None = None

    @property
    def open(self) -> bool:
        """Whether it may still be kept or broken."""
        return self.due_on is not None and self.kept is None


def standing(
    told: Sequence[Event], received: SubmissionReceived, calendar: WorkCalendar | None = None
) -> Standing:
    """Give the present promise, from events in the order of their time.

    :param calendar: the municipality's, to reckon what notify has not taken up yet; without it the clock's
        standing still, and its new start, count only once notify has said so.
    """
    reopenings = [event for event in told if isinstance(event, CaseReopened)]
    number = 1 + len(reopenings)
    begun: SubmissionReceived | CaseReopened = reopenings[-1] if reopenings else received
    found = _under(Standing(number), begun.promise)
    spoken = _latest(event for event in told if isinstance(event, Spoken) and event.number == number)
    verdict = _latest(event for event in told if isinstance(event, Verdict) and event.number == number)
    if isinstance(spoken, PromiseLapsed):
        found = Standing(number)
    elif spoken:
        found = replace(found, promise_id=spoken.promise_id, rule=spoken.rule, due_on=spoken.due_on)
    if verdict:
        return replace(found, due_on=verdict.due_on, kept=isinstance(verdict, PromiseKept))
    taken_up, said = max(begun.at, spoken.at) if spoken else begun.at, found.due_on
    for act in told:
        if isinstance(act, OwnAct) and act.at > taken_up:
            found = (
                _under(Standing(number), act.promise)
                if isinstance(act, CaseReclassified)
                else replace(found, due_on=act.due_on)
            )
    if calendar and any(isinstance(act, ClockAct) and act.at > taken_up for act in told):
        return replace(found, due_on=_reckoned(told, taken_up, said, found.due_on, calendar))
    return found


def _reckoned(
    told: Sequence[Event], taken_up: datetime, said: date | None, present: date | None, calendar: WorkCalendar
) -> date | None:
    """The day that follows from the clock; `present` where we do not reckon the day that notify said.

    A calendar or rule has then been changed since, which moves no promise by itself.
    """
    try:
        before = reckoned([event for event in told if event.at <= taken_up], calendar, taken_up)
        after = reckoned(told, calendar, taken_up)
    except CalendarEndsError:
        return present
    agrees = before is not None and before.deadline.due_on == said
    return after.deadline.due_on if agrees and after else present


def earlier_verdicts(told: Iterable[Event], number: int) -> tuple[Verdict, ...]:
    """Give what became of the promises before this one, in the order of their numbers: they stand."""
    verdicts = [event for event in told if isinstance(event, Verdict) and event.number < number]
    last = {verdict.number: verdict for verdict in sorted(verdicts, key=_version)}
    return tuple(last[number] for number in sorted(last))


def _under(before: Standing, promised: Promised | None) -> Standing:
    if promised is None:
        return before
    return replace(before, promise_id=promised.promise_id, rule=promised.rule, due_on=promised.due_on)


def _latest(said: Iterable[Said]) -> Said | None:
    return max(said, key=_version, default=None)


def _version(event: Spoken | Verdict) -> tuple[int, UUID]:
    # The id only so that events of one version, which notify does not say, have one order.
    return event.version, event.id

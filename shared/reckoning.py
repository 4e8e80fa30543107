"""How the due day of a case's present promise came about, from all that was said of the case. Pure.

For its explanation: notify decides what the due day is. Where the two differ (a calendar changed since), the
caller shows the day without its steps.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.events import (
    CaseExtended,
    CaseReclassified,
    CaseReopened,
    CaseRestarted,
    Event,
    MoveReason,
    Promised,
    PromiseMoved,
    SubmissionReceived,
)
from shared.pauses import lengthened, pauses_of
from shared.promise import Deadline, Rule, deadline, extended
from shared.workdays import WorkCalendar


class Start(StrEnum):
    """What a promise is counted from; its words are `deadline.<start>`."""

    RECEIVED = "received"
    REOPENED = "started.reopened"
    RESTARTED = "started.restarted"


@dataclass(frozen=True, slots=True)
class Reckoning:
    """A due day with its steps, and what it is counted from."""

    deadline: Deadline
    start: Start


def reckoned(history: Iterable[Event], calendar: WorkCalendar, at: datetime) -> Reckoning | None:
    """Reckon the present promise: its rule, what it was extended to, the pauses; None where nothing is promised.

    :param at: the present, so that a pause that is not over can be told from one that is.
    :raises CalendarEndsError: a day lies outside the calendar's years.
    """
    told = sorted({event.id: event for event in history}.values(), key=lambda event: (event.at, event.id))
    openings = [event for event in told if isinstance(event, SubmissionReceived | CaseReopened)]
    if not openings:
        return None
    opening = openings[-1]
    pauses = pauses_of(told)
    first = Start.REOPENED if isinstance(opening, CaseReopened) else Start.RECEIVED
    found = _begun(opening.promise, opening.at, first, calendar)
    for event in told[told.index(opening) :]:
        match event:
            case CaseReclassified():
                found = _begun(event.promise, opening.at, first, calendar)
            case CaseRestarted() if found:
                again = deadline(event.counted_from, found.deadline.rule, calendar)
                found = Reckoning(again, Start.RESTARTED)
            case CaseExtended() if found:
                begun = [pause for pause in pauses if pause.start < event.at]
                before = lengthened(found.deadline, begun, calendar)
                found = Reckoning(extended(before, event.due_on, event.at), found.start)
            case PromiseMoved(reason=MoveReason.RECOMPUTED) if found:
                again = deadline(found.deadline.received, Rule.parse(event.rule), calendar)
                found = Reckoning(again, found.start)
    return found and Reckoning(lengthened(found.deadline, pauses, calendar, at), found.start)


def _begun(
    promised: Promised | None, since: datetime, start: Start, calendar: WorkCalendar
) -> Reckoning | None:
    if promised is None:
        return None
    return Reckoning(deadline(since, Rule.parse(promised.rule), calendar), start)

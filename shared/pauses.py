"""The time a case stands still because the resident was asked something: how long, and the due day it gives.

Decision 0010. From the events of one case, in any order and with repetitions:

- ``pauses_of(history) -> tuple[Pause, ...]``: the pauses, in order and apart from one another. A pause always
  has an end: the instant the clock ran again, or, where nothing has been heard, the end of its last day.
- ``waited(pauses, until, since=None) -> timedelta``: how long the clock has stood still by an instant.
- ``last_day_of_pause(at, longest, calendar) -> date``: what `CasePaused.until` may be at the latest.
- ``lengthened(deadline, pauses, calendar, at=None) -> Deadline``: the due day with the days that do not count.

The day a pause begins counts, and so does no part of a day: a pause that begins and ends on the same day
lengthens nothing. The last day the clock stood still does not count, whatever the hour it ended.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from shared import promise
from shared.clock import oslo_day
from shared.events import (
    CaseAnswered,
    CaseClosed,
    CaseMerged,
    CasePaused,
    CaseReopened,
    CaseResumed,
    Event,
    SubmissionSupplemented,
)
from shared.promise import Deadline, Rule, Step, StepKind, Unit
from shared.workdays import WorkCalendar

_ENDS = (CaseResumed, SubmissionSupplemented, CaseAnswered, CaseClosed, CaseMerged, CaseReopened)
"""What sets the clock going: also what leaves nothing to wait for."""
_INSTANT = timedelta(microseconds=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pause:
    """A time the clock stands still: from `start`, included, to `end`, excluded, both in UTC.

    :param resumed: something was heard; else `end` is the end of the last day the pause may last.
    :param paused_by: the event of the question that made it last until then.
    """

    start: datetime
    end: datetime
    resumed: bool
    paused_by: UUID

    @property
    def last_day(self) -> date:
        """The last day in Oslo on which the clock stands still; the first where it does so for no time."""
        return oslo_day(max(self.start, self.end - _INSTANT))


def pauses_of(history: Iterable[Event]) -> tuple[Pause, ...]:
    """Find the pauses of a case: those that overlap or touch are one.

    A pause ends with the first thing heard after it began: the resident's answer, even where routing has not
    said so yet, a `CaseResumed`, or what leaves nothing to wait for (an answer, a closing, a merging, a
    reopening); at the latest with the last day of `until`. A `CaseResumed` ends the pause it names even where
    another machine's clock says that it came before.
    """
    said = list(history)
    ends = sorted(event.at for event in said if isinstance(event, _ENDS))
    resumed = {event.paused_by: event.at for event in said if isinstance(event, CaseResumed)}
    found = sorted(
        {_pause(event, ends, resumed.get(event.id)) for event in said if isinstance(event, CasePaused)},
        key=lambda pause: (pause.start, pause.end, pause.paused_by),
    )
    return tuple(_united(found))


def waited(pauses: Sequence[Pause], until: datetime, since: datetime | None = None) -> timedelta:
    """Tell for how long the clock stood still before an instant, counted from `since` on if given."""
    spans = (min(pause.end, until) - max(pause.start, since or pause.start) for pause in pauses)
    return sum((max(span, timedelta()) for span in spans), timedelta())


def last_day_of_pause(at: datetime, longest: str, calendar: WorkCalendar) -> date:
    """Reckon the last day of a pause that begins at `at` and lasts as long as it may (`pauses.longest`)."""
    return promise.deadline(at, Rule.parse(longest), calendar).due_on


def lengthened(
    deadline: Deadline, pauses: Sequence[Pause], calendar: WorkCalendar, at: datetime | None = None
) -> Deadline:
    """Add the days the clock stood still since `deadline.received`, with a step that says so.

    Calendar days for days, weeks, months and years, working days for working days; then on to the next
    working day. A pause begun after the due day, as lengthened by those before it, changes nothing.

    :param at: the present: the step of a pause that is not over then says that we still wait.
    """
    in_working_days = deadline.rule.unit is Unit.WORKING_DAYS
    count, still_waiting, due_on, ends_on = 0, False, deadline.due_on, deadline.due_on
    for pause in pauses:
        begun = oslo_day(max(pause.start, deadline.received))
        if begun > due_on:
            break
        if pause.last_day <= begun:
            continue
        if in_working_days:
            count += calendar.working_days_between(begun, pause.last_day)
            ends_on = calendar.add_working_days(deadline.due_on, count)
        else:
            count += (pause.last_day - begun).days
            ends_on = deadline.due_on + count * _DAY
        due_on = calendar.next_working_day(ends_on, inclusive=True)
        still_waiting = at is not None and pause.start <= at < pause.end
    if count == 0:
        return deadline
    kind = StepKind.WAITING if still_waiting else StepKind.WAITED
    passed = promise.closed_days(ends_on, due_on, calendar)
    steps = [*deadline.steps, Step(kind, ends_on, passed[:1], count)]
    if passed:
        steps.append(Step(StepKind.MOVED, due_on, passed))
    return replace(deadline, due_on=due_on, steps=tuple(steps))


def _pause(event: CasePaused, ends: Sequence[datetime], resumed_at: datetime | None) -> Pause:
    start = event.at.astimezone(UTC)
    last = max(start, promise.broken_from(event.until))
    heard = [end for end in ends if start < end < last]
    if resumed_at is not None and resumed_at < last:
        heard.append(max(start, resumed_at))
    return Pause(start, min([last, *heard]).astimezone(UTC), bool(heard), event.id)


def _united(pauses: Sequence[Pause]) -> Iterator[Pause]:
    """Unite pauses, in the order of their starts, that overlap or touch."""
    current: Pause | None = None
    for pause in pauses:
        if current is None or pause.start > current.end:
            if current:
                yield current
            current = pause
        else:
            later = pause if pause.end >= current.end else current
            current = replace(later, start=current.start)
    if current:
        yield current

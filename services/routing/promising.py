"""What a caseworker does to the promise of a case: another day, a new start, another kind, a new promise.

Notify makes and moves promises; here it is only said what happened, with the promise that the municipality's
declarations give where it is another one. A verdict that was given stands, whatever is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.routing.cases import Case
from services.routing.casework import Casework, Receiver
from services.routing.work import Letter, NotNowError, Work
from shared.clock import oslo_day
from shared.events import (
    CaseExtended,
    CaseReclassified,
    CaseReopened,
    CaseRestarted,
    Event,
    Kind,
    Promised,
    SubmissionSupplemented,
)
from shared.municipality import Municipality
from shared.promise import Rule, deadline
from shared.questions import AnswerKind
from shared.workdays import CalendarEndsError


class NoSuchDayError(Exception):
    """A day that no promise can be moved to; `why` is the end of the text that says so, `extend.error.<why>`."""

    def __init__(self, why: str) -> None:
        """Keep the reason."""
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class Matter:
    """What a case is, as far as a promise depends on it."""

    kind: Kind
    topic: str | None
    area: str | None


def promised_to(case: Case, matter: Matter, since: datetime, municipality: Municipality) -> Promised | None:
    """Give what such a case is promised, counted from an instant; None where nothing is.

    :raises CalendarEndsError: the due day lies outside the calendar's years.
    """
    if not case.reply_wanted:
        return None
    rule = municipality.promise_for(matter.kind, matter.topic, matter.area, case.channel, oslo_day(since))
    if rule is None:
        return None
    due_on = deadline(since, Rule.parse(rule.rule), municipality.calendar).due_on
    return Promised(promise_id=rule.id, rule=rule.rule, rule_version=rule.version, due_on=due_on)


def promise_is_open(case: Case, today: date) -> bool:
    """Whether the case's promise may still be changed: it is neither judged, nor about to be judged broken."""
    unjudged = case.due_on is not None and case.promise_kept is None
    return unjudged and not case.finished and today <= (case.due_on or today)


def checked_day(day: date | None, case: Case, today: date, municipality: Municipality) -> date:
    """Give the day an answer can be promised by instead: a working day after the present one.

    :raises NoSuchDayError: it is none.
    """
    if day is None:
        raise NoSuchDayError("day")
    if day <= today:
        raise NoSuchDayError("past")
    if case.due_on and day <= case.due_on:
        raise NoSuchDayError("before")
    try:
        works = municipality.calendar.is_working_day(day)
    except CalendarEndsError:
        raise NoSuchDayError("day") from None
    if not works:
        raise NoSuchDayError("closed")
    return day


async def extend(work: Work, letter: Letter, due_on: date) -> Case:
    """Promise the answer by a later day, with a reason that the resident reads.

    :raises AlreadySentError: the form was sent before with another text.
    :raises ChangedMeanwhileError: a colleague was first.
    :raises NotNowError: `promise_not_open`.
    :raises NoSuchDayError: the promise cannot be moved to this day.
    """
    case, history = await work.look()
    if await work.sent_before(letter.key, case, letter.text):
        return case
    work.require(letter.version, case, history)
    if not promise_is_open(case, work.today):
        raise NotNowError("promise_not_open")
    checked_day(due_on, case, work.today, work.municipality)
    extended = work.event(
        CaseExtended, history, "case.extended", letter.key,
        answer_id=letter.key, unit=work.unit_of(case), due_on=due_on,
    )  # fmt: skip
    work.write(AnswerKind.EXTENSION, letter.key, case, extended.at, letter.text, day=due_on)
    return await work.said(history, extended)


def restarting(
    case: Case, history: Sequence[Event], today: date, municipality: Municipality
) -> tuple[datetime, date]:
    """Give the instant that a restarted promise is counted from, and its due day by the present rule.

    :raises NotNowError: as `restart` does.
    """
    restarts = [event.counted_from for event in history if isinstance(event, CaseRestarted)]
    since = max([case.reopened_at or case.received_at, *restarts])
    added = [event.at for event in history if isinstance(event, SubmissionSupplemented) and event.at > since]
    if case.rule is None or not added or not promise_is_open(case, today):
        raise NotNowError("restart_nothing_added")
    day = deadline(added[-1], Rule.parse(case.rule), municipality.calendar).due_on
    if case.due_on and day <= case.due_on:
        raise NotNowError("restart_no_later")
    return added[-1], day


async def restart(work: Work, letter: Letter) -> Case:
    """Count the promise anew from when the resident added what changes the matter.

    :raises AlreadySentError: the form was sent before with another text.
    :raises ChangedMeanwhileError: a colleague was first.
    :raises NotNowError: `restart_nothing_added`: there is nothing to count it from; `restart_no_later`: the
        resident has been promised that day, or a later one, already.
    """
    case, history = await work.look()
    if await work.sent_before(letter.key, case, letter.text):
        return case
    work.require(letter.version, case, history)
    counted_from, day = restarting(case, history, work.today, work.municipality)
    restarted = work.event(
        CaseRestarted, history, "case.restarted", letter.key,
        answer_id=letter.key, unit=work.unit_of(case), counted_from=counted_from,
    )  # fmt: skip
    work.write(AnswerKind.RESTART, letter.key, case, restarted.at, letter.text, day=day)
    return await work.said(history, restarted)


async def reclassify(work: Casework, letter: Letter, matter: Matter, to: Receiver | None = None) -> Case:
    """Say what the case really is, with or without a word to the resident; hand it over in the same step.

    :raises AlreadySentError: the form was sent before with another text.
    :raises ChangedMeanwhileError: a colleague was first.
    """
    case, history = await work.look()
    said = ("case.reclassified", letter.key)
    if await work.sent_before(letter.key, case, letter.text) or work.has_said(history, *said):
        return case
    work.require(letter.version, case, history)
    event = work.event(
        CaseReclassified, history, *said,
        kind=matter.kind, topic=matter.topic, area=matter.area, unit=work.unit_of(case),
        promise=promised_to(case, matter, case.reopened_at or case.received_at, work.municipality),
        answer_id=letter.key if letter.text else None,
    )  # fmt: skip
    if letter.text:
        work.write(AnswerKind.RECLASSIFICATION, letter.key, case, event.at, letter.text)
    case = await work.said(history, event)
    if to is None:
        return case
    history = [*history, event]
    return await work.said(history, await work.handed_over(to, case, history, letter.key))


async def reopen(work: Work, *, key: UUID, version: int) -> Case:
    """Work on a finished case again, under a promise counted from now. Also what undoes a merging.

    :raises ChangedMeanwhileError: a colleague was first.
    :raises NotNowError: `reopen_open`: it is being worked on.
    """
    case, history = await work.look()
    if work.has_said(history, "case.reopened", key):
        return case
    work.require(version, case, history)
    if not case.finished:
        raise NotNowError("reopen_open")
    at = work.moment(history)
    matter = Matter(case.kind, case.topic, case.area)
    promise = promised_to(case, matter, at, work.municipality)
    reopened = work.event(
        CaseReopened, history, "case.reopened", key, at=at, unit=work.unit_of(case), promise=promise
    )
    return await work.said(history, reopened)

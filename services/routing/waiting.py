"""Asking the resident: the clock stands still until an answer comes, or the last day of the pause is over."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta

from services.routing.cases import Case, is_waiting
from services.routing.work import Letter, NotNowError, Work
from shared.events import (
    CaseAnswered,
    CaseClosed,
    CaseMerged,
    CasePaused,
    CaseReopened,
    CaseResumed,
    Event,
    ResumeReason,
    SubmissionSupplemented,
)
from shared.identity import derived_id
from shared.municipality import Municipality
from shared.pauses import last_day_of_pause
from shared.promise import broken_from
from shared.questions import AnswerKind

_TICK = timedelta(microseconds=1)
_NOTHING_TO_WAIT_FOR = (CaseAnswered, CaseClosed, CaseMerged, CaseReopened)


def may_wait_until(municipality: Municipality, now: datetime) -> date | None:
    """Give the last day the clock may stand still where the resident is asked now; None: it may not at all."""
    if not municipality.pauses.allowed:
        return None
    return last_day_of_pause(now, municipality.pauses.longest, municipality.calendar)


async def ask(work: Work, question: Letter) -> Case:
    """Ask the resident something. Asking again while the first answer is awaited is allowed.

    :raises AlreadySentError: the form was sent before with another text.
    :raises ChangedMeanwhileError: a colleague was first.
    :raises NotNowError: `ask_finished`: the case has its answer; `ask_not_allowed`: no clock stands still here.
    """
    case, history = await work.look()
    if await work.sent_before(question.key, case, question.text):
        return case
    work.require(question.version, case, history)
    if case.finished:
        raise NotNowError("ask_finished")
    until = may_wait_until(work.municipality, work.tx.now)
    if until is None:
        raise NotNowError("ask_not_allowed")
    paused = work.event(
        CasePaused,
        history,
        "case.paused",
        question.key,
        question_id=question.key,
        unit=work.unit_of(case),
        until=until,
    )
    work.write(AnswerKind.QUESTION, question.key, case, paused.at, question.text, day=until)
    return await work.said(history, paused)


async def resume(work: Work, *, version: int) -> Case:
    """Go on without the resident's answer. A case that no longer waits stays as it is.

    :raises ChangedMeanwhileError: a colleague was first.
    """
    case, history = await work.look()
    if not is_waiting(case.finished_at, case.waiting_until, work.today):
        return case
    work.require(version, case, history)
    at = work.moment(history)
    resumed = [
        work.event(
            CaseResumed, history, "case.resumed", pause.id,
            at=at, caused_by=pause.id, paused_by=pause.id, reason=ResumeReason.BY_CASEWORKER,
        )
        for pause in _not_resumed(history)
        if _runs(pause, at, history)
    ]  # fmt: skip
    return await work.said(history, *resumed)


def answered_by_resident(history: Sequence[Event]) -> Iterator[CaseResumed]:
    """Give what is yet to be said of pauses that the resident has ended by adding something to the case.

    The clock runs from when she did, an instant later, however late it is heard, and what is said of it has one identity,
    however often it is derived. `history` is in the order of its time.
    """
    supplements = [event for event in history if isinstance(event, SubmissionSupplemented)]
    for pause in _not_resumed(history):
        if answer := next((event for event in supplements if _runs(pause, event.at, history)), None):
            yield CaseResumed.caused(
                answer,
                id=derived_id("case.resumed", pause.id),
                at=answer.at + _TICK,
                paused_by=pause.id,
                reason=ResumeReason.RESIDENT_ANSWERED,
            )


def _not_resumed(history: Iterable[Event]) -> list[CasePaused]:
    said = list(history)
    resumed = {event.paused_by for event in said if isinstance(event, CaseResumed)}
    return [event for event in said if isinstance(event, CasePaused) and event.id not in resumed]


def _runs(pause: CasePaused, at: datetime, history: Iterable[Event]) -> bool:
    """Whether the clock still stands still for this question at an instant."""
    let_go = any(isinstance(event, _NOTHING_TO_WAIT_FOR) and pause.at < event.at < at for event in history)
    return pause.at < at < broken_from(pause.until) and not let_go

"""What the resident sees of questions, moved days, reopening and merging: the same in any order."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.intake.story import PromiseState, State, What, told
from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseExtended,
    CaseMerged,
    CasePaused,
    CaseReclassified,
    CaseReopened,
    CaseRestarted,
    CaseResumed,
    Event,
    Kind,
    MoveReason,
    PromiseBroken,
    Promised,
    PromiseKept,
    PromiseMoved,
    ResumeReason,
    SubmissionSupplemented,
)
from tests.events_for_tests import MONDAY, received

DUE, LATER, NEXT = date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 7)
UNTIL = date(2026, 11, 20)
TODAY = MONDAY.date()
RECEIVED = received(UUID(int=1))


def said(model: type[Event], days: float, **fields: Any) -> Any:
    """An event of the case, some days after it came in."""
    person = {"person": "kari", "unit": "vei"} if "unit" in model.model_fields else {}
    return model.caused(RECEIVED, at=MONDAY + timedelta(days=days), **{**person, **fields})


def moved(days: float, version: int, due_on: date, reason: MoveReason) -> Event:
    """Notify has moved the promise."""
    event: Event = said(
        PromiseMoved, days, version=version, number=1, reason=reason, promise_id="svargaranti", rule="P1W",
        rule_version="1", moved_from=DUE, due_on=due_on, due_without_pauses_on=DUE,
    )  # fmt: skip
    return event


def promise(due_on: date) -> Promised:
    """A week, from some day."""
    return Promised(promise_id="svargaranti", rule="P1W", rule_version="1", due_on=due_on)


ASSIGNED = said(CaseAssigned, 0.1, section="teknisk", reason=AssignmentReason.TOPIC)
QUESTION = said(CasePaused, 1, question_id=uuid4(), until=UNTIL)
ADDED = said(SubmissionSupplemented, 2, supplement_id=uuid4())
ANSWER = said(CaseAnswered, 6, answer_id=uuid4())
KEPT = said(PromiseKept, 6.1, version=4, due_on=LATER, judged_on=date(2026, 11, 22))
REOPENED = said(CaseReopened, 14, promise=promise(NEXT))
MERGED = said(CaseMerged, 3, into=UUID(int=2))
APPEAL = said(
    CaseReclassified, 3, kind=Kind.APPEAL, topic="barnehage", area=None, promise=None, answer_id=None
)  # fmt: skip
EVERYTHING: Sequence[Event] = (
    RECEIVED, ASSIGNED, QUESTION, moved(1.1, 2, LATER, MoveReason.PAUSED), ADDED,
    said(CaseResumed, 2, paused_by=QUESTION.id, reason=ResumeReason.RESIDENT_ANSWERED, person=None),
    moved(2.1, 3, DUE, MoveReason.RESUMED),
    said(CasePaused, 2.5, question_id=uuid4(), until=UNTIL),
    said(CaseResumed, 2.6, paused_by=uuid4(), reason=ResumeReason.BY_CASEWORKER),
    said(CaseExtended, 3, answer_id=uuid4(), due_on=LATER), moved(3.1, 4, LATER, MoveReason.EXTENDED),
    said(CaseRestarted, 4, answer_id=uuid4(), counted_from=ADDED.at),
    said(CaseReclassified, 5, kind=Kind.APPEAL, topic="byggesak", area=None, promise=promise(LATER)),
    moved(5.1, 5, LATER, MoveReason.RECOMPUTED), ANSWER, KEPT, REOPENED,
    said(CaseMerged, 15, into=UUID(int=2)), said(CaseAnswered, 16, answer_id=uuid4()),
    said(PromiseBroken, 30, version=7, number=2, due_on=NEXT, judged_on=NEXT + timedelta(days=1)),
)  # fmt: skip


@given(st.lists(st.sampled_from(EVERYTHING), max_size=40), st.randoms(use_true_random=False))
def test_any_order_and_repetition_tells_the_same_story(repeated: list[Event], random: Any) -> None:
    """Late, twice or shuffled."""
    shuffled = [*EVERYTHING, *repeated]
    random.shuffle(shuffled)
    assert told(shuffled) == told(EVERYTHING)


def test_the_whole_later_life_in_order() -> None:
    """Each act is told once, and by what it means to her; neither moves nor resumptions are told twice."""
    assert [entry.what for entry in told(EVERYTHING).entries] == [
        What.RECEIVED, What.ASSIGNED, What.ASKED, What.SUPPLEMENTED, What.ASKED, What.WENT_ON, What.EXTENDED,
        What.RESTARTED, What.RECLASSIFIED, What.RECOMPUTED, What.ANSWERED, What.REOPENED, What.MERGED,
        What.ANSWERED_AGAIN, What.PROMISE_BROKEN,
    ]  # fmt: skip


def test_we_wait_for_her_to_the_end_of_the_last_day() -> None:
    """Or until she adds something; while we wait nothing is overdue."""
    asked = told([RECEIVED, ASSIGNED, QUESTION])
    assert asked.state(UNTIL) is State.WAITING
    assert asked.state(UNTIL + timedelta(days=1)) is State.IN_PROGRESS
    assert asked.has_answers
    late = told([RECEIVED, said(CasePaused, 7, question_id=uuid4(), until=LATER)])
    assert late.promise_state(DUE + timedelta(days=1)) is PromiseState.OPEN
    assert told([RECEIVED, ASSIGNED, QUESTION, ADDED]).state(TODAY) is State.IN_PROGRESS


def test_a_moved_day_is_told_with_what_was_promised_first_and_why() -> None:
    """Our word counts until notify's is heard."""
    story = told([RECEIVED, said(CaseExtended, 3, answer_id=uuid4(), due_on=LATER)])
    assert (story.first_due_on, story.promise.due_on, story.moved) == (DUE, LATER, MoveReason.EXTENDED)
    story = told([RECEIVED, QUESTION, moved(1.1, 2, LATER, MoveReason.PAUSED)])
    assert (story.promise.due_on, story.moved) == (LATER, MoveReason.PAUSED)


def test_a_reopened_case_is_promised_anew_and_what_was_held_stands() -> None:
    """It is worked on, with a day of its own; the earlier verdict is kept beside it."""
    story = told([RECEIVED, ASSIGNED, ANSWER, KEPT, REOPENED])
    assert story.state(NEXT) is State.IN_PROGRESS
    assert (story.promise.due_on, story.first_due_on, story.moved) == (NEXT, NEXT, None)
    assert story.promise_state(NEXT) is PromiseState.OPEN
    assert [(verdict.due_on, type(verdict)) for verdict in story.earlier] == [(LATER, PromiseKept)]
    closed_again = told([RECEIVED, ANSWER, REOPENED, said(CaseClosed, 15)])
    assert closed_again.state(NEXT) is State.ANSWERED
    assert closed_again.promise_state(NEXT) is PromiseState.NONE


def test_a_merged_case_promises_nothing_and_names_nobody() -> None:
    """Until the answer comes, or it is reopened; the other case is nowhere in what is shown."""
    story = told([RECEIVED, ASSIGNED, MERGED])
    assert (story.state(TODAY), story.promise_state(TODAY)) == (State.MERGED, PromiseState.NONE)
    assert all(entry.refers_to is None for entry in story.entries)
    assert told([RECEIVED, ASSIGNED, MERGED, ANSWER]).state(TODAY) is State.ANSWERED
    assert told([RECEIVED, ASSIGNED, MERGED, REOPENED]).state(TODAY) is State.IN_PROGRESS


def test_an_answer_to_our_question_is_told_as_one() -> None:
    """What is added while we wait answers us; what is added at any other time is something added."""
    more = said(SubmissionSupplemented, 4, supplement_id=uuid4())
    entries = told([RECEIVED, ASSIGNED, QUESTION, ADDED, more]).entries
    assert [entry.replies for entry in entries if entry.what is What.SUPPLEMENTED] == [True, False]


def test_a_case_is_shown_as_what_it_was_found_to_be() -> None:
    """Its kind is the last one said, and the story says which."""
    assert told([RECEIVED]).kind is RECEIVED.kind
    story = told([RECEIVED, ASSIGNED, APPEAL])
    assert story.kind is Kind.APPEAL
    assert story.entries[-1].now == (Kind.APPEAL, "barnehage", None)

"""A case's state after it was asked about, moved, reopened, merged: from its history, in any order."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.routing.cases import Attention, Case, State, fold, is_waiting
from services.routing.waiting import answered_by_resident
from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseExtended,
    CaseInterimAnswered,
    CaseMerged,
    CasePaused,
    CaseReclassified,
    CaseReopened,
    CaseRestarted,
    CaseResumed,
    Event,
    Kind,
    LapseReason,
    MessageBounced,
    MessageSent,
    MoveReason,
    PromiseBroken,
    Promised,
    PromiseKept,
    PromiseLapsed,
    PromiseMade,
    PromiseMoved,
    ResumeReason,
    SubmissionSupplemented,
)
from shared.workdays import WorkCalendar
from tests.events_for_tests import MONDAY, received

DUE, LATER, NEXT = date(2026, 11, 23), date(2026, 11, 30), date(2026, 12, 7)
UNTIL = date(2026, 11, 20)
LAW = WorkCalendar()
PERSON = {"person": "tor-kvam", "unit": "kommunalteknikk-heggedal-dikemark"}
RECEIVED = received(UUID("01900000-0000-7000-8000-000000000001"))
LEADING = UUID("01900000-0000-7000-8000-000000000002")


def said(model: type[Event], days: float, **fields: Any) -> Any:
    """An event of the case, so many days after it came in."""
    person = PERSON if "person" in model.model_fields else {}
    return model.caused(RECEIVED, at=MONDAY + timedelta(days=days), **{**person, **fields})


def paused(days: float, until: date = UNTIL) -> CasePaused:
    """The resident was asked something."""
    event: CasePaused = said(CasePaused, days, question_id=uuid4(), until=until)
    return event


def moved(days: float, version: int, due_on: date, reason: MoveReason, number: int = 1) -> PromiseMoved:
    """Notify has moved the promise."""
    event: PromiseMoved = said(
        PromiseMoved, days, version=version, number=number, reason=reason, promise_id="svargaranti",
        rule="P1W", rule_version="1", moved_from=DUE, due_on=due_on, due_without_pauses_on=DUE,
    )  # fmt: skip
    return event


def a_promise(due_on: date, promise_id: str = "svargaranti") -> Promised:
    """What a case is promised."""
    return Promised(promise_id=promise_id, rule="P1W", rule_version="1", due_on=due_on)


def folded(*events: Event) -> Case:
    """The case after these, received before."""
    case = fold([RECEIVED, *events])
    assert case
    return case


QUESTION = paused(1)
SUPPLEMENT = said(SubmissionSupplemented, 2, supplement_id=uuid4())
ANSWER = said(CaseAnswered, 6, answer_id=uuid4())
EVERYTHING: Sequence[Event] = (
    RECEIVED,
    said(CaseAssigned, 0, section="teknisk", reason=AssignmentReason.TOPIC),
    said(PromiseMade, 0.1, version=1, promise_id="svargaranti", rule="P1W", rule_version="1", due_on=DUE),
    QUESTION,
    paused(1.0005),
    moved(1.1, 2, LATER, MoveReason.PAUSED),
    SUPPLEMENT,
    said(CaseResumed, 2, paused_by=QUESTION.id, reason=ResumeReason.RESIDENT_ANSWERED, person=None),
    moved(2.1, 3, date(2026, 11, 24), MoveReason.RESUMED),
    said(CaseExtended, 3, answer_id=uuid4(), due_on=LATER),
    moved(3.1, 4, LATER, MoveReason.EXTENDED),
    said(CaseRestarted, 4, answer_id=uuid4(), counted_from=SUPPLEMENT.at),
    moved(4.1, 5, date(2026, 11, 25), MoveReason.RESTARTED),
    said(
        CaseReclassified, 5, kind=Kind.APPEAL, topic="byggesak", area=None,
        promise=a_promise(date(2026, 12, 7), "byggesak"),
    ),
    moved(5.1, 6, date(2026, 12, 7), MoveReason.RECLASSIFIED),
    ANSWER,
    said(PromiseKept, 6.1, version=6, due_on=date(2026, 12, 7), judged_on=date(2026, 11, 22)),
    said(CaseReopened, 8, promise=a_promise(NEXT)),
    said(PromiseMade, 8.1, version=7, number=2, promise_id="svargaranti", rule="P1W", rule_version="1", due_on=NEXT),
    said(CaseMerged, 9, into=LEADING),
    said(PromiseLapsed, 9.1, version=8, number=2, reason=LapseReason.MERGED),
    said(CaseInterimAnswered, 10, answer_id=uuid4(), expected_on=None),
    said(CaseAnswered, 11, answer_id=uuid4()),
    said(SubmissionSupplemented, 12, supplement_id=uuid4()),
)  # fmt: skip


@given(
    st.permutations(EVERYTHING),
    st.lists(st.sampled_from(EVERYTHING), max_size=10),
    st.integers(0, len(EVERYTHING)),
)
def test_any_order_and_repetition_gives_the_same_state(
    shuffled: list[Event], repeated: list[Event], count: int
) -> None:
    """The whole later life of a case, and any part of it."""
    assert fold([*shuffled, *repeated]) == fold(EVERYTHING)
    part = shuffled[:count]
    assert fold([*part, *part[:3]]) == fold(sorted(part, key=lambda event: event.at))


def test_a_case_waits_to_the_end_of_the_last_day_and_not_the_day_after() -> None:
    """No event ends it: the day does."""
    case = folded(QUESTION)
    assert case.waiting_until == UNTIL
    assert is_waiting(case.finished_at, case.waiting_until, UNTIL)
    assert not is_waiting(case.finished_at, case.waiting_until, UNTIL + timedelta(days=1))


def test_two_questions_in_one_minute_are_waited_for_together() -> None:
    """Until the later of their days; what the resident adds answers both."""
    second = paused(1.0005, UNTIL + timedelta(days=3))
    assert folded(QUESTION, second).waiting_until == UNTIL + timedelta(days=3)
    assert folded(QUESTION, second, SUPPLEMENT).waiting_until is None
    resumed = list(answered_by_resident([RECEIVED, QUESTION, second, SUPPLEMENT]))
    assert {event.paused_by for event in resumed} == {QUESTION.id, second.id}
    assert {event.at - SUPPLEMENT.at for event in resumed} == {timedelta(microseconds=1)}


def test_what_the_resident_adds_sets_the_clock_going_once() -> None:
    """Derived again it is the same event; once it is said there is nothing left to say."""
    (first,) = answered_by_resident([RECEIVED, QUESTION, SUPPLEMENT])
    (again,) = answered_by_resident([RECEIVED, QUESTION, SUPPLEMENT])
    assert (first.id, first.reason) == (again.id, ResumeReason.RESIDENT_ANSWERED)
    assert list(answered_by_resident([RECEIVED, QUESTION, SUPPLEMENT, first])) == []


@pytest.mark.parametrize(
    "history",
    [
        [said(SubmissionSupplemented, 0.5, supplement_id=uuid4()), QUESTION],
        [QUESTION, said(SubmissionSupplemented, 5, supplement_id=uuid4())],
        [QUESTION, said(CaseAnswered, 1.5, answer_id=uuid4()), SUPPLEMENT],
    ],
    ids=["before the question", "after the last day", "after the answer"],
)
def test_what_is_no_answer_to_a_question_resumes_nothing(history: list[Event]) -> None:
    """Written before it was asked, after the wait was over, or when the case had its answer."""
    assert list(answered_by_resident([RECEIVED, *history])) == []


def test_a_finished_case_waits_for_nobody() -> None:
    """Whoever answers without having heard is done."""
    assert folded(QUESTION, ANSWER).waiting_until is None


def test_the_due_day_is_notifys_newest_and_our_own_word_until_it_has_spoken() -> None:
    """An extension shows at once; notify's next word replaces it."""
    extended = said(CaseExtended, 3, answer_id=uuid4(), due_on=LATER)
    assert folded(moved(2, 2, NEXT, MoveReason.PAUSED)).due_on == NEXT
    assert folded(moved(2, 2, NEXT, MoveReason.PAUSED), extended).due_on == LATER
    assert folded(moved(3.1, 3, NEXT, MoveReason.EXTENDED), extended).due_on == NEXT


MADE = said(PromiseMade, 0.1, version=1, promise_id="svargaranti", rule="P1W", rule_version="1", due_on=DUE)
RESUMED = said(CaseResumed, 3, paused_by=QUESTION.id, reason=ResumeReason.BY_CASEWORKER)
RESTARTED = said(CaseRestarted, 3, answer_id=uuid4(), counted_from=SUPPLEMENT.at)


@pytest.mark.parametrize(
    ("acts", "day"),
    [
        # Asked on Tuesday to the end of Friday: three days; gone on with on Thursday: two.
        ([QUESTION], date(2026, 11, 26)),
        ([QUESTION, RESUMED], date(2026, 11, 25)),
        # A week from Wednesday, when the resident added something.
        ([SUPPLEMENT, RESTARTED], date(2026, 11, 25)),
        # A question after the due day changes nothing.
        ([paused(8, date(2026, 11, 27))], DUE),
    ],
)
def test_what_is_done_to_the_clock_shows_before_notify_has_taken_it_up(acts: list[Event], day: date) -> None:
    """Before notify has spoken at all, and after its first word; without a calendar its word is waited for."""
    for history in ([RECEIVED, *acts], [RECEIVED, MADE, *acts]):
        case = fold(history, LAW)
        assert case
        assert case.due_on == day
        uncounted = fold(history)
        assert uncounted
        assert uncounted.due_on == DUE


def test_notifys_word_about_the_clock_replaces_our_own() -> None:
    """Also where it is another day than we would reckon, and then also for what is done after it."""
    told = [RECEIVED, MADE, QUESTION, moved(1.1, 2, NEXT, MoveReason.PAUSED)]
    for history in (told, [*told, RESUMED]):
        case = fold(history, LAW)
        assert case
        assert case.due_on == NEXT


def test_a_judged_promise_stays_as_it_was_judged() -> None:
    """Whatever is said of it later."""
    broken = said(PromiseBroken, 8, version=1, due_on=DUE, judged_on=date(2026, 11, 24))
    case = folded(broken, said(CaseExtended, 9, answer_id=uuid4(), due_on=NEXT))
    assert (case.due_on, case.promise_kept) == (DUE, False)


def test_a_case_is_what_it_was_last_found_to_be() -> None:
    """Kind, topic, place, promise; without a promise it has no due day."""
    found = said(CaseReclassified, 1, kind=Kind.APPEAL, topic="byggesak", area=None, promise=None)
    case = folded(found)
    assert (case.kind, case.topic, case.area, case.due_on, case.promise_id) == (
        Kind.APPEAL, "byggesak", None, None, None,
    )  # fmt: skip


def test_a_reopened_case_is_open_under_a_promise_of_its_own() -> None:
    """The old answer is still there, and the old verdict belongs to the old promise."""
    kept = said(PromiseKept, 6.1, version=1, due_on=DUE, judged_on=DUE)
    case = folded(ANSWER, kept, said(CaseReopened, 8, promise=a_promise(NEXT)))
    assert (case.finished, case.state, case.due_on) == (False, State.NEW, NEXT)
    assert (case.promise_number, case.promise_kept) == (2, None)
    assert (case.answered_at, case.ever_answered) == (None, True)


def test_a_case_reopened_by_mistake_and_closed_again_has_its_answer() -> None:
    """It is not one that was only read."""
    reopened = said(CaseReopened, 8, promise=a_promise(NEXT))
    assert folded(ANSWER, reopened, said(CaseClosed, 9)).state is State.ANSWERED


def test_a_merged_case_is_done_with_until_it_is_reopened() -> None:
    """It gets the other's answer, and what its resident adds is news."""
    merged = said(CaseMerged, 3, into=LEADING)
    case = folded(merged)
    assert (case.state, case.finished, case.merged_into) == (State.MERGED, True, LEADING)
    assert folded(merged, ANSWER).state is State.ANSWERED
    added = said(SubmissionSupplemented, 4, supplement_id=uuid4())
    assert folded(merged, added).attention is Attention.SUPPLEMENTED
    reopened = folded(merged, said(CaseReopened, 5, promise=a_promise(NEXT)))
    assert (reopened.finished, reopened.merged_into) == (False, None)


def test_a_mail_that_came_back_was_not_delivered_though_a_server_had_taken_it() -> None:
    """Another mail that is taken later is; the bounce may even be heard of first."""
    message = uuid4()
    taken = said(MessageSent, 6.1, message_id=message, message="answer", to_resident=True, attempts=1)
    bounced = said(
        MessageBounced, 6.5, message_id=message, message="answer", to_resident=True, status="5.1.1"
    )
    case = folded(ANSWER, taken, bounced)
    assert (case.undelivered_at, case.attention) == (bounced.at, Attention.UNDELIVERED)
    early = bounced.model_copy(update={"at": taken.at - timedelta(hours=1)})
    assert folded(ANSWER, taken, early).undelivered_at == early.at
    other = said(MessageSent, 7, message_id=uuid4(), message="answer", to_resident=True, attempts=1)
    assert folded(ANSWER, taken, bounced, other).undelivered_at is None


def test_a_colleague_is_told_of_every_act_and_of_no_machine() -> None:
    """The version counts what people at the desk did; a resident's answer resumes without it."""
    by_hand = said(CaseResumed, 2.5, paused_by=QUESTION.id, reason=ResumeReason.BY_CASEWORKER)
    by_itself = said(
        CaseResumed, 2, paused_by=QUESTION.id, reason=ResumeReason.RESIDENT_ANSWERED, person=None
    )
    assert folded(QUESTION, moved(1.1, 2, LATER, MoveReason.PAUSED)).version == 1
    assert folded(QUESTION, by_itself).version == 1
    assert folded(QUESTION, by_hand).version == 2

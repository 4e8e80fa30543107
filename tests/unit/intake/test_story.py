"""The case as its resident sees it: the same whatever the order of events, and nothing internal in it."""

from datetime import date, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.intake.story import PromiseState, State, Story, What, told
from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseInterimAnswered,
    CaseOpened,
    Event,
    FeedbackGiven,
    PromiseBroken,
    PromiseKept,
    PromiseReminded,
    SubmissionReceived,
    SubmissionSupplemented,
)
from tests.events_for_tests import MONDAY, after, received

DUE = date(2026, 11, 23)
CASE = UUID(int=1)
RECEIVED = received(CASE)


def said(model: type[Event], days: float = 1, **fields: object) -> Event:
    """An event of the case, some days after it came in."""
    return after(RECEIVED, model, at=MONDAY + timedelta(days=days), **fields)


def assigned(unit: str, days: float = 0.1, person: str = "kari") -> Event:
    """The case given to somebody."""
    return said(
        CaseAssigned, days, unit=unit, section="teknisk", person=person, reason=AssignmentReason.TOPIC
    )


def answered(days: float, answer_id: UUID | None = None) -> Event:
    """A final answer."""
    return said(CaseAnswered, days, answer_id=answer_id or uuid4(), person="kari", unit="vei")


def whats(story: Story) -> list[What]:
    """What the story tells, in order."""
    return [entry.what for entry in story.entries]


EVERYTHING: list[Event] = [
    RECEIVED,
    assigned("vei"),
    assigned("vei", 0.2, "ola"),
    assigned("vann", 0.3),
    said(CaseOpened, 0.4, person="ola", unit="vann"),
    said(CaseOpened, 0.5, person="per", unit="vann"),
    said(PromiseReminded, 3, version=1, step="due-soon", recipients=1),
    said(PromiseReminded, 6, version=1, step="delay", recipients=1, expected_on=date(2026, 11, 30)),
    said(SubmissionSupplemented, 6.5, supplement_id=UUID(int=7)),
    said(CaseInterimAnswered, 7, answer_id=UUID(int=8), person="ola", unit="vann", expected_on=date(2026, 12, 1)),
    said(PromiseBroken, 8, version=1, due_on=DUE, judged_on=date(2026, 11, 24)),
    answered(10, UUID(int=9)),
    said(FeedbackGiven, 11, helped=False, has_comment=True),
    answered(12, UUID(int=10)),
    said(FeedbackGiven, 13, helped=True, has_comment=False),
]  # fmt: skip


def test_the_whole_story_in_order_without_what_is_internal() -> None:
    """Neither a change of person nor a reminder of a caseworker is the resident's business."""
    assert whats(told(EVERYTHING)) == [
        What.RECEIVED, What.ASSIGNED, What.HANDED_OVER, What.OPENED, What.DELAY_TOLD, What.SUPPLEMENTED,
        What.INTERIM_ANSWERED, What.PROMISE_BROKEN, What.ANSWERED, What.ANSWERED_AGAIN, What.FEEDBACK,
    ]  # fmt: skip


@given(st.lists(st.sampled_from(EVERYTHING), max_size=60), st.randoms(use_true_random=False))
def test_any_order_and_repetition_tells_the_same_story(repeated: list[Event], random) -> None:  # type: ignore[no-untyped-def] # noqa: ANN001
    """Late, twice or shuffled."""
    shuffled = [*EVERYTHING, *repeated]
    random.shuffle(shuffled)
    assert told(shuffled) == told(EVERYTHING)


def test_how_far_a_case_has_come() -> None:
    """Received, in progress, answered or closed."""
    assert told([RECEIVED]).state(MONDAY.date()) is State.RECEIVED
    assert told([RECEIVED, assigned("vei")]).state(MONDAY.date()) is State.IN_PROGRESS
    assert told([RECEIVED, assigned("vei"), answered(2)]).state(MONDAY.date()) is State.ANSWERED
    closed = said(CaseClosed, 2, person="kari", unit="vei")
    assert told([RECEIVED, assigned("vei"), closed]).state(MONDAY.date()) is State.CLOSED
    assert told([]).state(MONDAY.date()) is State.RECEIVED


def test_a_promise_is_open_to_the_end_of_its_day_and_overdue_the_day_after() -> None:
    """Whether notify has said so yet or not."""
    story = told([RECEIVED])
    assert story.promise_state(DUE) is PromiseState.OPEN
    assert story.promise_state(DUE + timedelta(days=1)) is PromiseState.OVERDUE


def test_the_verdict_is_notifys_and_until_it_comes_the_answers_own_day() -> None:
    """An answer on the due day keeps the promise, one the day after breaks it."""
    assert told([RECEIVED, answered(7)]).promise_state(DUE) is PromiseState.KEPT
    assert told([RECEIVED, answered(8)]).promise_state(DUE) is PromiseState.BROKEN
    kept = said(PromiseKept, 8, version=1, due_on=DUE, judged_on=DUE)
    assert told([RECEIVED, answered(8), kept]).promise_state(DUE) is PromiseState.KEPT


def test_without_a_promise_there_is_nothing_to_keep() -> None:
    """Praise that wants no answer."""
    story = told([received(CASE, promise=None, reply_wanted=False), answered(30)])
    assert story.promise_state(date(2027, 1, 1)) is PromiseState.NONE


def test_a_new_day_is_shown_while_it_can_still_be_expected() -> None:
    """The latest one told, until it has passed or the answer has come."""
    delayed = EVERYTHING[:10]
    assert told(delayed).expected_after(date(2026, 12, 1)) == date(2026, 12, 1)
    assert told(delayed).expected_after(date(2026, 12, 2)) is None
    assert told(EVERYTHING).expected_after(date(2026, 11, 25)) is None


def test_an_event_that_came_before_its_submission_is_not_lost() -> None:
    """Events of one case can arrive in any order."""
    story = told([assigned("vei")])
    assert (story.unit, story.promise.due_on) == ("vei", None)
    assert isinstance(RECEIVED, SubmissionReceived)
    assert told([assigned("vei"), RECEIVED]).promise.due_on == DUE

"""A case's state from its history."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from hypothesis import given
from hypothesis import strategies as st

from services.routing.cases import Attention, State, fold, next_moment
from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseInterimAnswered,
    CaseOpened,
    Event,
    FeedbackGiven,
    MessageFailed,
    MessageSent,
    PromiseBroken,
    PromiseKept,
    PromiseMade,
    SubmissionSupplemented,
)
from tests.events_for_tests import MONDAY, received

CASE_ID = UUID("01900000-0000-7000-8000-000000000001")
UNIT = "kommunalteknikk-heggedal-dikemark"


def hours(count: float) -> datetime:
    """So many hours after the submission."""
    return MONDAY + timedelta(hours=count)


def assigned(at: float, person: str | None = "tor-kvam", unit: str = UNIT) -> CaseAssigned:
    """The case was given to somebody."""
    return CaseAssigned.caused(
        RECEIVED,
        at=hours(at),
        unit=unit,
        section="klima-miljo-teknisk",
        person=person,
        reason=AssignmentReason.TOPIC_AND_AREA,
    )


def opened(at: float, person: str = "tor-kvam") -> CaseOpened:
    """Somebody opened it."""
    return CaseOpened.caused(RECEIVED, at=hours(at), person=person, unit=UNIT)


def interim(at: float) -> CaseInterimAnswered:
    """An interim answer was sent."""
    return CaseInterimAnswered.caused(
        RECEIVED, at=hours(at), answer_id=uuid4(), person="tor-kvam", unit=UNIT, expected_on=date(2026, 12, 1)
    )


def answered(at: float) -> CaseAnswered:
    """A final answer was sent."""
    return CaseAnswered.caused(RECEIVED, at=hours(at), answer_id=uuid4(), person="tor-kvam", unit=UNIT)


def closed(at: float) -> CaseClosed:
    """The case was read and needs no answer."""
    return CaseClosed.caused(RECEIVED, at=hours(at), person="tor-kvam", unit=UNIT)


def supplemented(at: float) -> SubmissionSupplemented:
    """The resident added something."""
    return SubmissionSupplemented.caused(RECEIVED, at=hours(at), supplement_id=uuid4())


def feedback(at: float, *, helped: bool) -> FeedbackGiven:
    """The resident said whether it helped."""
    return FeedbackGiven.caused(RECEIVED, at=hours(at), helped=helped, has_comment=False)


def sent(at: float) -> MessageSent:
    """A mail to the resident was taken by the mail server."""
    return MessageSent.caused(
        RECEIVED, at=hours(at), message_id=uuid4(), message="answer", to_resident=True, attempts=1
    )


def failed(at: float, *, to_resident: bool = True) -> MessageFailed:
    """A mail was given up."""
    return MessageFailed.caused(
        RECEIVED,
        at=hours(at),
        message_id=uuid4(),
        message="answer",
        to_resident=to_resident,
        attempts=9,
        error="550",
    )


def promised(at: float, due_on: date, version: int = 1) -> PromiseMade:
    """Notify enforces the promise."""
    return PromiseMade.caused(
        RECEIVED,
        at=hours(at),
        version=version,
        promise_id="svargaranti",
        rule="P1W",
        rule_version="1",
        due_on=due_on,
    )


RECEIVED = received(CASE_ID)
EVERYTHING: Sequence[Event] = (
    RECEIVED,
    assigned(0),
    promised(0.1, date(2026, 11, 23)),
    opened(1),
    assigned(2, person="linh-pham"),
    opened(3, person="linh-pham"),
    interim(4),
    supplemented(5),
    PromiseBroken.caused(
        RECEIVED, at=hours(200), version=1, due_on=date(2026, 11, 23), judged_on=date(2026, 11, 24)
    ),
    answered(210),
    failed(211),
    supplemented(212),
    feedback(213, helped=False),
    answered(214),
    sent(215),
)


def test_a_case_is_unknown_until_its_submission_is() -> None:
    """What is heard before the submission waits."""
    assert fold([]) is None
    assert fold([event for event in EVERYTHING if event is not RECEIVED]) is None


def test_a_case_goes_from_new_to_answered() -> None:
    """Each step is seen, and the promise is judged by the first final answer."""
    story = [RECEIVED, assigned(0), opened(1), interim(2), answered(3), answered(4)]
    states = [case.state for end in range(1, 7) if (case := fold(story[:end]))]
    assert states == [
        State.NEW,
        State.NEW,
        State.OPENED,
        State.INTERIM_ANSWERED,
        State.ANSWERED,
        State.ANSWERED,
    ]
    case = fold(story)
    assert case
    assert (case.answered_at, case.last_answer_at) == (hours(3), hours(4))


def test_a_case_handed_over_is_new_to_the_next() -> None:
    """What the one before has read does not count."""
    case = fold([RECEIVED, assigned(0), opened(1), assigned(2, person="linh-pham")])
    assert case
    assert (case.state, case.person, case.opened_at) == (State.NEW, "linh-pham", None)


def test_a_case_closed_without_an_answer_is_finished() -> None:
    """Read and passed on; an answer that comes all the same makes it answered."""
    case = fold([RECEIVED, closed(1)])
    assert case
    assert (case.state, case.finished_at) == (State.CLOSED, hours(1))
    assert fold([RECEIVED, closed(1), answered(2)]).state is State.ANSWERED  # type: ignore[union-attr]


def test_what_a_resident_adds_after_the_answer_needs_attention() -> None:
    """Until there is a further answer; before the answer it is part of the work anyway."""
    before = fold([RECEIVED, assigned(0), supplemented(1), answered(2)])
    after = fold([RECEIVED, assigned(0), answered(2), supplemented(30)])
    again = fold([RECEIVED, assigned(0), answered(2), supplemented(30), answered(31)])
    assert before
    assert before.attention is None
    assert after
    assert (after.attention, after.attention_at) == (Attention.SUPPLEMENTED, hours(30))
    assert after.urgent_on == date(2026, 11, 17)
    assert again
    assert again.attention is None


def test_an_answer_that_did_not_arrive_needs_attention_until_one_does() -> None:
    """A mail to a colleague that failed is nothing the caseworker can mend."""
    case = fold([RECEIVED, answered(1), failed(2)])
    assert case
    assert (case.attention, case.undelivered_at) == (Attention.UNDELIVERED, hours(2))
    mended = fold([RECEIVED, answered(1), failed(2), sent(3)])
    assert mended
    assert (mended.attention, mended.undelivered_at) == (None, None)
    inside = fold([RECEIVED, answered(1), failed(2, to_resident=False)])
    assert inside
    assert inside.attention is None


def test_an_answer_that_did_not_help_needs_attention_unless_the_resident_thinks_better() -> None:
    """The last word counts."""
    assert fold([RECEIVED, answered(1), feedback(2, helped=False)]).attention is Attention.NOT_HELPED  # type: ignore[union-attr]
    better = fold([RECEIVED, answered(1), feedback(2, helped=False), feedback(3, helped=True)])
    assert better
    assert (better.attention, better.helped) == (None, True)


def test_the_due_day_is_that_of_the_promises_last_version() -> None:
    """Whatever order the versions are heard in; the receipt's day holds until notify has spoken."""
    assert fold([RECEIVED]).due_on == date(2026, 11, 23)  # type: ignore[union-attr]
    moved = fold([RECEIVED, promised(2, date(2026, 12, 1), 2), promised(3, date(2026, 11, 23), 1)])
    assert moved
    assert moved.due_on == date(2026, 12, 1)
    assert fold([received(reply_wanted=False, promise=None)]).due_on is None  # type: ignore[union-attr]


def test_the_verdict_is_notifys() -> None:
    """Kept, broken, or none yet."""
    kept = PromiseKept.caused(
        RECEIVED, at=hours(1), version=1, due_on=date(2026, 11, 23), judged_on=date(2026, 11, 16)
    )
    assert fold([RECEIVED]).promise_kept is None  # type: ignore[union-attr]
    assert fold([RECEIVED, kept]).promise_kept is True  # type: ignore[union-attr]
    assert fold(EVERYTHING).promise_kept is False  # type: ignore[union-attr]


def test_the_version_grows_with_what_a_colleague_must_know_of() -> None:
    """An answer, a handover, a closing, what the resident adds; not with a mail or a promise."""
    assert [fold(EVERYTHING[:end]).version for end in (1, 2, 3, 4, 5, 7, 8)] == [0, 1, 1, 1, 2, 3, 4]  # type: ignore[union-attr]


@given(
    st.permutations(EVERYTHING),
    st.lists(st.sampled_from(EVERYTHING), max_size=10),
    st.integers(0, len(EVERYTHING)),
)
def test_any_order_and_repetition_gives_the_same_state(
    shuffled: list[Event], repeated: list[Event], count: int
) -> None:
    """The whole history, and any part of it."""
    assert fold([*shuffled, *repeated]) == fold(EVERYTHING)
    part = shuffled[:count]
    in_order = sorted(part, key=lambda event: event.at)
    assert fold([*part, *part[:3]]) == fold(in_order)


def test_a_clock_set_back_lets_no_older_decision_overrule_a_newer_one() -> None:
    """What is said now comes after all that was said."""
    said = assigned(2)
    assert next_moment([RECEIVED, said], hours(1)) == said.at + timedelta(microseconds=1)
    assert next_moment([RECEIVED, said], hours(3)) == hours(3)
    assert next_moment([RECEIVED], hours(-1)) == datetime(2026, 11, 16, 8, tzinfo=UTC)

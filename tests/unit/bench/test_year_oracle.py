"""The oracle of the simulated year reckons by the rules that decision 10 states, and names what is wrong."""

from collections import Counter
from datetime import UTC, date, datetime
from typing import Any
from uuid import uuid4

import pytest

from bench.year.judging import Judge
from bench.year.ladder import mails_of, steps
from bench.year.oracle import OSLO, Oracle, Record, Said
from bench.year.promises import promises
from shared import municipality
from shared.events import PromiseKept, PromiseMade, PromiseReminded
from tests.events_for_tests import received

SORUM = Oracle(municipality.load("sorum").folder)
LATER = datetime(2027, 3, 1, 12, tzinfo=UTC)


def oslo(text: str) -> datetime:
    """An instant as people in Norway would say it: `01-13 09:00`, in 2027."""
    return datetime.fromisoformat(f"2027-{text}").replace(tzinfo=OSLO)


def case(*said: tuple[str, str], topic: str | None = None, **named: dict[str, Any]) -> Record:
    """Received on Monday 11 January 2027, to be answered by the 18th, and what was done about it."""
    found = [Said(oslo("01-11 09:00"), "submitted")]
    found += [Said(oslo(at), what, **named.get(what, {})) for at, what in said]
    return Record(1, "complaint", topic, reply_wanted=True, has_email=True, said=found)


def day(text: str) -> date:
    """A day of January 2027."""
    return date.fromisoformat(f"2027-{text}")


@pytest.mark.parametrize(
    ("said", "due_on"),
    [
        ((), "01-18"),
        ((("01-12 13:00", "asked"),), "01-25"),
        ((("01-12 13:00", "asked"), ("01-14 18:00", "heard")), "01-20"),
        ((("01-12 13:00", "asked"), ("01-12 18:00", "heard")), "01-18"),
        ((("01-15 13:00", "asked"), ("01-18 09:00", "went_on")), "01-21"),
        ((("01-14 13:00", "extended"),), "01-27"),
        ((("01-19 13:00", "extended"),), "01-18"),
        ((("01-12 13:00", "asked"), ("01-14 18:00", "heard"), ("01-15 09:00", "restarted")), "01-21"),
        ((("01-12 13:00", "reclassified"),), "02-01"),
        ((("01-19 13:00", "asked"),), "01-18"),
    ],
)
def test_a_promise_has_the_day_that_what_was_done_gives(said: tuple[Any, ...], due_on: str) -> None:
    """Waited for, extended, started anew, found to be something else; after its day nothing moves it."""
    record = case(*said, extended={"day": day("01-27")}, reclassified={"kind": "appeal", "topic": "byggesak"})
    (promise,) = promises(record, SORUM)
    assert promise.due_on == day(due_on)


def test_a_reopened_case_has_a_promise_of_its_own_and_the_old_verdict_stands() -> None:
    """Kept first, broken then."""
    first, second = promises(
        case(("01-12 13:00", "answered"), ("01-14 13:00", "reopened"), ("01-25 13:00", "answered")), SORUM
    )
    assert first.verdict(day("02-01")) == ("promise.kept", day("01-12"))
    assert second.due_on == day("01-21")
    assert second.verdict(day("02-01")) == ("promise.broken", day("01-22"))


def test_a_merged_case_lapses_and_gets_the_leading_one_s_answer() -> None:
    """It is neither kept nor broken, and nobody is reminded of it."""
    record = case(("01-12 13:00", "merged"), ("01-20 13:00", "answered"))
    found = promises(record, SORUM)
    assert found[0].verdict(day("02-01")) == ("promise.lapsed", None)
    assert steps(found, SORUM, LATER) == []
    assert mails_of(record, found, [], SORUM, LATER) == Counter(
        {
            ("assigned", "staff"): 1,
            ("receipt", "resident"): 1,
            ("merged", "resident"): 1,
            ("answer", "resident"): 1,
        }
    )


def test_each_due_day_has_its_ladder_and_who_is_waited_for_hears_of_no_delay() -> None:
    """Asked on the due day: told of the delay that day, and of the next one when the wait is over."""
    record = case(("01-18 13:00", "asked"))
    found = promises(record, SORUM)
    taken = [(step.rung, step.due_on, f"{step.at:%m-%d %H:%M}") for step in steps(found, SORUM, LATER)]
    assert taken == [
        ("due-soon", day("01-18"), "01-14 08:00"),
        ("delay", day("01-18"), "01-18 08:00"),
        ("due-soon", day("01-25"), "01-21 08:00"),
        ("delay", day("01-25"), "01-26 08:00"),
        ("broken", day("01-25"), "01-26 08:00"),
        ("still-broken", day("01-25"), "01-29 08:00"),
        ("long-broken", day("01-25"), "02-09 08:00"),
    ]
    sent = mails_of(record, found, steps(found, SORUM, LATER), SORUM, LATER)
    assert (sent["wait_ended", "staff"], sent["wait_ended", "resident"]) == (1, 0)


def test_a_judge_names_what_is_missing_too_much_and_at_night() -> None:
    """A promise with another day and no verdict, a step nobody was to take, and at ten in the evening."""
    submission = received(at=oslo("01-11 09:00").astimezone(UTC))
    record = case(("01-12 13:00", "answered"))
    record.reference, record.promised_by = submission.reference, day("01-18")
    terms = {"promise_id": "publikumsgaranti", "rule": "P1W", "rule_version": "1"}
    made = PromiseMade.caused(
        submission, id=uuid4(), at=submission.at, version=1, number=1, due_on=day("01-18"), **terms
    )
    kept = PromiseKept.caused(
        made, id=uuid4(), at=oslo("01-12 13:00"), version=1, number=1, due_on=day("01-18"),
        judged_on=day("01-12"), due_without_pauses_on=day("01-18"),
    )  # fmt: skip
    right = Judge([submission, made, kept], {1: record}, SORUM, LATER)
    assert [*right.promises(), *right.ladder()] == []
    reminded = PromiseReminded.caused(
        made, id=uuid4(), at=oslo("01-18 22:00"), version=1, step="delay", recipients=1
    )
    moved = made.model_copy(update={"due_on": day("01-19")})
    wrong = Judge([submission, moved, reminded], {1: record}, SORUM, LATER)
    assert len(list(wrong.promises())) == 2
    assert len(list(wrong.ladder())) == 2
    assert len(list(wrong.mails())) == 1

"""The time a case stands still because the resident was asked something, and the due day it gives."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.clock import OSLO
from shared.events import CaseAnswered, CasePaused, CaseResumed, Event, ResumeReason, SubmissionSupplemented
from shared.explanation import Reader, explain
from shared.pauses import (
    Pause,
    last_day_of_pause,
    lengthened,
    pauses_of,
    waited,
)
from shared.promise import Deadline, Rule, StepKind, deadline, extended
from shared.workdays import WorkCalendar
from tests import events_for_tests as events

LAW = WorkCalendar()
CASE = uuid4()
RECEIVED = events.received(CASE)
Said = Sequence[Event]


def at(text: str) -> datetime:
    """Read an instant in Norway as `Fri 18 Dec 2026 14:03`, and hold the weekday to be true."""
    instant = datetime.strptime(text, "%a %d %b %Y %H:%M").replace(tzinfo=OSLO)
    assert f"{instant:%a}" == text[:3], f"{text} is no {text[:3]}"
    return instant


def day(text: str) -> date:
    """Read a day, `Fri 18 Dec 2026`."""
    return at(f"{text} 00:00").date()


def paused(when: str, until: str) -> CasePaused:
    """The resident is asked something."""
    return CasePaused.caused(
        RECEIVED, at=at(when), question_id=uuid4(), person="p", unit="u", until=day(until)
    )


def resumed(when: str, pause: Event) -> CaseResumed:
    """The clock runs again."""
    return CaseResumed.caused(
        RECEIVED, at=at(when), paused_by=pause.id, reason=ResumeReason.RESIDENT_ANSWERED
    )


def supplemented(when: str) -> SubmissionSupplemented:
    """The resident writes more."""
    return SubmissionSupplemented.caused(RECEIVED, at=at(when), supplement_id=uuid4())


def promised(received: str, rule: str) -> Deadline:
    """What the rule gives without pauses."""
    return deadline(at(received), Rule.parse(rule), LAW)


def due(received: str, rule: str, said: Said) -> date:
    """The due day with the pauses of what was said."""
    return lengthened(promised(received, rule), pauses_of(said), LAW).due_on


def test_two_pauses_in_a_minute_add_nothing() -> None:
    """A pause that ends on the day it began lengthens nothing, however many there are."""
    first, second = paused("Tue 17 Nov 2026 10:00", "Tue 24 Nov 2026"), paused(
        "Tue 17 Nov 2026 10:01", "Tue 24 Nov 2026"
    )  # fmt: skip
    said = [first, resumed("Tue 17 Nov 2026 10:01", first), second, resumed("Tue 17 Nov 2026 10:01", second)]
    assert due("Mon 16 Nov 2026 09:00", "P1W", said) == day("Mon 23 Nov 2026")
    assert waited(pauses_of(said), at("Wed 18 Nov 2026 00:00")) == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("P1W", "Thu 26 Nov 2026"), ("P7D", "Thu 26 Nov 2026"), ("P5WD", "Tue 24 Nov 2026")],
)
def test_a_pause_over_a_weekend_counts_as_its_rule_counts(rule: str, expected: str) -> None:
    """From Friday to Monday are three days, and one working day."""
    question = paused("Fri 20 Nov 2026 15:00", "Fri 27 Nov 2026")
    said = [question, resumed("Mon 23 Nov 2026 09:00", question)]
    assert due("Mon 16 Nov 2026 09:00", rule, said) == day(expected)


def test_a_due_day_lengthened_into_a_weekend_moves_to_the_next_working_day() -> None:
    """Five days from Monday are Saturday, so Monday after."""
    question = paused("Tue 17 Nov 2026 12:00", "Tue 24 Nov 2026")
    said = [question, resumed("Sun 22 Nov 2026 12:00", question)]
    lengthier = lengthened(promised("Mon 16 Nov 2026 09:00", "P1W"), pauses_of(said), LAW)
    assert lengthier.due_on == day("Mon 30 Nov 2026")
    assert [step.kind for step in lengthier.steps[-2:]] == [StepKind.WAITED, StepKind.MOVED]
    assert lengthier.steps[-2].count == 5


def test_a_resume_after_the_longest_pause_counts_only_to_its_end() -> None:
    """The clock has run again since the end of the last day; what is heard later ends nothing."""
    question = paused("Tue 17 Nov 2026 12:00", "Fri 20 Nov 2026")
    late = [question, resumed("Wed 25 Nov 2026 12:00", question)]
    assert due("Mon 16 Nov 2026 09:00", "P1W", late) == day("Thu 26 Nov 2026")
    assert pauses_of(late) == pauses_of([question])
    assert not pauses_of(late)[0].resumed


def test_a_pause_begun_after_the_due_day_changes_nothing() -> None:
    """What is broken is not mended by asking something."""
    said = [paused("Tue 24 Nov 2026 08:00", "Fri 27 Nov 2026")]
    assert due("Mon 16 Nov 2026 09:00", "P1W", said) == day("Mon 23 Nov 2026")


def test_a_pause_begun_on_the_due_day_lengthens_the_promise() -> None:
    """The due day is a day like the others."""
    said = [paused("Mon 23 Nov 2026 23:59", "Wed 25 Nov 2026")]
    assert due("Mon 16 Nov 2026 09:00", "P1W", said) == day("Wed 25 Nov 2026")


def test_a_pause_before_the_count_began_changes_nothing() -> None:
    """A promise counted from a reopening or a restart knows nothing of what was before."""
    question = paused("Tue 17 Nov 2026 12:00", "Fri 20 Nov 2026")
    assert due("Mon 23 Nov 2026 09:00", "P1W", [question]) == day("Mon 30 Nov 2026")


def test_the_residents_supplement_ends_the_wait_before_routing_says_so() -> None:
    """What the resident did counts from when it was done."""
    question = paused("Tue 17 Nov 2026 12:00", "Tue 24 Nov 2026")
    said = [question, supplemented("Wed 18 Nov 2026 09:00"), resumed("Thu 19 Nov 2026 09:00", question)]
    (pause,) = pauses_of(said)
    assert (pause.end, pause.resumed) == (at("Wed 18 Nov 2026 09:00"), True)


def test_an_answer_leaves_nothing_to_wait_for() -> None:
    """The pause of an answered case is over."""
    question = paused("Tue 17 Nov 2026 12:00", "Tue 24 Nov 2026")
    answer = CaseAnswered.caused(
        RECEIVED, at=at("Wed 18 Nov 2026 09:00"), answer_id=uuid4(), person="p", unit="u"
    )
    (pause,) = pauses_of([question, answer])
    assert pause.end == answer.at


def test_overlapping_pauses_are_one() -> None:
    """A second question while we wait makes the wait longer, not double."""
    first, second = paused("Tue 17 Nov 2026 12:00", "Thu 19 Nov 2026"), paused(
        "Wed 18 Nov 2026 12:00", "Mon 23 Nov 2026"
    )  # fmt: skip
    (pause,) = pauses_of([second, first])
    assert (pause.start, pause.last_day) == (first.at, second.until)
    assert pause.paused_by == second.id


def test_the_clock_stands_still_to_the_end_of_the_last_day() -> None:
    """Until is the last day, in Oslo; at midnight the clock runs."""
    (pause,) = pauses_of([paused("Tue 17 Nov 2026 12:00", "Fri 20 Nov 2026")])
    assert pause.end == at("Sat 21 Nov 2026 00:00")


@pytest.mark.parametrize(
    ("first", "last", "hours"),
    [("Sat 24 Oct 2026", "Sun 25 Oct 2026", 49), ("Sat 28 Mar 2026", "Sun 29 Mar 2026", 47)],
)
def test_a_pause_over_a_dst_weekend_is_as_long_as_it_was(first: str, last: str, hours: int) -> None:
    """An hour more in autumn, one less in spring; the days are the same."""
    said = [paused(f"{first} 00:00", last)]
    pauses = pauses_of(said)
    assert waited(pauses, datetime(2027, 1, 1, tzinfo=UTC)) == timedelta(hours=hours)
    began = at(f"{first} 00:00")
    assert (pauses[0].last_day - began.date()).days == 1


def test_waiting_can_be_counted_from_an_instant_on() -> None:
    """A reopened case's wait is counted from the reopening."""
    pauses = pauses_of([paused("Tue 17 Nov 2026 12:00", "Fri 20 Nov 2026")])
    assert waited(
        pauses, at("Wed 18 Nov 2026 18:00"), since=at("Wed 18 Nov 2026 12:00")
    ) == timedelta(hours=6)  # fmt: skip


def test_the_longest_pause_is_reckoned_as_a_promise_is() -> None:
    """Five working days after a Tuesday is the next Tuesday."""
    assert last_day_of_pause(at("Tue 17 Nov 2026 12:00"), "P5WD", LAW) == day("Tue 24 Nov 2026")


def test_pauses_after_an_extension_lengthen_the_day_that_was_given() -> None:
    """What was waited before the extension is in its day already."""
    told = at("Thu 19 Nov 2026 12:00")
    longer = extended(promised("Mon 16 Nov 2026 09:00", "P1W"), day("Mon 30 Nov 2026"), told)
    before, after = paused("Tue 17 Nov 2026 12:00", "Wed 18 Nov 2026"), paused(
        "Tue 24 Nov 2026 12:00", "Wed 25 Nov 2026"
    )  # fmt: skip
    assert lengthened(longer, pauses_of([before, after]), LAW).due_on == day("Tue 1 Dec 2026")


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "nb",
            (
                "Vi ventet på svar fra deg i 3 dager. De regnes ikke med, så fristen flyttes til "
                "torsdag 26. november."
            ),
        ),
        (
            "nn",
            (
                "Vi venta på svar frå deg i 3 dagar. Dei blir ikkje rekna med, så fristen blir flytta til "
                "torsdag 26. november."
            ),
        ),
        (
            "en",
            (
                "We waited 3 days for an answer from you. They do not count, so the deadline moves to "
                "Thursday 26 November."
            ),
        ),
    ],
)
def test_the_wait_is_explained(language: str, words: str) -> None:
    """The resident can read why the day is a later one."""
    pauses = pauses_of([paused("Tue 17 Nov 2026 12:00", "Fri 20 Nov 2026")])
    lengthier = lengthened(promised("Mon 16 Nov 2026 09:00", "P1W"), pauses, LAW)
    assert explain(lengthier, language)[-1] == words


@pytest.mark.parametrize(
    ("language", "whose"),
    [("nb", "fra innbyggeren"), ("nn", "frå innbyggjaren"), ("en", "from the resident")],
)
@pytest.mark.parametrize("rule", ["P1W", "P5WD"])
@pytest.mark.parametrize("now", ["Wed 18 Nov 2026 12:00", "Wed 25 Nov 2026 12:00"])
def test_staff_read_whom_we_waited_for(language: str, whose: str, rule: str, now: str) -> None:
    """While we wait and after it: "from you" would be the caseworker."""
    pauses = pauses_of([paused("Tue 17 Nov 2026 12:00", "Fri 20 Nov 2026")])
    lengthier = lengthened(promised("Mon 16 Nov 2026 09:00", rule), pauses, LAW, at(now))
    to_staff = " ".join(explain(lengthier, language, reader=Reader.STAFF))
    to_resident = " ".join(explain(lengthier, language))
    assert whose in to_staff
    assert whose not in to_resident
    assert len(to_staff.split(". ")) == len(to_resident.split(". "))


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("rule", ["P1W", "P5WD"])
@pytest.mark.parametrize("until", ["Wed 18 Nov 2026", "Fri 20 Nov 2026"])
def test_a_wait_that_goes_on_is_explained_as_one(language: str, rule: str, until: str) -> None:
    """While we wait nothing is said as if it were over."""
    pauses = pauses_of([paused("Tue 17 Nov 2026 12:00", until)])
    now = at("Wed 18 Nov 2026 12:00")
    still = lengthened(promised("Mon 16 Nov 2026 09:00", rule), pauses, LAW, at=now)
    over = lengthened(promised("Mon 16 Nov 2026 09:00", rule), pauses, LAW, at=now + timedelta(days=9))
    assert still.steps[-1].kind is StepKind.WAITING
    assert over.due_on == still.due_on
    assert explain(still, language)[-1] != explain(over, language)[-1]


MINUTES = st.integers(0, 60 * 24 * 40)
START = datetime(2026, 11, 16, 8, tzinfo=UTC)


@st.composite
def histories(draw: st.DrawFn) -> list[Event]:
    """Questions, some answered or resumed, at any time."""
    said: list[Event] = []
    for minutes in draw(st.lists(MINUTES, max_size=5)):
        asked = START + timedelta(minutes=minutes)
        until = (asked + timedelta(days=draw(st.integers(0, 9)))).astimezone(OSLO).date()
        question = CasePaused.caused(
            RECEIVED, at=asked, question_id=uuid4(), person="p", unit="u", until=until
        )
        said.append(question)
        if draw(st.booleans()):
            end = asked + timedelta(minutes=draw(st.integers(-10, 60 * 24 * 12)))
            said.append(
                CaseResumed.caused(RECEIVED, at=end, paused_by=question.id, reason=ResumeReason.BY_CASEWORKER)
            )
    said += [
        SubmissionSupplemented.caused(RECEIVED, at=START + timedelta(minutes=minutes), supplement_id=uuid4())
        for minutes in draw(st.lists(MINUTES, max_size=2))
    ]
    return said


@given(histories(), st.randoms(use_true_random=False))
def test_any_order_and_repetition_gives_the_same_pauses(said: list[Event], random: Random) -> None:
    """What was said counts, not when it was heard."""
    shuffled = [*said, *said[: len(said) // 2]]
    random.shuffle(shuffled)
    assert pauses_of(shuffled) == pauses_of(said)


@given(histories())
def test_pauses_are_apart_and_in_order(said: list[Event]) -> None:
    """No instant is counted twice, and none lies outside a question's days."""
    pauses = pauses_of(said)
    assert all(pause.start <= pause.end for pause in pauses)
    assert all(before.end < after.start for before, after in pairwise(pauses))
    questions = [event for event in said if isinstance(event, CasePaused)]
    for pause in pauses:
        assert pause.paused_by in {question.id for question in questions}
        assert pause.last_day <= max(question.until for question in questions)


@given(histories(), MINUTES)
def test_the_clock_has_stood_still_for_the_minutes_in_which_it_did(said: list[Event], minutes: int) -> None:
    """An independent count: how many of the minutes until now lie in a pause."""
    pauses = pauses_of(said)
    now = START + timedelta(minutes=minutes)
    counted = sum(
        max(0, (min(pause.end, now) - pause.start) // timedelta(minutes=1)) for pause in pauses
    )  # fmt: skip
    assert waited(pauses, now) == timedelta(minutes=counted)


@given(histories(), st.sampled_from(["P5D", "P1W", "P2W", "P1M", "P5WD", "P10WD"]))
def test_the_due_day_agrees_with_a_day_walker(said: list[Event], rule: str) -> None:
    """Walk day by day: days that stood still are put behind the due day one by one."""
    plain = deadline(START, Rule.parse(rule), LAW)
    pauses = pauses_of(said)
    still: set[date] = set()
    for pause in pauses:
        begun = pause.start.astimezone(OSLO).date()
        if begun > _walk(plain.due_on, still, rule):
            break
        still |= {
            begun + timedelta(days=number)
            for number in range(1, (pause.last_day - begun).days + 1)
        }  # fmt: skip
    lengthier = lengthened(plain, pauses, LAW)
    assert lengthier.due_on == _walk(plain.due_on, still, rule)
    assert lengthier.due_on >= plain.due_on
    assert lengthier.steps[-1].day == lengthier.due_on


def _walk(due_on: date, still: set[date], rule: str) -> date:
    left = sum(LAW.is_working_day(each) for each in still) if rule.endswith("WD") else len(still)
    while left:
        due_on += timedelta(days=1)
        left -= LAW.is_working_day(due_on) if rule.endswith("WD") else 1
    while not LAW.is_working_day(due_on):
        due_on += timedelta(days=1)
    return due_on


def test_a_promise_without_pauses_is_left_as_it_is() -> None:
    """Nothing is added, nor said."""
    plain = promised("Mon 16 Nov 2026 09:00", "P1W")
    nothing = Pause(plain.received, plain.received, resumed=True, paused_by=UUID(int=1))
    assert lengthened(plain, [], LAW) is plain
    assert lengthened(plain, [replace(nothing, end=plain.received)], LAW) is plain

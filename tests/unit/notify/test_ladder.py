"""When the steps of a ladder are due, and what is done about those that are."""

from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.case import PromiseState
from services.notify.ladder import JUDGE, Outcome, PromiseAtHand, Step, decide, steps
from services.notify.messages import MessageKind
from shared import municipality
from shared.municipality import Municipality, Recipient, Rung

OSLO = ZoneInfo("Europe/Oslo")
ASKER = municipality.load("asker")


def with_ladder(*rungs: Rung) -> Municipality:
    """Asker with another ladder."""
    return ASKER.model_copy(update={"reminders": ASKER.reminders.model_copy(update={"ladder": rungs})})


def at_hand(**fields: object) -> PromiseAtHand:
    """A promise due on Monday 23 November 2026, with a caseworker."""
    given = {
        "case_id": UUID(int=1), "municipality": "asker", "version": 1, "number": 1, "is_moved": False,
        "due_on": date(2026, 11, 23), "due_without_pauses_on": date(2026, 11, 23),
        "state": PromiseState.OPEN, "answered_at": None, "lapse": None, "is_ended": False,
        "unit": "kommunalteknikk-heggedal-dikemark", "person": "linh-pham", "has_email": True,
        "expected_on": None,
    }  # fmt: skip
    return PromiseAtHand(**{**given, **fields})  # type: ignore[arg-type]


def oslo(text: str) -> datetime:
    """An instant in Norway."""
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


@pytest.mark.parametrize(
    ("due_on", "expected"),
    [
        # Monday 23 November 2026: Thursday before, the day itself, Tuesday, Friday.
        ("2026-11-23", ["2026-11-19", "2026-11-23", "2026-11-24", "2026-11-27"]),
        # Monday 28 December 2026, after Christmas: Wednesday 23 (24 is a working day, 25-27 are not).
        ("2026-12-28", ["2026-12-23", "2026-12-28", "2026-12-29", "2027-01-04"]),
        # Friday 14 May 2027: Whit Monday is 17 May, so the breach is told on Tuesday 18.
        ("2027-05-14", ["2027-05-12", "2027-05-14", "2027-05-18", "2027-05-21"]),
        # Wednesday 24 March 2027, before Maundy Thursday: the next working day is the Tuesday after Easter.
        ("2027-03-24", ["2027-03-22", "2027-03-24", "2027-03-30", "2027-04-02"]),
    ],
)
def test_steps_fall_on_working_days_at_the_opening_hour(due_on: str, expected: list[str]) -> None:
    """Two working days before, the day itself, the first working day of the breach, three more."""
    ladder = {step.step: step.due_at for step in steps(date.fromisoformat(due_on), ASKER)}
    days = [ladder[name] for name in ("due-soon", "delay", "broken", "still-broken")]
    assert days == [oslo(f"{day} 08:00") for day in expected]


def test_the_verdict_is_due_at_midnight_in_oslo_winter_and_summer() -> None:
    """23:00 UTC in winter, 22:00 in summer."""
    for due_on, utc_hour in ((date(2026, 11, 23), 23), (date(2026, 7, 6), 22)):
        (judged,) = [step.due_at for step in steps(due_on, ASKER) if step.step == JUDGE]
        assert (judged.date(), judged.hour) == (due_on, utc_hour)


@given(
    due_on=st.dates(min_value=date(2026, 1, 1), max_value=date(2030, 12, 31)),
    late=st.integers(min_value=0, max_value=24 * 60),
)
def test_every_due_step_is_done_or_waits_and_nobody_is_told_twice(due_on: date, late: int) -> None:
    """However late notify comes to it."""
    now = oslo(f"{due_on} 00:00") + timedelta(hours=late)
    due = [step for step in steps(due_on, ASKER) if step.due_at <= now]
    decision = decide(at_hand(due_on=due_on), due, ASKER, now)
    assert {step.step for step in due} == decision.outcomes.keys() | decision.postponed.keys()
    assert not decision.outcomes.keys() & decision.postponed.keys()
    told = [word.person for word in decision.words]
    assert len(told) == len(set(told))
    assert all(opens > now for opens in decision.postponed.values())


def test_a_rung_for_the_director_reaches_the_director() -> None:
    """Whoever the configuration says that is."""
    rung = Rung(id="top", after=5, to=(Recipient.DIRECTOR,))
    now = oslo("2026-12-01 09:00")
    decision = decide(at_hand(), [Step("top", now)], with_ladder(rung), now)
    assert [(word.person, word.kind) for word in decision.words] == [
        (ASKER.director, MessageKind.STILL_BROKEN)
    ]


def test_a_rung_the_municipality_has_taken_away_is_not_climbed() -> None:
    """The ledger says so, and nobody is told."""
    decision = decide(at_hand(), [Step("gone", oslo("2026-11-19 08:00"))], ASKER, oslo("2026-11-19 09:00"))
    assert decision.outcomes == {"gone": Outcome.REMOVED}
    assert decision.words == []


def test_ids_of_an_older_configuration_fail_nobody() -> None:
    """A unit and a person that are gone: the front desk's leader is told."""
    strangers = at_hand(unit="merged-away", person="moved-on")
    decision = decide(
        strangers, [Step("due-soon", oslo("2026-11-19 08:00"))], ASKER, oslo("2026-11-19 09:00")
    )
    assert [word.person for word in decision.words] == [ASKER.leader_of(ASKER.front_desk).id]


def test_a_rung_for_the_resident_and_the_caseworker_found_late_tells_both_what_is_so() -> None:
    """Words that fit: the day has passed."""
    rung = Rung(id="both", before=0, to=(Recipient.RESIDENT, Recipient.CASEWORKER))
    now = oslo("2026-11-25 09:00")
    decision = decide(at_hand(), [Step("both", now)], with_ladder(rung), now)
    assert {word.kind for word in decision.words} == {MessageKind.DELAYED, MessageKind.BROKEN}


def test_the_new_day_counts_from_today_where_the_due_day_has_passed() -> None:
    """Five working days on: a day that has passed already would be no honest word."""
    now = oslo("2026-12-07 09:00")
    decision = decide(at_hand(), [Step("delay", now)], ASKER, now)
    assert [word.facts.get("expected_on") for word in decision.words] == ["2026-12-14"]

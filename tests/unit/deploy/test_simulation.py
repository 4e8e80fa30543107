"""A simulated year: plausible, the same for the same seed, and told in events that agree with the calculus."""

from collections import Counter
from datetime import date, timedelta
from typing import TypeVar

import pytest

from bench.due_days import due_on
from deploy.simulation.duplicates import lives
from deploy.simulation.lives import Act
from deploy.simulation.season import SNOW, residents_of
from deploy.simulation.telling import told
from shared import municipality
from shared.clock import oslo_day
from shared.events import (
    CaseAnswered,
    CaseReclassified,
    Event,
    FeedbackGiven,
    Kind,
    PromiseBroken,
    PromiseKept,
    PromiseLapsed,
    PromiseMade,
    PromiseMoved,
    SubmissionReceived,
)

Said = TypeVar("Said", bound=Event)
SORUM = municipality.load("sorum")
LIVES = lives(SORUM, 2026, 15_000, 1)
TOLD = [told(life, SORUM, 2026, 1) for life in LIVES]
EVERYTHING = [event for events in TOLD for event in events]


def said(model: type[Said]) -> list[Said]:
    """All events of a kind."""
    return [event for event in EVERYTHING if isinstance(event, model)]


def test_the_same_seed_is_the_same_year_and_another_is_another() -> None:
    """To the last id; so a repetition adds nothing."""
    again = lives(SORUM, 2026, 15_000, 1)
    assert again == LIVES
    assert [told(life, SORUM, 2026, 1) for life in again[:200]] == TOLD[:200]
    assert lives(SORUM, 2026, 15_000, 2) != LIVES
    assert len({event.id for event in EVERYTHING}) == len(EVERYTHING)


def test_volumes_are_those_of_the_field() -> None:
    """About 134 per 1,000 residents and a little more in storms; praise and complaints in 1:3."""
    assert len(LIVES) == pytest.approx(134 * 15 + 120, abs=20)
    appeals = sum(event.kind is Kind.APPEAL for event in said(CaseReclassified))
    assert appeals == 60
    ordinary = Counter(life.kind for life in LIVES if life.topic != SNOW)
    assert 2 < ordinary[Kind.COMPLAINT] / ordinary[Kind.PRAISE] < 5


def test_as_many_live_there_as_the_figures_per_1000_are_reckoned_from() -> None:
    """Asker's 100,000 write as many to each thousand as Sørum's 15,000; one that says nothing has 15,000."""
    assert residents_of(SORUM, 2026) == 15_000
    assert residents_of(municipality.load("asker"), 2026) == 100_000
    assert (
        residents_of(SORUM.model_copy(update={"look": SORUM.look.model_copy(update={"residents": {}})}), 2026)
        == 15_000
    )


def test_the_year_has_seasons_weekends_and_storms() -> None:
    """July is quiet, Sundays too, and a storm brings more in three days than other weeks do."""
    by_month = Counter(oslo_day(life.received_at).month for life in LIVES)
    by_weekday = Counter(oslo_day(life.received_at).weekday() for life in LIVES)
    assert min(by_month, key=by_month.__getitem__) == 7
    assert by_weekday[6] < by_weekday[0] / 2
    snow = Counter(oslo_day(life.received_at) for life in LIVES if life.topic == SNOW)
    assert snow.most_common(1)[0][1] > 10


def test_every_event_is_invented_and_of_this_year_s_lives() -> None:
    """None may ever be taken for a real one."""
    assert all(event.invented for event in EVERYTHING)
    assert all(".invented." in event.subject for event in EVERYTHING)
    assert {oslo_day(event.at).year for event in said(SubmissionReceived)} == {2026}


def test_receipts_promise_what_an_independent_oracle_says() -> None:
    """The real calculus is used, and agrees."""
    for event in said(SubmissionReceived):
        if event.promise:
            assert event.promise.due_on == due_on(oslo_day(event.at), event.promise.rule)


def test_each_promise_has_one_verdict_that_fits_its_answer() -> None:
    """Kept on the due day as it was moved, broken the day after."""
    for events in TOLD:
        made = [event for event in events if isinstance(event, PromiseMade)]
        verdicts = [event for event in events if isinstance(event, PromiseKept | PromiseBroken)]
        lapsed = [event.number for event in events if isinstance(event, PromiseLapsed)]
        assert sorted(lapsed + [event.number for event in verdicts]) == [event.number for event in made]
        said = PromiseMade | PromiseMoved | PromiseLapsed
        versions = [event.version for event in events if isinstance(event, said)]
        assert versions == list(range(1, len(versions) + 1))
        for verdict in verdicts:
            if isinstance(verdict, PromiseBroken):
                assert verdict.judged_on == verdict.due_on + timedelta(days=1)
            else:
                answers = [oslo_day(event.at) for event in events if isinstance(event, CaseAnswered)]
                assert verdict.judged_on in answers
                assert verdict.judged_on <= verdict.due_on


def test_nobody_acts_before_the_one_before_has() -> None:
    """Deeds follow the receipt and each other; staff act on working days alone."""
    staff = set(Act) - {Act.SUPPLEMENT, Act.FEEDBACK}
    for life in LIVES:
        times = [life.received_at, *(deed.at for deed in life.deeds)]
        assert times == sorted(times), life
        for deed in life.deeds:
            if deed.act in staff:
                assert SORUM.calendar.is_working_day(oslo_day(deed.at)), deed


def test_one_unit_falls_behind_and_recovers() -> None:
    """In summer it keeps far fewer of its promises than in the rest of the year."""
    worst = min(_kept_by_topic(date(2026, 5, 1), date(2026, 8, 31)).items(), key=lambda one: one[1])
    later = _kept_by_topic(date(2026, 10, 1), date(2026, 12, 31))
    assert worst[1] < 0.7
    assert later[worst[0]] > worst[1] + 0.1


def _kept_by_topic(first: date, last: date) -> dict[str, float]:
    kept, judged = Counter[str](), Counter[str]()
    for life, events in zip(LIVES, TOLD, strict=True):
        if not life.topic or not first <= oslo_day(life.received_at) <= last:
            continue
        for event in events:
            if isinstance(event, PromiseKept | PromiseBroken) and event.number == 1:
                judged[life.topic] += 1
                kept[life.topic] += isinstance(event, PromiseKept)
    return {topic: kept[topic] / count for topic, count in judged.items() if count >= 20}


def test_residents_judge_process_and_outcome_apart() -> None:
    """And not all of them say anything."""
    given = said(FeedbackGiven)
    assert 0.15 < len(given) / len(said(CaseAnswered)) < 0.45
    assert all(event.process and event.outcome for event in given)
    assert any(event.process != event.outcome for event in given)

"""The demonstration's plan: plausible on any day it is made, and the same each time."""

from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from functools import cache

import pytest

from deploy.demo import cases
from deploy.demo.cases import Case, Course
from deploy.demo.plan import DAYS, Act, Moment, plan
from shared import municipality
from shared.clock import OSLO, oslo_day
from shared.municipality import Municipality
from shared.promise import Rule, deadline

NOWS = [
    datetime(2026, 11, 21, 22, 5, tzinfo=OSLO),  # a Saturday night
    datetime(2026, 11, 23, 10, 0, tzinfo=OSLO),  # a Monday at work
    datetime(2026, 12, 27, 0, 30, tzinfo=OSLO),  # in the middle of Christmas
    datetime(2027, 4, 2, 7, 15, tzinfo=OSLO),  # the Friday after Easter
]
AT_WORK = {Act.OPEN, Act.INTERIM, Act.HAND_OVER, Act.ANSWER, Act.CLOSE}
ANSWERED = {Course.KEPT, Course.THANKED, Course.HANDED_OVER}

both = pytest.mark.parametrize("name", ["asker", "sorum"])
any_day = pytest.mark.parametrize("now", NOWS)


load = cache(municipality.load)


def planned(name: str, now: datetime) -> tuple[Municipality, dict[int, Case], dict[int, list[Moment]]]:
    """The municipality, its cases by number, and what happens in each."""
    place = load(name)
    told = cases.read(place)
    moments = defaultdict(list)
    for moment in plan(told, place, now):
        moments[moment.number].append(moment)
    return place, {case.number: case for case in told}, moments


def due(place: Municipality, case: Case, received: datetime) -> date:
    """The promised day."""
    rule = place.promise_for(case.kind, case.topic, case.area, "api", oslo_day(received))
    assert rule
    return deadline(received, Rule.parse(str(rule.rule)), place.calendar).due_on


@both
@any_day
def test_everything_has_happened_and_in_its_order(name: str, now: datetime) -> None:
    """Each case begins with its submission, and nothing is still to come."""
    _, told, moments = planned(name, now)
    assert set(moments) == set(told)
    for of_case in moments.values():
        assert of_case[0].act is Act.SUBMIT
        assert [moment.at for moment in of_case] == sorted(moment.at for moment in of_case)
        assert of_case[0].at > now - timedelta(days=DAYS + 2)
        assert of_case[-1].at < now


@both
@any_day
def test_caseworkers_act_when_they_are_at_work(name: str, now: datetime) -> None:
    """On working days, between eight and four."""
    place, _, moments = planned(name, now)
    for of_case in moments.values():
        for moment in of_case:
            if moment.act in AT_WORK:
                local = moment.at.astimezone(OSLO)
                assert place.calendar.is_working_day(local.date()), moment
                assert time(8) <= local.time() < time(16), moment


@both
@any_day
def test_each_course_is_what_it_is_called(name: str, now: datetime) -> None:
    """Kept promises are kept, late answers late, what is due soon is due soon, what is overdue overdue."""
    place, told, moments = planned(name, now)
    today = oslo_day(now)
    for number, case in told.items():
        of_case = {moment.act: oslo_day(moment.at) for moment in moments[number]}
        due_on = due(place, case, moments[number][0].at)
        if case.course in ANSWERED and Act.ANSWER in of_case:
            assert of_case[Act.ANSWER] <= due_on, case
        if case.course in {Course.LATE, Course.INTERIM} and Act.ANSWER in of_case:
            assert of_case[Act.ANSWER] > due_on, case
        if case.course is Course.DUE_SOON:
            assert today <= due_on <= place.calendar.add_working_days(today, 2)
        if case.course is Course.OVERDUE:
            assert due_on < today


def test_the_same_seed_gives_the_same_plan() -> None:
    """And another one another plan."""
    place = load("asker")
    told = cases.read(place)
    now = NOWS[0].astimezone(UTC)
    assert plan(told, place, now) == plan(told, place, now)
    assert plan(told, place, now) != plan(told, place, now, seed=1)


@both
def test_a_submission_is_one_that_the_form_would_take(name: str) -> None:
    """Only what the municipality has, and contact details only where an answer is wanted."""
    place = load(name)
    for case in cases.read(place):
        body = case.as_submission()
        assert body["topic"] in {None, *place.topics}
        assert body["area"] in {None, *place.areas}
        assert "{" not in body["text"]
        assert ("contact" in body) == case.reply

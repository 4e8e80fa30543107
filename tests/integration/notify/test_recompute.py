"""What a changed rule, calendar or closed day changes about the open promises, seen first and then made."""

from datetime import date
from typing import Any

from deploy.cli_promises import grouped
from services.notify import recompute
from services.notify.recompute import Looked, Proposal, Why
from shared.events import Promised, SubmissionReceived
from shared.municipality import Municipality
from tests.events_for_tests import received
from tests.integration.notify.office import Office, answered, assigned, closing, extended, oslo, paused

PROMISED = "svargaranti"


def as_declared(municipality: Municipality, due_on: date = date(2026, 11, 23)) -> Promised:
    """The promise intake makes under a configuration."""
    declared = municipality.promise(PROMISED)
    return Promised(promise_id=PROMISED, rule=declared.rule, rule_version=declared.version, due_on=due_on)


async def on_the_desk(office: Office, **fields: Any) -> SubmissionReceived:
    """A complaint of Monday 16 November, promised for Monday 23, at its caseworker's."""
    given = {"promise": as_declared(office.municipality), **fields}
    case = received(at=oslo("2026-11-16 09:58"), **given)
    await office.hears(case, assigned(case, at=oslo("2026-11-16 09:59")))
    return case


def declaring(municipality: Municipality, **fields: Any) -> Municipality:
    """The municipality with another service declaration."""
    rules = tuple(
        rule.model_copy(update=fields) if rule.id == PROMISED else rule for rule in municipality.promises
    )
    return municipality.model_copy(update={"promises": rules})


async def preview(office: Office, changed: Municipality) -> list[Proposal]:
    """What would change."""
    found = recompute.preview(office.database, changed, office.clock(), Looked())
    return [proposal async for proposal in found]


async def apply(office: Office, changed: Municipality) -> list[Proposal]:
    """What has changed."""
    found = recompute.apply(office.database, changed, office.clock(), Looked())
    return [proposal async for proposal in found]


async def test_a_holiday_added_later_is_shown_first_and_then_moves_the_promise(office: Office) -> None:
    """The due day is closed now: on to Tuesday, as an event, with a new ladder and a word to the resident."""
    case = await on_the_desk(office)
    changed = closing(office.municipality, date(2026, 11, 23))
    (shown,) = await preview(office, changed)
    assert (shown.why, shown.after.terms.due_on) == (Why.CALENDAR, date(2026, 11, 24))
    assert (await office.promise(case.case_id)).due_on == date(2026, 11, 23)
    await apply(office, changed)
    promise = await office.promise(case.case_id)
    assert (promise.due_on, promise.reason) == (date(2026, 11, 24), "recomputed")
    (moved,) = await office.said("promise.moved")
    assert (moved["reason"], moved["moved_from"], moved["due_on"]) == (
        "recomputed",
        "2026-11-23",
        "2026-11-24",
    )
    (word,) = await office.messages("recomputed")
    assert word.facts == {"due_on": "2026-11-24", "moved_from": "2026-11-23"}
    assert await preview(office, changed) == []
    assert await apply(office, changed) == []


async def test_a_moved_promise_stays_moved_whatever_is_heard_afterwards(office: Office) -> None:
    """Also by a notify that has not been started anew yet; a pause is added to the new day."""
    case = await on_the_desk(office)
    await apply(office, declaring(office.municipality, rule="P2W"))
    await office.hears(paused(case, at=oslo("2026-11-17 10:00"), until=date(2026, 11, 18)))
    promise = await office.promise(case.case_id)
    assert (promise.rule, promise.due_on, promise.due_without_pauses_on) == (
        "P2W", date(2026, 12, 1), date(2026, 11, 30),
    )  # fmt: skip


async def test_a_declaration_with_another_rule_moves_its_promises_and_no_others(office: Office) -> None:
    """An earlier day is no news that disappoints: no mail."""
    case = await on_the_desk(office)
    other = Promised(promise_id="plan", rule="P15WD", rule_version="1", due_on=date(2026, 12, 7))
    untouched = await on_the_desk(office, promise=other.model_copy(
        update={"rule_version": office.municipality.promise("plan").version}
    ))  # fmt: skip
    changed = declaring(office.municipality, rule="P3WD")
    (shown,) = await preview(office, changed)
    assert (shown.why, shown.before.case_id) == (Why.RULE, case.case_id)
    await apply(office, changed)
    assert (await office.promise(case.case_id)).due_on == date(2026, 11, 19)
    assert (await office.promise(untouched.case_id)).due_on == date(2026, 12, 7)
    assert await office.messages("recomputed") == []


async def test_policy_deleted_leaves_the_promises_that_were_made_under_it(office: Office) -> None:
    """What the resident was told holds, with the rule it was told under."""
    case = await on_the_desk(office)
    rules = tuple(rule for rule in office.municipality.promises if rule.id != PROMISED)
    assert await apply(office, office.municipality.model_copy(update={"promises": rules})) == []
    promise = await office.promise(case.case_id)
    assert (promise.rule, promise.due_on, promise.state) == ("P1W", date(2026, 11, 23), "open")


async def test_other_words_move_the_version_and_tell_nobody(office: Office) -> None:
    """The day is the same; whoever counts knows which text it stands under."""
    case = await on_the_desk(office)
    changed = declaring(office.municipality, review_by=date(2030, 1, 1))
    (shown,) = await apply(office, changed)
    assert shown.why is Why.WORDS
    promise = await office.promise(case.case_id)
    assert (promise.due_on, promise.rule_version) == (
        date(2026, 11, 23), changed.promise(PROMISED).version,
    )  # fmt: skip
    assert await office.messages("recomputed") == []


async def test_what_is_judged_answered_over_or_given_stays(office: Office) -> None:
    """A verdict, an answer on its way to one, a due day that has passed, a day the resident was told."""
    broken = await on_the_desk(office, promise=as_declared(office.municipality, date(2026, 11, 17)))
    await office.works("2026-11-18 12:00")
    answered_case, given = await on_the_desk(office), await on_the_desk(office)
    over = await on_the_desk(office, promise=as_declared(office.municipality, date(2026, 11, 17)))
    await office.hears(
        answered(answered_case, at=oslo("2026-11-18 11:00")),
        extended(given, at=oslo("2026-11-18 11:00"), due_on=date(2026, 11, 27)),
    )
    assert await apply(office, declaring(office.municipality, rule="P4W")) == []
    assert [(await office.promise(case.case_id)).due_on.day for case in (broken, over, given)] == [17, 17, 27]


async def test_the_days_that_were_waited_are_added_to_the_recomputed_day(office: Office) -> None:
    """A week and two days become two weeks and two days."""
    case = await on_the_desk(office)
    await office.hears(
        paused(case, at=oslo("2026-11-17 10:00"), until=date(2026, 11, 19)), at="2026-11-20 10:00"
    )
    (shown,) = await apply(office, declaring(office.municipality, rule="P2W"))
    assert (shown.before.terms.due_on, shown.after.terms.due_on) == (date(2026, 11, 25), date(2026, 12, 2))


async def test_changes_are_grouped_by_what_makes_them(office: Office) -> None:
    """How many, how many later, and a few to look at."""
    for _ in range(5):
        await on_the_desk(office)
    (group,) = grouped(await preview(office, declaring(office.municipality, rule="P2W")))
    assert (group.promise, group.rule_before, group.rule_after) == (PROMISED, "P1W", "P2W")
    assert (group.count, group.later, group.earlier, len(group.examples)) == (5, 5, 0, 3)
    assert group.examples[0] == {
        "reference": "7K3M-92QX", "due_on": "2026-11-23", "new_due_on": "2026-11-30",
    }  # fmt: skip

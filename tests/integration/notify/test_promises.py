"""Promises are taken over, reminded of, judged: on a real database, by the days of November 2026."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest

from services.notify.ledger import Share
from shared.events import AssignmentReason, Promised, SubmissionReceived
from tests.events_for_tests import received
from tests.integration.notify.office import (
    OSLO,
    Office,
    answered,
    assigned,
    closed,
    interim,
    oslo,
    supplemented,
)

CASEWORKER, COLLEAGUE, LEADER, SECTION_LEADER = "linh-pham", "tor-kvam", "adnan-begic", "roar-ostrem"
DUE = date(2026, 11, 23)


def snow(**fields: object) -> SubmissionReceived:
    """A complaint received on Monday 16 November, with an answer promised for Monday 23."""
    return received(at=oslo("2026-11-16 09:58"), **fields)


async def on_the_desk(office: Office, **fields: object) -> SubmissionReceived:
    """A complaint that has reached its caseworker."""
    submission = snow(**fields)
    await office.hears(submission, assigned(submission, at=oslo("2026-11-16 09:59")))
    return submission


async def test_a_promise_is_taken_over_as_the_receipt_gave_it(office: Office) -> None:
    """Its version, rule and day are said to the others, and its ladder is written down."""
    submission = await on_the_desk(office)
    promise = await office.promise(submission.case_id)
    assert (promise.due_on, promise.state, promise.rule) == (DUE, "open", "P1W")
    assert [made["due_on"] for made in await office.said("promise.made")] == ["2026-11-23"]
    assert list(await office.steps(submission.case_id)) == [
        "due-soon", "delay", "judge", "broken", "still-broken", "long-broken",
    ]  # fmt: skip


async def test_the_receipt_and_the_assignment_are_told_at_once(office: Office) -> None:
    """At any hour: the resident that it arrived, the caseworker that there is a case."""
    await on_the_desk(office)
    assert await office.told() == [("assigned", CASEWORKER), ("receipt", "resident")]


async def test_nobody_without_an_address_is_written_to(office: Office) -> None:
    """No receipt and no answer's notice, but the caseworker is told all the same."""
    submission = await on_the_desk(office, has_email=False)
    await office.hears(answered(submission, at=oslo("2026-11-16 12:00")))
    assert await office.told() == [("assigned", CASEWORKER)]


async def test_a_case_without_a_promise_has_no_ladder(office: Office) -> None:
    """Praise that wants no answer: it reaches the caseworker, and nothing is due."""
    submission = await on_the_desk(office, promise=None, reply_wanted=False)
    assert await office.promises() == []
    assert await office.steps(submission.case_id) == {}


async def test_an_answer_on_the_due_day_keeps_the_promise(office: Office) -> None:
    """Until midnight in Oslo, which is eleven in the evening in UTC."""
    submission = await on_the_desk(office)
    await office.hears(answered(submission, at=oslo("2026-11-23 23:59")), at="2026-11-23 23:59")
    await office.works()
    promise = await office.promise(submission.case_id)
    assert (promise.state, promise.judged_on) == ("kept", DUE)
    assert [kept["judged_on"] for kept in await office.said("promise.kept")] == ["2026-11-23"]


async def test_an_answer_the_day_after_does_not(office: Office) -> None:
    """One minute past midnight it is broken, on the day after the due day."""
    submission = await on_the_desk(office)
    await office.hears(answered(submission, at=oslo("2026-11-24 00:01")), at="2026-11-24 00:01")
    await office.works()
    promise = await office.promise(submission.case_id)
    assert (promise.state, promise.judged_on) == ("broken", date(2026, 11, 24))
    assert await office.said("promise.kept") == []


async def test_the_verdict_falls_at_midnight_and_is_never_changed(office: Office) -> None:
    """Broken from 00:00 the day after the due day; an answer told of later changes nothing."""
    submission = await on_the_desk(office)
    await office.works("2026-11-23 23:59")
    assert (await office.promise(submission.case_id)).state == "open"
    await office.works("2026-11-24 00:00")
    promise = await office.promise(submission.case_id)
    assert (promise.state, promise.judged_at) == ("broken", oslo("2026-11-24 00:00"))
    await office.hears(answered(submission, at=oslo("2026-11-23 15:00")), at="2026-11-25 09:00")
    assert (await office.promise(submission.case_id)).state == "broken"
    assert await office.said("promise.kept") == []


async def test_the_first_reply_stops_the_clock_and_an_interim_answer_does_not(office: Office) -> None:
    """An interim answer tells the resident something; the promise was an answer."""
    first, second = await on_the_desk(office), await on_the_desk(office)
    await office.hears(
        answered(first, at=oslo("2026-11-18 10:00")), interim(second, at=oslo("2026-11-18 10:00"))
    )
    await office.hears(answered(first, at=oslo("2026-11-30 10:00")))
    await office.works("2026-11-24 09:00")
    assert (await office.promise(first.case_id)).state == "kept"
    assert (await office.promise(second.case_id)).state == "broken"


async def test_a_case_closed_in_time_without_an_answer_has_no_verdict(office: Office) -> None:
    """None was wanted after all: the promise lapses, and nobody is reminded."""
    submission = await on_the_desk(office)
    await office.hears(closed(submission, at=oslo("2026-11-18 10:00")))
    await office.works("2026-11-30 10:00")
    assert (await office.promise(submission.case_id)).state == "lapsed"
    assert await office.said("promise.broken", "promise.reminded") == []


async def test_the_whole_ladder_day_by_day(office: Office) -> None:
    """Two working days before, on the due day, the day after, three and ten working days later; each once."""
    submission = await on_the_desk(office)
    known = {row.key for row in await office.messages()}
    for _ in range(24 * 23):
        office.clock.advance(timedelta(hours=1))
        await office.works()
    told = [
        (f"{row.created_at.astimezone(OSLO):%a %d %H:%M}", row.kind, row.person)
        for row in await office.messages()
        if row.key not in known
    ]
    assert told == [
        ("Thu 19 08:00", "due_soon", CASEWORKER),
        ("Mon 23 08:00", "delay", None),
        ("Tue 24 08:00", "broken", LEADER),
        ("Tue 24 08:00", "broken", CASEWORKER),
        ("Fri 27 08:00", "still_broken", SECTION_LEADER),
        ("Tue 08 08:00", "still_broken", office.municipality.director),
    ]
    assert set((await office.steps(submission.case_id)).values()) == {"sent", "judged"}


async def test_an_answer_after_the_verdict_ends_the_ladder(office: Office) -> None:
    """The promise stays broken, and nobody higher up is told of a case that is answered, nor said to be."""
    submission = await on_the_desk(office)
    await office.works("2026-11-24 08:00")
    await office.hears(answered(submission, at=oslo("2026-11-25 12:00")))
    await office.works("2026-11-27 08:00")
    assert await office.told("still_broken") == []
    reminded = {said["step"] for said in await office.said("promise.reminded")}
    assert "broken" in reminded
    assert "still-broken" not in reminded
    assert (await office.steps(submission.case_id))["still-broken"] == "settled"
    (promise,) = await office.promises()
    assert promise.state == "broken"


@pytest.mark.parametrize(
    ("reminded_at", "expected"),
    [
        ("2026-11-19 07:59", []),
        ("2026-11-19 08:00", ["due_soon"]),
        ("2026-11-19 15:29", ["due_soon"]),
        ("2026-11-19 15:30", []),  # the office has closed: not today
        ("2026-11-21 12:00", []),  # a Saturday
        ("2026-11-22 00:00", []),  # midnight, and a Sunday
    ],
)
async def test_a_reminder_never_goes_at_midnight_or_on_a_weekend(
    office: Office, reminded_at: str, expected: list[str]
) -> None:
    """A step that comes due, or is found due, outside office hours waits until they open."""
    await on_the_desk(office)
    await office.works(reminded_at)
    assert [kind for kind, _ in await office.told("due_soon")] == expected


async def test_a_reminder_found_after_hours_goes_when_the_office_opens(office: Office) -> None:
    """And the wait costs nothing: the step's due time is moved, not looked at each second."""
    await on_the_desk(office)
    assert await office.works("2026-11-19 20:00") == 1
    assert await office.works("2026-11-20 07:59") == 0
    assert await office.works("2026-11-20 08:00") == 1
    assert await office.told("due_soon") == [("due_soon", CASEWORKER)]


async def test_on_17_may_that_is_also_whit_monday_nobody_is_reminded(office: Office) -> None:
    """Due Tuesday 18 May 2027: two working days before is Thursday 13; the breach is told on Wednesday 19."""
    promise = Promised(promise_id="svargaranti", rule="P1W", rule_version="1", due_on=date(2027, 5, 18))
    submission = received(at=oslo("2027-05-10 10:00"), promise=promise)
    await office.hears(submission, assigned(submission, at=oslo("2027-05-10 10:01")), at="2027-05-10 10:01")
    for day in ("2027-05-13", "2027-05-14", "2027-05-17", "2027-05-18"):
        await office.works(f"{day} 12:00")
    told = [
        (row.kind, row.created_at.astimezone(OSLO).day) for row in await office.messages("due_soon", "delay")
    ]
    assert told == [("due_soon", 13), ("delay", 18)]
    await office.works("2027-05-17 12:00")
    await office.works("2027-05-19 08:00")
    assert await office.told("broken") == [("broken", LEADER), ("broken", CASEWORKER)]


async def test_notify_down_over_the_due_time_tells_each_person_once(office: Office) -> None:
    """Everything falls due at once: the old reminder is superseded, and the last word is the one that counts."""
    submission = await on_the_desk(office)
    await office.works("2026-11-30 09:00")
    assert await office.steps(submission.case_id) == {
        "due-soon": "superseded",
        "delay": "sent",
        "judge": "judged",
        "broken": "sent",
        "still-broken": "sent",
        "long-broken": None,
    }
    assert await office.told("due_soon", "delay", "delayed", "broken", "still_broken") == [
        ("broken", LEADER),
        ("broken", CASEWORKER),
        ("delayed", "resident"),
        ("still_broken", SECTION_LEADER),
    ]


async def test_the_right_days_are_recorded_afterwards_and_in_order(office: Office) -> None:
    """Down for three weeks: each verdict holds for its own day, and was recorded when it was."""
    days = [date(2026, 11, 20), date(2026, 11, 23), date(2026, 11, 25)]
    for due_on in reversed(days):
        await on_the_desk(
            office, promise=Promised(promise_id="x", rule="P1W", rule_version="1", due_on=due_on)
        )
    await office.works("2026-12-07 20:00", batch=1)
    broken = [event for event in await office.outgoing() if event["name"] == "promise.broken"]
    assert [verdict["due_on"] for verdict in broken] == [day.isoformat() for day in days]
    assert [verdict["judged_on"] for verdict in broken] == ["2026-11-21", "2026-11-24", "2026-11-26"]
    assert {promise.judged_at for promise in await office.promises()} == {oslo("2026-12-07 20:00")}


async def test_a_leader_who_is_reached_twice_at_once_gets_one_word(office: Office) -> None:
    """Two rungs fall due together and both reach the same person: the later one says it."""
    front_desk = snow()
    where = {"unit": "innbyggertorget", "section": "administrasjon", "person": "bjorg-granlund"}
    await office.hears(front_desk, assigned(front_desk, at=oslo("2026-11-16 10:00"), **where))
    await office.works("2026-11-30 09:00")
    # Caseworker and unit leader are one person here: told once about the breach.
    assert await office.told("broken", "still_broken") == [
        ("broken", "bjorg-granlund"),
        ("still_broken", "bjorn-frydenlund"),
    ]


async def test_nothing_is_done_before_everything_said_has_been_heard(office: Office) -> None:
    """A notify that was down hears the answers given meanwhile first: no reminder, and the right verdict."""
    submission = await on_the_desk(office)

    async def nothing_yet() -> datetime | None:
        return None

    office.heard_until = nothing_yet
    assert await office.works("2026-11-30 09:00") == 0
    await office.hears(answered(submission, at=oslo("2026-11-18 12:00")))
    office.heard_until = None
    await office.works()
    assert (await office.promise(submission.case_id)).state == "kept"
    assert await office.said("promise.broken", "promise.reminded") == []


async def test_a_handover_moves_the_reminders(office: Office) -> None:
    """Whoever has the case when the step is due is reminded, not who had it when the promise was made."""
    submission = await on_the_desk(office)
    handover = assigned(
        submission, at=oslo("2026-11-17 10:00"), person=COLLEAGUE, reason=AssignmentReason.HANDED_OVER,
        assigned_by=CASEWORKER, from_person=CASEWORKER,
    )  # fmt: skip
    await office.hears(handover)
    await office.works("2026-11-19 08:00")
    assert await office.told("due_soon") == [("due_soon", COLLEAGUE)]
    assert await office.told("assigned") == [("assigned", CASEWORKER), ("assigned", COLLEAGUE)]


async def test_the_substitute_is_reminded_for_one_who_is_away(office: Office) -> None:
    """Leila Karimi is on leave all winter; Nasrin Rezaei stands in for her."""
    submission = snow()
    where = {"unit": "heggedal-barnehager", "section": "oppvekst", "person": "leila-karimi"}
    await office.hears(submission, assigned(submission, at=oslo("2026-11-16 10:00"), **where))
    await office.works("2026-11-19 08:00")
    assert await office.told("due_soon") == [("due_soon", "nasrin-rezaei")]


async def test_a_case_nobody_has_is_the_leaders_to_be_reminded_of(office: Office) -> None:
    """A unit where nobody is at work, and a case that never reached a unit: somebody is told all the same."""
    unmanned, lost = snow(), snow()
    await office.hears(unmanned, lost, assigned(unmanned, at=oslo("2026-11-16 10:00"), person=None))
    await office.works("2026-11-19 08:00")
    assert await office.told("due_soon") == [("due_soon", LEADER), ("due_soon", "bjorg-granlund")]


async def test_a_second_legitimate_reminder_is_not_swallowed(office: Office) -> None:
    """Two cases of one caseworker, and two supplements of one case: each has its own message."""
    first, second = await on_the_desk(office), await on_the_desk(office)
    await office.hears(
        supplemented(first, at=oslo("2026-11-17 10:00")), supplemented(first, at=oslo("2026-11-17 10:00"))
    )
    await office.works("2026-11-19 08:00")
    assert {row.case_id for row in await office.messages("due_soon")} == {first.case_id, second.case_id}
    assert len(await office.messages("supplemented")) == 2


async def test_the_resident_has_an_honest_word_before_the_promise_breaks(office: Office) -> None:
    """On the due day, with a new day five working days on; it is said on the bus too, for the case page."""
    await on_the_desk(office)
    await office.works("2026-11-23 08:00")
    (word,) = await office.messages("delay")
    assert word.facts["expected_on"] == "2026-11-30"
    (said,) = [one for one in await office.said("promise.reminded") if one["step"] == "delay"]
    assert (said["expected_on"], said["recipients"]) == ("2026-11-30", 1)


async def test_a_resident_without_an_address_is_told_on_the_case_page(office: Office) -> None:
    """No mail, but the event carries the new day."""
    await on_the_desk(office, has_email=False)
    await office.works("2026-11-23 08:00")
    assert await office.messages("delay") == []
    (said,) = [one for one in await office.said("promise.reminded") if one["step"] == "delay"]
    assert (said["expected_on"], said["recipients"]) == ("2026-11-30", 0)


async def test_a_resident_who_was_given_a_later_day_is_not_given_another(office: Office) -> None:
    """The caseworker's interim answer said it already, in better words."""
    submission = await on_the_desk(office)
    await office.hears(interim(submission, at=oslo("2026-11-20 10:00"), expected_on=date(2026, 12, 4)))
    await office.works("2026-11-23 08:00")
    assert (await office.steps(submission.case_id))["delay"] == "told"
    assert await office.told("delay", "delayed") == []


async def test_a_clock_set_back_an_hour_does_nothing_twice(office: Office) -> None:
    """What is done is done, whatever the clock says afterwards."""
    await on_the_desk(office)
    await office.works("2026-11-19 08:30")
    office.clock.advance(-timedelta(hours=1))
    assert await office.works() == 0
    office.clock.advance(timedelta(hours=1))
    assert await office.works() == 0
    assert len(await office.messages("due_soon")) == 1


async def test_the_night_the_clock_changes_has_one_midnight(office: Office) -> None:
    """Due on Sunday 25 October 2026, 25 hours long: broken at 23:00 UTC, no longer at 22:00."""
    promise = Promised(promise_id="x", rule="P1W", rule_version="1", due_on=date(2026, 10, 25))
    submission = await on_the_desk(office, promise=promise)
    office.clock.set(datetime(2026, 10, 25, 22, 59, tzinfo=UTC))
    await office.works()
    assert (await office.promise(submission.case_id)).state == "open"
    office.clock.advance(timedelta(minutes=1))
    await office.works()
    assert (await office.promise(submission.case_id)).state == "broken"


async def test_an_event_heard_twice_changes_nothing(office: Office) -> None:
    """Neither a second receipt nor a second promise."""
    submission = snow()
    await office.hears(submission)
    await office.hears(submission)
    await office.hears(submission.model_copy(update={"id": uuid4()}))
    assert await office.told() == [("receipt", "resident")]
    assert len(await office.said("promise.made")) == 1


async def test_two_processes_that_hear_one_case_at_once_lose_neither_event(office: Office) -> None:
    """The second waits for the first's transaction, and reads what it wrote: the answer keeps the promise."""
    submission = snow()
    answer = answered(submission, at=oslo("2026-11-16 11:00"))
    heard = asyncio.Event()

    async def first() -> None:
        async with office.database.transaction() as tx:
            await tx.claim([submission], with_bodies=True)
            await office.handlers([submission], tx)
            heard.set()
            await asyncio.sleep(0.3)

    async def second() -> None:
        await heard.wait()
        await office.hears(answer)

    await asyncio.gather(first(), second())
    await office.works("2026-11-16 11:00")
    assert (await office.promise(submission.case_id)).state == "kept"


async def test_two_notify_processes_do_each_step_of_a_storm_once(office: Office) -> None:
    """1,000 promises due on the same day, two schedulers at once: each step once, each word once."""
    cases = [snow() for _ in range(1000)]
    for start in range(0, len(cases), 500):
        batch = cases[start : start + 500]
        await office.hears(
            *batch, *[assigned(submission, at=oslo("2026-11-16 10:00")) for submission in batch]
        )
    office.clock.set(oslo("2026-11-24 08:00"))
    schedulers = [office.scheduler(batch=50), office.scheduler(batch=50)]

    async def exhaust(number: int) -> int:
        done = idle = 0
        while idle < 3:
            count = await schedulers[number].work()
            done, idle = done + count, 0 if count else idle + 1
            await asyncio.sleep(0 if count else 0.02)
        return done

    shares = await asyncio.gather(exhaust(0), exhaust(1))
    assert sum(shares) == 1000 * 4  # due-soon, delay, judge and broken; still-broken is not due yet
    assert min(shares) > 0
    assert len(await office.messages("broken")) == 2000
    assert len(await office.messages("delayed")) == 1000
    assert len(await office.messages("due_soon", "delay")) == 0
    assert len(await office.said("promise.broken")) == 1000
    assert {promise.state for promise in await office.promises()} == {"broken"}


async def test_a_scheduler_that_dies_in_the_middle_leaves_all_of_it_to_the_next(office: Office) -> None:
    """Effects and the ledger's mark are one transaction: either both or neither."""
    submission = await on_the_desk(office)
    office.clock.set(oslo("2026-11-19 08:00"))

    class CrashError(Exception):
        pass

    with pytest.raises(CrashError):
        async with office.database.transaction() as tx:
            carry_out = office.scheduler()._carry_out  # noqa: SLF001 - dies before its commit
            assert await carry_out(Share.RUNGS, tx, [submission.case_id], tx.now) == 1
            raise CrashError
    assert await office.told("due_soon") == []
    assert await office.works() == 1
    assert await office.told("due_soon") == [("due_soon", CASEWORKER)]


async def test_what_notify_says_carries_no_personal_data(office: Office) -> None:
    """Ids, kinds and times: no address, no name of a resident, in events and in messages alike."""
    submission = await on_the_desk(office)
    await office.works("2026-11-30 09:00")
    await office.hears(answered(submission, at=oslo("2026-11-30 10:00")))
    everything = str(await office.said("promise", "message")) + str(
        [(row.key, row.facts, row.person) for row in await office.messages()]
    )
    assert "@" not in everything
    assert "http" not in everything


async def test_the_bus_is_listened_to_also_while_nothing_is_due(office: Office) -> None:
    """So that an outage is noticed when it happens, and a step that comes due need not wait for that."""
    asked: list[datetime] = []

    async def everything() -> datetime:
        asked.append(office.clock())
        return office.clock()

    office.heard_until = everything
    assert await office.works() == 0
    assert len(asked) == 1

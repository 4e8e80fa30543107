"""Promises are taken over, reminded of, judged: on a real database, by the days of November 2026."""

from datetime import date, timedelta

from shared.events import SubmissionReceived
from tests.events_for_tests import received
from tests.integration.notify.office import OSLO, Office, answered, assigned, closed, interim, oslo

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
        "due-soon", "delay", "judge", "broken", "still-broken",
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
    """Two working days before, on the due day, the day after, and three working days later; each once."""
    submission = await on_the_desk(office)
    known = {row.key for row in await office.messages()}
    for _ in range(24 * 20):
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
    ]
    assert set((await office.steps(submission.case_id)).values()) == {"sent", "judged"}

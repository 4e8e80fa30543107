"""What cannot be decided about is set aside, seen and tried again, and holds up nobody else."""

from uuid import UUID

from prometheus_client import REGISTRY
from sqlalchemy import text

from services.notify import figures, set_aside
from tests.events_for_tests import received
from tests.integration.notify.office import Office, assigned, oslo, paused


async def a_case(office: Office) -> UUID:
    """A complaint of Monday 16 November on its desk; an answer is promised for Monday 23."""
    submission = received(at=oslo("2026-11-16 09:58"))
    await office.hears(submission, assigned(submission, at=oslo("2026-11-16 09:59")))
    return submission.case_id


async def poison(office: Office, case_id: UUID, state: str = "nonsense") -> None:
    """Leaves a promise in a state that no code knows, so that nothing can be decided about it."""
    async with office.database.transaction() as tx:
        await tx.session.execute(
            text("UPDATE promise SET state = :state WHERE case_id = :case_id"),
            {"state": state, "case_id": case_id},
        )


async def listed(office: Office) -> list[set_aside.SetAside]:
    """What is set aside now."""
    async with office.database.reading() as session:
        return await set_aside.listed(session)


async def test_a_promise_that_cannot_be_judged_holds_up_no_other_verdict(office: Office) -> None:
    """The others of its batch are judged at once; it keeps its place in the ledger, with why."""
    cases = [await a_case(office) for _ in range(4)]
    await poison(office, cases[1])
    await office.works("2026-11-24 00:00")
    states = [(await office.promise(case_id)).state for case_id in cases]
    assert states == ["broken", "nonsense", "broken", "broken"]
    aside = [one for one in await listed(office) if one.step == "judge"]
    assert [(one.case_id, one.tries, one.due_at) for one in aside] == [
        (cases[1], 1, oslo("2026-11-24 00:01"))
    ]
    assert "nonsense" in aside[0].error


async def test_it_is_tried_again_with_growing_delay_until_the_cause_is_mended(office: Office) -> None:
    """After one minute, five, thirty, two hours, six and six; then the verdict is for the day it was due."""
    case_id = await a_case(office)
    await poison(office, case_id)
    await office.works("2026-11-24 00:00")
    again = []
    for _ in range(6):
        (aside,) = [one for one in await listed(office) if one.step == "judge"]
        again.append((aside.due_at - office.clock()).total_seconds() / 60)
        office.clock.set(aside.due_at)
        await office.works()
    assert again == [1, 5, 30, 120, 360, 360]
    await poison(office, case_id, "open")
    await office.works("2026-11-25 09:00")
    assert await listed(office) == []
    (broken,) = await office.said("promise.broken")
    assert (broken["due_on"], broken["judged_on"]) == ("2026-11-23", "2026-11-24")


async def test_reminders_of_others_go_out_in_the_same_moment(office: Office) -> None:
    """One at a time is slower, and still now: nobody waits for the one that fails, even in a batch of one."""
    bad, good = await a_case(office), await a_case(office)
    await poison(office, bad)
    await office.works("2026-11-19 08:00", batch=1)
    assert [row.case_id for row in await office.messages("due_soon")] == [good]
    assert [(one.case_id, one.step) for one in await listed(office)] == [(bad, "due-soon")]


async def test_a_step_that_falls_due_meanwhile_keeps_its_place_behind_the_one_set_aside(
    office: Office,
) -> None:
    """Both are tried at once later, and say one thing: what the later of them says."""
    case_id = await a_case(office)
    await poison(office, case_id)
    await office.works("2026-11-24 08:00")
    await office.works("2026-11-27 08:00")
    await poison(office, case_id, "open")
    async with office.database.transaction() as tx:
        await set_aside.retry(tx.session, tx.now)
    await office.works()
    steps = await office.steps(case_id)
    assert (steps["broken"], steps["still-broken"]) == ("sent", "sent")
    assert await listed(office) == []


async def test_a_wait_that_cannot_be_ended_holds_up_no_other(office: Office) -> None:
    """The residents of the others hear that we go on; this one is set aside."""
    bad, good = received(at=oslo("2026-11-16 09:58")), received(at=oslo("2026-11-16 09:58"))
    for submission in (bad, good):
        assignment = assigned(submission, at=oslo("2026-11-16 09:59"))
        question = paused(submission, at=oslo("2026-11-16 12:00"), until=oslo("2026-11-18 12:00").date())
        await office.hears(submission, assignment, question)
    await poison(office, bad.case_id)
    await office.works("2026-11-19 08:00")
    assert (await office.waits(bad.case_id), await office.waits(good.case_id)) == ([None], ["told"])
    assert set_aside.WAITS in {one.step for one in await listed(office) if one.case_id == bad.case_id}


async def test_an_operator_sees_how_many_there_are_and_can_have_them_tried_at_once(office: Office) -> None:
    """Prometheus has the number; one case or all can be retried before their time."""
    first, second = await a_case(office), await a_case(office)
    await poison(office, first)
    await poison(office, second)
    await office.works("2026-11-24 00:00")
    await figures.count(office.database, office.clock)
    assert REGISTRY.get_sample_value("svarfrist_steps_set_aside") == len(await listed(office)) > 1
    await poison(office, first, "open")
    await poison(office, second, "open")
    async with office.database.transaction() as tx:
        assert await set_aside.retry(tx.session, tx.now, first)
    await office.works()
    assert [(await office.promise(case_id)).state for case_id in (first, second)] == ["broken", "open"]
    async with office.database.transaction() as tx:
        assert await set_aside.retry(tx.session, tx.now)
    await office.works()
    await figures.count(office.database, office.clock)
    assert (await office.promise(second)).state == "broken"
    assert REGISTRY.get_sample_value("svarfrist_steps_set_aside") == 0

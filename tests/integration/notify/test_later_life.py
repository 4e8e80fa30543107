"""A promise that waits, moves, lapses, or is followed by another: on a real database, in November 2026.

Received Monday 16 November with an answer promised for Monday 23, unless a test says otherwise.
"""

import asyncio
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text

from deploy.audit_questions import QUESTIONS
from shared.events import SubmissionReceived
from tests.events_for_tests import received
from tests.integration.notify.office import (
    Office,
    answered,
    assigned,
    closed,
    closing,
    extended,
    merged,
    oslo,
    paused,
    reclassified,
    reopened,
    restarted,
    resumed,
    supplemented,
)

CASEWORKER = "linh-pham"


async def on_the_desk(office: Office, **fields: object) -> SubmissionReceived:
    """A complaint that has reached its caseworker."""
    submission = received(at=oslo("2026-11-16 09:58"), **fields)
    await office.hears(submission, assigned(submission, at=oslo("2026-11-16 09:59")))
    return submission


async def moves(office: Office, case: SubmissionReceived) -> list[tuple[str, str, str]]:
    """Why the case's promise moved, from which day and to which, in order."""
    return [
        (said["reason"], said["moved_from"], said["due_on"])
        for said in await office.said("promise.moved", of_case=case.case_id)
    ]


async def test_a_promise_waits_while_the_resident_is_asked_and_has_its_real_day_when_they_answer(
    office: Office,
) -> None:
    """Asked on Tuesday until the Tuesday after, answered on Friday: three days are added, not seven."""
    case = await on_the_desk(office)
    await office.hears(
        paused(case, at=oslo("2026-11-17 10:00"), until=date(2026, 11, 24)), at="2026-11-17 10:00"
    )
    assert (await office.promise(case.case_id)).due_on == date(2026, 11, 30)
    await office.hears(supplemented(case, at=oslo("2026-11-20 09:00")), at="2026-11-20 09:00")
    promise = await office.promise(case.case_id)
    assert (promise.due_on, promise.due_without_pauses_on) == (date(2026, 11, 26), date(2026, 11, 23))
    assert await moves(office, case) == [
        ("paused", "2026-11-23", "2026-11-30"),
        ("resumed", "2026-11-30", "2026-11-26"),
    ]
    await office.hears(answered(case, at=oslo("2026-11-26 20:00")), at="2026-11-26 20:00")
    await office.works()
    (kept,) = await office.said("promise.kept")
    assert (kept["due_on"], kept["due_without_pauses_on"], kept["number"]) == ("2026-11-26", "2026-11-23", 1)


async def test_two_pauses_in_a_minute_move_nothing_in_the_end(office: Office) -> None:
    """The ladder of the day that stood before stands again, and its steps come once."""
    case = await on_the_desk(office)
    for second in ("10:00:00", "10:00:30"):
        asked = oslo(f"2026-11-17 {second}")
        pause = paused(case, at=asked, until=date(2026, 11, 24))
        await office.hears(pause, at=f"2026-11-17 {second}")
        await office.hears(resumed(pause, at=asked + timedelta(seconds=20)))
    assert (await office.promise(case.case_id)).due_on == date(2026, 11, 23)
    for day in (19, 20, 23, 24, 27):
        await office.works(f"2026-11-{day} 12:00")
    assert await office.told("due_soon", "delay", "broken", "still_broken") == [
        ("broken", "adnan-begic"), ("broken", CASEWORKER), ("delay", "resident"), ("due_soon", CASEWORKER),
        ("still_broken", "roar-ostrem"),
    ]  # fmt: skip


async def test_what_is_not_done_belongs_to_the_ladder_of_the_new_day(office: Office) -> None:
    """Done stays done; the rest is moved, and reminds anew before the new day."""
    case = await on_the_desk(office)
    await office.works("2026-11-19 08:00")
    await office.hears(
        extended(case, at=oslo("2026-11-20 10:00"), due_on=date(2026, 12, 4)), at="2026-11-20 10:00"
    )
    assert await office.steps(case.case_id, 1) == {
        "due-soon": "sent", "delay": "moved", "judge": "moved", "broken": "moved", "still-broken": "moved",
        "long-broken": "moved",
    }  # fmt: skip
    await office.works("2026-11-24 12:00")
    assert await office.said("promise.broken") == []
    await office.works("2026-12-02 08:00")
    assert [word.facts["due_on"] for word in await office.messages("due_soon")] == [
        "2026-11-23",
        "2026-12-04",
    ]


async def test_nobody_is_told_of_a_delay_while_we_wait_for_them(office: Office) -> None:
    """Asked on the due day itself: the word about delay waits until the wait is over."""
    case = await on_the_desk(office)
    await office.hears(
        paused(case, at=oslo("2026-11-23 07:00"), until=date(2026, 11, 25)), at="2026-11-23 07:00"
    )
    for day in (23, 24, 25):
        await office.works(f"2026-11-{day} 12:00")
    assert await office.told("delay", "delayed") == []
    await office.works("2026-11-26 08:00")
    assert await office.told("delayed", "wait_ended") == [
        ("delayed", "resident"), ("wait_ended", "caseworker"),
    ]  # fmt: skip
    assert await office.waits(case.case_id) == ["merged"]


async def test_a_wait_that_ends_on_the_due_day_gives_the_resident_one_word(office: Office) -> None:
    """Asked on a Friday for the weekend: on Monday, the due day itself, they are told of the delay alone."""
    case = await on_the_desk(office)
    await office.hears(
        extended(case, at=oslo("2026-11-17 10:00"), due_on=date(2026, 11, 20)),
        paused(case, at=oslo("2026-11-20 07:00"), until=date(2026, 11, 22)),
        at="2026-11-20 07:00",
    )
    assert (await office.promise(case.case_id)).due_on == date(2026, 11, 23)
    await office.works("2026-11-23 08:00")
    assert await office.told("delay", "delayed", "wait_ended") == [
        ("delay", "resident"), ("wait_ended", "caseworker"),
    ]  # fmt: skip
    assert await office.waits(case.case_id) == ["merged"]


async def test_no_answer_ends_the_wait_and_tells_both(office: Office) -> None:
    """When the office opens after the last day; the promise's day is the one that stood, and it is said so."""
    case = await on_the_desk(office)
    await office.hears(
        paused(case, at=oslo("2026-11-17 10:00"), until=date(2026, 11, 20)), at="2026-11-17 10:00"
    )
    assert await office.told("question") == [("question", "resident")]
    await office.works("2026-11-20 15:00")
    assert await office.told("wait_ended") == []
    await office.works("2026-11-21 12:00")  # a Saturday
    assert await office.told("wait_ended") == []
    await office.works("2026-11-23 08:00")
    assert await office.told("wait_ended") == [("wait_ended", "caseworker"), ("wait_ended", "resident")]
    assert await moves(office, case) == [
        ("paused", "2026-11-23", "2026-11-26"),
        ("no_answer", "2026-11-26", "2026-11-26"),
    ]
    assert await office.waits(case.case_id) == ["told"]
    await office.hears(supplemented(case, at=oslo("2026-11-24 10:00")), at="2026-11-24 10:00")
    await office.works("2026-11-24 10:00")
    assert (await office.promise(case.case_id)).due_on == date(2026, 11, 26)
    assert len(await office.messages("wait_ended")) == 2


async def test_a_wait_ends_once_whatever_dies_and_however_many_look(office: Office) -> None:
    """The ledger's row and what is said are one transaction; a clock set back tells nobody twice."""
    case = await on_the_desk(office)
    await office.hears(paused(case, at=oslo("2026-11-17 10:00"), until=date(2026, 11, 20)))
    office.clock.set(oslo("2026-11-23 08:30"))

    class CrashError(Exception):
        pass

    with pytest.raises(CrashError):
        async with office.database.transaction() as tx:
            end_waits = office.scheduler()._end_waits  # noqa: SLF001 - dies before its commit
            assert await end_waits(tx, [case.case_id], tx.now) == 1
            raise CrashError
    assert await office.messages("wait_ended") == []
    await asyncio.gather(office.scheduler().work(), office.scheduler().work())
    office.clock.advance(-timedelta(hours=1))
    await office.works()
    office.clock.advance(timedelta(hours=1))
    await office.works()
    assert len(await office.messages("wait_ended")) == 2
    assert [reason for reason, _, _ in await moves(office, case)] == ["paused", "no_answer"]


async def test_a_resident_who_answers_is_not_told_that_the_wait_is_over(office: Office) -> None:
    """Nor is the caseworker, but that there is something new."""
    case = await on_the_desk(office)
    await office.hears(paused(case, at=oslo("2026-11-17 10:00"), until=date(2026, 11, 20)))
    await office.hears(supplemented(case, at=oslo("2026-11-19 10:00")))
    await office.works("2026-11-23 08:00")
    assert await office.told("wait_ended", "supplemented") == [("supplemented", "caseworker")]
    assert await office.waits(case.case_id) == ["heard"]


async def test_a_question_asked_again_has_one_end(office: Office) -> None:
    """The wait for the first goes on as the wait for the second."""
    case = await on_the_desk(office)
    await office.hears(paused(case, at=oslo("2026-11-17 10:00"), until=date(2026, 11, 18)))
    await office.hears(paused(case, at=oslo("2026-11-18 10:00"), until=date(2026, 11, 20)))
    await office.works("2026-11-23 08:00")
    assert sorted(map(str, await office.waits(case.case_id))) == ["asked_again", "told"]
    assert len(await office.messages("wait_ended")) == 2


async def test_a_question_in_a_case_without_a_promise_ends_too(office: Office) -> None:
    """Nothing is due, but both are told."""
    case = await on_the_desk(office, promise=None, reply_wanted=False)
    await office.hears(paused(case, at=oslo("2026-11-17 10:00"), until=date(2026, 11, 20)))
    await office.works("2026-11-23 08:00")
    assert await office.told("wait_ended") == [("wait_ended", "caseworker"), ("wait_ended", "resident")]
    assert await moves(office, case) == []


async def test_a_question_asked_after_the_due_day_changes_no_verdict(office: Office) -> None:
    """Nor one that is heard of after the verdict."""
    case = await on_the_desk(office)
    await office.works("2026-11-24 00:00")
    await office.hears(paused(case, at=oslo("2026-11-24 09:00"), until=date(2026, 11, 30)))
    await office.hears(paused(case, at=oslo("2026-11-20 09:00"), until=date(2026, 11, 27)))
    assert (await office.promise(case.case_id)).state == "broken"
    assert await moves(office, case) == []


async def test_an_extension_gives_the_day_that_was_said_and_the_resident_is_told(office: Office) -> None:
    """Pauses before it are in its day; one after it lengthens it."""
    case = await on_the_desk(office)
    await office.hears(paused(case, at=oslo("2026-11-16 12:00"), until=date(2026, 11, 17)))
    await office.hears(extended(case, at=oslo("2026-11-20 10:00"), due_on=date(2026, 12, 1)))
    assert (await office.promise(case.case_id)).due_on == date(2026, 12, 1)
    (word,) = await office.messages("extended")
    assert word.facts == {"due_on": "2026-12-01"}
    await office.hears(paused(case, at=oslo("2026-11-30 10:00"), until=date(2026, 12, 2)))
    promise = await office.promise(case.case_id)
    assert (promise.due_on, promise.due_without_pauses_on) == (date(2026, 12, 3), date(2026, 12, 1))


async def test_a_promise_is_extended_only_while_it_is_open(office: Office) -> None:
    """The day after the due day is too late, though the verdict has not been written down yet."""
    case = await on_the_desk(office)
    await office.hears(
        extended(case, at=oslo("2026-11-24 00:01"), due_on=date(2026, 12, 1)), at="2026-11-24 00:01"
    )
    await office.works("2026-11-24 00:01")
    promise = await office.promise(case.case_id)
    assert (promise.state, promise.due_on) == ("broken", date(2026, 11, 23))


async def test_a_clarification_that_changes_the_matter_restarts_the_clock(office: Office) -> None:
    """A week from when the resident clarified: Thursday 19 to Thursday 26."""
    case = await on_the_desk(office)
    await office.hears(
        supplemented(case, at=oslo("2026-11-19 12:00")),
        restarted(case, at=oslo("2026-11-20 09:00"), counted_from=oslo("2026-11-19 12:00")),
    )
    promise = await office.promise(case.case_id)
    assert (promise.due_on, promise.started_at) == (date(2026, 11, 26), oslo("2026-11-19 12:00"))
    assert await office.told("restarted") == [("restarted", "resident")]


async def test_a_reclassified_case_has_the_promise_of_its_kind(office: Office) -> None:
    """With another rule, and without the old one's ladder."""
    case = await on_the_desk(office)
    await office.hears(reclassified(case, at=oslo("2026-11-17 09:00"), due_on=date(2026, 12, 7)))
    promise = await office.promise(case.case_id)
    assert (promise.promise_id, promise.rule, promise.due_on) == ("annet", "P3WD", date(2026, 12, 7))
    assert promise.number == 1
    assert await office.told("reclassified") == []
    await office.hears(
        reclassified(case, at=oslo("2026-11-17 10:00"), due_on=date(2026, 12, 7), answer_id=uuid4())
    )
    assert await office.told("reclassified") == [("reclassified", "resident")]


async def test_a_case_that_is_of_another_kind_with_the_same_promise_is_no_finding_of_the_audit(
    office: Office,
) -> None:
    """The receipt's promise is still enforced, whatever it is counted from now."""
    case = await on_the_desk(office)
    promised = case.promise
    assert promised
    await office.hears(
        reclassified(
            case, at=oslo("2026-11-17 09:00"), rule=promised.rule, due_on=promised.due_on,
            promise=promised, topic=case.topic,
        )
    )  # fmt: skip
    assert (await office.promise(case.case_id)).version == 1
    async with office.database.reading() as session:
        answers = (await session.scalars(text(QUESTIONS["promises"].sql))).all()
    assert answers == [f"{case.case_id} {promised.due_on}"]


async def test_a_case_reclassified_as_promised_nothing_is_not_judged(office: Office) -> None:
    """The promise lapses at once, nobody is reminded, and it can hold again under another kind."""
    case = await on_the_desk(office)
    await office.hears(reclassified(case, at=oslo("2026-11-17 09:00"), due_on=None), at="2026-11-17 09:00")
    await office.works()
    assert (await office.promise(case.case_id)).state == "lapsed"
    (lapsed,) = await office.said("promise.lapsed")
    assert (lapsed["reason"], lapsed["number"]) == ("reclassified", 1)
    await office.works("2026-11-19 08:00")
    assert await office.told("due_soon") == []
    await office.hears(reclassified(case, at=oslo("2026-11-19 09:00"), due_on=date(2026, 11, 27)))
    versions = await office.versions(case.case_id)
    assert versions == [
        (1, 1, "2026-11-23", None, "lapsed"),
        (3, 1, "2026-11-27", None, "open"),
    ]


async def test_praise_that_turns_out_to_be_a_complaint_is_promised_an_answer(office: Office) -> None:
    """There was none before."""
    case = await on_the_desk(office, promise=None)
    await office.hears(reclassified(case, at=oslo("2026-11-17 09:00"), due_on=date(2026, 11, 27)))
    assert await office.versions(case.case_id) == [(1, 1, "2026-11-27", None, "open")]


async def test_a_case_answered_in_time_and_later_supplemented_is_not_late(office: Office) -> None:
    """Nor do a question, an extension or a further answer after it change anything."""
    case = await on_the_desk(office)
    await office.hears(answered(case, at=oslo("2026-11-20 10:00")))
    await office.hears(
        supplemented(case, at=oslo("2026-11-25 10:00")),
        paused(case, at=oslo("2026-11-26 10:00"), until=date(2026, 11, 27)),
        extended(case, at=oslo("2026-11-26 11:00"), due_on=date(2026, 12, 4)),
        answered(case, at=oslo("2026-12-10 10:00")),
    )
    await office.works("2026-12-11 10:00")
    promise = await office.promise(case.case_id)
    assert (promise.state, promise.due_on, promise.judged_on) == (
        "kept", date(2026, 11, 23), date(2026, 11, 20),
    )  # fmt: skip


async def test_a_reopened_case_has_a_new_promise_and_the_old_verdict_stands(office: Office) -> None:
    """Kept the first time, broken the second; each has its own event."""
    case = await on_the_desk(office)
    await office.hears(answered(case, at=oslo("2026-11-20 10:00")), at="2026-11-20 10:00")
    await office.works()
    await office.hears(
        reopened(case, at=oslo("2026-11-25 10:00"), due_on=date(2026, 12, 2)), at="2026-11-25 10:00"
    )
    assert await office.told("reopened") == [("reopened", "resident")]
    await office.works("2026-12-03 08:00")
    await office.hears(answered(case, at=oslo("2026-12-03 10:00")), at="2026-12-03 10:00")
    await office.works()
    assert await office.versions(case.case_id) == [
        (1, 1, "2026-11-23", None, "kept"),
        (2, 2, "2026-12-02", None, "broken"),
    ]
    assert [said["number"] for said in await office.said("promise.kept", "promise.broken")] == [1, 2]
    assert [said["number"] for said in await office.said("promise.made")] == [1, 2]


async def test_the_first_answer_after_the_latest_opening_judges_the_latest_promise(office: Office) -> None:
    """Even where all of it is heard at once, and the reopening before the answer that it came after."""
    case = await on_the_desk(office)
    await office.hears(
        answered(case, at=oslo("2026-11-27 10:00")),
        reopened(case, at=oslo("2026-11-25 10:00"), due_on=date(2026, 12, 2)),
    )
    await office.hears(answered(case, at=oslo("2026-11-20 10:00")))
    await office.works("2026-12-03 08:00")
    assert [(row.number, row.state, row.judged_on) for row in await office.promises()] == [
        (1, "kept", date(2026, 11, 20)),
        (2, "kept", date(2026, 11, 27)),
    ]


async def test_a_reopened_case_reminds_again(office: Office) -> None:
    """The ladder of the new promise is climbed from its foot."""
    case = await on_the_desk(office)
    await office.hears(
        answered(case, at=oslo("2026-11-18 10:00")),
        reopened(case, at=oslo("2026-11-19 10:00"), due_on=date(2026, 11, 26)),
        at="2026-11-19 10:00",
    )
    for day in (19, 20, 23, 24, 25, 26):
        await office.works(f"2026-11-{day} 12:00")
    assert await office.told("due_soon", "delay") == [("delay", "resident"), ("due_soon", CASEWORKER)]


async def test_case_merged_has_no_promise_of_its_own(office: Office) -> None:
    """It lapses at once, and is not judged when its day comes."""
    case, leading = await on_the_desk(office), await on_the_desk(office)
    await office.hears(merged(case, at=oslo("2026-11-18 10:00"), into=leading.case_id), at="2026-11-18 10:00")
    await office.works()
    assert (await office.promise(case.case_id)).state == "lapsed"
    (lapsed,) = await office.said("promise.lapsed")
    assert lapsed["reason"] == "merged"
    await office.works("2026-11-27 12:00")
    assert await office.said("promise.kept", "promise.broken", of_case=case.case_id) == []
    assert (await office.promise(leading.case_id)).state == "broken"


async def test_the_resident_of_a_merged_case_is_told_once_of_the_answer(office: Office) -> None:
    """Routing gives each merged case an answer of its own; the leading case's is its own resident's."""
    case, leading = await on_the_desk(office), await on_the_desk(office)
    await office.hears(merged(case, at=oslo("2026-11-18 10:00"), into=leading.case_id))
    at = oslo("2026-11-20 10:00")
    await office.hears(answered(leading, at=at), answered(case, at=at))
    told = [row.case_id for row in await office.messages("answer")]
    assert (told.count(case.case_id), told.count(leading.case_id)) == (1, 1)


async def test_a_case_closed_in_time_says_that_its_promise_lapses(office: Office) -> None:
    """When the due day is over: until then it may be answered after all."""
    case = await on_the_desk(office)
    await office.hears(closed(case, at=oslo("2026-11-18 10:00")), at="2026-11-18 10:00")
    await office.works("2026-11-23 23:59")
    assert await office.said("promise.lapsed") == []
    await office.works("2026-11-24 00:00")
    (lapsed,) = await office.said("promise.lapsed")
    assert (lapsed["reason"], lapsed["version"]) == ("closed", 2)


async def test_an_answer_heard_before_the_reopening_that_came_first_is_not_judged_wrongly(
    office: Office,
) -> None:
    """What made the old promise's verdict due turns out to be the new one's answer."""
    case = await on_the_desk(office)
    await office.hears(answered(case, at=oslo("2026-11-20 10:00")), at="2026-11-20 10:00")
    await office.hears(
        closed(case, at=oslo("2026-11-18 10:00")),
        reopened(case, at=oslo("2026-11-19 10:00"), due_on=date(2026, 11, 26)),
    )
    await office.works("2026-11-24 12:00")
    assert [(row.number, row.state) for row in await office.promises()] == [(1, "lapsed"), (2, "kept")]


async def test_a_calendar_that_changed_meanwhile_moves_nothing_by_itself(office: Office) -> None:
    """Only `svarfrist promises apply` does: an event that says nothing of the promise leaves its day."""
    case = await on_the_desk(office)
    await office.hears(restarted(case, at=oslo("2026-11-17 10:00")))
    changed = closing(office.municipality, date(2026, 11, 24))
    other = Office(office.database, office.clock, changed)
    await other.hears(assigned(case, at=oslo("2026-11-18 10:00"), person="tor-kvam"))
    await other.hears(answered(case, at=oslo("2026-11-24 10:00")))
    assert (await other.promise(case.case_id)).due_on == date(2026, 11, 24)

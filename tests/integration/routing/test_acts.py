"""Questions, moved promises, other kinds, reopening and merging, on a real PostgreSQL: once, and in order."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from services.routing import merging, promising, waiting
from services.routing.cases import Case, State
from services.routing.casework import Draft, Receiver
from services.routing.promising import Matter, NoSuchDayError
from services.routing.questions import AnswerReader
from services.routing.work import AlreadySentError, ChangedMeanwhileError, Letter, NotNowError
from shared.clock import FixedClock
from shared.database import Database
from shared.events import (
    CaseAnswered,
    CaseAssigned,
    CaseExtended,
    CaseInterimAnswered,
    CaseMerged,
    CasePaused,
    CaseReclassified,
    CaseReopened,
    CaseRestarted,
    CaseResumed,
    Kind,
    PromiseMoved,
    SubmissionReceived,
    SubmissionSupplemented,
)
from shared.municipality import Municipality
from shared.questions import AnswerKind, ReadAnswers
from tests.integration.routing.office import Office

TOR, LINH = "tor-kvam", "linh-pham"
FRIDAY, MONDAY, WEDNESDAY = date(2026, 11, 20), date(2026, 11, 30), date(2026, 12, 2)
ROAD = Matter(Kind.COMPLAINT, "vei-og-vinterdrift", "heggedal")


@pytest.fixture
async def office(database: Database, asker: Municipality) -> Office:
    """An office with one case, just come in."""
    made = Office(database, asker)
    await made.receive()
    return made


def letter(version: int = 1, text: str = "Hvilken side av veien?", key: UUID | None = None) -> Letter:
    """A word to the resident."""
    return Letter(key or uuid4(), version, text)


def answer(version: int, text: str = "Nå er det brøytet.", *, final: bool = True) -> Draft:
    """An answer."""
    return Draft(uuid4(), version, text, final, None if final else WEDNESDAY)


async def supplement(office: Office, at: datetime) -> None:
    """The resident adds something."""
    case = (await office.history(office.case_id))[0]
    assert isinstance(case, SubmissionReceived)
    await office.hear(SubmissionSupplemented.caused(case, at=at, supplement_id=uuid4()))


async def test_a_question_is_asked_once_and_kept_for_the_resident(office: Office) -> None:
    """However often it is sent, and with the last day of the wait; the bus knows no word of it."""
    question = letter()
    await asyncio.gather(*(office.does(TOR, lambda work: waiting.ask(work, question)) for _ in range(3)))
    (said,) = await office.said(CasePaused)
    assert said["until"] == "2026-11-23"
    assert "veien" not in str(said)
    assert (await office.case()).waiting_until == date(2026, 11, 23)
    told = await AnswerReader(office.database, office.asker).read(ReadAnswers(case_id=office.case_id))
    (asked,) = told.answers
    assert (asked.kind, asked.final, asked.expected_on) == (AnswerKind.QUESTION, False, date(2026, 11, 23))
    with pytest.raises(AlreadySentError):
        await office.does(TOR, lambda work: waiting.ask(work, letter(1, "Noe annet?", question.key)))


async def test_what_the_resident_adds_resumes_however_late_it_is_heard(
    office: Office, clock: FixedClock
) -> None:
    """From the moment she added it; and hearing it again says nothing new."""
    await office.does(TOR, lambda work: waiting.ask(work, letter()))
    added = clock() + timedelta(days=1)
    clock.advance(timedelta(days=5))
    await supplement(office, added)
    await supplement(office, added + timedelta(hours=1))
    (resumed,) = await office.said(CaseResumed)
    assert (resumed["reason"], resumed["person"]) == ("resident_answered", None)
    history = await office.history(office.case_id)
    assert next(event.at for event in history if isinstance(event, CaseResumed)) == added + timedelta(
        microseconds=1
    )
    assert (await office.case()).waiting_until is None


async def test_a_caseworker_goes_on_without_an_answer(office: Office, clock: FixedClock) -> None:
    """Both questions of the minute end; a second click, or one after the wait, changes nothing."""
    await office.does(TOR, lambda work: waiting.ask(work, letter()))
    await office.does(TOR, lambda work: waiting.ask(work, letter(2, "Og når?")))
    clock.advance(timedelta(hours=2))
    await office.does(TOR, lambda work: waiting.resume(work, version=3))
    await office.does(TOR, lambda work: waiting.resume(work, version=3))
    assert [said["person"] for said in await office.said(CaseResumed)] == [TOR, TOR]
    assert (await office.case()).waiting_until is None


async def test_the_time_waited_is_told_with_the_answer(office: Office, clock: FixedClock) -> None:
    """In seconds, of the pause that ended with it."""
    await office.does(TOR, lambda work: waiting.ask(work, letter()))
    clock.advance(timedelta(hours=3))
    await office.does(TOR, lambda work: work.answer(answer(2)))
    (said,) = await office.said(CaseAnswered)
    assert said["waited_seconds"] == 3 * 60 * 60


async def test_an_extension_names_a_later_working_day_and_why(office: Office) -> None:
    """The case's due day is that day at once."""
    case: Case = await office.does(TOR, lambda work: promising.extend(work, letter(), MONDAY))
    assert case.due_on == MONDAY
    (said,) = await office.said(CaseExtended)
    assert said["due_on"] == "2026-11-30"


@pytest.mark.parametrize(
    ("day", "why"),
    [
        (date(2026, 11, 16), "past"),
        (date(2026, 11, 23), "before"),
        (date(2026, 11, 28), "closed"),
        (date(2026, 12, 25), "closed"),
        (date(2300, 1, 4), "day"),
        (None, "day"),
    ],
)
async def test_a_promise_cannot_be_moved_to_just_any_day(
    office: Office, asker: Municipality, day: date | None, why: str
) -> None:
    """Today, the present day or before, a Saturday, Christmas Day, beyond the calendar, none."""
    case, _ = await office.does(TOR, lambda work: work.look())
    with pytest.raises(NoSuchDayError) as refused:
        promising.checked_day(day, case, date(2026, 11, 16), asker)
    assert refused.value.why == why


async def test_only_an_open_promise_is_extended(office: Office, clock: FixedClock) -> None:
    """Neither one that has passed nor one that is answered."""
    clock.advance(timedelta(days=8))
    with pytest.raises(NotNowError):
        await office.does(TOR, lambda work: promising.extend(work, letter(), WEDNESDAY))
    clock.advance(timedelta(days=-8))
    await office.does(TOR, lambda work: work.answer(answer(1)))
    with pytest.raises(NotNowError):
        await office.does(TOR, lambda work: promising.extend(work, letter(2), MONDAY))


async def test_the_clock_starts_anew_from_what_the_resident_added_and_only_from_that(
    office: Office, clock: FixedClock
) -> None:
    """Not without it, not twice from the same, and not to a day that is promised already."""
    with pytest.raises(NotNowError):
        await office.does(TOR, lambda work: promising.restart(work, letter()))
    added = clock() + timedelta(days=2)
    clock.advance(timedelta(days=2, hours=3))
    await supplement(office, added)
    await office.does(TOR, lambda work: promising.restart(work, letter(2, "Det er en annen vei.")))
    (said,) = await office.said(CaseRestarted)
    assert datetime.fromisoformat(said["counted_from"]) == added
    told = await AnswerReader(office.database, office.asker).read(ReadAnswers(case_id=office.case_id))
    assert told.answers[0].expected_on == date(2026, 11, 25)
    with pytest.raises(NotNowError):
        await office.does(TOR, lambda work: promising.restart(work, letter(3)))


async def test_a_reclassified_case_gets_its_own_promise_and_may_change_hands(office: Office) -> None:
    """Counted from when it was received; once, and with no word to the resident unless one is written."""
    matter, form = Matter(Kind.APPEAL, "byggesak", None), letter(1, "")
    for _ in range(2):
        case: Case = await office.does(
            TOR, lambda work: promising.reclassify(work, form, matter, Receiver("byggesak"))
        )
    assert (case.kind, case.topic, case.area, case.unit) == (Kind.APPEAL, "byggesak", None, "byggesak")
    assert case.due_on == date(2026, 12, 7)
    (said,) = await office.said(CaseReclassified)
    assert (said["promise"]["rule"], said["answer_id"]) == ("P15WD", None)
    assert len(await office.said(CaseAssigned)) == 2
    told = await AnswerReader(office.database, office.asker).read(ReadAnswers(case_id=office.case_id))
    assert told.answers == []


async def test_a_finished_case_is_reopened_under_a_new_promise(office: Office, clock: FixedClock) -> None:
    """Counted from now; closed again if it was a mistake, which a second time is another closing."""
    await office.does(TOR, lambda work: work.answer(answer(1)))
    clock.advance(timedelta(days=14))
    for version in (2, 4):
        key = uuid4()
        for _ in range(2):
            case: Case = await office.does(
                LINH,
                lambda work, key=key, version=version: promising.reopen(work, key=key, version=version),  # type: ignore[misc]
            )
        assert (case.finished, case.due_on) == (False, date(2026, 12, 7))
        closed: Case = await office.does(
            LINH, lambda work, version=version: work.mark_read(version=version + 1)
        )  # type: ignore[misc]
        assert (closed.state, closed.finished) == (State.ANSWERED, True)
    assert [said["promise"]["due_on"] for said in await office.said(CaseReopened)] == ["2026-12-07"] * 2
    assert (await office.case()).promise_number == 3


async def test_a_merged_case_gets_the_answers_of_the_one_that_leads(
    office: Office, database: Database, asker: Municipality
) -> None:
    """Interim and final, each an answer of its own; and through a case that was merged itself."""
    leading, last = Office(database, asker), Office(database, asker)
    await leading.receive()
    await last.receive()
    await office.does(TOR, lambda work: merging.merge(work, leading.case_id, key=uuid4(), version=1))
    await leading.does(TOR, lambda work: merging.merge(work, last.case_id, key=uuid4(), version=1))
    assert [case.state for case in (await office.case(), await leading.case())] == ["merged", "merged"]
    await last.does(TOR, lambda work: work.answer(answer(1, "Vi ser på det.", final=False)))
    draft = answer(2)
    for _ in range(2):
        await last.does(TOR, lambda work: work.answer(draft))
    assert len(await office.said(CaseInterimAnswered)) == 3
    assert len(await office.said(CaseAnswered)) == 3
    reader = AnswerReader(database, asker)
    for each in (office, leading, last):
        told = await reader.read(ReadAnswers(case_id=each.case_id))
        assert [text.text for text in told.answers] == ["Vi ser på det.", "Nå er det brøytet."]
        assert (await each.case()).state == "answered"


async def test_a_case_leads_only_while_it_is_worked_on_and_never_itself(
    office: Office, database: Database, asker: Municipality
) -> None:
    """Two that are merged into each other at once: one is, and no circle comes of it."""
    other = Office(database, asker)
    await other.receive()
    with pytest.raises(NotNowError):
        await office.does(TOR, lambda work: merging.merge(work, office.case_id, key=uuid4(), version=1))
    results = await asyncio.gather(
        office.does(TOR, lambda work: merging.merge(work, other.case_id, key=uuid4(), version=1)),
        other.does(LINH, lambda work: merging.merge(work, office.case_id, key=uuid4(), version=1)),
        return_exceptions=True,
    )
    assert sum(isinstance(result, NotNowError) for result in results) == 1
    assert len(await office.said(CaseMerged)) == 1


async def test_a_merging_is_undone_by_reopening(
    office: Office, database: Database, asker: Municipality
) -> None:
    """After it the other's answers are its own affair."""
    leading = Office(database, asker)
    await leading.receive()
    await office.does(TOR, lambda work: merging.merge(work, leading.case_id, key=uuid4(), version=1))
    await office.does(TOR, lambda work: promising.reopen(work, key=uuid4(), version=2))
    await leading.does(TOR, lambda work: work.answer(answer(1)))
    assert (await office.case()).state != "answered"


async def test_nothing_is_done_over_a_colleagues_head(office: Office) -> None:
    """Each act asks for the version it was begun on."""
    await office.does(LINH, lambda work: waiting.ask(work, letter()))
    for act in (
        lambda work: waiting.ask(work, letter()),
        lambda work: waiting.resume(work, version=1),
        lambda work: promising.extend(work, letter(), MONDAY),
        lambda work: promising.restart(work, letter()),
        lambda work: promising.reclassify(work, letter(), ROAD),
        lambda work: promising.reopen(work, key=uuid4(), version=1),
        lambda work: merging.merge(work, uuid4(), key=uuid4(), version=1),
    ):
        with pytest.raises(ChangedMeanwhileError):
            await office.does(TOR, act)


async def test_what_notify_says_of_a_promise_shows_in_the_case(office: Office) -> None:
    """The due day and what lists are sorted by."""
    (came_in,) = [
        event for event in await office.history(office.case_id) if isinstance(event, SubmissionReceived)
    ]
    await office.hear(
        PromiseMoved.caused(
            came_in, at=datetime(2026, 11, 17, 9, tzinfo=UTC), version=2, number=1, reason="recomputed",
            promise_id="svargaranti", rule="P1W", rule_version="2", moved_from=date(2026, 11, 23),
            due_on=FRIDAY, due_without_pauses_on=FRIDAY,
        )
    )  # fmt: skip
    row = await office.case()
    assert (row.due_on, row.urgent_on) == (FRIDAY, FRIDAY)

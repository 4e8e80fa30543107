"""What people do to cases, on a real PostgreSQL: once, in order, and never over each other's heads."""

import asyncio
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from services.routing import store
from services.routing.cases import Case, State
from services.routing.casework import Draft, Receiver
from services.routing.questions import AnswerReader
from services.routing.store import AccessRow, AnswerRow, NoteRow
from services.routing.work import AlreadySentError, ChangedMeanwhileError, NotNowError
from shared.clock import FixedClock
from shared.database import Database, outbox
from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseOpened,
    SubmissionSupplemented,
)
from shared.identity import new_reference
from shared.municipality import Municipality
from shared.questions import ReadAnswers
from tests.events_for_tests import received
from tests.integration.routing.office import Office

TOR, LINH, RANIA, LEADER = "tor-kvam", "linh-pham", "rania-haddad", "adnan-begic"
UNIT = "kommunalteknikk-heggedal-dikemark"
SECRET_WORDS = "Hun fikk ikke hjelp da hun ringte."


@pytest.fixture
async def office(database: Database, asker: Municipality) -> Office:
    """An office with one case, just come in."""
    made = Office(database, asker)
    await made.receive()
    return made


def answer(version: int = 1, text: str = "Veien er brøytet.", key: UUID | None = None) -> Draft:
    """A final answer."""
    return Draft(key or uuid4(), version, text, final=True)


async def test_an_answer_finishes_the_case_and_is_told_by_its_id_alone(office: Office) -> None:
    """The words stay in the answers table; the bus has the id, the person and the unit."""
    draft = answer(text=SECRET_WORDS)
    case: Case = await office.does(TOR, lambda work: work.answer(draft))
    assert (case.state, case.finished) == (State.ANSWERED, True)
    (said,) = await office.said(CaseAnswered)
    assert said == {"answer_id": str(draft.key), "person": TOR, "unit": UNIT, "waited_seconds": 0}
    row = await office.case()
    assert (row.open, row.state) == (False, "answered")


async def test_nothing_a_person_writes_reaches_the_bus(office: Office) -> None:
    """Answers, notes and reasons: looked for in everything that goes out."""
    await office.does(TOR, lambda work: work.note(SECRET_WORDS, key=uuid4()))
    await office.does(
        TOR, lambda work: work.hand_over(Receiver("byggesak"), SECRET_WORDS, key=uuid4(), version=1)
    )
    await office.does(TOR, lambda work: work.answer(answer(2, SECRET_WORDS)))
    async with office.database.reading() as session:
        bodies = [body.decode() for body in await session.scalars(select(outbox.c.body))]
    assert len(bodies) == 3
    for body in bodies:
        assert SECRET_WORDS not in body
        assert office.asker.people[TOR].name not in body


async def test_the_same_form_sent_twice_at_once_makes_one_answer(office: Office) -> None:
    """A double click: two requests in two processes."""
    draft = answer()
    await asyncio.gather(*(office.does(TOR, lambda work: work.answer(draft)) for _ in range(5)))
    assert await office.count(AnswerRow.__table__) == 1
    assert len(await office.said(CaseAnswered)) == 1


async def test_of_five_who_answer_at_once_one_does_and_the_others_are_told(office: Office) -> None:
    """Whoever is second learns what has happened since."""
    results = await asyncio.gather(
        *(
            office.does(person, lambda work: work.answer(answer()))
            for person in (TOR, LINH, RANIA, LEADER, TOR)
        ),
        return_exceptions=True,
    )
    refused = [result for result in results if isinstance(result, ChangedMeanwhileError)]
    assert len(refused) == 4
    assert all(error.case.state is State.ANSWERED for error in refused)
    assert any(isinstance(event, CaseAnswered) for event in refused[0].history)
    assert await office.count(AnswerRow.__table__) == 1


async def test_a_form_sent_again_with_other_words_sends_nothing_and_says_so(office: Office) -> None:
    """The answer that went out cannot be changed behind the resident's back."""
    draft = answer()
    await office.does(TOR, lambda work: work.answer(draft))
    with pytest.raises(AlreadySentError) as refused:
        await office.does(TOR, lambda work: work.answer(answer(text="Noe annet.", key=draft.key)))
    assert refused.value.answer.text == draft.text


async def test_a_further_answer_is_one_more(office: Office, clock: FixedClock) -> None:
    """The promise is judged by the first."""
    await office.does(TOR, lambda work: work.answer(answer()))
    first = await office.case()
    clock.advance(timedelta(days=2))
    await office.does(TOR, lambda work: work.answer(answer(2, "En ting til.")))
    row = await office.case()
    assert row.answered_at == first.answered_at
    assert row.last_answer_at == clock()
    assert len(await office.said(CaseAnswered)) == 2


async def test_an_interim_answer_keeps_the_case_open(office: Office) -> None:
    """With the day it names."""
    draft = Draft(uuid4(), 1, "Vi venter på deler.", final=False, expected_on=date(2026, 12, 1))
    await office.does(TOR, lambda work: work.answer(draft))
    row = await office.case()
    assert (row.state, row.open, row.expected_on) == ("interim_answered", True, date(2026, 12, 1))


async def test_a_case_handed_to_a_unit_goes_to_its_least_busy_person(office: Office) -> None:
    """The reason is a note; the next one finds the case new, and due when it was."""
    before = await office.case()
    people = [person.id for person in office.asker.caseworkers("byggesak", date(2026, 11, 16))]
    for _ in people[1:]:
        await office.hear(received(reference=new_reference(), topic="byggesak", area=None))
    busy = {body["person"] for body in await office.said(CaseAssigned)}
    case: Case = await office.does(
        TOR, lambda work: work.hand_over(Receiver("byggesak"), "Privat vei.", key=uuid4(), version=1)
    )
    assert case.person in set(people) - busy
    assert (case.unit, case.state, case.due_on) == ("byggesak", State.NEW, before.due_on)
    said = (await office.said(CaseAssigned))[-1]
    assert (said["reason"], said["from_unit"], said["from_person"], said["assigned_by"]) == (
        AssignmentReason.HANDED_OVER,
        UNIT,
        before.person,
        TOR,
    )
    async with office.database.reading() as session:
        (note,) = await store.notes_of(session, office.case_id)
    assert (note.text, note.person, note.event_id is not None) == ("Privat vei.", TOR, True)


async def test_a_case_handed_over_within_the_unit_goes_to_somebody_else(office: Office) -> None:
    """Not back to whoever gave it away, however little they have to do."""
    had = (await office.case()).person
    case: Case = await office.does(
        LEADER, lambda work: work.hand_over(Receiver(UNIT), "Ferie.", key=uuid4(), version=1)
    )
    assert case.person not in {had, None}


async def test_handing_over_twice_at_once_happens_once(office: Office) -> None:
    """The same form is one handover; two people's forms are one and a refusal."""
    key = uuid4()
    await asyncio.gather(
        *(
            office.does(TOR, lambda work: work.hand_over(Receiver("plan"), "Plansak.", key=key, version=1))
            for _ in range(3)
        )
    )
    assert len(await office.said(CaseAssigned)) == 2
    with pytest.raises(ChangedMeanwhileError):
        await office.does(
            LINH, lambda work: work.hand_over(Receiver("byggesak"), "Nei.", key=uuid4(), version=1)
        )
    assert await office.count(NoteRow.__table__) == 1


async def test_handing_over_while_new_cases_are_given_out_waits_for_nobody_in_a_circle(
    office: Office,
) -> None:
    """Both need the count of everybody's work: they take turns."""
    cases = [received(reference=new_reference()) for _ in range(60)]
    await asyncio.gather(
        *(office.hear(*cases[start : start + 10]) for start in range(0, 60, 10)),
        *(
            office.does(
                LEADER,
                lambda work: work.hand_over(Receiver(UNIT), "Ferie.", key=uuid4(), version=1),
            )
            for _ in range(1)
        ),
    )
    assert len(await office.said(CaseAssigned)) == 62


async def test_taking_a_case_makes_it_ones_own_in_its_unit(office: Office) -> None:
    """A leader takes it within the unit; the front desk takes it to the front desk."""
    case: Case = await office.does(LEADER, lambda work: work.take(key=uuid4(), version=1))
    assert (case.person, case.unit, case.reason) == (LEADER, UNIT, AssignmentReason.TAKEN)
    taken: Case = await office.does("hiba-nasser", lambda work: work.take(key=uuid4(), version=2))
    assert (taken.person, taken.unit) == ("hiba-nasser", "innbyggertorget")
    with pytest.raises(ChangedMeanwhileError):
        await office.does(TOR, lambda work: work.take(key=uuid4(), version=2))


async def test_opening_is_told_once_for_each_who_gets_the_case_and_every_look_is_kept(office: Office) -> None:
    """The handover is complete when its own caseworker looks; the audit trail has everybody."""
    who = (await office.case()).person
    assert who
    other = next(person for person in (TOR, LINH, RANIA) if person != who)
    for person in (other, who, who):
        await office.does(person, lambda work: work.open())
    assert [said["person"] for said in await office.said(CaseOpened)] == [who]
    await office.does(
        who, lambda work: work.hand_over(Receiver(UNIT, other), "Ferie.", key=uuid4(), version=1)
    )
    await office.does(other, lambda work: work.open())
    assert [said["person"] for said in await office.said(CaseOpened)] == [who, other]
    async with office.database.reading() as session:
        readers = list(await session.scalars(select(AccessRow.person).order_by(AccessRow.id)))
    assert readers == [other, who, who, other]


async def test_a_case_that_wants_no_answer_is_closed_when_it_is_read(
    database: Database, asker: Municipality
) -> None:
    """One that wants an answer is not."""
    office = Office(database, asker)
    await office.receive(reply_wanted=False, promise=None)
    for _ in range(2):
        await office.does(TOR, lambda work: work.mark_read(version=1))
    assert len(await office.said(CaseClosed)) == 1
    assert (await office.case()).open is False
    waiting = Office(database, asker)
    await waiting.receive()
    with pytest.raises(NotNowError):
        await waiting.does(TOR, lambda work: work.mark_read(version=1))


async def test_news_in_a_finished_case_opens_it_until_it_is_seen(office: Office, clock: FixedClock) -> None:
    """What comes after that opens it again; that it was seen is not lost when the case is derived anew."""
    event = received(office.case_id)
    await office.does(TOR, lambda work: work.answer(answer()))
    for day in (1, 2):
        clock.advance(timedelta(days=day))
        await office.hear(SubmissionSupplemented.caused(event, at=clock(), supplement_id=uuid4()))
        assert (await office.case()).open is True
        row = await office.case()
        await office.does(
            TOR,
            lambda work, row=row: work.mark_read(version=row.version, attention_at=row.attention_at),  # type: ignore[misc]
        )
        assert (await office.case()).open is False
    await office.does(TOR, lambda work: work.note("Ringte.", key=uuid4()))
    assert (await office.case()).open is False


async def test_news_that_came_after_the_page_was_opened_is_not_marked_as_read(
    office: Office, clock: FixedClock
) -> None:
    """Whoever marks as read has read what was there; what came since still wants a reader."""
    event = received(office.case_id)
    await office.does(TOR, lambda work: work.answer(answer()))
    shown = []
    for _ in range(2):
        clock.advance(timedelta(hours=1))
        await office.hear(SubmissionSupplemented.caused(event, at=clock(), supplement_id=uuid4()))
        shown.append((await office.case()).attention_at)
    for seen in (None, shown[0]):
        with pytest.raises(ChangedMeanwhileError):
            await office.does(
                TOR,
                lambda work, seen=seen: work.mark_read(version=4, attention_at=seen),  # type: ignore[misc]
            )
        assert (await office.case()).open is True


async def test_a_case_is_not_closed_over_what_its_resident_has_just_added(
    database: Database, asker: Municipality, clock: FixedClock
) -> None:
    """Closed, it would leave every list with something in it that nobody has read."""
    office = Office(database, asker)
    event = await office.receive(reply_wanted=False, promise=None)
    await office.hear(SubmissionSupplemented.caused(event, at=clock(), supplement_id=uuid4()))
    with pytest.raises(ChangedMeanwhileError):
        await office.does(TOR, lambda work: work.mark_read(version=1))
    assert (await office.case()).open is True


async def test_who_answers_is_told_what_the_resident_added_while_it_was_written(
    office: Office, clock: FixedClock
) -> None:
    """The answer would finish the case, and nobody would read the rest."""
    event = received(office.case_id)
    clock.advance(timedelta(minutes=10))
    await office.hear(SubmissionSupplemented.caused(event, at=clock(), supplement_id=uuid4()))
    with pytest.raises(ChangedMeanwhileError) as refused:
        await office.does(TOR, lambda work: work.answer(answer(1)))
    assert isinstance(refused.value.history[-1], SubmissionSupplemented)
    case: Case = await office.does(TOR, lambda work: work.answer(answer(refused.value.case.version)))
    assert case.finished


async def test_a_clock_set_back_makes_no_older_assignment_win(office: Office, clock: FixedClock) -> None:
    """The handover comes after the first assignment, whatever the clock says."""
    clock.advance(timedelta(hours=-1))
    case: Case = await office.does(
        TOR, lambda work: work.hand_over(Receiver("plan"), "Plansak.", key=uuid4(), version=1)
    )
    assert case.unit == "plan"
    assert (await office.case()).unit == "plan"


async def test_intake_is_told_the_answers_with_names_and_in_order(office: Office, clock: FixedClock) -> None:
    """Oldest first, with the unit and the caseworker as residents know them; a case without any has none."""
    interim = Draft(uuid4(), 1, "Vi ser på det.", final=False, expected_on=date(2026, 12, 1))
    await office.does(TOR, lambda work: work.answer(interim))
    clock.advance(timedelta(days=1))
    await office.does(LINH, lambda work: work.answer(answer(2, "Nå er det gjort.")))
    reader = AnswerReader(office.database, office.asker)
    told = (await reader.read(ReadAnswers(case_id=office.case_id))).answers
    assert [(each.text, each.person, each.final) for each in told] == [
        ("Vi ser på det.", "Tor Kvam", False),
        ("Nå er det gjort.", "Linh Pham", True),
    ]
    assert {each.unit for each in told} == {"Kommunalteknikk Heggedal og Dikemark"}
    assert told[0].expected_on == date(2026, 12, 1)
    emptied = office.asker.model_copy(update={"people": {}, "units": {}})
    told = (await AnswerReader(office.database, emptied).read(ReadAnswers(case_id=office.case_id))).answers
    assert [(each.text, each.person, each.unit) for each in told] == [
        ("Vi ser på det.", TOR, UNIT),
        ("Nå er det gjort.", LINH, UNIT),
    ]
    assert (await reader.read(ReadAnswers(case_id=uuid4()))).answers == []

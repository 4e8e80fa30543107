"""Assignment and state on a real PostgreSQL."""

import asyncio
import random
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import func, select, text

from services.routing.handlers import CaseHandler
from services.routing.store import CaseRow
from shared.clock import FixedClock
from shared.database import Database, inbox, outbox
from shared.events import (
    AssignmentReason,
    CaseAssigned,
    Event,
    FeedbackGiven,
    PromiseBroken,
    PromiseMade,
    SubmissionReceived,
    SubmissionSupplemented,
)
from shared.identity import new_id, new_reference
from shared.municipality import Municipality
from shared.municipality.organisation import Absence
from tests.events_for_tests import MONDAY, received

UNIT = "kommunalteknikk-heggedal-dikemark"
TEAM = ["linh-pham", "rania-haddad", "tor-kvam"]


def submission(seconds: float = 0, **fields: object) -> SubmissionReceived:
    """A new case."""
    at = MONDAY + timedelta(seconds=seconds)
    return received(new_id(at), at=at, reference=new_reference(), **fields)


async def hear(database: Database, handler: CaseHandler, events: Sequence[Event]) -> None:
    """As the consumer loop does: claim, handle, commit."""
    async with database.transaction() as tx:
        new = await tx.claim(events, with_bodies=True)
        if new:
            await handler.handle(new, tx)


async def cases(database: Database) -> list[CaseRow]:
    """Every case."""
    async with database.reading() as session:
        return list(await session.scalars(select(CaseRow).order_by(CaseRow.received_at)))


async def assignments(database: Database) -> list[str]:
    """Who got the cases that were given out."""
    async with database.reading() as session:
        rows = await session.scalars(select(inbox.c.body).where(inbox.c.type == CaseAssigned.type_name()))
        return [row["person"] for row in rows]


async def test_a_submission_becomes_a_case_on_somebodys_desk(database: Database, asker: Municipality) -> None:
    """With its unit, its person, the reason and the due day, and an event that says so."""
    event = submission()
    await hear(database, CaseHandler(asker), [event])
    (case,) = await cases(database)
    assert (case.case_id, case.reference, case.unit) == (event.case_id, event.reference, UNIT)
    assert case.person in TEAM
    assert (case.due_on, case.urgent_on, case.open) == (date(2026, 11, 23), date(2026, 11, 23), True)
    assert case.reason == AssignmentReason.TOPIC_AND_AREA
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(outbox)) == 1


async def test_a_submission_heard_twice_is_given_out_once(database: Database, asker: Municipality) -> None:
    """The same event, and another that says the same."""
    event, handler = submission(), CaseHandler(asker)
    await hear(database, handler, [event])
    await hear(database, handler, [event])
    await hear(database, handler, [event.model_copy(update={"id": uuid4()})])
    assert len(await assignments(database)) == 1


async def test_a_submission_heard_last_finds_what_was_said_before(
    database: Database, asker: Municipality
) -> None:
    """The promise and a supplement came first; the case has both, and no case was made without it."""
    event, handler = submission(), CaseHandler(asker)
    made = PromiseMade.caused(
        event, at=MONDAY, version=1, promise_id="svargaranti", rule="P1W", rule_version="1",
        due_on=date(2026, 11, 24),
    )  # fmt: skip
    supplement = SubmissionSupplemented.caused(event, at=MONDAY, supplement_id=uuid4())
    await hear(database, handler, [made, supplement])
    assert await cases(database) == []
    await hear(database, handler, [event])
    (case,) = await cases(database)
    assert (case.due_on, case.supplemented_at) == (date(2026, 11, 24), MONDAY)


def story(cause: SubmissionReceived) -> list[Event]:
    """What routing hears of a case over its life."""
    return [
        cause,
        PromiseMade.caused(
            cause, at=cause.at, version=1, promise_id="svargaranti", rule="P1W", rule_version="1",
            due_on=date(2026, 11, 23),
        ),
        SubmissionSupplemented.caused(cause, at=cause.at + timedelta(hours=1), supplement_id=uuid4()),
        PromiseBroken.caused(
            cause, at=cause.at + timedelta(days=8), version=1, due_on=date(2026, 11, 23),
            judged_on=date(2026, 11, 24),
        ),
        FeedbackGiven.caused(cause, at=cause.at + timedelta(days=9), helped=True, has_comment=False),
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_and_repetition_over_two_processes_gives_the_same_cases(
    database: Database, asker: Municipality, seed: int
) -> None:
    """Twenty cases, every event three times, shuffled, heard by two processes at once in batches."""
    chance = random.Random(seed)  # noqa: S311 - only the order of a test
    submissions = [submission(seconds) for seconds in range(20)]
    told = [event for cause in submissions for event in story(cause)] * 3
    chance.shuffle(told)
    batches = [told[start : start + 25] for start in range(0, len(told), 25)]
    for pair in zip(batches[::2], batches[1::2], strict=True):
        results = await asyncio.gather(
            *(hear(database, CaseHandler(asker), batch) for batch in pair), return_exceptions=True
        )
        for batch, result in zip(pair, results, strict=True):
            if isinstance(result, Exception):  # as the loop does where two batches wait for each other
                for event in batch:
                    await hear(database, CaseHandler(asker), [event])
    known = await cases(database)
    assert len(known) == 20
    assert len(await assignments(database)) == 20
    assert {(case.due_on, case.promise_kept, case.helped) for case in known} == {
        (date(2026, 11, 23), False, True)
    }
    assert all(case.supplemented_at == case.received_at + timedelta(hours=1) for case in known)
    assert set(Counter(case.person for case in known).values()) <= {6, 7}


async def test_two_processes_at_once_give_200_cases_out_evenly_and_once(
    database: Database, asker: Municipality
) -> None:
    """Without the lock both would count the same work and give to the same person."""
    told = [submission(seconds) for seconds in range(200)]
    batches = [told[start : start + 10] for start in range(0, 200, 10)]

    async def process(share: Sequence[Sequence[Event]]) -> None:
        for batch in share:
            await hear(database, CaseHandler(asker), batch)

    await asyncio.gather(process(batches[::2]), process(batches[1::2]), process(batches[::-1]))
    given_to = Counter(await assignments(database))
    assert sum(given_to.values()) == 200
    assert sorted(given_to.values()) == [66, 67, 67]
    assert Counter(case.person for case in await cases(database)) == given_to


async def test_who_is_away_gets_nothing_and_a_unit_with_nobody_keeps_the_case_itself(
    database: Database, asker: Municipality, clock: FixedClock
) -> None:
    """On leave, then all of them."""
    clock.set(datetime(2027, 2, 24, 9, tzinfo=UTC))
    handler = CaseHandler(asker)
    await hear(database, handler, [submission(seconds) for seconds in range(10)])
    assert set(await assignments(database)) == {"linh-pham", "tor-kvam"}
    leave = (Absence.model_validate({"from": "2027-02-01", "to": "2027-03-01"}),)
    people = {
        **asker.people,
        **{person: asker.people[person].model_copy(update={"absences": leave}) for person in TEAM},
    }
    empty = Municipality.model_validate(
        {name: getattr(asker, name) for name in Municipality.model_fields} | {"people": people}
    )
    await hear(database, CaseHandler(empty), [submission(99)])
    last = (await cases(database))[-1]
    assert (last.unit, last.person, last.open) == (UNIT, None, True)


async def test_what_no_rule_can_place_goes_to_the_front_desk(database: Database, asker: Municipality) -> None:
    """A resident who did not know the topic is not turned away."""
    await hear(database, CaseHandler(asker), [submission(topic=None, area=None)])
    (case,) = await cases(database)
    assert (case.unit, case.reason) == ("innbyggertorget", AssignmentReason.NO_TOPIC)


async def test_a_hundred_events_cost_as_many_statements_as_one(
    database: Database, asker: Municipality
) -> None:
    """What a batch costs must not grow with it."""
    handler, said = CaseHandler(asker), list[str]()

    def heard(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        said.append(statement)

    sqlalchemy_event.listen(database.engine.sync_engine, "before_cursor_execute", heard)
    await hear(database, handler, [submission()])
    one = len(said)
    await hear(database, handler, [submission(seconds) for seconds in range(1, 101)])
    assert len(said) - one == one <= 9


async def test_what_is_said_of_a_case_holds_no_personal_data(database: Database, asker: Municipality) -> None:
    """Ids, kinds and times; nobody's name or address."""
    await hear(database, CaseHandler(asker), [submission()])
    async with database.reading() as session:
        body = (await session.scalar(select(outbox.c.body))).decode()
    for person in asker.people.values():
        assert person.name not in body
        assert person.email not in body


async def test_the_work_is_counted_from_an_index(database: Database) -> None:
    """Whatever is answered and done costs the count nothing."""
    plan = "EXPLAIN SELECT count(*) FROM cases WHERE open AND person = 'tor-kvam'"
    async with database.reading() as session:
        await session.execute(text("SET enable_seqscan = off"))
        said = " ".join(await session.scalars(text(plan)))
    assert "cases_open_person" in said

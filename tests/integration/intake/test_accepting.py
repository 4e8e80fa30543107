"""Accepting: durable before the answer, once however often it is sent, each caller for itself."""

import asyncio
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import DBAPIError

from services.intake import store
from services.intake.accepting import Accepted, Acceptor, KeyReusedProblem
from services.intake.submissions import Contact
from shared.clock import FixedClock
from shared.database import Database, inbox, outbox
from shared.events import Kind
from shared.municipality import Municipality
from shared.promise import Rule, deadline
from shared.web.errors import UnavailableProblem
from tests.integration.intake.conftest import FRIDAY, complaint


async def rows(database: Database, table: object) -> int:
    """How many rows a table has."""
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


async def test_a_hundred_at_once_are_all_durable_with_one_event_each(
    acceptor: Acceptor, database: Database
) -> None:
    """Each has its own reference, secret, contact and event."""
    everyone = [complaint(contact=Contact(f"Nr. {number}")) for number in range(100)]
    accepted = await asyncio.gather(*(acceptor.accept(new) for new in everyone))
    assert len({each.id for each in accepted}) == 100
    assert len({each.reference for each in accepted}) == 100
    assert len({each.secret for each in accepted}) == 100
    for table in (store.Submission, store.Contact, inbox, outbox):
        assert await rows(database, table) == 100
    async with database.reading() as session:
        cases = set(await session.scalars(select(inbox.c.case_id)))
        contacts = await session.scalars(select(store.Contact))
        names = {contact.submission_id: contact.name for contact in contacts}
    assert cases == {each.id for each in accepted}
    assert [names[each.id] for each in accepted] == [f"Nr. {number}" for number in range(100)]


async def test_those_who_wait_at_the_same_time_share_transactions(
    acceptor: Acceptor, database: Database
) -> None:
    """A hundred commits would be a hundred disk syncs."""
    commits = []
    event.listen(database.engine.sync_engine, "commit", commits.append)
    await asyncio.gather(*(acceptor.accept(complaint()) for _ in range(100)))
    assert len(commits) <= 4


async def test_a_lone_submission_waits_for_nobody(acceptor: Acceptor) -> None:
    """A batch is what has come, and is never waited for to fill."""
    await acceptor.accept(complaint())
    async with asyncio.timeout(30):
        await acceptor.accept(complaint())


async def test_the_promise_is_the_calculus_own(
    acceptor: Acceptor, database: Database, asker: Municipality
) -> None:
    """A week from the Friday before Christmas ends on Christmas Day, and moves to Monday."""
    accepted = await acceptor.accept(complaint())
    assert accepted.due_on == date(2026, 12, 28)
    assert accepted.due_on == deadline(FRIDAY, Rule.parse("P1W"), asker.calendar).due_on
    async with database.transaction() as tx:
        [received] = (await tx.history([accepted.id]))[accepted.id]
    assert received.promise.due_on == accepted.due_on  # type: ignore[attr-defined]
    assert received.promise.rule_version == asker.promise("svargaranti").version  # type: ignore[attr-defined]


async def test_the_most_specific_promise_holds(acceptor: Acceptor) -> None:
    """Child welfare answers within three working days."""
    accepted = await acceptor.accept(complaint(topic="barnevern"))
    assert accepted.due_on == date(2026, 12, 23)


async def test_without_an_answer_wanted_there_is_no_promise_but_still_a_case(
    acceptor: Acceptor, database: Database
) -> None:
    """Praise reaches those praised."""
    accepted = await acceptor.accept(complaint(kind=Kind.PRAISE, reply_wanted=False, contact=None))
    assert accepted.due_on is None
    assert await rows(database, outbox) == 1
    assert await rows(database, store.Contact) == 0


async def test_the_same_key_again_gives_the_same_answer(acceptor: Acceptor, database: Database) -> None:
    """Later, and with the clock moved on."""
    first = await acceptor.accept(complaint(), key="k")
    again = await acceptor.accept(complaint(), key="k")
    assert (again.reference, again.secret, again.due_on) == (first.reference, first.secret, first.due_on)
    assert again.repeated
    assert await rows(database, store.Submission) == 1
    assert await rows(database, outbox) == 1


async def test_the_same_key_at_once_in_two_processes_makes_one_submission(
    database: Database, asker: Municipality, clock: FixedClock
) -> None:
    """Twenty keys, each sent five times to each of two acceptors, in different orders."""
    acceptors = [Acceptor(database, asker, clock, most=7), Acceptor(database, asker, clock, most=9)]
    keys = [f"key-{number}" for number in range(20)] * 5
    accepted = await asyncio.gather(
        *(acceptors[0].accept(complaint(text=key), key=key) for key in keys),
        *(acceptors[1].accept(complaint(text=key), key=key) for key in reversed(keys)),
    )
    assert len({each.id for each in accepted}) == 20
    assert sum(not each.repeated for each in accepted) == 20
    assert await rows(database, store.Submission) == 20
    assert await rows(database, outbox) == 20


async def test_the_same_key_with_other_content_is_refused(acceptor: Acceptor, database: Database) -> None:
    """Also when both come at the same time; the first stands."""
    results = await asyncio.gather(
        acceptor.accept(complaint(text="Det ene."), key="k"),
        acceptor.accept(complaint(text="Det andre."), key="k"),
        return_exceptions=True,
    )
    assert sorted((type(result) for result in results), key=lambda found: found.__name__) == [
        Accepted,
        KeyReusedProblem,
    ]
    assert await rows(database, store.Submission) == 1


async def test_one_that_cannot_be_written_fails_alone(acceptor: Acceptor, database: Database) -> None:
    """Its neighbours in the batch are accepted, and its own caller is told."""
    bad = complaint(text="no database can hold \x00")
    results = await asyncio.gather(
        *(acceptor.accept(complaint()) for _ in range(10)),
        acceptor.accept(bad),
        *(acceptor.accept(complaint()) for _ in range(10)),
        return_exceptions=True,
    )
    assert isinstance(results[10], DBAPIError)
    assert all(isinstance(result, Accepted) for result in results[:10] + results[11:])
    assert await rows(database, store.Submission) == 20
    assert await rows(database, outbox) == 20


async def test_a_reference_that_is_taken_is_drawn_again(
    database: Database, asker: Municipality, clock: FixedClock
) -> None:
    """With 34 thousand million of them it happens now and then."""
    drawn: Iterator[str] = iter(["AAAA-AAAA", "AAAA-AAAA", "BBBB-BBBB"])
    acceptor = Acceptor(database, asker, clock, reference=lambda: next(drawn))
    first, second = await acceptor.accept(complaint()), await acceptor.accept(complaint())
    assert (first.reference, second.reference) == ("AAAA-AAAA", "BBBB-BBBB")


async def test_a_caller_that_goes_away_disturbs_nobody(acceptor: Acceptor, database: Database) -> None:
    """Its own submission is kept, since it may have been told of."""
    tasks = [asyncio.create_task(acceptor.accept(complaint())) for _ in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert all(isinstance(result, Accepted) for result in results[1::2])
    assert all(isinstance(result, asyncio.CancelledError) for result in results[::2])
    await acceptor.accept(complaint())
    assert await rows(database, store.Submission) == 21


async def test_nothing_is_accepted_while_the_database_is_away(
    database_url: str, asker: Municipality, clock: FixedClock
) -> None:
    """Everybody who waits is told to come again; nobody gets a reference."""
    away = Database(database_url.replace("127.0.0.1", "127.0.0.9").replace("localhost", "127.0.0.9"), clock)
    acceptor = Acceptor(away, asker, clock)
    results = await asyncio.gather(*(acceptor.accept(complaint()) for _ in range(5)), return_exceptions=True)
    assert all(isinstance(result, UnavailableProblem) for result in results)
    await away.close()


async def test_events_carry_nothing_a_resident_wrote(acceptor: Acceptor, database: Database) -> None:
    """Neither text nor name nor address, in bodies, headers and subjects."""
    words = ["snøskuffe", "Kari Nordmann", "kari@innbygger.example", "90000000"]
    accepted = await acceptor.accept(complaint(text="Jeg må bruke snøskuffe."), key="nøkkelen-min")
    async with database.reading() as session:
        [published] = (await session.execute(select(outbox))).all()
    said = f"{published.subject} {published.headers} {published.body.decode()}"
    for private in (*words, "nøkkelen-min", accepted.secret):
        assert private not in said
    assert accepted.reference in said


@pytest.mark.parametrize("email", ["kari@innbygger.example", None])
async def test_the_event_says_whether_there_is_an_address(
    acceptor: Acceptor, database: Database, email: str | None
) -> None:
    """And not which."""
    accepted = await acceptor.accept(complaint(contact=Contact("Kari", email, "+4790000000")))
    async with database.transaction() as tx:
        [received] = (await tx.history([accepted.id]))[accepted.id]
    assert received.has_email is (email is not None)  # type: ignore[attr-defined]

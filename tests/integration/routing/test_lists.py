"""What lists show, in which order, and what they cost."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import insert, text

from services.routing import listing as lists
from services.routing.listing import Counts, Listing
from services.routing.store import CASES
from shared.database import Database
from shared.identity import new_id, new_reference

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
TODAY, SOON = date(2026, 11, 16), date(2026, 11, 18)
UNIT, OTHER_UNIT = "kommunalteknikk", "byggesak"


def case(name: str, **fields: object) -> dict[str, object]:
    """A case that lists can show."""
    given: dict[str, object] = {
        "case_id": new_id(NOW), "municipality": "asker", "reference": new_reference(), "kind": "complaint",
        "topic": "vei-og-vinterdrift", "area": name, "channel": "web", "language": "nb", "reply_wanted": True,
        "has_email": True, "attachments": 0, "received_at": NOW, "state": "opened", "unit": UNIT,
        "person": "tor-kvam", "last_activity_at": NOW, "version": 1, "due_on": None, "urgent_on": None,
        "finished_at": None, "attention_at": None,
    }  # fmt: skip
    return {**given, **fields}


def due(name: str, day: date, **fields: object) -> dict[str, object]:
    """An open case with a due day."""
    return case(name, due_on=day, urgent_on=day, **fields)


@pytest.fixture
async def full(database: Database) -> Database:
    """A database with a case of each sort."""
    rows = [
        case("no due day"),
        due("tomorrow", date(2026, 11, 17)),
        due("overdue", date(2026, 11, 10)),
        due("later", date(2026, 11, 30)),
        due("nobody's", date(2026, 11, 20), person=None),
        due("a colleague's", date(2026, 11, 9), person="linh-pham"),
        due("another unit's", date(2026, 11, 1), unit=OTHER_UNIT, person="leif-lien"),
        case("answered", finished_at=NOW, state="answered"),
        case("answered lately", finished_at=NOW, state="answered", last_activity_at=NOW + timedelta(days=1)),
        case("news", finished_at=NOW, state="answered", attention_at=NOW, urgent_on=TODAY),
        case("praise", kind="praise"),
    ]
    async with database.transaction() as tx:
        await tx.session.execute(insert(CASES), rows)
    return database


async def names(database: Database, listing: Listing, page: int = 1) -> list[str | None]:
    """The names of a page's cases, in order."""
    async with database.reading() as session:
        return [row.area for row in await lists.page_of(session, listing, page, TODAY)]


async def test_the_most_urgent_comes_first(full: Database) -> None:
    """Overdue, news as of the day it came, then by due day; what has none comes last."""
    mine = await names(full, Listing(person="tor-kvam"))
    assert mine[:4] == ["overdue", "news", "tomorrow", "later"]
    assert set(mine[4:]) == {"no due day", "praise"}


async def test_a_units_list_is_everybodys(full: Database) -> None:
    """Of one unit or of several, in one order."""
    one = await names(full, Listing(units=(UNIT,)))
    assert one[:3] == ["a colleague's", "overdue", "news"]
    assert "nobody's" in one
    both = await names(full, Listing(units=(UNIT, OTHER_UNIT)))
    assert both[:3] == ["another unit's", "a colleague's", "overdue"]
    assert len(both) == len(one) + 1


async def test_what_is_done_with_is_a_list_of_its_own(full: Database) -> None:
    """The latest first; news is not done with."""
    assert await names(full, Listing(person="tor-kvam", done=True)) == ["answered lately", "answered"]
    assert await names(full, Listing(units=(UNIT, OTHER_UNIT), done=True)) == ["answered lately", "answered"]


async def test_what_waits_for_a_resident_is_apart_and_neither_open_nor_overdue(full: Database) -> None:
    """To the end of its last day; and not while our question has not reached the resident."""
    waits = {"waiting_until": TODAY}
    rows = [
        due("waits", date(2026, 11, 10), **waits),
        due("waits longer", date(2026, 11, 9), waiting_until=TODAY + timedelta(days=2)),
        due("waited", date(2026, 11, 8), waiting_until=TODAY - timedelta(days=1)),
        due("was not reached", date(2026, 11, 7), undelivered_at=NOW, **waits),
    ]
    async with full.transaction() as tx:
        for row in rows:
            await tx.session.execute(insert(CASES), [row])
    for base in (Listing(person="tor-kvam"), Listing(units=(UNIT,))):
        assert await names(full, replace(base, waiting=True)) == ["waits", "waits longer"]
        still_open = await names(full, base)
        assert {"waited", "was not reached"} <= set(still_open)
        assert {"waits", "waits longer"}.isdisjoint(still_open)
    async with full.reading() as session:
        counts = await lists.counts_of(session, Listing(person="tor-kvam"), TODAY, SOON)
    assert (counts.open, counts.overdue, counts.waiting) == (8, 3, 2)


async def test_residents_we_did_not_reach_are_listed_until_somebody_has_told_them(full: Database) -> None:
    """The latest first; a mail lost after that is another."""
    rows = [
        case("lost", undelivered_at=NOW, seen_at=None),
        case("lost later", undelivered_at=NOW + timedelta(hours=1), seen_at=NOW),
        case("told", undelivered_at=NOW, seen_at=NOW + timedelta(minutes=1)),
    ]
    async with full.transaction() as tx:
        await tx.session.execute(insert(CASES), rows)
    async with full.reading() as session:
        found = [row.area for row in await lists.undelivered(session, 50)]
    assert found == ["lost later", "lost"]


async def test_a_list_can_be_narrowed(full: Database) -> None:
    """By kind, by topic, and to what nobody has."""
    assert await names(full, Listing(person="tor-kvam", kind="praise")) == ["praise"]
    assert await names(full, Listing(units=(UNIT,), topic="plan")) == []
    assert await names(full, Listing(units=(UNIT,), unassigned=True)) == ["nobody's"]


async def test_what_is_open_overdue_and_soon_due_is_counted(full: Database) -> None:
    """News is open, and neither overdue nor due; what is done with is counted where it is listed."""
    async with full.reading() as session:
        mine = await lists.counts_of(session, Listing(person="tor-kvam"), TODAY, SOON)
        unit = await lists.counts_of(session, Listing(units=(UNIT,)), TODAY, SOON)
        done = await lists.counts_of(session, Listing(units=(UNIT,), done=True), TODAY, SOON)
    assert mine == Counts(open=6, overdue=1, soon=1, waiting=0, done=0, nobodys=0)
    assert unit == Counts(open=8, overdue=2, soon=1, waiting=0, done=0, nobodys=1)
    assert done == Counts(open=8, overdue=2, soon=1, waiting=0, done=2, nobodys=1)


async def test_pages_follow_on_each_other(database: Database) -> None:
    """No case twice and none left out, of a person's and of several units' cases."""
    rows = [
        due(str(number), TODAY + timedelta(days=number % 3), unit=(UNIT, OTHER_UNIT)[number % 2])
        for number in range(120)
    ]
    async with database.transaction() as tx:
        await tx.session.execute(insert(CASES), rows)
    for listing in (Listing(person="tor-kvam"), Listing(units=(UNIT, OTHER_UNIT))):
        pages = [await names(database, listing, page) for page in (1, 2, 3)]
        assert [len(page) for page in pages] == [50, 50, 20]
        assert {name for page in pages for name in page} == {str(number) for number in range(120)}


@pytest.mark.parametrize(
    ("listing", "index"),
    [
        (Listing(person="tor-kvam"), "cases_open_person"),
        (Listing(person="tor-kvam", done=True), "cases_done_person"),
        (Listing(person="tor-kvam", waiting=True), "cases_waiting_person"),
        (Listing(units=(UNIT, OTHER_UNIT), waiting=True), "cases_waiting_unit"),
        (Listing(units=(UNIT, OTHER_UNIT)), "cases_open_unit"),
        (Listing(units=(UNIT, OTHER_UNIT), done=True), "cases_done_unit"),
    ],
)
async def test_a_list_is_read_by_its_index_in_its_order(full: Database, listing: Listing, index: str) -> None:
    """Among a million cases a page costs what it shows: no case is read that is not on it."""
    said: list[tuple[str, tuple[object, ...]]] = []

    def heard(_connection: object, _cursor: object, statement: str, parameters: object, *_: object) -> None:
        said.append((statement, tuple(parameters)))  # type: ignore[arg-type]

    async with full.reading() as session:
        await session.execute(text("SET enable_seqscan = off"))
        sqlalchemy_event.listen(full.engine.sync_engine, "before_cursor_execute", heard)
        await lists.page_of(session, listing, 1, TODAY)
        sqlalchemy_event.remove(full.engine.sync_engine, "before_cursor_execute", heard)
        ((statement, parameters),) = said
        connection = await (await session.connection()).get_raw_connection()
        driver = connection.driver_connection
        assert driver
        plan = "\n".join(row[0] for row in await driver.fetch(f"EXPLAIN {statement}", *parameters))
    assert index in plan
    assert "Seq Scan" not in plan

"""What was read before is told again only while it is still so."""

from collections.abc import Sequence
from datetime import date
from random import Random
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics import counting, figures
from services.metrics.indicators import Dimension, Place, Question
from services.metrics.months import hold
from services.metrics.periods import Period
from services.metrics.remembered import Memory
from services.metrics.removing import remove_invented
from services.metrics.spread import median_bounds
from shared.database import Database
from tests.integration.metrics.case_stories import stories
from tests.integration.metrics.conftest import CALENDAR, Figures
from tests.integration.metrics.test_cells import FORGOTTEN
from tests.integration.metrics.test_figures import TODAY

PERIODS = (
    Period.months(2025, 12, 4),
    Period(date(2026, 1, 9), date(2026, 2, 3)),
    Period(date(2026, 1, 31), TODAY),
)
GROUPINGS = (
    (),
    (Dimension.UNIT,),
    (Dimension.SECTION,),
    (Dimension.TOPIC,),
    (Dimension.UNIT, Dimension.KIND),
)
MERGED = Place("storskolen", "oppvekst")
CHOICES: Sequence[dict[str, Any]] = (
    {},
    {"now": {"bibliotek": MERGED, "kulturskolen": MERGED}},
    {"chosen": {Dimension.UNIT: ("kommunalteknikk", "bibliotek")}},
    {"chosen": {Dimension.SECTION: ("oppvekst",)}, "now": {"bibliotek": MERGED}},
    {"chosen": {Dimension.UNIT: ("bibliotek",), Dimension.KIND: ("complaint",)}},
)


async def told(database: Database) -> list[Any]:
    """Every figure of the periods, in all groupings, of each choice."""
    found: list[Any] = []
    async with database.reading() as session:
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        hold(session)
        for period in PERIODS:
            for choice in CHOICES:
                question = Question(period, TODAY, CALENDAR, **choice)
                groups = await figures.grouped(session, question, GROUPINGS)
                found.append(groups)
                found.append(await bounds(session, question, groups[1]))
        whole = Question(PERIODS[0], TODAY, CALENDAR)
        found.append(await figures.over_time(session, whole, list(PERIODS[0].by_month())))
    return found


async def bounds(session: AsyncSession, question: Question, units: Any) -> Any:
    """The interval of each unit's median."""
    return await median_bounds(
        session, question, Dimension.UNIT, {key[0]: of.response for key, of in units.items()}
    )


def another(of: Figures) -> Database:
    """The same database, to somebody who has seen nothing of it."""
    return Database(of.database.engine.url.render_as_string(hide_password=False), of.clock)


async def test_whoever_has_looked_before_sees_what_somebody_sees_who_looks_for_the_first_time(
    figures: Figures,
) -> None:
    """After each of many batches in any order: answers, reopenings, new owners and due days that move."""
    events = stories(4, 60)
    Random(4).shuffle(events)  # noqa: S311 - a test's order
    batches = [events[start : start + 150] for start in range(0, len(events), 150)]
    # Then one at a time: most months are as they were.
    for batch in [*batches[:-1], *([event] for event in batches[-1][:4])]:
        await figures.hear(batch)
        newcomer = another(figures)
        assert await told(figures.database) == await told(newcomer)
        await newcomer.close()


async def test_what_was_made_anew_is_read_anew(figures: Figures) -> None:
    """By a replay, or when a simulated year is taken away: the same months are there, with other cases."""
    await figures.hear(stories(5, 40))
    before = await told(figures.database)
    async with figures.database.transaction() as tx:
        await tx.session.execute(text("UPDATE case_fact SET invented = true WHERE kind = 'complaint'"))
        assert await remove_invented(tx.session)
    newcomer = another(figures)
    after = await told(figures.database)
    assert after == await told(newcomer)
    assert after != before
    async with figures.database.transaction() as tx:
        await tx.session.execute(text(FORGOTTEN))
        await counting.make_cells(tx.session)
        await counting.make_rungs(tx.session)
    assert await told(figures.database) == after
    await newcomer.close()


def test_as_much_is_remembered_as_there_is_room_for() -> None:
    """What has been unused for longest goes first; what is kept anew takes the place of what was."""
    memory = Memory(most=2000)
    for number in range(4):
        memory.keep(number, "of", f"found {number}", 100)
        memory.keep(number, "of", f"found {number}", 100)
    assert memory.recall(0, "of") == "found 0"
    memory.keep("large", "of", "much", 700)
    assert [memory.recall(what, "of") for what in (1, 2, "large")] == [None, None, "much"]
    assert (memory.recall(0, "of"), memory.recall(0, "another")) == ("found 0", None)


def test_a_number_stands_for_one_question_alone() -> None:
    """Also when those asked for long ago have been forgotten."""
    memory = Memory(most=2000)
    numbers = []
    for asked in range(20):
        number = memory.number(asked)
        assert memory.number(asked) == number
        memory.keep(number, "of", asked)
        numbers.append(number)
    assert len(set(numbers)) == len(numbers)

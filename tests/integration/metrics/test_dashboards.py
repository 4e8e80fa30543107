"""What the dashboards and the results read: how much it costs, and that intervals are those of the cases."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import event as sqlalchemy_event
from sqlalchemy import text

from services.metrics import comparison, dashboard
from services.metrics.comparison import Order
from services.metrics.indicators import DAY, Dimension
from services.metrics.intervals import ENOUGH, Interval, median_places, wilson
from services.metrics.names import Names
from services.metrics.periods import Period, Preset
from services.metrics.publications import Publications
from services.metrics.selection import Selection
from services.metrics.warming import Warming
from shared.catalogue import Catalogue
from shared.municipality import load
from shared.web.i18n import Wording
from tests.integration.metrics.case_stories import stories
from tests.integration.metrics.conftest import Figures

JANUARY = Period.months(2026, 1)
TEXTS = Path(__file__).parents[3] / "services" / "metrics" / "texts"
NAMES = Names(load("sorum"), Wording(Catalogue(TEXTS), "nb"))


@contextmanager
def counted(figures: Figures) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    heard: list[str] = []

    def hear(*arguments: object) -> None:
        heard.append(str(arguments[2]))

    engine = figures.database.engine.sync_engine
    sqlalchemy_event.listen(engine, "before_cursor_execute", hear)
    yield heard
    sqlalchemy_event.remove(engine, "before_cursor_execute", hear)


async def test_what_was_read_before_anybody_asked_is_not_counted_again(figures: Figures) -> None:
    """The first look of a day finds the backlogs known, whatever is chosen; the day after they are read anew."""
    await figures.hear(stories(8, 60))
    warming = Warming(figures.reader)
    await warming.read()
    selection = Selection(
        Period.of(Preset.THIS_TERTIAL, figures.reader.today()), chosen={Dimension.UNIT: "bibliotek"}
    )
    with counted(figures) as looked:
        async with figures.reader.reading() as reading:
            await dashboard.read(reading, selection)
    assert looked
    assert not any("open_days" in statement for statement in looked)
    with counted(figures) as again:
        await warming.read()
    assert not again
    figures.clock.advance(timedelta(days=1))
    with counted(figures) as next_day:
        await warming.read()
    assert any("open_days" in statement for statement in next_day)


async def test_a_page_costs_as_many_queries_with_many_cases_as_with_few(figures: Figures) -> None:
    """Few, and no more where more units have cases; what is published is asked for once a minute."""
    costs = []
    await figures.hear(stories(8, 20))
    for _ in range(2):
        with counted(figures) as overview:
            async with figures.reader.reading() as reading:
                await dashboard.read(reading, Selection(JANUARY, by=Dimension.UNIT))
                await dashboard.read_months(reading, Selection(JANUARY))
        with counted(figures) as compared:
            async with figures.reader.reading() as reading:
                await comparison.read(
                    reading, Selection(JANUARY, by=Dimension.UNIT), "svartid", Order.NAME, NAMES
                )
        costs.append((len(overview), len(compared)))
        await figures.hear(stories(9, 300))
    # What was known of the months that did not change is not asked for again.
    assert costs[1][0] <= costs[0][0] <= 20
    # With few cases no median needs its bounds.
    assert costs[0][1] <= costs[1][1] <= 12
    publications = Publications(figures.reader, figures.clock, lambda: False)
    tertial = Period.tertial(2026, 1)
    with counted(figures) as first:
        await publications.of(tertial)
    with counted(figures) as again:
        await publications.of(tertial)
    assert len(first) <= 60
    assert not again


async def test_intervals_are_those_of_the_cases_themselves(figures: Figures) -> None:
    """Medians between two cases that are there, shares by Wilson; units with few cases have none."""
    await figures.hear(stories(10, 250))
    async with figures.database.reading() as session:
        statement = "SELECT unit, response FROM case_fact WHERE answered_on BETWEEN :first AND :last"
        found = await session.execute(text(statement), {"first": JANUARY.first, "last": JANUARY.last})
        lengths = defaultdict(list)
        for unit, response in found:
            lengths[unit].append(response / DAY)
    selection = Selection(JANUARY, by=Dimension.UNIT)
    async with figures.reader.reading() as reading:
        times = await comparison.read(reading, selection, "svartid", Order.ORGANISATION, NAMES)
        kept = await comparison.read(reading, selection, "loefter-holdt", Order.NAME, NAMES)
        _, groups = await dashboard.read_groups(reading, selection)
    assert {group.value: group.count for group in times.groups} == {
        unit: len(values) for unit, values in lengths.items()
    }
    assert any(group.interval for group in times.groups)
    for group in times.groups:
        expected = None
        if group.count >= ENOUGH and (places := median_places(group.count)):
            ordered = sorted(lengths[group.value])
            expected = Interval(*(ordered[place - 1] for place in places))
        assert group.interval == expected
    for group in kept.groups:
        promise = groups[group.value].promise
        assert group.interval == (wilson(promise.kept, promise.due) if promise.due >= ENOUGH else None)
    names = [group.name for group in kept.groups if group.value]
    assert names == sorted(names, key=str.casefold)


async def test_a_selection_is_only_of_its_own_cases(figures: Figures) -> None:
    """A unit's development is the part of the whole that is its own."""
    await figures.hear(stories(11, 200))
    async with figures.reader.reading() as reading:
        whole = await dashboard.read_months(reading, Selection(JANUARY))
        parts = [
            await dashboard.read_months(reading, Selection(JANUARY, chosen={Dimension.CHANNEL: channel}))
            for channel in NAMES.values(Dimension.CHANNEL)
        ]
        _, groups = await dashboard.read_groups(reading, Selection(JANUARY, by=Dimension.CHANNEL))
    named = set(NAMES.values(Dimension.CHANNEL))
    elsewhere = sum(group.received.total for channel, group in groups.items() if channel not in named)
    assert whole[-1].part == JANUARY
    assert whole[-1].received.total == sum(part[-1].received.total for part in parts if part) + elsewhere


def test_a_development_begins_two_years_back_in_january_and_has_whole_months_alone() -> None:
    """So that its first twelve months, and the limits, are the same all year."""
    months = dashboard.months(Period.tertial(2026, 3), date(2026, 11, 21))
    assert (months[0].name, months[-1].name) == ("2024-01", "2026-10")
    assert (
        dashboard.months(Period(date(2026, 1, 3), date(2026, 1, 9)), date(2026, 1, 9))[-1].name == "2025-12"
    )
    assert dashboard.months(JANUARY, date(2026, 3, 1))[-1].name == "2026-01"


def test_a_period_that_is_not_over_is_compared_with_as_many_days() -> None:
    """The first three weeks of a month with the first three of the month before."""
    before, last_year = dashboard.earlier(Period.months(2026, 11), date(2026, 11, 21))
    assert before == Period(date(2026, 10, 1), date(2026, 10, 21))
    assert last_year == Period(date(2025, 11, 1), date(2025, 11, 21))
    before, last_year = dashboard.earlier(Period.months(2026, 10), date(2026, 11, 21))
    assert (before.name, last_year.name) == ("2026-09", "2025-10")

"""Percentiles and the lengths at any place are those of the cases put in order, however they are grouped."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import date
from itertools import pairwise, product
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from services.metrics import figures
from services.metrics.indicators import DAY, Dimension, Indicators, Place, Question
from services.metrics.ladder import HANDOVER, HEIGHTS, RESPONSE, RESPONSE_WITHOUT_PAUSES, Measure
from services.metrics.lengths import MEDIAN, P90
from services.metrics.periods import Period
from services.metrics.places import Sought, at_places
from services.metrics.runs import Group
from tests.integration.metrics.case_stories import stories
from tests.integration.metrics.conftest import CALENDAR, Figures
from tests.integration.metrics.test_figures import TODAY

PERIODS = {
    "a month": Period.months(2026, 1),
    "three months": Period.months(2025, 12, 3),
    "odd days of one month": Period(date(2026, 1, 9), date(2026, 1, 20)),
    "odd days before and after a month": Period(date(2025, 12, 20), date(2026, 2, 11)),
    "thirty days": Period(date(2026, 1, 31), TODAY),
}
GROUPINGS: Sequence[tuple[Dimension, ...]] = (
    (),
    (Dimension.SECTION,),
    (Dimension.UNIT,),
    (Dimension.KIND,),
    (Dimension.UNIT, Dimension.KIND),
)
MEASURED: dict[Measure, tuple[str, Callable[[Any], int]]] = {
    RESPONSE: ("answered_on", lambda case: case["response"]),
    RESPONSE_WITHOUT_PAUSES: ("answered_on", lambda case: case["response"] - (case["waited"] or 0)),
    HANDOVER: ("opened_on", lambda case: case["handover"]),
}
MERGED = Place("storskolen", "oppvekst")


def percentile(lengths: list[int], share: float) -> float:
    """Between the two nearest, in days."""
    place = share * (len(lengths) - 1)
    low = int(place)
    high = min(low + 1, len(lengths) - 1)
    ordered = sorted(lengths)
    return (ordered[low] + (place - low) * (ordered[high] - ordered[low])) / DAY


async def facts(of: Figures) -> list[Any]:
    """All cases."""
    async with of.database.reading() as session:
        return list((await session.execute(text("SELECT * FROM case_fact"))).mappings().all())


@pytest.fixture
async def heard(figures: Figures) -> Figures:
    """Two hundred histories, told in batches, out of order and twice."""
    events = stories(11, 200) * 2
    Random(11).shuffle(events)  # noqa: S311 - a test's order
    await figures.hear(events, batch=400)
    return figures


async def test_percentiles_are_those_of_the_cases(heard: Figures) -> None:
    """In every period and grouping, of all and of some, by the organisation of then and of now."""
    cases = await facts(heard)
    units = sorted({case["unit"] for case in cases if case["unit"]})
    now = dict.fromkeys([*units[:2], "storskolen"], MERGED)
    choices: Sequence[tuple[dict[Dimension, tuple[str, ...]], dict[str, Place] | None]] = (
        ({}, None),
        ({Dimension.UNIT: ("bibliotek",)}, None),
        ({Dimension.UNIT: ("bibliotek", "kulturskolen")}, None),
        ({Dimension.SECTION: ("kultur",)}, None),
        ({}, now),
        ({Dimension.UNIT: ("storskolen",)}, now),
    )
    for period, (chosen, organisation) in product(PERIODS.values(), choices):
        question = Question(period, TODAY, CALENDAR, chosen, organisation)
        async with heard.database.reading() as session:
            told = await figures.grouped(session, question, GROUPINGS)
        for grouping, groups in zip(GROUPINGS, told, strict=True):
            expected = plainly(cases, question, grouping)
            seen = {key: lengths_of(of) for key, of in groups.items() if any(lengths_of(of))}
            assert seen == expected, (period, chosen, grouping)


def lengths_of(told: Indicators) -> tuple[float | None, ...]:
    """The percentiles among the indicators."""
    of = told.response
    return (of.median, of.p90, of.median_without_pauses, of.p90_without_pauses, told.handover.median)


def plainly(cases: list[Any], question: Question, grouping: Sequence[Dimension]) -> dict[Any, Any]:
    """The same from the rows of the cases."""
    lengths: dict[Any, tuple[list[int], list[int], list[int]]] = defaultdict(lambda: ([], [], []))
    for row in cases:
        place = (question.now or {}).get(row["unit"])
        case = {**row, "unit": place.unit, "section": place.section} if place else row
        if case["received_at"] is None or any(
            case[name] not in values for name, values in question.chosen.items()
        ):
            continue
        key = tuple(case[name] for name in grouping)
        if case["answered_on"] and question.period.first <= case["answered_on"] <= question.period.last:
            lengths[key][0].append(case["response"])
            lengths[key][1].append(case["response"] - (case["waited"] or 0))
        if case["opened_on"] and question.period.first <= case["opened_on"] <= question.period.last:
            lengths[key][2].append(case["handover"])
    return {
        key: (
            *(percentile(of, share) if of else None for of in (response, bare) for share in (MEDIAN, P90)),
            percentile(opened, MEDIAN) if opened else None,
        )
        for key, (response, bare, opened) in lengths.items()
    }


async def test_the_length_at_every_place_is_found(heard: Figures) -> None:
    """From the shortest to the longest, on the rungs and among the facts, where a month is cut and where not."""
    cases = [case for case in await facts(heard) if case["received_at"]]
    for period in (PERIODS["three months"], PERIODS["odd days before and after a month"]):
        for measure, (day, length) in MEASURED.items():
            within = [case for case in cases if case[day] and period.first <= case[day] <= period.last]
            every = sorted(map(length, within))
            some = (Dimension.KIND, Dimension.UNIT)
            one = tuple(within[0][name] for name in some)
            of_one = sorted(length(case) for case in within if tuple(case[name] for name in some) == one)
            async with heard.database.reading() as session:
                found = await at_places(
                    session,
                    Question(period, TODAY, CALENDAR),
                    [
                        Sought(Group((), (), period), measure, len(every), tuple(range(len(every)))),
                        Sought(Group(some, one, period), measure, len(of_one), tuple(range(len(of_one)))),
                    ],
                )
            assert found == [dict(enumerate(every)), dict(enumerate(of_one))]


async def test_lengths_that_are_not_on_the_rungs_are_found_all_the_same(heard: Figures) -> None:
    """An older version of the service counted for a while, without rungs."""
    async with heard.database.transaction() as tx:
        await tx.session.execute(text("DELETE FROM rung WHERE height % 3 = 0"))
    cases = await facts(heard)
    question = Question(PERIODS["a month"], TODAY, CALENDAR)
    async with heard.database.reading() as session:
        told = await figures.grouped(session, question, GROUPINGS)
    for grouping, groups in zip(GROUPINGS, told, strict=True):
        seen = {key: lengths_of(of) for key, of in groups.items() if any(lengths_of(of))}
        assert seen == plainly(cases, question, grouping)


def test_the_ladder_rises_from_a_minute_to_almost_four_years() -> None:
    """Each rung is above the one before, by a sixteenth at the most."""
    assert HEIGHTS[0] == 60_000_000
    assert 3.8 * 365 * DAY < HEIGHTS[-1] < 4 * 365 * DAY
    assert all(low < high <= low * 17 // 16 for low, high in pairwise(HEIGHTS))

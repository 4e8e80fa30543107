"""The cells say what the facts say, whatever happened in whatever order; by the organisation of then and of now."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from sqlalchemy import text

from services.metrics import counting, figures
from services.metrics.indicators import Dimension, Indicators, Place, Question
from services.metrics.periods import Period
from shared.events import AssignmentReason, CaseAssigned
from tests.events_for_tests import after
from tests.integration.metrics.case_stories import stories
from tests.integration.metrics.conftest import CALENDAR, Figures
from tests.integration.metrics.test_figures import JANUARY, TODAY, case_received

FORGOTTEN = "TRUNCATE cell, cell_key, rung"
RUNGS = """
    SELECT key, span, first, height, count,
        ARRAY(SELECT unnest(lengths) EXCEPT ALL SELECT unnest(gone) ORDER BY 1) AS lengths
    FROM rung WHERE count > 0 ORDER BY key, span, first, height
"""
CELLS = "SELECT * FROM cell JOIN cell_key USING (key) ORDER BY cell.key, grain, first"


async def rows(of: Figures, statement: str) -> list[Any]:
    """What a statement finds, leaving out cells that have come to nothing."""
    async with of.database.reading() as session:
        found = (await session.execute(text(statement))).mappings().all()
    keys = {"key", "grain", "first", "by", *Dimension}
    return [dict(row) for row in found if any(value for name, value in row.items() if name not in keys)]


@pytest.mark.parametrize("seed", range(2))
async def test_cells_that_were_brought_along_are_those_made_anew(figures: Figures, seed: int) -> None:
    """After random histories, shuffled and repeated, in batches of any size."""
    events = stories(seed, 120) * 2
    random = Random(seed)  # noqa: S311 - a test's order
    random.shuffle(events)
    while events:
        size = random.randrange(1, 150)
        await figures.hear(events[:size])
        del events[:size]
    brought_along = await rows(figures, CELLS), await rows(figures, RUNGS)
    async with figures.database.transaction() as tx:
        await tx.session.execute(text(FORGOTTEN))
        await counting.make_cells(tx.session)
        await counting.make_rungs(tx.session)
    assert brought_along == (await rows(figures, CELLS), await rows(figures, RUNGS))
    assert all(brought_along)


async def test_facts_from_before_there_were_cells_get_theirs_with_the_next_event(figures: Figures) -> None:
    """A database that was brought up to date has facts and no cells."""
    events = stories(8, 30)
    await figures.hear(events[:-1])
    async with figures.database.transaction() as tx:
        await tx.session.execute(text(FORGOTTEN))
    await figures.hear(events[-1:])
    brought_along = await rows(figures, CELLS), await rows(figures, RUNGS)
    async with figures.database.transaction() as tx:
        await tx.session.execute(text(FORGOTTEN))
        await counting.make_cells(tx.session)
        await counting.make_rungs(tx.session)
    assert brought_along == (await rows(figures, CELLS), await rows(figures, RUNGS))


def question(period: Period, **more: Any) -> Question:
    """A question on 1 March 2026."""
    return Question(period, TODAY, CALENDAR, **more)


async def asked(of: Figures, question: Question, *dimensions: Dimension) -> dict[Any, Indicators]:
    """The groups' indicators."""
    async with of.database.reading() as session:
        (groups,) = await figures.grouped(session, question, [dimensions])
    return groups


@pytest.mark.parametrize(
    "period",
    [
        Period(*JANUARY),
        Period(date(2026, 1, 10), date(2026, 3, 20)),
        # Where the rest of a month is shorter than what is asked for of it, or has not come yet.
        Period(date(2026, 1, 3), date(2026, 1, 29)),
        Period(date(2025, 12, 9), date(2026, 1, 20)),
        Period(date(2026, 1, 1), date(2026, 2, 27)),
        Period(date(2026, 2, 14), date(2026, 12, 31)),
    ],
)
async def test_what_no_cell_has_is_the_same_from_the_facts(figures: Figures, period: Period) -> None:
    """Odd days of a choice come from the facts, those of the whole from the cells: they add up."""
    await figures.hear(stories(5, 200))
    (whole,) = (await asked(figures, question(period))).values()
    kinds = (await asked(figures, question(period), Dimension.KIND)).values()
    chosen = [
        (await asked(figures, question(period, chosen={Dimension.UNIT: (unit,)}), Dimension.KIND)).values()
        for unit in ("kommunalteknikk", "bibliotek", "kulturskolen", "Teknisk etat")
    ]
    unassigned = (await asked(figures, question(period), Dimension.UNIT, Dimension.TOPIC)).items()
    nowhere = [told for key, told in unassigned if key[0] is None]
    parts = [told for groups in chosen for told in groups]
    for read in (
        lambda of: of.received.total,
        lambda of: of.promise.due,
        lambda of: of.promise.kept,
        lambda of: of.promise.not_yet_due,
        lambda of: of.response.n,
        lambda of: of.interim.needed,
        lambda of: of.backlog.open,
        lambda of: of.satisfaction.process.n,
    ):
        assert sum(map(read, kinds)) == read(whole)
        assert sum(map(read, parts)) + sum(map(read, nowhere)) == read(whole)


async def test_percentiles_follow_every_change(figures: Figures) -> None:
    """What is remembered of a look before is used only where nothing has changed."""
    first, second = (case_received(f"2026-01-0{day}T10:00+01:00") for day in (5, 6))
    from tests.integration.metrics.test_figures import answer

    await figures.hear([first, answer(first, "2026-01-06T10:00+01:00")])
    for _ in range(2):
        assert (await figures.told(*JANUARY))["response_days"]["median"] == 1.0
    await figures.hear([second, answer(second, "2026-01-09T10:00+01:00")])
    assert (await figures.told(*JANUARY))["response_days"]["median"] == 2.0
    # An earlier answer to the same case is heard late: as many cases, another length.
    await figures.hear([answer(second, "2026-01-07T10:00+01:00")])
    assert (await figures.told(*JANUARY))["response_days"]["median"] == 1.0


async def test_cases_count_for_the_unit_of_then_or_for_the_one_that_took_over(figures: Figures) -> None:
    """Two units were merged into a third in another section; of then they are apart, of now together."""
    cases = [case_received(f"2026-01-0{day}T10:00+01:00", due=date(2026, 1, 20)) for day in (5, 6, 7)]
    places = (("nordskolen", "skole"), ("sorskolen", "skole"), ("bibliotek", "kultur"))
    for case, (unit, section) in zip(cases, places, strict=True):
        assigned = after(
            case,
            CaseAssigned,
            at=case.at + timedelta(hours=1),
            unit=unit,
            section=section,
            person=None,
            reason=AssignmentReason.TOPIC,
        )
        await figures.hear([case, assigned])
    then = question(Period(*JANUARY))
    merged = Place("storskolen", "oppvekst")
    now = replace(then, now={"nordskolen": merged, "sorskolen": merged, "storskolen": merged})

    async def received_by(asking: Question, dimension: Dimension) -> dict[str, int]:
        groups = await asked(figures, asking, dimension)
        return {key[0]: told.received.total for key, told in groups.items()}

    assert await received_by(then, Dimension.UNIT) == {"nordskolen": 1, "sorskolen": 1, "bibliotek": 1}
    assert await received_by(now, Dimension.UNIT) == {"storskolen": 2, "bibliotek": 1}
    assert await received_by(then, Dimension.SECTION) == {"skole": 2, "kultur": 1}
    assert await received_by(now, Dimension.SECTION) == {"oppvekst": 2, "kultur": 1}
    chosen = replace(now, chosen={Dimension.UNIT: ("storskolen",)})
    (told,) = (await asked(figures, chosen)).values()
    assert (told.received.total, told.promise.due, told.backlog.overdue) == (2, 2, 2)
    odd_days = replace(chosen, period=Period(date(2026, 1, 6), date(2026, 1, 20)))
    (told,) = (await asked(figures, odd_days)).values()
    assert (told.received.total, told.promise.due) == (1, 2)

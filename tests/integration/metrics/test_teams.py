"""A unit that has teams answers for their cases: its figures, its list of cases and its report are with theirs."""

from datetime import date, timedelta

import pytest

from services.metrics.cases import Behind, behind
from services.metrics.indicators import Dimension, Indicators
from services.metrics.manual import Scope
from services.metrics.periods import Period
from services.metrics.reading import Reader
from services.metrics.reports.periods import ReportKind, ReportPeriod
from shared.events import AssignmentReason, CaseAssigned
from tests.events_for_tests import after
from tests.integration.metrics.conftest import CALENDAR, Figures
from tests.integration.metrics.test_figures import answer, case_received
from tests.integration.metrics.test_reports import SORUM, draft

UNIT, TEAMS = "skolekontoret", ("skoleskyss", "sfo-kontoret")
JANUARY = Period.months(2026, 1)


@pytest.fixture
async def reader(figures: Figures) -> Reader:
    """A case of each team, answered after one and three days, one that stands under both, and one elsewhere."""
    for unit, days in ((TEAMS[0], 1), (TEAMS[1], 3), (UNIT, None), ("bibliotek", 5)):
        case = case_received("2026-01-05T10:00+01:00", due=date(2026, 1, 7))
        place = {"unit": unit, "section": "skole" if unit != "bibliotek" else "kultur"}
        assigned = after(
            case,
            CaseAssigned,
            at=case.at + timedelta(hours=1),
            person=None,
            reason=AssignmentReason.TOPIC,
            **place,
        )
        await figures.hear([case, assigned])
        if days:
            await figures.hear([answer(case, f"2026-01-{5 + days:02}T10:00+01:00")])
    return Reader(figures.database, figures.clock, CALENDAR, SORUM)


def seen(of: Indicators) -> tuple[int, int, int, float | None, int]:
    """Received, due, kept, the median in days, and what is open."""
    return of.received.total, of.promise.due, of.promise.kept, of.response.median, of.backlog.open


async def test_a_units_figures_are_with_those_of_its_teams(reader: Reader) -> None:
    """All together, in groups and behind a number; a team's are its own, and the section's are the same as ever."""
    async with reader.reading() as reading:
        whole = await reading.total(JANUARY, {Dimension.UNIT: UNIT})
        team = await reading.total(JANUARY, {Dimension.UNIT: TEAMS[0]})
        section = await reading.total(JANUARY, {Dimension.SECTION: "skole"})
        (kinds,) = await reading.grouped([(Dimension.KIND,)], JANUARY, {Dimension.UNIT: UNIT})
        question = reading.question(JANUARY, {Dimension.UNIT: UNIT})
        count, rows = await behind(reading.session, question, Behind.RECEIVED, None, 1)
        led, _ = await behind(reading.session, question, Behind.RECEIVED, [TEAMS[1]], 1)
    assert seen(whole) == seen(section) == (3, 3, 1, 2.0, 1)
    assert [seen(of) for of in kinds.values()] == [seen(whole)]
    assert seen(team) == (1, 1, 1, 1.0, 0)
    assert (count, {row.unit for row in rows}) == (3, {UNIT, *TEAMS})
    assert led == 1


async def test_a_units_report_is_with_its_teams_and_sets_them_beside_each_other(
    reader: Reader, figures: Figures
) -> None:
    """In the section's report the unit stands for its teams, so that the units add up to the section."""
    figures.reader = reader
    period = ReportPeriod(ReportKind.MONTHLY, 2026, 1)
    of_unit = await draft(figures, period, Scope.unit(UNIT))
    of_section = await draft(figures, period, Scope.section("skole"))
    received = {one.id: one.figures["received"].n for one in of_section.compared}
    assert received == {UNIT: 3}
    assert {one.id: one.figures["received"].n for one in of_unit.compared} == dict.fromkeys(TEAMS, 1)
    assert of_unit.trend[-1].figures["received"].n == 3

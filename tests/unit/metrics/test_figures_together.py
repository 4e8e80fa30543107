"""Figures of a committee's sections, counted together."""

from datetime import date

from services.metrics.indicators import (
    Backlog,
    Handover,
    Indicators,
    Promise,
    Received,
    Response,
    Satisfaction,
)
from services.metrics.manual.store import Scope
from services.metrics.reports.seen import Seen

SCHOOL, NURSERY, HALL = Scope.section("skole"), Scope.section("barnehage"), Scope.section("hall")


def indicators(kept: int, due: int, overdue: int) -> Indicators:
    """Those of a section with as many complaints as promises, answered in two days."""
    return Indicators(
        promise=Promise(due=due, kept=kept),
        response=Response(n=due, median=2.0, p90=4.0),
        received=Received(complaint=due),
        backlog=Backlog(seen_on=date(2026, 8, 31), open=overdue + 1, overdue=overdue),
        handover=Handover(),
        satisfaction=Satisfaction(),
    )


def test_counts_and_shares_of_several_sections_add_up_and_a_median_is_not_told() -> None:
    """A section that had no case adds nothing; one promise kept of one is a share, not a count."""
    seen = Seen({SCHOOL: indicators(1, 1, 2), NURSERY: indicators(3, 3, 1)}, {}, {})
    together = seen.compared(SCHOOL, NURSERY, HALL)
    assert together["received"].value == 4
    kept = together["promise_kept"]
    assert (kept.value, kept.n, kept.of) == (1.0, 4, 4)
    assert (together["backlog_overdue"].value, together["backlog_overdue"].of) == (3.0, 5)
    assert together["response_median"].value is None


def test_one_section_is_told_whole() -> None:
    """Its median is its own; sections without a case have no share."""
    seen = Seen({SCHOOL: indicators(9, 10, 0)}, {}, {})
    assert seen.compared(SCHOOL)["response_median"].value == 2.0
    assert seen.compared(NURSERY, HALL)["promise_kept"].value is None

"""The traffic light, and the periods reports are of."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.measures import MEASURES
from services.metrics.reports.periods import ReportKind, ReportPeriod, ReportPeriodError
from services.metrics.targets import Light, Rule, targets_of
from shared import municipality

G, A, R = Light.GREEN, Light.AMBER, Light.RED


@pytest.mark.parametrize(
    ("measure", "target", "tolerance", "value", "light"),
    [
        # Higher is better: at 90 % green, from 80 % amber.
        ("promise_kept", 0.9, 0.1, 0.9, G),
        ("promise_kept", 0.9, 0.1, 0.8999, A),
        ("promise_kept", 0.9, 0.1, 0.8, A),
        ("promise_kept", 0.9, 0.1, 0.7999, R),
        ("promise_kept", 0.9, 0.1, None, Light.NO_VALUE),
        # Lower is better: at most 3 days green, to 4 amber.
        ("response_median", 3, 1, 3.0, G),
        ("response_median", 3, 1, 4.0, A),
        ("response_median", 3, 1, 4.01, R),
        # Without tolerance there is no amber; none overdue is on target.
        ("backlog_overdue", 0, 0, 0.0, G),
        ("backlog_overdue", 0, 0, 1.0, R),
    ],
)
def test_the_light_follows_its_rule(
    measure: str, target: float, tolerance: float, value: float | None, light: Light
) -> None:
    """To the last digit on both sides of each limit."""
    rule = Rule.of(MEASURES[measure], target, tolerance)
    assert rule
    assert rule.light(value) == light


def test_what_is_neither_better_high_nor_low_has_no_light() -> None:
    """Nor what has no target."""
    assert Rule.of(MEASURES["appeals_received"], 4, 1) is None
    assert Rule.of(MEASURES["promise_kept"], None, 0) is None


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_a_better_value_never_gets_a_worse_light(
    target: float, tolerance: float, one: float, other: float
) -> None:
    """Whatever the target."""
    rule = Rule.of(MEASURES["promise_kept"], target, tolerance)
    assert rule
    order = [R, A, G]
    assert order.index(rule.light(min(one, other))) <= order.index(rule.light(max(one, other)))


def test_targets_come_in_the_balance_sheets_order() -> None:
    """The municipality's own and each section's apart; none in a year without any."""
    sorum = municipality.load("sorum")
    whole = [target.measure.value for target in targets_of(sorum, 2026, None)]
    assert whole == [measure for measure in MEASURES if measure in whole]
    assert [target.id for target in targets_of(sorum, 2026, "skole")] == ["svarloftet-skole", "arenaer-skole"]
    assert targets_of(sorum, 2023, None) == []


@pytest.mark.parametrize(
    ("kind", "code", "first", "last", "before", "year_before"),
    [
        (ReportKind.MONTHLY, "2026-02", date(2026, 2, 1), date(2026, 2, 28), "2026-01", "2025-02"),
        (ReportKind.MONTHLY, "2026-01", date(2026, 1, 1), date(2026, 1, 31), "2025-12", "2025-01"),
        (ReportKind.TERTIAL, "2026-T1", date(2026, 1, 1), date(2026, 4, 30), "2025-T3", "2025-T1"),
        (ReportKind.TERTIAL, "2026-t2", date(2026, 5, 1), date(2026, 8, 31), "2026-T1", "2025-T2"),
        (ReportKind.ANNUAL, "2026", date(2026, 1, 1), date(2026, 12, 31), "2025", "2025"),
    ],
)
def test_a_period_is_known_by_its_name(
    kind: ReportKind, code: str, first: date, last: date, before: str, year_before: str
) -> None:
    """With the periods it is compared with."""
    period = ReportPeriod.parse(kind, code)
    assert (period.days.first, period.days.last) == (first, last)
    assert (period.before().code, period.a_year_before().code) == (before, year_before)
    assert ReportPeriod.with_day(kind, last) == period
    assert period.code == code.upper()


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (ReportKind.MONTHLY, "2026-13"),
        (ReportKind.MONTHLY, "2026-1"),
        (ReportKind.TERTIAL, "2026-T4"),
        (ReportKind.TERTIAL, "2026"),
        (ReportKind.ANNUAL, "2026-01"),
        (ReportKind.ANNUAL, "1026"),
        (ReportKind.ANNUAL, ""),
    ],
)
def test_a_name_of_no_period_says_what_one_looks_like(kind: ReportKind, code: str) -> None:
    """With an example of the kind asked for."""
    with pytest.raises(ReportPeriodError, match="such as 2026"):
        ReportPeriod.parse(kind, code)


def test_the_development_of_a_year_is_its_tertials_and_those_before() -> None:
    """Six points, the oldest first."""
    codes = [point.code for point in ReportPeriod(ReportKind.ANNUAL, 2026).development()]
    assert codes == ["2025-T1", "2025-T2", "2025-T3", "2026-T1", "2026-T2", "2026-T3"]
    assert len(ReportPeriod(ReportKind.MONTHLY, 2026, 1).development()) == 12

"""Process limits and signals, against charts reckoned by hand and a plain reading of the rules."""

from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.xmr import BASELINE, FEWEST, RUN, Rule, process_chart

# Reckoned by hand: the sum is 120, so the mean is 10; the moving ranges 2 1 3 1 2 2 1 3 4 1 2 sum to 22, so
# their mean is 2 and the limits are 10 +- 2.66 * 2.
WORKED = [10, 12, 11, 8, 9, 11, 9, 10, 7, 11, 12, 10]
LOWER, MEAN, UPPER = 4.68, 10.0, 15.32


def test_the_limits_of_a_worked_example() -> None:
    """The mean and 2.66 mean moving ranges to either side."""
    chart = process_chart(WORKED)
    assert chart is not None
    assert chart.limits.mean == pytest.approx(MEAN)
    assert (chart.limits.lower, chart.limits.upper) == (pytest.approx(LOWER), pytest.approx(UPPER))
    assert not chart.limits.are_preliminary
    assert not chart.signals


def test_a_point_outside_the_limits_is_a_signal() -> None:
    """Above as below, and just inside is none."""
    chart = process_chart([*WORKED, 15.3, 15.4, 4.7, 4.6])
    assert chart is not None
    assert [(of.rule, of.first, of.above) for of in chart.signals] == [
        (Rule.OUTSIDE, 13, True),
        (Rule.OUTSIDE, 15, False),
    ]
    assert chart.marked == {13, 15}


def test_eight_in_a_row_on_one_side_are_a_signal_and_seven_are_none() -> None:
    """The run is told once, with its first point and its last."""
    seven = process_chart([*WORKED, *[9] * 7, 10])
    assert seven is not None
    assert not seven.signals
    ten = process_chart([*WORKED, *[11] * 10, 9])
    assert ten is not None
    assert [(of.rule, of.first, of.last, of.above) for of in ten.signals] == [(Rule.RUN, 12, 21, True)]


def test_a_point_on_the_mean_ends_a_run() -> None:
    """Four and four with the mean between them are no run."""
    chart = process_chart([*WORKED, *[9] * 4, 10, *[9] * 4])
    assert chart is not None
    assert not chart.signals


def test_under_six_points_nothing_is_drawn() -> None:
    """Five are too few; the sixth gives preliminary limits."""
    assert process_chart(WORKED[: FEWEST - 1]) is None
    assert process_chart([None] * 9 + WORKED[: FEWEST - 1]) is None  # type: ignore[list-item]
    chart = process_chart(WORKED[:FEWEST])
    assert chart is not None
    assert chart.limits.are_preliminary
    assert chart.limits.baseline == FEWEST


def test_the_limits_are_those_of_the_first_twelve_whatever_comes_after() -> None:
    """Frozen: a change cannot widen the limits it should be seen by."""
    later = process_chart([*WORKED, *[100.0] * 20])
    assert later is not None
    assert later.limits == process_chart(WORKED).limits  # type: ignore[union-attr]


def test_a_month_without_a_figure_is_no_point() -> None:
    """Its neighbours follow each other, and places count it."""
    chart = process_chart([None, *WORKED[:5], None, *WORKED[5:], 16])
    assert chart is not None
    assert chart.limits.mean == pytest.approx(MEAN)
    assert chart.limits.upper == pytest.approx(UPPER)
    assert [of.first for of in chart.signals] == [14]


def test_a_limit_is_cut_off_where_the_figure_cannot_go() -> None:
    """A share is never over 1: all kept is no signal."""
    shares = [0.9, 1.0, 0.8, 1.0, 0.9, 1.0, 0.8, 1.0]
    chart = process_chart(shares, least=0, most=1)
    assert chart is not None
    assert chart.limits.upper == 1
    assert not [of for of in chart.signals if of.rule == Rule.OUTSIDE]


def test_a_figure_that_never_moves_gives_no_signal_until_it_does() -> None:
    """No variation: the limits are the mean, and rounding makes no point an outlier."""
    chart = process_chart([0.1 + 0.2] * 20 + [0.4])
    assert chart is not None
    assert [(of.rule, of.first) for of in chart.signals] == [(Rule.OUTSIDE, 20)]


@given(st.lists(st.integers(0, 40), min_size=FEWEST, max_size=40))
def test_the_chart_is_what_exact_arithmetic_gives(points: list[int]) -> None:
    """Limits and signals by fractions, and runs found by looking at every window of eight."""
    baseline = [Fraction(point) for point in points[:BASELINE]]
    mean = sum(baseline) / len(baseline)
    ranges = [abs(after - before) for before, after in pairwise(baseline)]
    reach = Fraction(266, 100) * sum(ranges) / len(ranges)
    chart = process_chart(points)
    assert chart is not None
    assert chart.limits.mean == pytest.approx(float(mean))
    assert chart.limits.upper == pytest.approx(float(mean + reach))
    outside = {place for place, point in enumerate(points) if abs(point - mean) > reach}
    windows = [range(place, place + RUN) for place in range(len(points) - RUN + 1)]
    in_run = {
        place
        for window in windows
        if all(points[at] > mean for at in window) or all(points[at] < mean for at in window)
        for place in window
    }
    assert {of.first for of in chart.signals if of.rule == Rule.OUTSIDE} == outside
    assert chart.marked == outside | in_run

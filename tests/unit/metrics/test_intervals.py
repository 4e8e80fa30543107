"""Intervals of shares and medians, against known values and what they promise to cover."""

from math import comb, sqrt

import pytest

from services.metrics.intervals import median_places, wilson


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998) 857-872, table I, method 3.
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        # 8 of 10, a textbook's favourite.
        (8, 10, 0.4902, 0.9433),
        (10, 10, 0.7225, 1.0000),
    ],
)
def test_wilsons_interval_is_the_published_one(part: int, whole: int, low: float, high: float) -> None:
    """To the four decimals in which they are printed."""
    interval = wilson(part, whole)
    assert interval is not None
    assert (round(interval.low, 4), round(interval.high, 4)) == (low, high)


def test_wilsons_interval_holds_exactly_the_shares_that_the_score_test_accepts() -> None:
    """Its definition: |share - p| <= z sqrt(p (1 - p) / n), for every p on a grid."""
    z = 1.959963984540054
    for whole in (1, 4, 9, 30):
        for part in range(whole + 1):
            interval = wilson(part, whole)
            assert interval is not None
            for p in (step / 400 for step in range(1, 400)):
                accepted = abs(part / whole - p) <= z * sqrt(p * (1 - p) / whole)
                assert interval.excludes(p) != accepted


def test_a_share_of_nothing_has_no_interval() -> None:
    """Nor a made-up one from 0 to 1."""
    assert wilson(0, 0) is None


@pytest.mark.parametrize(
    ("n", "places"),
    # Hahn and Meeker, Statistical Intervals (1991), and every table of the sign test.
    [
        (5, None),
        (6, (1, 6)),
        (8, (1, 8)),
        (9, (2, 8)),
        (10, (2, 9)),
        (20, (6, 15)),
        (50, (18, 33)),
        (100, (40, 61)),
    ],
)
def test_the_places_that_bound_a_median_are_those_of_the_tables(
    n: int, places: tuple[int, int] | None
) -> None:
    """Counted from one."""
    assert median_places(n) == places


def test_the_places_cover_the_median_often_enough_and_no_narrower_pair_does() -> None:
    """Brute force over the binomial distribution in whole numbers, up to three hundred values."""
    for n in range(1, 300):
        places = median_places(n)
        # The median lies between the l-th and the u-th value where at least l and fewer than u are below it.
        covers = {
            low: sum(comb(n, k) for k in range(low, n + 1 - low)) / 2**n for low in range(1, n // 2 + 1)
        }
        wide_enough = [low for low, share in covers.items() if share >= 0.95]
        assert places == ((max(wide_enough), n + 1 - max(wide_enough)) if wide_enough else None)


def test_many_values_have_nearly_the_places_of_the_exact_reckoning() -> None:
    """Where the binomial distribution gives way to the normal one, nothing jumps."""
    before, after = median_places(999), median_places(1001)
    assert before is not None
    assert after is not None
    assert abs(after[0] - before[0]) <= 2
    assert median_places(10_000) == (4902, 5099)


def test_the_places_of_a_median_are_those_of_published_tables() -> None:
    """Of ten values the second and the ninth; of three or none, no two bound it."""
    assert median_places(10) == (2, 9)
    assert median_places(3) is None
    assert median_places(0) is None

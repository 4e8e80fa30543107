"""How sure a figure is: intervals of 95 per cent that respect small numbers.

A share has Wilson's score interval (E. B. Wilson 1927; recommended for small numbers by Brown, Cai and DasGupta
2001): it stays between 0 and 1, and is not of no width where all or none were kept. A median has the
distribution-free interval between two order statistics, whose places come from the binomial distribution with
one half (David and Nagaraja, *Order Statistics*, 7.1): nothing is assumed of how waiting times are spread.
"""

from dataclasses import dataclass
from functools import cache
from math import floor, hypot, sqrt
from statistics import NormalDist

CONFIDENCE = 0.95
ENOUGH = 10
"""Cases from which a group's figure is compared with the whole (decision 15)."""
_MANY = 1000
"""From here on the places of a median come from the normal distribution; they differ by one at the most."""


@dataclass(frozen=True)
class Interval:
    """From `low` to `high`, both included."""

    low: float
    high: float

    def excludes(self, figure: float) -> bool:
        """Whether a figure lies outside."""
        return not self.low <= figure <= self.high


def wilson(part: int, whole: int, confidence: float = CONFIDENCE) -> Interval | None:
    """The interval of a share; None of nothing."""
    if not whole:
        return None
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    share = part / whole
    widened = 1 + z * z / whole
    middle = (share + z * z / (2 * whole)) / widened
    reach = z / widened * sqrt(share * (1 - share) / whole + z * z / (4 * whole * whole))
    # At the ends rounding would leave a trace.
    low = 0.0 if part == 0 else middle - reach
    high = 1.0 if part == whole else middle + reach
    return Interval(low, high)


@cache
def median_places(n: int, confidence: float = CONFIDENCE) -> tuple[int, int] | None:
    """Which of `n` sorted values, counted from 1, bound the median; None where too few can bound it.

    The smallest symmetric pair that covers the median of the distribution at least as often as said: with 95
    per cent it takes six values, which are then the first and the last.
    """
    beyond = (1 - confidence) / 2
    if n >= _MANY:
        low = floor((n + 1 - NormalDist().inv_cdf(1 - beyond) * sqrt(n)) / 2)
    else:
        low, tail, term = 0, 0.0, 0.5**n
        while tail + term <= beyond:
            tail += term
            term *= (n - low) / (low + 1)
            low += 1
    return (low, n + 1 - low) if low else None


def difference(part: int, whole: int, other_part: int, other_whole: int) -> Interval | None:
    """The interval of how much greater the first share is than the other; None where either is of nothing.

    Newcombe's hybrid score interval (Statistics in Medicine 17, 1998, 873-890, method 10).
    """
    mine, theirs = wilson(part, whole), wilson(other_part, other_whole)
    if mine is None or theirs is None:
        return None
    first, second = part / whole, other_part / other_whole
    return Interval(
        first - second - hypot(first - mine.low, theirs.high - second),
        first - second + hypot(mine.high - first, second - theirs.low),
    )

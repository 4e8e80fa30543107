"""Process limits for a figure over time (XmR: individuals and moving range), so that noise is not read as news.

Source: Shewhart's chart for individual values as Donald J. Wheeler teaches it (*Understanding Variation*,
2nd ed. 2000; *Making Sense of Data*, 2003). The natural process limits are the mean plus and minus 2.66 times
the mean moving range (2.66 = 3 / 1.128, d2 for two values). Two rules give a signal: a point outside the
limits (Wheeler's detection rule one), and eight or more points in a row on the same side of the mean (rule
two). No other rules: each one added raises false alarms. Why this chart also for shares: decision 15.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from statistics import fmean

FEWEST = 6
"""Points from which limits are drawn at all."""
BASELINE = 12
"""The first so many points make the limits, which then stand still; with fewer they are preliminary."""
RUN = 8
"""Points in a row on one side of the mean that are a signal."""
SCALE = 2.66
_ROUNDING = 1e-9

Points = Sequence[float | None]


class Rule(StrEnum):
    """What makes a signal."""

    OUTSIDE = "outside"
    RUN = "run"


@dataclass(frozen=True)
class Limits:
    """The mean, and the natural process limits about it, cut off where the figure cannot go."""

    mean: float
    lower: float
    upper: float
    baseline: int
    """Of how many points they were made."""

    @property
    def are_preliminary(self) -> bool:
        """Whether they will still move with the next points."""
        return self.baseline < BASELINE


@dataclass(frozen=True)
class Signal:
    """Points that are more than noise; `first` and `last` are their places among all points."""

    rule: Rule
    first: int
    last: int
    above: bool


@dataclass(frozen=True)
class ProcessChart:
    """What the limits say of a row of points."""

    limits: Limits
    signals: Sequence[Signal]

    @property
    def marked(self) -> frozenset[int]:
        """The places of all points that belong to a signal."""
        return frozenset(place for of in self.signals for place in range(of.first, of.last + 1))


def process_chart(
    points: Points, *, least: float | None = None, most: float | None = None
) -> ProcessChart | None:
    """The limits of the first twelve points, and the signals in all of them; None where there are under six.

    A None among the points is a period without a figure: it is no point, and its neighbours follow each other.

    :param least: the figure cannot be less than this, so no lower limit is.
    :param most: nor more than this.
    """
    known = [(place, value) for place, value in enumerate(points) if value is not None]
    if len(known) < FEWEST:
        return None
    limits = _limits([value for _, value in known[:BASELINE]], least, most)
    signals = [*_outside(known, limits), *_runs(known, limits)]
    return ProcessChart(limits, sorted(signals, key=lambda of: (of.last, of.first)))


def _limits(baseline: Sequence[float], least: float | None, most: float | None) -> Limits:
    mean = fmean(baseline)
    reach = SCALE * fmean(abs(after - before) for before, after in pairwise(baseline))
    return Limits(
        mean,
        lower=mean - reach if least is None else max(least, mean - reach),
        upper=mean + reach if most is None else min(most, mean + reach),
        baseline=len(baseline),
    )


def _outside(known: Sequence[tuple[int, float]], limits: Limits) -> Iterator[Signal]:
    for place, value in known:
        if value > limits.upper + _ROUNDING:
            yield Signal(Rule.OUTSIDE, place, place, above=True)
        if value < limits.lower - _ROUNDING:
            yield Signal(Rule.OUTSIDE, place, place, above=False)


def _runs(known: Sequence[tuple[int, float]], limits: Limits) -> Iterator[Signal]:
    """Each longest run. A point on the mean is on neither side, and ends it."""
    run: list[int] = []
    side = 0
    for place, value in [*known, (-1, limits.mean)]:
        distance = value - limits.mean
        now = 0 if abs(distance) <= _ROUNDING else (1 if distance > 0 else -1)
        if now == side and now:
            run.append(place)
            continue
        if len(run) >= RUN:
            yield Signal(Rule.RUN, run[0], run[-1], above=side > 0)
        run, side = ([place] if now else []), now

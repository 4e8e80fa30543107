"""What a closed survey says: means, distributions and the answer rate, as far as they tell of nobody.

Fewer than five answers to a question are not told. A distribution is told step by step only where no step has
1 to 4 answers, else in three bands where no band has, else not at all: the mean and the number would give away
what is left out of it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from services.metrics.suppression import FEWEST, is_small
from services.metrics.surveys.questions import SCALE


class Band(StrEnum):
    """Two neighbouring steps of the scale."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


_BANDS = {Band.LOW: SCALE[:2], Band.MIDDLE: SCALE[2:4], Band.HIGH: SCALE[4:]}


@dataclass(frozen=True)
class Result:
    """A question's result; `mean` and `n` are None where fewer than five answered it.

    `steps` are counts for 1 to 6, `bands` the same two by two; each None where it may not be told.
    """

    question: str
    n: int | None
    mean: float | None
    steps: Sequence[int] | None
    bands: Mapping[Band, int] | None


def result(question: str, counts: Mapping[int, int]) -> Result:
    """What may be told of how many gave each step."""
    n = sum(counts.values())
    if n < FEWEST:
        return Result(question, 0 if n == 0 else None, None, None, None)
    steps = [counts.get(step, 0) for step in SCALE]
    bands = {band: sum(counts.get(step, 0) for step in within) for band, within in _BANDS.items()}
    return Result(
        question,
        n,
        sum(step * count for step, count in counts.items()) / n,
        None if any(map(is_small, steps)) else steps,
        None if any(map(is_small, bands.values())) else bands,
    )


def answer_rate(answered: int, invited: int | None) -> float | None:
    """Those who answered of those invited; None where everybody has the same link."""
    return min(answered / invited, 1.0) if invited else None

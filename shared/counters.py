"""Counters whose labels are all known beforehand: exposed from nought, so that the first count is seen."""

from collections.abc import Iterable
from itertools import product

from prometheus_client import Counter


def from_nought(name: str, documentation: str, /, **labels: Iterable[str]) -> Counter:
    """A counter that is exposed as 0 for each combination of these labels.

    Prometheus' `increase` takes a series for new until it has been seen twice. One that begins at its first count
    has not increased, and an alert on the first failure would never fire.
    """
    values = {label: list(known) for label, known in labels.items()}
    counter = Counter(name, documentation, list(values))
    for combination in product(*values.values()):
        counter.labels(*combination)
    return counter

"""What `svarfrist indicators --json` must say of a period, reckoned from what was done: the oracle's."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from bench.year.oracle import Record
from bench.year.promises import Promise

KINDS = ("praise", "complaint", "question", "appeal")


@dataclass(frozen=True)
class Judged:
    """A submission with its promises."""

    record: Record
    promises: Sequence[Promise]


def percentile(lengths: Sequence[timedelta], share: float) -> float | None:
    """Between the two nearest, linearly, in days."""
    if not lengths:
        return None
    ordered = sorted(length / timedelta(days=1) for length in lengths)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def figures(
    found: Sequence[Judged], lengths: Mapping[str, timedelta], period: tuple[date, date], today: date
) -> dict[str, Any]:
    """`lengths`: receipt to first answer, by reference."""
    first, last = period
    due = [
        promise
        for one in found
        for promise in one.promises
        if not promise.has_lapsed and first <= promise.due_on <= last and promise.due_on < today
    ]
    kept = [one for one in due if (one.verdict(today) or ("",))[0] == "promise.kept"]
    received = [one.record for one in found if first <= one.record.submitted_on <= last]
    answered = [
        one.record for one in found if one.record.answered_on and first <= one.record.answered_on <= last
    ]
    spans = [lengths[record.reference] for record in answered]
    return {
        "due": len(due),
        "kept": len(kept),
        "received": {kind: sum(record.found_to_be == kind for record in received) for kind in KINDS},
        "answered": len(answered),
        "median": percentile(spans, 0.5),
        "p90": percentile(spans, 0.9),
    }

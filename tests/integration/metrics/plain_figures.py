"""The indicators once more, in plain Python straight from the events: an oracle that shares no code."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from shared.events import Event

OSLO = ZoneInfo("Europe/Oslo")


def day(event: Event) -> date:
    """The Norwegian day of an event."""
    return event.at.astimezone(OSLO).date()


def percentile(lengths: list[timedelta], share: Fraction) -> float | None:
    """Between the two nearest, linearly, in days; in whole numbers until the last step."""
    if not lengths:
        return None
    ordered = sorted(length // timedelta(microseconds=1) for length in lengths)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    value = ordered[low] + (place - low) * (ordered[high] - ordered[low])
    return round(float(value / (24 * 3600 * 10**6)), 6)


def figures(
    events: Iterable[Event], first: date, last: date, today: date, soon_until: date
) -> dict[str, Any]:
    """What `indicators --json` should print, from events in any order and as often as you like."""
    return figures_of(_cases(events), first, last, today, soon_until)


def grouped(
    events: Iterable[Event],
    key: Callable[[dict[str, list[Event]]], str | None],
    *period: date,
) -> dict[str | None, dict[str, Any]]:
    """The same for each group of cases."""
    groups = defaultdict(list)
    for case in _cases(events):
        groups[key(case)].append(case)
    return {name: figures_of(cases, *period) for name, cases in groups.items()}


def _cases(events: Iterable[Event]) -> list[dict[str, list[Event]]]:
    cases: dict[Any, dict[str, list[Event]]] = defaultdict(lambda: defaultdict(list))
    for event in sorted({event.id: event for event in events}.values(), key=lambda e: (e.at, e.id)):
        cases[event.case_id][event.NAME].append(event)
    return [case for case in cases.values() if case["submission.received"]]


def figures_of(
    cases: list[dict[str, list[Event]]], first: date, last: date, today: date, soon_until: date
) -> dict[str, Any]:
    """The figures of these cases."""
    due = kept = waiting = not_yet = opened = overdue = soon = handovers = 0
    kinds: Counter[str] = Counter()
    responses, openings, ages, voices, answered_now = [], [], [], Counter[bool](), 0
    seen = min(last, today)
    passed_before = min(last + timedelta(days=1), today)
    for case in cases:
        received: Any = case["submission.received"][0]
        answer = case["case.answered"][0] if case["case.answered"] else None
        ends = [*case["case.answered"][:1], *case["case.closed"][:1]]
        finished = min((day(end) for end in ends), default=None)
        promise_due = received.promise.due_on if received.promise else None
        if case["promise.made"]:
            promise_due = max(case["promise.made"], key=lambda e: (e.version, e.at, e.id)).due_on  # type: ignore[attr-defined]
        if first <= day(received) <= last:
            kinds[received.kind.value] += 1
            handovers += sum(e.reason.value == "handed_over" for e in case["case.assigned"])  # type: ignore[attr-defined]
        if promise_due and first <= promise_due <= last:
            if promise_due < today:
                due += 1
                kept += answer is not None and day(answer) <= promise_due
                waiting += finished is None
            else:
                not_yet += 1
        if answer and first <= day(answer) <= last:
            responses.append(answer.at - received.at)
            answered_now += 1
            if case["feedback.given"]:
                voices[case["feedback.given"][-1].helped] += 1  # type: ignore[attr-defined]
        if case["case.opened"] and first <= day(case["case.opened"][0]) <= last:
            openings.append(case["case.opened"][0].at - received.at)
        if day(received) <= seen and (finished is None or finished > seen):
            opened += 1
            overdue += promise_due is not None and promise_due < passed_before
            soon += promise_due is not None and passed_before <= promise_due <= soon_until
            ages.append((seen - day(received)).days)
    return {
        "promise": {
            "due": due,
            "kept": kept,
            "broken": due - kept,
            "open_overdue": waiting,
            "share": round(kept / due, 6) if due else None,
            "share_at_least": None,
            "not_yet_due": not_yet,
        },
        "response_days": {
            "median": percentile(responses, Fraction(1, 2)),
            "p90": percentile(responses, Fraction(9, 10)),
            "n": len(responses),
        },
        "received": {
            **{kind: kinds[kind] for kind in ("praise", "complaint", "question")},
            "total": kinds.total(),
        },
        "backlog": {
            "seen_on": seen.isoformat(),
            "open": opened,
            "overdue": overdue,
            "due_soon": soon,
            "oldest_days": max(ages, default=None),
        },
        "praise_to_complaints": {
            "praise": kinds["praise"],
            "complaint": kinds["complaint"],
            "ratio": round(kinds["praise"] / kinds["complaint"], 6) if kinds["complaint"] else None,
        },
        "handover": {
            "median_days": percentile(openings, Fraction(1, 2)),
            "n": len(openings),
            "handovers": handovers,
        },
        "satisfaction": {
            "helped": voices[True],
            "not_helped": voices[False],
            "share": round(voices[True] / voices.total(), 6) if voices else None,
            "answer_rate": round(voices.total() / answered_now, 6) if answered_now else None,
        },
    }

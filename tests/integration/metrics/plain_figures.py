"""The indicators once more, in plain Python straight from the events: an oracle that shares no code."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from shared.events import Event

OSLO = ZoneInfo("Europe/Oslo")


HOLIDAYS = {date(2026, 1, 1), date(2026, 4, 2), date(2026, 4, 3), date(2026, 4, 6), date(2026, 5, 1)}
"""Public holidays of the first months of 2026, Sundays aside."""


def local(at: datetime) -> date:
    """The Norwegian day of an instant."""
    return at.astimezone(OSLO).date()


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
    key: Callable[[dict[str, list[Any]]], str | None],
    *period: date,
) -> dict[str | None, dict[str, Any]]:
    """The same for each group of cases."""
    groups = defaultdict(list)
    for case in _cases(events):
        groups[key(case)].append(case)
    return {name: figures_of(cases, *period) for name, cases in groups.items()}


def _cases(events: Iterable[Event]) -> list[dict[str, list[Any]]]:
    cases: dict[Any, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
    for event in sorted({event.id: event for event in events}.values(), key=lambda e: (e.at, e.id)):
        cases[event.case_id][event.NAME].append(event)
    return [case for case in cases.values() if case["submission.received"] or case["case.imported"]]


def received_at(case: dict[str, list[Any]]) -> datetime:
    """When the case came, here or elsewhere."""
    if case["submission.received"]:
        return case["submission.received"][0].at  # type: ignore[no-any-return]
    return case["case.imported"][0].received_at  # type: ignore[no-any-return]


def answers(case: dict[str, list[Any]]) -> list[tuple[datetime, int]]:
    """When it was answered, the first time first, and how many seconds had been waited by then."""
    given = [(event.at, event.waited_seconds) for event in case["case.answered"]]
    elsewhere = [(event.answered_at, 0) for event in case["case.imported"] if event.answered_at]
    return sorted(given + elsewhere, key=lambda answer: answer[0])


def endings(case: dict[str, list[Any]]) -> list[datetime]:
    """When it ceased to be open: by an answer, closed, or merged with another."""
    ended = [event.at for event in case["case.closed"] + case["case.merged"]]
    return sorted(ended + [at for at, _ in answers(case)])


def since(instants: Iterable[datetime], begun: datetime) -> date | None:
    """The Norwegian day of the first instant after another."""
    return min((local(at) for at in instants if at > begun), default=None)


def is_open(case: dict[str, list[Any]], evening: date) -> bool:
    """Whether it was open at the end of a day: begun by then, and not ended since it last began."""
    ended = endings(case)
    first = local(ended[0]) if ended else None
    spans = [(local(received_at(case)), first)]
    spans += [(local(event.at), since(ended, event.at)) for event in case["case.reopened"]]
    return any(begins <= evening and (ends is None or evening < ends) for begins, ends in spans)


def promises(case: dict[str, list[Any]]) -> list[dict[str, Any]]:
    """Each promise that has not lapsed: when it is due, and when its stage of the case was answered and ended."""
    found = []
    told = [
        (0, event.at, event.id, 1, event.promise.due_on, None)
        for event in case["submission.received"]
        if event.promise
    ]
    told += [
        (0, event.at, event.id, 1, event.due_on, None) for event in case["case.imported"] if event.due_on
    ]
    told += [(e.version, e.at, e.id, e.number, e.due_on, None) for e in case["promise.made"]]
    told += [
        (e.version, e.at, e.id, e.number, e.due_on, e.due_without_pauses_on) for e in case["promise.moved"]
    ]
    told += [(e.version, e.at, e.id, e.number, None, None) for e in case["promise.lapsed"]]
    for number in sorted({one[3] for one in told}):
        *_, due_on, bare = max(one for one in told if one[3] == number)
        ended, answered = endings(case), [at for at, _ in answers(case)]
        begun = None
        if number == 1:
            answered_on = local(answered[0]) if answered else None
            ended_on = local(ended[0]) if ended else None
        else:
            made_at = min((e.at for e in case["promise.made"] if e.number == number), default=None)
            if made_at:
                begun = max((e.at for e in case["case.reopened"] if e.at <= made_at), default=made_at)
            answered_on = since(answered, begun) if begun else None
            ended_on = since(ended, begun) if begun else None
        found.append(
            {
                "number": number, "begun": begun, "due": due_on, "bare": bare or due_on,
                "answered": answered_on, "ended": ended_on,
            }
        )  # fmt: skip
    return found


def due_then(case: dict[str, list[Any]], evening: date) -> date | None:
    """The due day of the stage a case was in on an evening."""
    reopened = [event.at for event in case["case.reopened"] if local(event.at) <= evening]
    made = promises(case)
    if not reopened:
        return next((one["due"] for one in made if one["number"] == 1), None)
    of_stage = [one for one in made if one["number"] > 1 and one["begun"] == max(reopened)]
    return of_stage[-1]["due"] if of_stage else None


def kind_of(case: dict[str, list[Any]]) -> str | None:
    """What it is: what a caseworker last said it is, else what its resident said."""
    for event in reversed(case["submission.received"][:1] + case["case.reclassified"]):
        return event.kind.value  # type: ignore[no-any-return]
    return case["case.imported"][0].kind  # type: ignore[no-any-return]


def a_month_after(day_: date) -> date:
    """The last day of the month in which an interim answer is due, by domstolloven §§ 148-149."""
    year, month = (day_.year + 1, 1) if day_.month == 12 else (day_.year, day_.month + 1)
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    due = date(year, month, min(day_.day, last))
    while due.weekday() >= 5 or due in HOLIDAYS:
        due += timedelta(days=1)
    return due


def figures_of(
    cases: list[dict[str, list[Any]]], first: date, last: date, today: date, soon_until: date
) -> dict[str, Any]:
    """The figures of these cases."""
    handovers = bounced = 0
    kinds: Counter[str | None] = Counter()
    responses, bare, openings, voices, answered_now = [], [], [], Counter[bool](), 0
    ratings: dict[str, Counter[int]] = {"process": Counter(), "outcome": Counter()}
    for case in cases:
        came = received_at(case)
        answer = answers(case)[0] if answers(case) else None
        if first <= local(came) <= last:
            kinds[kind_of(case)] += 1
            handovers += sum(e.reason.value == "handed_over" for e in case["case.assigned"])
            bounced += len(case["message.bounced"])
        if answer and first <= local(answer[0]) <= last:
            responses.append(answer[0] - came)
            bare.append(answer[0] - came - timedelta(seconds=answer[1]))
            answered_now += 1
            for said in case["feedback.given"][-1:]:
                voices[said.helped] += 1
                for what, given in ratings.items():
                    given.update([getattr(said, what)] if getattr(said, what) else [])
        if case["case.opened"] and first <= local(case["case.opened"][0].at) <= last:
            openings.append(case["case.opened"][0].at - came)
    known = ("praise", "complaint", "question", "appeal")
    return {
        "promise": _promised(cases, first, last, today),
        "response_days": {
            "median": percentile(responses, Fraction(1, 2)),
            "p90": percentile(responses, Fraction(9, 10)),
            "n": len(responses),
            "median_without_pauses": percentile(bare, Fraction(1, 2)),
            "p90_without_pauses": percentile(bare, Fraction(9, 10)),
        },
        "received": {
            **{kind: kinds[kind] for kind in known},
            "other": kinds.total() - sum(kinds[kind] for kind in known),
            "total": kinds.total(),
        },
        "backlog": _backlog(cases, last, today, soon_until),
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
            **{what: _rated(given) for what, given in ratings.items()},
        },
        "interim": _interim(cases, first, last, today),
        "messages": {"bounced": bounced},
        "declarations": {"current": None, "all": None, "share": None},
        "enquiries_per_1000": dict.fromkeys(("residents", "total", *known)),
    }


def _rated(given: Counter[int]) -> dict[str, Any]:
    mean = round(sum(given.elements()) / given.total(), 6) if given else None
    return {"mean": mean, "n": given.total(), "counts": [given[rating] for rating in range(1, 6)]}


def _promised(cases: list[dict[str, list[Any]]], first: date, last: date, today: date) -> dict[str, Any]:
    in_period = [
        one for case in cases for one in promises(case) if one["due"] and first <= one["due"] <= last
    ]
    over = [one for one in in_period if one["due"] < today]
    due = len(over)
    kept = sum(one["answered"] is not None and one["answered"] <= one["due"] for one in over)
    bare = sum(one["answered"] is not None and one["answered"] <= one["bare"] for one in over)
    return {
        "due": due,
        "kept": kept,
        "broken": due - kept,
        "open_overdue": sum(one["ended"] is None for one in over),
        "share": round(kept / due, 6) if due else None,
        "share_at_least": None,
        "not_yet_due": len(in_period) - due,
        "kept_without_pauses": bare,
        "share_without_pauses": round(bare / due, 6) if due else None,
    }


def _backlog(cases: list[dict[str, list[Any]]], last: date, today: date, soon_until: date) -> dict[str, Any]:
    seen = min(last, today)
    passed_before = min(last + timedelta(days=1), today)
    open_then = [case for case in cases if is_open(case, seen)]
    due = [day for day in (due_then(case, seen) for case in open_then) if day is not None]
    return {
        "seen_on": seen.isoformat(),
        "open": len(open_then),
        "overdue": sum(day < passed_before for day in due),
        "due_soon": sum(passed_before <= day <= soon_until for day in due),
        "oldest_days": max(((seen - local(received_at(case))).days for case in open_then), default=None),
    }


def _interim(cases: list[dict[str, list[Any]]], first: date, last: date, today: date) -> dict[str, Any]:
    needed = in_time = 0
    for case in cases:
        if not case["submission.received"] or not case["submission.received"][0].reply_wanted:
            continue
        month_ends = a_month_after(local(received_at(case)))
        ended = local(endings(case)[0]) if endings(case) else None
        if first <= month_ends <= last and month_ends < today and (ended is None or ended > month_ends):
            needed += 1
            in_time += any(local(event.at) <= month_ends for event in case["case.interim_answered"])
    return {"needed": needed, "in_time": in_time, "share": round(in_time / needed, 6) if needed else None}

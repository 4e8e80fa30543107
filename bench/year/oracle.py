"""What must have happened, reckoned from what was done: it shares no code with what it judges.

The municipality's promises are read as the plain YAML they are; days are counted by `bench.due_days`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import yaml

from bench import due_days


@dataclass
class Record:
    """What was done about one submission, by the days of the test clock."""

    number: int
    kind: str
    topic: str | None
    reply_wanted: bool
    has_email: bool
    submitted_on: date | None = None
    reference: str = ""
    promised_by: date | None = None
    answered_on: date | None = None
    interim_on: date | None = None
    expected_on: date | None = None


class Oracle:
    """A municipality's promises, ladder and calendar."""

    def __init__(self, folder: Path) -> None:
        told: dict[str, Any] = yaml.safe_load((folder / "promises.yaml").read_text("utf-8"))
        self._promises: list[dict[str, Any]] = told["promises"]
        self.ladder: list[dict[str, Any]] = told["reminders"]["ladder"]
        hours = told["reminders"]["office_hours"]
        self.opens, self.closes = str(hours["from"]), str(hours["to"])
        calendar = told.get("calendar", {})
        self._closed = {day for days in (calendar.get("closed_days") or {}).values() for day in _days(days)}
        self._eves = tuple(
            eve
            for eve, name in (((12, 24), "christmas_eve_closed"), ((12, 31), "new_years_eve_closed"))
            if calendar.get(name)
        )

    def is_open(self, day: date) -> bool:
        """Whether the office is."""
        return due_days.is_open(day) and (day.month, day.day) not in self._eves and day not in self._closed

    def due_on(self, record: Record) -> date | None:
        """The day an answer was promised by."""
        day = record.submitted_on
        if day is None or not record.reply_wanted:
            return None
        said = {"topic": record.topic, "kind": record.kind, "channel": "api"}
        fitting = [
            one for one in self._promises
            if all(said.get(key) == value for key, value in one.get("match", {}).items())
            and one["from"] <= day <= one.get("to", date.max)
        ]  # fmt: skip
        rule: str = max(fitting, key=lambda one: len(one.get("match", {})))["rule"]
        return due_days.due_on(day, rule, self.is_open)

    def working_days(self, day: date, count: int) -> date:
        """So many working days later, or earlier."""
        return due_days.working_days(day, count, self.is_open)

    def reminders(self, record: Record, until: date) -> list[str]:
        """The steps of the ladder that somebody must have been told by, up to a day."""
        due_on = self.due_on(record)
        if due_on is None:
            return []
        taken = []
        for rung in self.ladder:
            if "before" in rung:
                day = self.working_days(due_on, -rung["before"])
            else:
                day = self.working_days(due_on, 1 + rung["after"])
            open_then = record.answered_on is None or record.answered_on >= day
            told = (
                "resident" in rung["to"]
                and record.interim_on is not None
                and record.interim_on < day
                and record.expected_on is not None
                and record.expected_on > due_on
            )
            if day <= until and open_then and not told:
                taken.append(str(rung["id"]))
        return taken

    def verdict(self, record: Record, today: date) -> tuple[str, date] | None:
        """Kept or broken, and the day it holds from; None while it is open or where nothing was promised."""
        due_on = self.due_on(record)
        if due_on is None:
            return None
        if record.answered_on and record.answered_on <= due_on:
            return "promise.kept", record.answered_on
        return ("promise.broken", due_on + timedelta(days=1)) if due_on < today else None


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
    records: Iterable[Record],
    oracle: Oracle,
    lengths: Mapping[str, timedelta],
    period: tuple[date, date],
    today: date,
) -> dict[str, Any]:
    """What `svarfrist indicators --json` must say of a period; `lengths`: receipt to answer, by reference."""
    first, last = period
    found = list(records)
    due = [one for one in found if (day := oracle.due_on(one)) and first <= day <= last and day < today]
    kept = [one for one in due if (oracle.verdict(one, today) or ("",))[0] == "promise.kept"]
    received = [one for one in found if one.submitted_on and first <= one.submitted_on <= last]
    answered = [one for one in found if one.answered_on and first <= one.answered_on <= last]
    spans = [lengths[one.reference] for one in answered]
    return {
        "due": len(due),
        "kept": len(kept),
        "received": {
            kind: sum(one.kind == kind for one in received) for kind in ("praise", "complaint", "question")
        },
        "answered": len(answered),
        "median": percentile(spans, 0.5),
        "p90": percentile(spans, 0.9),
    }


def _days(value: Any) -> list[date]:
    return [day for day in (value if isinstance(value, list) else [value]) if isinstance(day, date)]

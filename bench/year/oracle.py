"""What must have happened, reckoned from what was done: it shares no code with what it judges.

The municipality's promises are read as the plain YAML they are; days are counted by `bench.due_days`. What is
made of them is in `promises.py` (which promise stands when) and `ladder.py` (steps and mails).
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from dateutil import tz

from bench import due_days

OSLO = tz.gettz("Europe/Oslo")
ENDS = frozenset({"answered", "closed", "merged", "reopened"})


@dataclass(frozen=True)
class Said:
    """Something that was done to a case, and when by the test clock; `day`: the one that was named with it."""

    at: datetime
    what: str
    day: date | None = None
    kind: str | None = None
    topic: str | None = None
    handed_over: bool = False

    @property
    def on(self) -> date:
        """The day in Norway."""
        return self.at.astimezone(OSLO).date()


@dataclass
class Record:
    """What was done about one submission, in order; `kind` and `topic` as the resident said."""

    number: int
    kind: str
    topic: str | None
    reply_wanted: bool
    has_email: bool
    reference: str = ""
    promised_by: date | None = None
    said: list[Said] = field(default_factory=list)

    @property
    def submitted_on(self) -> date:
        """The day it was received."""
        return self.said[0].on

    @property
    def answered_on(self) -> date | None:
        """The day of the first answer."""
        return next((one.on for one in self.said if one.what == "answered"), None)

    @property
    def found_to_be(self) -> str:
        """Its kind in the end."""
        return next((one.kind for one in reversed(self.said) if one.kind), self.kind)

    def chapters(self) -> Iterator[list[Said]]:
        """From the receipt, and from each reopening, on."""
        begins = [0, *(place for place, one in enumerate(self.said) if one.what == "reopened")]
        for begin, end in zip(begins, [*begins[1:], None], strict=True):
            yield self.said[begin:end]


class Oracle:
    """A municipality's promises, ladder and calendar."""

    def __init__(self, folder: Path) -> None:
        told: dict[str, Any] = yaml.safe_load((folder / "promises.yaml").read_text("utf-8"))
        self._promises: list[dict[str, Any]] = told["promises"]
        self.ladder: list[dict[str, Any]] = told["reminders"]["ladder"]
        hours = told["reminders"]["office_hours"]
        self.opens, self.closes = (time.fromisoformat(str(hours[end])) for end in ("from", "to"))
        self._longest_pause: str = told.get("pauses", {}).get("longest", "P5WD")
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

    def rule(self, kind: str, topic: str | None, day: date) -> str:
        """The rule of the promise for what comes on a day."""
        said = {"topic": topic, "kind": kind, "channel": "api"}
        fitting = [
            one for one in self._promises
            if all(said.get(key) == value for key, value in one.get("match", {}).items())
            and one["from"] <= day <= one.get("to", date.max)
        ]  # fmt: skip
        rule: str = max(fitting, key=lambda one: len(one.get("match", {})))["rule"]
        return rule

    def due_on(self, day: date, rule: str) -> date:
        """The day an answer is due."""
        return due_days.due_on(day, rule, self.is_open)

    def last_day_of_wait(self, asked_on: date) -> date:
        """How long a resident has who is asked on a day."""
        return self.due_on(asked_on, self._longest_pause)

    def working_days(self, day: date, count: int) -> date:
        """So many working days later, or earlier."""
        return due_days.working_days(day, count, self.is_open)

    def opening(self, day: date) -> datetime:
        """When the office opens on this day, or on the next that it does."""
        while not self.is_open(day):
            day += timedelta(days=1)
        return datetime.combine(day, self.opens, OSLO)

    def office_time(self, instant: datetime) -> datetime:
        """This instant in office hours, else the next opening."""
        local = instant.astimezone(OSLO)
        if local.time() >= self.closes:
            return self.opening(local.date() + timedelta(days=1))
        return max(instant, self.opening(local.date()))

    def is_in_office_hours(self, instant: datetime) -> bool:
        """Whether somebody is at work."""
        return self.office_time(instant) == instant


def _days(value: Any) -> list[date]:
    return [day for day in (value if isinstance(value, list) else [value]) if isinstance(day, date)]

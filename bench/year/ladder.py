"""Which steps of the ladder a promise must have had, and which mails a case: the oracle's."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bench.year.oracle import OSLO, Oracle, Record
from bench.year.promises import Promise, waits

MAILS = {
    "asked": "question", "extended": "extended", "restarted": "restarted", "reclassified": "reclassified",
    "reopened": "reopened", "merged": "merged", "interim": "interim_answer", "answered": "answer",
}  # fmt: skip
"""What the resident is sent when something is done."""


@dataclass(frozen=True)
class Step:
    """A step of the ladder that somebody must have been told by."""

    number: int
    rung: str
    due_on: date
    at: datetime
    to_resident: bool


def steps(found: Sequence[Promise], oracle: Oracle, until: datetime) -> list[Step]:
    """Those of every promise of a case, up to an instant."""
    return [step for promise in found for step in _climbed(promise, oracle) if step.at <= until]


def _climbed(promise: Promise, oracle: Oracle) -> Iterator[Step]:
    """For each due day it had: a rung whose day has passed then is climbed at once, and none twice for one day."""
    ends = [*(begun for begun, _ in promise.stands[1:]), promise.ended]
    seen = set[tuple[str, date]]()
    for (begun, due_on), ended in zip(promise.stands, ends, strict=True):
        for rung in oracle.ladder:
            name, to_resident = str(rung["id"]), "resident" in rung["to"]
            planned = oracle.opening(_day_of(rung, due_on, oracle))
            at = planned if planned >= begun else oracle.office_time(begun)
            if to_resident:
                at = _after_waits(promise, at, oracle)
            if (name, due_on) in seen or (ended and at >= ended):
                continue
            seen.add((name, due_on))
            on = at.astimezone(OSLO).date()
            is_past = "before" in rung and not to_resident and on > due_on
            if not is_past and not (to_resident and _is_told(promise, at, max(due_on, on))):
                yield Step(promise.number, name, due_on, at, to_resident)


def _day_of(rung: dict[str, Any], due_on: date, oracle: Oracle) -> date:
    if "before" in rung:
        return oracle.working_days(due_on, -rung["before"])
    return oracle.working_days(due_on, 1 + rung["after"])


def _after_waits(promise: Promise, at: datetime, oracle: Oracle) -> datetime:
    """Nobody we wait for is told of a delay: not before the wait, as it was said, is over."""
    for wait in promise.waits:
        if wait.begun <= at < wait.end:
            return oracle.opening(wait.last_day + timedelta(days=1))
    return at


def _is_told(promise: Promise, at: datetime, day: date) -> bool:
    """Whether an interim answer has given a day later than this one."""
    latest = [said.day for said in promise.interims if said.at < at][-1:]
    return any(told and told > day for told in latest)


def mails_of(
    record: Record, found: Sequence[Promise], taken: Sequence[Step], oracle: Oracle, until: datetime
) -> Counter[tuple[str, str]]:
    """How many mails of each sort the resident and the staff must have had, but for reminders to staff."""
    sent = Counter[tuple[str, str]]({("assigned", "staff"): 1})
    for said in record.said:
        if said.what in MAILS and record.has_email:
            sent[MAILS[said.what], "resident"] += 1
        sent["supplemented", "staff"] += said.what == "heard"
        sent["assigned", "staff"] += said.handed_over
    sent["receipt", "resident"] = int(record.has_email)
    sent["delay", "resident"] = sum(step.to_resident for step in taken)
    for promise, wait in waits(found):
        told = oracle.opening(wait.last_day + timedelta(days=1))
        if wait.ended or told > until or (promise.ended and promise.ended <= told):
            continue
        sent["wait_ended", "staff"] += 1
        sent["wait_ended", "resident"] += not any(step.to_resident and step.at == told for step in taken)
    return +sent

"""Which entered value holds for a period."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.manual import store
from services.metrics.manual.store import ManualValue, Scope
from services.metrics.measures import MEASURES, Measure, Unit, Value
from services.metrics.periods import Period

STATES = frozenset({"arenas_share"})
"""Measures that tell how things stand and not what happened: one month's is also the tertial's."""


@dataclass(frozen=True)
class Held:
    """A value with where it is from; `period` is the one it was entered for, where that is another."""

    value: Value
    source: str
    as_of: date
    period: Period


async def manual_values(
    session: AsyncSession, measures: Collection[str], scope: Scope, period: Period
) -> Mapping[str, Held]:
    """By measure, what holds of a scope in a period; a measure that nobody has entered is not there."""
    return (await manual_values_of(session, measures, [scope], period))[scope]


async def manual_values_of(
    session: AsyncSession, measures: Collection[str], scopes: Collection[Scope], period: Period
) -> Mapping[Scope, Mapping[str, Held]]:
    """The same of several scopes at once."""
    rows = await store.standing(session, measures, scopes, period.last)
    by_measure: dict[tuple[Scope, str], list[ManualValue]] = {}
    for row in rows:
        by_measure.setdefault((row.place, row.measure), []).append(row)
    found: dict[Scope, dict[str, Held]] = {scope: {} for scope in scopes}
    for (scope, measure), entries in by_measure.items():
        held = held_in(MEASURES[measure], entries, period)
        if held:
            found[scope][measure] = held
    return found


def held_in(measure: Measure, entries: Sequence[ManualValue], period: Period) -> Held | None:
    """The value of a period among those that hold, by last day.

    One entered for exactly this period. Else of what is a state, the last whose own period ended within this
    one; and of what is counted, the sum of shorter ones that fill it without gap or overlap.
    """
    for entry in entries:
        if entry.period == period:
            return _held(entry)
    if measure.id in STATES:
        ended = [entry for entry in entries if period.first <= entry.last]
        return _held(ended[-1]) if ended else None
    inside = [entry for entry in entries if period.first <= entry.first and entry.last <= period.last]
    return _sum(measure, _filling(inside, period))


def _held(entry: ManualValue) -> Held:
    return Held(Value(entry.value, entry.n, entry.of), entry.source, entry.as_of, entry.period)


def _filling(entries: Sequence[ManualValue], period: Period) -> list[ManualValue]:
    """Entries that follow each other from the period's first day to its last, the longest where two begin."""
    chosen: list[ManualValue] = []
    day = period.first
    while day <= period.last:
        beginning = [entry for entry in entries if entry.first == day]
        if not beginning:
            return []
        chosen.append(max(beginning, key=lambda entry: entry.last))
        day = chosen[-1].last + timedelta(days=1)
    return chosen


def _sum(measure: Measure, entries: Sequence[ManualValue]) -> Held | None:
    if not entries:
        return None
    sources = list(dict.fromkeys(entry.source for entry in entries))
    period = Period(entries[0].first, entries[-1].last)
    as_of = max(entry.as_of for entry in entries)
    if measure.unit == Unit.COUNT:
        total = sum(entry.value or 0 for entry in entries)
        return Held(Value(total, int(total)), ", ".join(sources), as_of, period)
    if measure.unit != Unit.SHARE or any(None in (entry.n, entry.of) for entry in entries):
        return None
    n, of = sum(entry.n or 0 for entry in entries), sum(entry.of or 0 for entry in entries)
    return Held(Value(n / of if of else None, n, of), ", ".join(sources), as_of, period)

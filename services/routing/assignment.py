"""Who gets a case: topic and area decide the unit, the least open work decides the person. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime

from shared.events import AssignmentReason
from shared.municipality import Municipality, Person

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Load:
    """A caseworker's work: cases that still need something, and when the last case came."""

    open: int = 0
    last_assigned_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Assignment:
    """A unit, and in it a person, and why."""

    unit: str
    section: str
    person: str | None
    reason: AssignmentReason


class Workload:
    """What everybody has to do, kept up to date while a batch of cases is given out."""

    def __init__(self, loads: Mapping[str, Load]) -> None:
        """Take the work by person; one who is not named has none."""
        self._loads = dict(loads)

    def give(self, candidates: Collection[Person], at: datetime) -> str | None:
        """Choose who gets the next case: the least open work, then the longest since the last, then the id.

        None where nobody is at work: the case then is the unit's, without a person, and its leader sees it
        there. Giving it to the leader would hide that nobody is there to take it.
        """
        if not candidates:
            return None
        chosen = min(candidates, key=self._order).id
        load = self._loads.get(chosen, Load())
        self._loads[chosen] = replace(load, open=load.open + 1, last_assigned_at=at)
        return chosen

    def _order(self, person: Person) -> tuple[int, datetime, str]:
        load = self._loads.get(person.id, Load())
        return load.open, load.last_assigned_at or _NEVER, person.id


def staffed_on(day: date, municipality: Municipality) -> date:
    """The day whose absences count for a case that comes in on `day`: when somebody can first look at it.

    What comes on a Saturday must not go to someone whose leave begins on Monday.
    """
    return municipality.calendar.next_working_day(day, inclusive=True)


def candidates(municipality: Municipality, unit: str, day: date) -> Sequence[Person]:
    """Who in a unit can be given a case that comes in on `day`."""
    return municipality.caseworkers(unit, staffed_on(day, municipality))


def assign(
    topic: str | None,
    area: str | None,
    *,
    municipality: Municipality,
    workload: Workload,
    day: date,
    at: datetime,
) -> Assignment:
    """Give a new case to its unit and a person in it. What no rule can place goes to the front desk."""
    owner = municipality.owner(topic, area, day)
    return Assignment(
        unit=owner.unit_id,
        section=municipality.section_of(owner.unit_id).id,
        person=workload.give(candidates(municipality, owner.unit_id, day), at),
        reason=owner.reason,
    )

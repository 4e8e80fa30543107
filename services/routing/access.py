"""Who may see and work on which case. Pure.

The unit's people, those who lead it, the front desk and the administrator. A sensitive topic is for the
unit's caseworkers and its own leader alone.
"""

from dataclasses import dataclass

from shared.municipality import Municipality, Person, Role

_EVERYWHERE = frozenset({Role.FRONT_DESK, Role.ADMINISTRATOR, Role.DIRECTOR})
_WORKS_CASES = frozenset({Role.CASEWORKER, Role.FRONT_DESK})


@dataclass(frozen=True, slots=True)
class Matter:
    """What of a case decides who may see it."""

    unit: str | None
    person: str | None
    topic: str | None


def is_sensitive(matter: Matter, municipality: Municipality) -> bool:
    """Whether a case's topic is one that only its own unit may read about."""
    topic = municipality.topics.get(matter.topic or "")
    return topic is not None and topic.sensitive


def may_see(person: Person, matter: Matter, municipality: Municipality) -> bool:
    """Whether a person may open a case, read what the resident wrote, and work on it."""
    if matter.person == person.id:
        return True
    unit = municipality.units.get(matter.unit or "")
    if is_sensitive(matter, municipality):
        in_unit = matter.unit is not None and person.unit == matter.unit
        return (in_unit and not _WORKS_CASES.isdisjoint(person.roles)) or (
            unit is not None and unit.leader == person.id
        )
    if not _EVERYWHERE.isdisjoint(person.roles):
        return True
    return matter.unit is not None and matter.unit in units_seen(person.id, municipality)


def units_seen(person_id: str, municipality: Municipality) -> tuple[str, ...]:
    """The units whose cases someone's unit page shows: her own and those she leads, in the file's order."""
    led = {unit.id for unit in municipality.units_led_by(person_id)}
    own = municipality.people[person_id].unit
    return tuple(unit for unit in municipality.units if unit == own or unit in led)

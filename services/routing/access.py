"""Who may see and work on which case. Pure.

The unit's people, those who lead it, the front desk and the administrator. A sensitive topic is for the
unit's caseworkers and its own leader alone.
"""

from dataclasses import dataclass

from shared.municipality import Municipality, Person, Role

_EVERYWHERE = frozenset({Role.FRONT_DESK, Role.ADMINISTRATOR, Role.DIRECTOR})
_WORKS_CASES = frozenset({Role.CASEWORKER, Role.FRONT_DESK})


@dataclass(frozen=True, slots=True)
class Ownership:
    """What of a case decides who may see it: whose it is, and whether its topic is sensitive."""

    unit: str | None
    person: str | None
    is_sensitive: bool = False


def may_see(person: Person, owned: Ownership, municipality: Municipality) -> bool:
    """Whether a person may open a case, read what the resident wrote, and work on it."""
    if owned.person == person.id:
        return True
    unit = municipality.units.get(owned.unit or "")
    if owned.is_sensitive:
        in_unit = owned.unit is not None and person.unit == owned.unit
        return (in_unit and not _WORKS_CASES.isdisjoint(person.roles)) or (
            unit is not None and unit.leader == person.id
        )
    if not _EVERYWHERE.isdisjoint(person.roles):
        return True
    return owned.unit is not None and owned.unit in units_seen(person.id, municipality)


def units_seen(person_id: str, municipality: Municipality) -> tuple[str, ...]:
    """The units whose cases someone's unit page shows: her own and those she leads, in the file's order."""
    led = {unit.id for unit in municipality.units_led_by(person_id)}
    own = municipality.people[person_id].unit
    return tuple(unit for unit in municipality.units if unit == own or unit in led)

"""The organisation of now: where the cases of a unit that has ended, merged or moved belong today."""

from collections.abc import Mapping
from datetime import date

from services.metrics.indicators import Place
from shared.municipality import Municipality


def places_now(municipality: Municipality, today: date) -> Mapping[str, Place]:
    """Each unit's successor on this day, in the section that has it now.

    A unit that has ended is followed by `replaced_by` to the one that is in force; where none is, its cases
    stay with it. A unit that was split has one successor for its history: the one it names. Units the
    municipality does not know, of another system, are not here, and stay what they are.
    """
    return {unit: _place(municipality, unit, today) for unit in municipality.units}


def successor(municipality: Municipality, unit_id: str | None, today: date) -> str | None:
    """The unit that has a unit's cases now; None where it still has them itself, or nobody knows it."""
    if unit_id not in municipality.units:
        return None
    now = _place(municipality, unit_id, today).unit
    return now if now != unit_id else None


def _place(municipality: Municipality, unit_id: str, today: date) -> Place:
    unit, followed = municipality.units[unit_id], {unit_id}
    while unit.valid_to is not None and unit.valid_to < today and unit.replaced_by:
        if unit.replaced_by in followed:
            break
        followed.add(unit.replaced_by)
        unit = municipality.units[unit.replaced_by]
    return Place(unit.id, unit.section)

"""Who is reached: the people of the municipality's configuration, as it is on the day."""

from datetime import date

from shared.municipality import Municipality, Person, Recipient


def reached(
    municipality: Municipality, recipient: Recipient, *, unit: str | None, person: str | None, on: date
) -> str | None:
    """The id of the person that a rung reaches for a case of this unit and caseworker, None for nobody.

    A case nobody has is the front desk's; a unit's leader stands in for a caseworker there is none of, and
    for anyone who is away their substitute. Never fails, whatever ids an older configuration had.
    """
    owner = unit if unit in municipality.units else municipality.front_desk
    match recipient:
        case Recipient.CASEWORKER:
            chosen = person if person in municipality.people else municipality.leader_of(owner).id
        case Recipient.UNIT_LEADER:
            chosen = municipality.leader_of(owner).id
        case Recipient.SECTION_LEADER:
            chosen = municipality.section_leader_of(owner).id
        case Recipient.DIRECTOR:
            chosen = municipality.director
        case Recipient.RESIDENT:
            return None
    return present(municipality, chosen, on).id


def present(municipality: Municipality, person_id: str, on: date) -> Person:
    """The person, or the substitute where they are away; themselves where there is none."""
    return municipality.substitute_for(person_id, on) or municipality.people[person_id]


def addressed(
    municipality: Municipality, person: str | None, *, unit: str | None, caseworker: str | None, on: date
) -> Person | None:
    """Who a message for someone, or for whoever has the case, goes to on the day it is sent.

    None where it was for someone whom the configuration no longer knows.
    """
    if person is None:
        person = reached(municipality, Recipient.CASEWORKER, unit=unit, person=caseworker, on=on)
    return present(municipality, person, on) if person in municipality.people else None

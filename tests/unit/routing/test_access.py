"""Who may see which case, as a table: role by case."""

import pytest

from services.routing.access import Ownership, may_see, units_seen
from shared import municipality
from shared.municipality import Municipality, Person

UNIT = "kommunalteknikk-heggedal-dikemark"
SNOW = Ownership(unit=UNIT, person="tor-kvam")
CHILD = Ownership(unit="barnevern", person="anne-gjerde", is_sensitive=True)
CHILD_UNPLACED = Ownership(unit="innbyggertorget", person=None, is_sensitive=True)
UNPLACED = Ownership(unit="innbyggertorget", person="hiba-nasser")
GONE = Ownership(unit="en-enhet-som-er-nedlagt", person=None)


@pytest.fixture(scope="module")
def asker() -> Municipality:
    """Asker, where service and place decide."""
    return municipality.load("asker")


@pytest.mark.parametrize(
    #                                                    snow   child  unplaced child  unplaced  of a unit that is gone
    ("person", "sees"),
    [
        ("tor-kvam", (True, False, False, False, False)),  # has the snow case
        ("linh-pham", (True, False, False, False, False)),  # his colleague
        ("adnan-begic", (True, False, False, False, False)),  # their leader
        ("roar-ostrem", (True, False, False, False, False)),  # the section's leader
        ("elif-yilmaz", (True, False, False, True, True)),  # the municipal director
        ("hiba-nasser", (True, False, True, True, True)),  # front desk
        ("tomasz-wojcik", (True, False, True, True, True)),  # administrator at the front desk
        ("bjorg-granlund", (False, False, True, True, False)),  # the front desk's leader
        ("anne-gjerde", (False, True, False, False, False)),  # has the child's case
        ("magnus-lauvas", (False, True, False, False, False)),  # her colleague
        ("asbjorn-tveit", (False, True, False, False, False)),  # their leader
        ("ingrid-hovland", (False, False, False, False, False)),  # their section's leader
        ("ailu-gaup", (False, False, False, False, False)),  # somebody in water and sewage
    ],
)
def test_who_may_see_what(asker: Municipality, person: str, sees: tuple[bool, ...]) -> None:
    """A sensitive topic is for the unit's caseworkers and its own leader alone; all else follows the line."""
    who = asker.people[person]
    cases = (SNOW, CHILD, CHILD_UNPLACED, UNPLACED, GONE)
    assert tuple(may_see(who, case, asker) for case in cases) == sees


def test_who_has_a_case_sees_it_wherever_it_is(asker: Municipality) -> None:
    """A person may be given a case of another unit, sensitive or not."""
    tor = asker.people["tor-kvam"]
    assert may_see(tor, Ownership(unit="barnevern", person="tor-kvam", is_sensitive=True), asker)


def test_a_unit_page_shows_ones_own_unit_and_those_one_leads(asker: Municipality) -> None:
    """A caseworker's own, a leader's with its teams, a section's, and all for the director."""

    def seen(person: Person) -> tuple[str, ...]:
        return units_seen(person.id, asker)

    assert seen(asker.people["tor-kvam"]) == (UNIT,)
    assert seen(asker.people["adnan-begic"]) == (UNIT,)
    assert set(seen(asker.people["elif-yilmaz"])) == set(asker.units)
    section = {unit.id for unit in asker.units.values() if unit.section == "klima-miljo-teknisk"}
    assert set(seen(asker.people["roar-ostrem"])) == section
    led = asker.units["hjemmetjenesten"].leader
    assert {"hjemmetjenesten", "hjemmetjenesten-satre-tofte"} <= set(seen(asker.people[led]))

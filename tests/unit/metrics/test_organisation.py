"""Where a unit's cases belong now."""

from datetime import date, timedelta

from services.metrics.indicators import Place
from services.metrics.organisation import places_now
from shared import municipality
from shared.municipality import Municipality

TODAY = date(2026, 11, 16)
SORUM = municipality.load("sorum")


def changed(**units: dict[str, object]) -> Municipality:
    """Sørum, with changes to some of its units."""
    known = {
        name: unit.model_copy(update=units.get(name.replace("-", "_"), {}))
        for name, unit in SORUM.units.items()
    }
    return SORUM.model_copy(update={"units": known})


def test_a_unit_in_force_is_where_it_is() -> None:
    """In its section of today."""
    now = places_now(SORUM, TODAY)
    assert set(now) == set(SORUM.units)
    assert all(now[unit.id] == Place(unit.id, unit.section) for unit in SORUM.units.values())


def test_a_unit_that_has_ended_is_followed_to_its_successor() -> None:
    """Also through several, and into another section; not before its last day is over."""
    first, second, third = list(SORUM.units)[:3]
    yesterday = TODAY - timedelta(days=1)
    units = {
        first.replace("-", "_"): {"valid_to": yesterday, "replaced_by": second},
        second.replace("-", "_"): {"valid_to": yesterday, "replaced_by": third},
        third.replace("-", "_"): {"section": "kultur"},
    }
    now = places_now(changed(**units), TODAY)
    assert now[first] == now[second] == now[third] == Place(third, "kultur")
    before = places_now(changed(**units), yesterday)
    assert before[first].unit == first


def test_a_unit_without_a_successor_keeps_its_cases() -> None:
    """Nobody took over; and two that name each other do not go round for ever."""
    first, second = list(SORUM.units)[:2]
    ended = {"valid_to": TODAY - timedelta(days=1)}
    assert places_now(changed(**{first.replace("-", "_"): ended}), TODAY)[first].unit == first
    circle = {
        first.replace("-", "_"): {**ended, "replaced_by": second},
        second.replace("-", "_"): {**ended, "replaced_by": first},
    }
    assert places_now(changed(**circle), TODAY)[first].unit == second


def test_residents_are_those_of_the_latest_year_that_is_not_later() -> None:
    """None before the first that the folder tells of."""
    look = SORUM.look
    assert look.residents_in(2026) == look.residents_in(2199) == 15000
    assert look.residents_in(2025) == 14810
    assert look.residents_in(2000) is None

"""Where a unit's cases belong now."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from services.metrics.frame import Page, frame
from services.metrics.indicators import Dimension, Organisation, Place
from services.metrics.names import Names
from services.metrics.organisation import places_now
from services.metrics.periods import Period
from services.metrics.selection import Selection
from shared import municipality
from shared.catalogue import Catalogue
from shared.municipality import Municipality
from shared.web.i18n import Wording

TODAY = date(2026, 11, 16)
SORUM = municipality.load("sorum")
METRICS = Path(__file__).parents[3] / "services" / "metrics"
SAY = Wording(Catalogue(METRICS / "texts", METRICS / "satisfaction" / "texts"), "nb")


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


def test_who_asks_for_a_unit_that_has_been_merged_is_told_where_its_cases_are() -> None:
    """By the organisation of now it has none; by that of then it has its own."""
    merged = changed(vann_og_avlop={"valid_to": TODAY - timedelta(days=1), "replaced_by": "vei"})
    chosen = {Dimension.UNIT: "vann-og-avlop", Dimension.KIND: "complaint"}
    asked = Selection(Period.months(2026, 11), chosen=chosen, organisation=Organisation.NOW)
    names = Names(merged, SAY)
    taken_over = frame(Page.OVERVIEW, asked, names, SAY, TODAY)["taken_over"]
    assert taken_over == (
        "Vann og avløp er avløst. Sakene hører nå til Vei og vinterdrift. Gå til",
        "Vei og vinterdrift",
        "?periode=2026-11&slag=complaint&enhet=vei&organisasjon=na",
    )
    then = replace(asked, organisation=Organisation.THEN)
    assert frame(Page.OVERVIEW, then, names, SAY, TODAY)["taken_over"] is None

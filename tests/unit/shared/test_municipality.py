"""A municipality's folder: those that come with the code, who owns what, who is at work, and the folder as a whole."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import municipality
from shared.events import AssignmentReason
from shared.municipality import Municipality, NoSuchMunicipalityError, Role
from tests.unit.shared.municipalities import ASKER, BOTH, MONDAY, SORUM, Write, faults, topics_and_areas


@pytest.mark.parametrize("name", ["asker", "sorum"])
def test_the_folders_that_come_with_the_code_are_free_of_faults(name: str) -> None:
    """Both can be started as they are."""
    assert faults(Path(name)) == []


def test_the_two_that_come_with_the_code_are_listed() -> None:
    """A name that is none of them is answered with this list."""
    assert municipality.shipped() == ["asker", "sorum"]


@pytest.mark.parametrize("loaded", BOTH)
def test_each_has_at_least_eighteen_topics_with_many_words_in_both_written_languages(
    loaded: Municipality,
) -> None:
    """Residents find a topic by what they call it."""
    assert len(loaded.topics) >= 18
    for topic in loaded.topics.values():
        assert len(topic.keywords.nb) >= 15
        assert len(topic.keywords.nn) >= 15
        assert topic.kostra
        assert set(topic.names.given) == set(topic.description.given) == {"nb", "nn", "en"}


@pytest.mark.parametrize("loaded", BOTH)
def test_only_child_welfare_is_sensitive(loaded: Municipality) -> None:
    """What concerns a child is shown to fewer people than the rest."""
    assert [topic.id for topic in loaded.topics.values() if topic.sensitive] == ["barnevern"]


@pytest.mark.parametrize("loaded", BOTH)
def test_people_have_addresses_in_the_invented_domain_only(loaded: Municipality) -> None:
    """No mail of a demonstration can reach anyone."""
    assert {person.email.partition("@")[2] for person in loaded.people.values()} == {f"{loaded.id}.example"}


@pytest.mark.parametrize("loaded", BOTH)
def test_every_unit_has_two_to_five_caseworkers_and_a_leader(loaded: Municipality) -> None:
    """Enough to share the work, and someone to turn to when a promise breaks."""
    for unit in loaded.units:
        caseworkers = [person for person in loaded.members(unit) if Role.CASEWORKER in person.roles]
        assert 2 <= len(caseworkers) <= 5
        assert Role.LEADER in loaded.leader_of(unit).roles
        assert Role.LEADER in loaded.section_leader_of(unit).roles


@given(st.dates(date(2026, 1, 1), date(2028, 12, 31)))
def test_every_topic_everywhere_has_a_unit_with_a_leader_and_someone_at_work(on: date) -> None:
    """No submission can land where nobody is."""
    for loaded, topic, area in topics_and_areas():
        ownership = loaded.owner(topic, area, on)
        assert ownership.reason in {AssignmentReason.TOPIC, AssignmentReason.TOPIC_AND_AREA}
        assert loaded.units[ownership.unit_id].covers(area)
        assert loaded.caseworkers(ownership.unit_id, on)
        assert loaded.leader_of(ownership.unit_id).id in loaded.people


@pytest.mark.parametrize(
    ("loaded", "topic", "area", "unit", "reason"),
    [
        (ASKER, "vei-og-vinterdrift", "heggedal", "kommunalteknikk-heggedal-dikemark", "topic_and_area"),
        (ASKER, "vei-og-vinterdrift", "tofte", "kommunalteknikk-satre-tofte", "topic_and_area"),
        (ASKER, "vei-og-vinterdrift", None, "kommunalteknikk", "topic"),
        (ASKER, "grunnskole", "spikkestad", "spikkestad-skole", "topic_and_area"),
        (ASKER, "bibliotek", "asker-sentrum", "biblioteket", "topic"),
        (ASKER, "byggesak", "holmen", "byggesak", "topic"),
        (ASKER, "vei-og-vinterdrift", "atlantis", "kommunalteknikk", "topic"),
        (ASKER, None, "heggedal", "innbyggertorget", "no_topic"),
        (ASKER, "romfart", "heggedal", "innbyggertorget", "unknown_topic"),
        (SORUM, "bibliotek", None, "biblioteket", "topic"),
        (SORUM, "vei-og-vinterdrift", None, "vei", "topic"),
        (SORUM, "sykehjem", None, "sykehjemmet", "topic"),
        (SORUM, None, None, "servicesenteret", "no_topic"),
    ],
)
def test_topic_and_area_decide_the_unit_and_say_why(
    loaded: Municipality, topic: str | None, area: str | None, unit: str, reason: str
) -> None:
    """Snow in Heggedal goes to Kommunalteknikk's unit there; what nobody owns to the front desk."""
    assert loaded.owner(topic, area, MONDAY) == municipality.Ownership(unit, AssignmentReason(reason))


def test_a_unit_that_has_ended_is_followed_to_the_one_that_replaced_it(lillevik: Write) -> None:
    """Merging two units needs no change to any topic."""
    folder = lillevik(
        (
            "organisation.yaml",
            "    areas: [sor]\n",
            "    areas: [sor]\n    to: 2026-12-31\n    replaced_by: vei\n",
        )
    )
    loaded = municipality.load(folder)
    assert loaded.owner("vei", "sor", date(2026, 12, 31)).unit_id == "vei-sor"
    assert loaded.owner("vei", "sor", date(2027, 1, 1)).unit_id == "vei"


def test_a_topic_whose_unit_does_not_exist_yet_goes_to_the_front_desk(lillevik: Write) -> None:
    """An organisation prepared for next year does not hide this year's submissions."""
    folder = lillevik(
        ("organisation.yaml", "    name: Vei\n", "    name: Vei\n    from: 2027-01-01\n"),
        ("organisation.yaml", "    part_of: vei\n", "    from: 2027-01-01\n"),
    )
    ownership = municipality.load(folder).owner("vei", "sor", date(2026, 12, 31))
    assert ownership == municipality.Ownership("torget", AssignmentReason.NO_OWNER)


@pytest.mark.parametrize(
    ("on", "at_work"),
    [
        (date(2026, 12, 6), ["ida-berg", "omar-nasser"]),
        (date(2026, 12, 7), ["ida-berg"]),
        (date(2026, 12, 10), ["ida-berg"]),
        (date(2026, 12, 11), []),
        (date(2026, 12, 12), ["omar-nasser"]),
        (date(2026, 12, 14), ["ida-berg", "omar-nasser"]),
    ],
)
def test_an_absence_includes_its_first_and_its_last_day(
    lillevik: Write, on: date, at_work: list[str]
) -> None:
    """Caseworkers who are away get no new cases."""
    loaded = municipality.load(lillevik())
    assert [person.id for person in loaded.caseworkers("vei", on)] == at_work
    assert loaded.at_work("omar-nasser", on) == ("omar-nasser" in at_work)


def test_one_who_has_left_or_not_yet_begun_is_not_at_work(lillevik: Write) -> None:
    """People have days of force, as units do."""
    folder = lillevik(
        ("organisation.yaml", "    name: Ida Berg\n", "    name: Ida Berg\n    from: 2027-01-01\n")
    )
    loaded = municipality.load(folder)
    assert not loaded.at_work("ida-berg", date(2026, 12, 31))
    assert loaded.at_work("ida-berg", date(2027, 1, 1))


@pytest.mark.parametrize(
    ("on", "substitute"),
    [(date(2026, 12, 6), None), (date(2026, 12, 7), "ida-berg"), (date(2026, 12, 11), "liv-dahl")],
)
def test_the_substitute_of_one_who_is_away_is_the_first_at_work(
    lillevik: Write, on: date, substitute: str | None
) -> None:
    """None is needed for someone at work; a substitute who is away too has one of her own."""
    found = municipality.load(lillevik()).substitute_for("omar-nasser", on)
    assert (found and found.id) == substitute


def test_substitutes_who_stand_in_for_each_other_and_are_both_away_leave_nobody(lillevik: Write) -> None:
    """A circle ends the search."""
    folder = lillevik(("organisation.yaml", "substitute: liv-dahl", "substitute: omar-nasser"))
    assert municipality.load(folder).substitute_for("omar-nasser", date(2026, 12, 11)) is None


def test_leaders_answer_for_their_unit_with_its_teams_their_section_or_everything() -> None:
    """Whose cases a leader may see, from the team to the municipality."""

    def led_by(person_id: str) -> list[str]:
        return [unit.id for unit in SORUM.units_led_by(person_id)]

    teams = ["hjemmetjenesten", "hjemmetjenesten-ost", "hjemmetjenesten-vest"]
    assert led_by(SORUM.units["hjemmetjenesten-ost"].leader) == ["hjemmetjenesten-ost"]
    assert led_by(SORUM.units["hjemmetjenesten"].leader) == teams
    section = [unit.id for unit in SORUM.units.values() if unit.section == "pleie-omsorg"]
    assert led_by(SORUM.sections["pleie-omsorg"].leader) == section
    assert led_by(SORUM.director) == list(SORUM.units)
    assert led_by(SORUM.caseworkers("biblioteket", MONDAY)[0].id) == []


def test_a_missing_translation_falls_back_to_the_first_language() -> None:
    """A municipality with bokmål only still has texts for every page."""
    words = municipality.Words(nb="Vei")
    assert (words["nb"], words["en"]) == ("Vei", "Vei")
    assert municipality.Words()["nb"] == ""


def test_the_version_changes_when_any_file_does(lillevik: Write) -> None:
    """Four services can tell whether they have read the same."""
    folder = lillevik()
    before = municipality.load(folder).version
    assert municipality.load(folder).version == before
    (folder / "logo.svg").write_text("<svg> </svg>", encoding="utf-8")
    assert municipality.load(folder).version != before


def test_own_wording_is_there_only_where_the_folder_has_it(lillevik: Write) -> None:
    """The services' own texts are enough to begin with."""
    folder = lillevik()
    assert municipality.load(folder).texts_folder is None
    (folder / "texts").mkdir()
    (folder / "texts" / "nb.yaml").write_text("form.title: Si fra til Lillevik\n", encoding="utf-8")
    assert municipality.load(folder).texts_folder == folder / "texts"


def test_a_municipality_cannot_be_changed_once_loaded() -> None:
    """It is shared by everything a process does."""
    with pytest.raises(ValueError, match="frozen"):
        ASKER.people["elif-yilmaz"].name = "Someone else"


def test_a_folder_that_does_not_exist_is_told_with_those_that_do() -> None:
    """Most likely a name was misspelt."""
    with pytest.raises(NoSuchMunicipalityError, match=r"There is no folder oslo; .* one of asker and sorum"):
        municipality.load("oslo")

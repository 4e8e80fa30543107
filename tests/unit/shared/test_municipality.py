"""A municipality's folder: owners, people and promises by it, and what is said when it is wrong."""

from collections.abc import Callable, Iterator
from datetime import date, time
from pathlib import Path

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from deploy.cli_check import check as check_command
from shared import municipality
from shared.events import AssignmentReason
from shared.municipality import ConfigurationError, Municipality, NoSuchMunicipalityError, Recipient, Role

ASKER = municipality.load("asker")
SORUM = municipality.load("sorum")
BOTH = [pytest.param(ASKER, id="asker"), pytest.param(SORUM, id="sorum")]
MONDAY = date(2026, 12, 7)

ORGANISATION = """\
id: lillevik
director: siri-vik
front_desk: torget
areas:
  - {id: nord, name: Nord}
  - {id: sor, name: Sør}
sections:
  - id: teknisk
    name: Teknisk
    leader: per-moen
units:
  - id: torget
    name: Torget
    section: teknisk
    leader: per-moen
  - id: vei
    name: Vei
    section: teknisk
    leader: per-moen
  - id: vei-sor
    name: Vei sør
    section: teknisk
    leader: per-moen
    part_of: vei
    areas: [sor]
people:
  - {id: siri-vik, name: Siri Vik, email: siri@lillevik.example, roles: [director]}
  - {id: per-moen, name: Per Moen, email: per@lillevik.example, roles: [leader]}
  - {id: eva-lie, name: Eva Lie, email: eva@lillevik.example, roles: [caseworker, front_desk], unit: torget}
  - id: omar-nasser
    name: Omar Nasser
    email: omar@lillevik.example
    roles: [caseworker]
    unit: vei
    substitute: ida-berg
    absences:
      - {from: 2026-12-07, to: 2026-12-11}
  - id: ida-berg
    name: Ida Berg
    email: ida@lillevik.example
    roles: [caseworker]
    unit: vei
    substitute: liv-dahl
    absences:
      - {from: 2026-12-11, to: 2026-12-13}
  - {id: liv-dahl, name: Liv Dahl, email: liv@lillevik.example, roles: [caseworker], unit: vei-sor}
"""
TOPICS = """\
topics:
  - id: vei
    names: {nb: Vei, nn: Veg, en: Roads}
    description: {nb: Brøyting og hull, nn: Brøyting og hol, en: Snow and potholes}
    keywords:
      nb: [snøbrøyting, hull i veien]
      nn: [snøbrøyting, hol i vegen]
    kostra: [332]
    owner: vei
    owners:
      sor: vei-sor
"""
PROMISES = """\
promises:
  - id: garanti
    rule: P1W
    words: {nb: Svar innen én uke, nn: Svar innan ei veke, en: An answer within a week}
    review_by: 2027-06-30
  - id: vei
    match: {topic: vei}
    rule: P3WD
    words: {nb: Svar innen tre dager, nn: Svar innan tre dagar, en: An answer within three days}
    from: 2026-01-01
    to: 2026-12-31
reminders:
  office_hours: {from: 08:00, to: 15:30}
  ladder:
    - {id: soon, before: 2, to: [caseworker]}
    - {id: broken, after: 0, to: [caseworker, unit_leader]}
calendar:
  christmas_eve_closed: true
  closed_days:
    2026-05-15: Inneklemt fredag
"""
LOOK = """\
name: Lillevik kommune
short_name: Lillevik
website: https://www.lillevik.example
email: post@lillevik.example
phone: 00 00 00 00
address: {street: Strandveien 1, postcode: 0001, place: Lillevik}
colours:
  primary: "#0b5563"
  accent: "#e0a526"
logo: logo.svg
appeals:
  words: {nb: Klag her, nn: Klag her, en: Appeal here}
languages: [nb, nn, en]
"""

Write = Callable[..., Path]


@pytest.fixture
def lillevik(tmp_path: Path) -> Write:
    """Write a small municipality without faults; `changes` replaces some text in a file, by its name."""

    def write(*changes: tuple[str, str, str]) -> Path:
        files = {
            "organisation.yaml": ORGANISATION,
            "topics.yaml": TOPICS,
            "promises.yaml": PROMISES,
            "look.yaml": LOOK,
            "logo.svg": "<svg/>",
        }
        for name, old, new in changes:
            assert old in files[name]
            files[name] = files[name].replace(old, new, 1)
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path

    return write


def faults(folder: Path) -> list[str]:
    """What `svarfrist check` would print."""
    return [str(fault) for fault in municipality.check(folder)]


def topics_and_areas() -> Iterator[tuple[Municipality, str, str | None]]:
    """Every topic in every area, and without one, of both municipalities."""
    for loaded in (ASKER, SORUM):
        for topic in loaded.topics:
            for area in (None, *loaded.areas):
                yield loaded, topic, area


# The folders that come with the code


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


# Who owns what


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


# Who is at work


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


# What is promised


@pytest.mark.parametrize(
    ("kind", "topic", "area", "channel", "promise"),
    [
        ("question", None, None, "web", "all"),
        ("complaint", None, None, "web", "kind"),
        ("complaint", None, "sor", "web", "area"),
        ("question", "vei", None, "web", "topic"),
        ("complaint", "vei", "sor", "web", "topic-area"),
        ("question", "vei", "nord", "phone", "topic"),
        ("complaint", "vei", "nord", "phone", "kind-channel"),
        ("question", None, "sor", "phone", "area"),
    ],
)
def test_the_most_specific_promise_wins(
    lillevik: Write, kind: str, topic: str | None, area: str | None, channel: str, promise: str
) -> None:
    """More keys first; among as many, topic before area before kind before channel."""
    matches = {
        "all": "{}",
        "channel": "{channel: phone}",
        "kind": "{kind: complaint}",
        "area": "{area: sor}",
        "topic": "{topic: vei}",
        "kind-channel": "{kind: complaint, channel: phone}",
        "topic-area": "{topic: vei, area: sor}",
    }
    rules = "".join(
        f"  - {{id: {name}, match: {match}, rule: P1W, words: {{nb: a, nn: a, en: a}}}}\n"
        for name, match in matches.items()
    )
    start = PROMISES.index("  - id: garanti")
    folder = lillevik(("promises.yaml", PROMISES[start : PROMISES.index("reminders:")], rules))
    found = municipality.load(folder).promise_for(kind, topic, area, channel, MONDAY)
    assert found is not None
    assert found.id == promise


def test_a_promise_holds_on_its_first_and_its_last_day(lillevik: Write) -> None:
    """Outside them the general one is back."""
    loaded = municipality.load(lillevik())

    def promised(on: date) -> str | None:
        rule = loaded.promise_for("question", "vei", None, "web", on)
        return rule.rule if rule else None

    days = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 12, 31), date(2027, 1, 1)]
    assert [promised(on) for on in days] == ["P1W", "P3WD", "P3WD", "P1W"]


def test_without_a_promise_that_fits_nothing_is_promised(lillevik: Write) -> None:
    """A municipality may promise some things only."""
    folder = lillevik(("promises.yaml", "    rule: P1W\n", "    rule: P1W\n    match: {kind: praise}\n"))
    assert municipality.load(folder).promise_for("question", None, None, "web", MONDAY) is None


def test_the_version_of_a_promise_changes_with_its_words(lillevik: Write) -> None:
    """What the resident was told can be told apart from what is said now."""
    before = municipality.load(lillevik()).promise("garanti").version
    after = (
        municipality.load(lillevik(("promises.yaml", "innen én uke", "på én uke"))).promise("garanti").version
    )
    assert before == municipality.load(lillevik()).promise("garanti").version
    assert before != after


@pytest.mark.parametrize("loaded", BOTH)
def test_the_general_promise_is_one_week(loaded: Municipality) -> None:
    """The guarantee: as soon as possible, within a week at the latest."""
    rule = loaded.promise_for("complaint", "vei-og-vinterdrift", None, "web", MONDAY)
    assert rule is not None
    assert rule.rule == "P1W"


@pytest.mark.parametrize("loaded", BOTH)
def test_reminders_climb_from_the_caseworker_to_the_director_in_office_hours(
    loaded: Municipality,
) -> None:
    """Two working days before, on breach, and three and ten working days after it."""
    steps = {(rung.before, rung.after): set(rung.to) for rung in loaded.ladder}
    assert steps[2, None] == {Recipient.CASEWORKER}
    assert steps[0, None] == {Recipient.RESIDENT}
    assert steps[None, 0] == {Recipient.CASEWORKER, Recipient.UNIT_LEADER}
    assert steps[None, 3] == {Recipient.SECTION_LEADER}
    assert steps[None, 10] == {Recipient.DIRECTOR}
    assert loaded.reminders.office_hours.opens < loaded.reminders.office_hours.closes


def test_days_hours_and_phone_numbers_are_read_as_written(lillevik: Write) -> None:
    """YAML's own types would read 15:30 as a number to the base of sixty, and lose a postcode's zeros."""
    loaded = municipality.load(lillevik())
    assert loaded.reminders.office_hours.closes == time(15, 30)
    assert loaded.look.address.postcode == "0001"
    assert loaded.topics["vei"].kostra == ("332",)
    assert loaded.calendar_options.christmas_eve_closed
    assert not loaded.calendar_options.new_years_eve_closed
    assert loaded.calendar_options.closed_days == {date(2026, 5, 15): "Inneklemt fredag"}


def test_the_calendar_holds_the_days_the_municipality_is_closed(lillevik: Write) -> None:
    """Christmas Eve and a Friday in May by its own choice, New Year's Eve not."""
    calendar = municipality.load(lillevik()).calendar
    days = [date(2026, 5, 15), date(2026, 12, 24), date(2026, 12, 25), date(2026, 12, 31)]
    assert [calendar.is_working_day(day) for day in days] == [False, False, False, True]


# Finding a topic


@pytest.mark.parametrize(
    ("typed", "topic"),
    [
        ("brøyting", "vei-og-vinterdrift"),
        ("broyting", "vei-og-vinterdrift"),
        ("hull i veien", "vei-og-vinterdrift"),
        ("hol i vegen", "vei-og-vinterdrift"),
        ("BIBL", "bibliotek"),
        ("library", "bibliotek"),
        ("søppeldunken er ikke tømt", "renovasjon"),
        ("sjukeheim", "sykehjem"),
        ("skolebussen", "skoleskyss"),
        ("mobbing på skolen", "grunnskole"),
        ("purregebyr", "gebyr-og-faktura"),
        ("kloakklukt", "vann-og-avlop"),
    ],
)
def test_a_topic_is_found_by_the_words_residents_use(typed: str, topic: str) -> None:
    """Either written language, English, inflected, without a Norwegian keyboard."""
    assert ASKER.search_topics(typed, "nb")[0].id == topic


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
@pytest.mark.parametrize("loaded", BOTH)
def test_a_topics_own_name_finds_it_first(loaded: Municipality, language: str) -> None:
    """Whatever else shares some of its words."""
    for topic in loaded.topics.values():
        assert loaded.search_topics(topic.name(language), language)[0] == topic


@given(st.text(max_size=30), st.sampled_from(["nb", "nn", "en"]))
def test_any_text_can_be_searched_for(text: str, language: str) -> None:
    """Each topic at most once, whatever is typed."""
    found = [topic.id for topic in ASKER.search_topics(text, language)]
    assert len(found) == len(set(found)) <= len(ASKER.topics)


def test_nothing_typed_gives_every_topic_by_name_in_norwegian_order() -> None:
    """The list to choose from when nothing comes to mind."""
    assert len(ASKER.search_topics("  ", "nb")) == len(ASKER.topics)
    assert [topic.name("en") for topic in ASKER.search_topics("", "en")][:2] == [
        "Access to documents and privacy",
        "After-school care",
    ]


def test_what_nobody_calls_anything_finds_nothing() -> None:
    """No guess is better than a wrong one."""
    assert ASKER.search_topics("xyzzy", "nb") == []


# The folder as a whole


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


def test_loading_a_folder_with_faults_tells_them_all(lillevik: Write) -> None:
    """A service that cannot start says what to mend."""
    folder = lillevik(("organisation.yaml", "director: siri-vik", "director: siri-vick"))
    with pytest.raises(ConfigurationError, match=r"organisation.yaml:2: there is no person") as caught:
        municipality.load(folder)
    assert len(caught.value.faults) == 1


def test_a_folder_that_does_not_exist_is_told_with_those_that_do() -> None:
    """Most likely a name was misspelt."""
    with pytest.raises(NoSuchMunicipalityError, match=r"There is no folder oslo; .* one of asker and sorum"):
        municipality.load("oslo")


# What is wrong with it

BROKEN: list[tuple[str, str, str, list[str]]] = [
    # file, what is there, what is put in its place, what is said
    (
        "organisation.yaml",
        "  - {id: nord, name: Nord}",
        "  - {id: nord, name: Nord",
        [
            (
                "organisation.yaml:6: this is not valid YAML: did not find expected ',' or '}', while "
                "parsing a flow mapping"
            )
        ],
    ),
    (
        "organisation.yaml",
        ORGANISATION,
        "",
        ["organisation.yaml:1: the file must be keys and values, such as 'id: sorum'"],
    ),
    (
        "organisation.yaml",
        "    name: Teknisk\n",
        "    name: Teknisk\n    name: Drift\n",
        ["organisation.yaml:10: the key 'name' is here twice; remove one"],
    ),
    (
        "organisation.yaml",
        "id: lillevik",
        "id: Lille Vik",
        [
            (
                "organisation.yaml:1: 'id': 'Lille Vik' is no valid id; use small letters a-z, digits "
                "and single hyphens, "
                "such as 'vei-og-vinterdrift'"
            )
        ],
    ),
    (
        "organisation.yaml",
        "    leader: per-moen\n  - id: vei\n",
        "    leeder: per-moen\n  - id: vei\n",
        [
            "organisation.yaml:12: 'leader' is missing in 'torget'; add it",
            "organisation.yaml:15: unknown key 'leeder'; did you mean 'leader'?",
        ],
    ),
    (
        "organisation.yaml",
        "front_desk: torget",
        "front_desk: toget",
        ["organisation.yaml:3: there is no unit 'toget' in organisation.yaml; did you mean 'torget'?"],
    ),
    (
        "organisation.yaml",
        "front_desk: torget",
        "front_desk: vei",
        [
            (
                "organisation.yaml:3: nobody in the unit 'vei' has the role front_desk; give it to at "
                "least one person"
            )
        ],
    ),
    ("organisation.yaml", "director: siri-vik\n", "", ["organisation.yaml:1: 'director' is missing; add it"]),
    (
        "organisation.yaml",
        "director: siri-vik",
        "director: per-moen",
        ["organisation.yaml:2: 'per-moen' does not have the role director; add it to the person's roles"],
    ),
    (
        "organisation.yaml",
        "    leader: per-moen\nunits",
        "    leader: kari-bakke\nunits",
        ["organisation.yaml:10: there is no person 'kari-bakke' in organisation.yaml"],
    ),
    (
        "organisation.yaml",
        "    section: teknisk\n",
        "    section: tekniks\n",
        ["organisation.yaml:14: there is no section 'tekniks' in organisation.yaml; did you mean 'teknisk'?"],
    ),
    (
        "organisation.yaml",
        "  - id: vei-sor\n",
        "  - id: vei\n",
        [
            "organisation.yaml:20: the id 'vei' is already used in line 16; ids must be unique",
            "organisation.yaml:46: there is no unit 'vei-sor' in organisation.yaml; did you mean 'vei'?",
            "topics.yaml:11: there is no unit 'vei-sor' in organisation.yaml; did you mean 'vei'?",
        ],
    ),
    (
        "organisation.yaml",
        "unit: vei-sor}",
        "unit: vei}",
        [
            (
                "organisation.yaml:20: the unit 'vei-sor' has no caseworker; "
                "add a person with this unit and the role caseworker"
            )
        ],
    ),
    (
        "organisation.yaml",
        "areas: [sor]",
        "areas: [sor, vest]",
        ["organisation.yaml:25: there is no area 'vest' in organisation.yaml"],
    ),
    (
        "organisation.yaml",
        "part_of: vei\n",
        "part_of: vei-sor\n",
        ["organisation.yaml:24: 'part_of' leads from 'vei-sor' back to itself; break the circle"],
    ),
    (
        "organisation.yaml",
        "part_of: vei\n",
        "replaced_by: vei\n",
        ["organisation.yaml:24: a unit that is replaced needs the last day it exists; add 'to'"],
    ),
    (
        "organisation.yaml",
        "part_of: vei\n",
        "to: 2026-12-31\n",
        [
            (
                "topics.yaml:11: the unit 'vei-sor' ends on 2026-12-31 and nobody owns 'vei' after that; "
                "give the unit 'replaced_by', or the topic another owner"
            )
        ],
    ),
    (
        "organisation.yaml",
        "roles: [leader]",
        "roles: [leder]",
        [
            (
                "organisation.yaml:28: 'roles': 'leder' is not one of caseworker, leader, front_desk, "
                "director, "
                "administrator; did you mean 'leader'?"
            )
        ],
    ),
    (
        "organisation.yaml",
        "roles: [leader]",
        "roles: []",
        ["organisation.yaml:28: 'roles' needs at least one item"],
    ),
    (
        "organisation.yaml",
        "roles: [leader]",
        "roles: leader",
        ["organisation.yaml:28: 'roles' must be a list, such as [a, b], not 'leader'"],
    ),
    (
        "organisation.yaml",
        "siri@lillevik.example",
        "siri",
        ["organisation.yaml:27: 'email': 'siri' is no e-mail address; write one such as post@sorum.example"],
    ),
    (
        "organisation.yaml",
        "siri@lillevik.example",
        "Per@lillevik.example",
        ["organisation.yaml:28: 'siri-vik' has the same e-mail address; each person needs one of their own"],
    ),
    (
        "organisation.yaml",
        "substitute: ida-berg",
        "substitute: omar-nasser",
        ["organisation.yaml:35: 'omar-nasser' is their own substitute; name somebody else"],
    ),
    (
        "organisation.yaml",
        "substitute: ida-berg",
        "substitute: ida-bergh",
        [
            (
                "organisation.yaml:35: there is no person 'ida-bergh' in organisation.yaml; did you "
                "mean 'ida-berg'?"
            )
        ],
    ),
    (
        "organisation.yaml",
        "{from: 2026-12-07, to: 2026-12-11}",
        "{from: 2026-12-07, to: 2026-12-01}",
        ["organisation.yaml:37: 'from' (2026-12-07) is after 'to' (2026-12-01); swap them or mend one"],
    ),
    (
        "organisation.yaml",
        "{from: 2026-12-07, to: 2026-12-11}",
        "{from: 7.12.2026, to: 2026-12-11}",
        ["organisation.yaml:37: 'from' must be a day such as 2026-01-31, not '7.12.2026'"],
    ),
    (
        "organisation.yaml",
        "    unit: vei\n",
        "",
        ["organisation.yaml:30: 'omar-nasser' is a caseworker and needs a unit; add 'unit'"],
    ),
    (
        "organisation.yaml",
        "    part_of: vei\n",
        "    part_of: &vei vei\n    replaced_by: *vei\n",
        ["organisation.yaml:24: YAML aliases (*name) are not supported; write it out"],
    ),
    (
        "organisation.yaml",
        "  - {id: nord, name: Nord}",
        "  - nord",
        ["organisation.yaml:5: 'areas' must be keys and values, not 'nord'"],
    ),
    (
        "topics.yaml",
        TOPICS,
        "topics: []\n",
        [
            "promises.yaml:7: there is no topic 'vei' in topics.yaml",
            "topics.yaml:1: 'topics' needs at least one item",
        ],
    ),
    (
        "topics.yaml",
        "    owner: vei\n",
        "    owner: vegen\n",
        ["topics.yaml:9: there is no unit 'vegen' in organisation.yaml"],
    ),
    ("topics.yaml", "    owner: vei\n", "", ["topics.yaml:2: 'owner' is missing in 'vei'; add it"]),
    (
        "topics.yaml",
        "    owner: vei\n",
        "    owner: vei-sor\n",
        ["topics.yaml:9: 'vei-sor' does not cover 'nord': add an owner for it to 'owners'"],
    ),
    (
        "topics.yaml",
        "sor: vei-sor",
        "nord: vei-sor",
        [
            (
                "topics.yaml:11: the unit 'vei-sor' does not cover 'nord'; add the area to the unit, "
                "or choose another"
            )
        ],
    ),
    (
        "topics.yaml",
        "sor: vei-sor",
        "ost: vei",
        ["topics.yaml:11: there is no area 'ost' in organisation.yaml"],
    ),
    ("topics.yaml", "nn: Veg, ", "", ["topics.yaml:3: 'names' lacks the language 'nn'; add it"]),
    (
        "topics.yaml",
        "nn: [snøbrøyting, hol i vegen]",
        "nn: []",
        ["topics.yaml:7: 'nn' needs at least one item"],
    ),
    (
        "topics.yaml",
        "kostra: [332]",
        "kostra: [33]",
        ["topics.yaml:8: 'kostra': '33' is no KOSTRA function code; these have three digits, such as 332"],
    ),
    (
        "topics.yaml",
        "    kostra: [332]\n",
        "    sensitive: perhaps\n",
        ["topics.yaml:8: 'sensitive' must be true or false, not 'perhaps'"],
    ),
    (
        "promises.yaml",
        "rule: P1W",
        "rule: one week",
        [
            (
                "promises.yaml:3: 'rule': 'one week' must begin with P; write P5D for days, P10WD for "
                "working days, P1W for weeks, P1M for months or P1Y for years, "
                "with a number from 1 to 9999"
            )
        ],
    ),
    (
        "promises.yaml",
        "    rule: P1W\n",
        "    rule: P1W\n    match: {topic: vei}\n",
        [
            (
                "promises.yaml:7: 'vei' and 'garanti' are for the same submissions on the same days; "
                "end one before the other begins, or make one more specific under 'match'"
            )
        ],
    ),
    (
        "promises.yaml",
        "match: {topic: vei}",
        "match: {topic: veien}",
        ["promises.yaml:7: there is no topic 'veien' in topics.yaml; did you mean 'vei'?"],
    ),
    (
        "promises.yaml",
        "match: {topic: vei}",
        "match: {area: vest}",
        ["promises.yaml:7: there is no area 'vest' in organisation.yaml"],
    ),
    (
        "promises.yaml",
        "match: {topic: vei}",
        "match: {kind: complain}",
        [
            (
                "promises.yaml:7: 'kind': 'complain' is not one of praise, complaint, question, appeal; did "
                "you mean 'complaint'?"
            )
        ],
    ),
    (
        "promises.yaml",
        "to: 2026-12-31",
        "to: 2025-12-31",
        ["promises.yaml:6: 'from' (2026-01-01) is after 'to' (2025-12-31); swap them or mend one"],
    ),
    (
        "promises.yaml",
        ", en: An answer within a week",
        "",
        ["promises.yaml:4: 'words' lacks the language 'en'; add it"],
    ),
    (
        "promises.yaml",
        "before: 2",
        "before: 2, after: 1",
        [
            (
                "promises.yaml:15: give either 'before' (working days before the due day) or 'after' "
                "(after the breach)"
            )
        ],
    ),
    (
        "promises.yaml",
        "before: 2",
        "before: -2",
        ["promises.yaml:15: 'before' must not be less than 0, not '-2'"],
    ),
    (
        "promises.yaml",
        "id: broken",
        "id: soon",
        ["promises.yaml:16: the id 'soon' is used twice in the ladder; ids must be unique"],
    ),
    ("promises.yaml", "08:00", "16:00", ["promises.yaml:13: office hours must open before they close"]),
    (
        "promises.yaml",
        "  ladder:\n",
        "  digest: {from: 1}\n  ladder:\n",
        [
            (
                "promises.yaml:14: a digest is of two reminders at least; write 'from: 2' or more, or "
                "'from: 0' for never"
            )
        ],
    ),
    (
        "promises.yaml",
        "  ladder:\n",
        "  digest: {from: 5, at: 15:30}\n  ladder:\n",
        ["promises.yaml:12: the digest's 'at' must lie within the office hours"],
    ),
    (
        "promises.yaml",
        "calendar:\n",
        "messages: {sms: true}\ncalendar:\n",
        ["promises.yaml:17: text messages need a sender; add 'sms_sender: NAME', or write 'sms: false'"],
    ),
    (
        "promises.yaml",
        "calendar:\n",
        "messages: {sms: true, sms_sender: Lillevik kommune}\ncalendar:\n",
        [
            (
                "promises.yaml:17: 'sms_sender': 'Lillevik kommune' is no sender that phones show; write 3 "
                "to 11 letters a-z, digits and spaces, such as 'Sorum'"
            )
        ],
    ),
    (
        "promises.yaml",
        "08:00",
        "eight",
        ["promises.yaml:13: 'from' must be a time of day such as 08:00, not 'eight'"],
    ),
    (
        "promises.yaml",
        "2026-05-15:",
        "2026-05-32:",
        ["promises.yaml:20: '2026-05-32' must be a day such as 2026-01-31"],
    ),
    (
        "look.yaml",
        "languages: [nb, nn, en]",
        "languages: [nb, se]",
        ["look.yaml:13: 'languages': 'se' is not one of nb, nn, en"],
    ),
    (
        "look.yaml",
        "languages: [nb, nn, en]",
        "languages: [nb, nb]",
        ["look.yaml:13: the language 'nb' is here twice; remove one"],
    ),
    (
        "look.yaml",
        "logo: logo.svg",
        "logo: seal.svg",
        ["look.yaml:10: there is no SVG file 'seal.svg' in the folder; add it, or mend the name"],
    ),
    (
        "look.yaml",
        "#0b5563",
        "#33aacc",
        [
            (
                "look.yaml:8: white text on #33aacc has a contrast of 2.7:1 and needs 4.5:1 (WCAG "
                "2.2); choose a darker colour"
            )
        ],
    ),
    (
        "look.yaml",
        '"#0b5563"',
        "blue",
        ["look.yaml:8: 'primary': 'blue' is no colour; write six hex digits such as '#0b5394'"],
    ),
    (
        "look.yaml",
        "https://",
        "",
        ["look.yaml:3: 'website': 'www.lillevik.example' is no web address; begin it with https://"],
    ),
    (
        "look.yaml",
        "languages: [nb, nn, en]",
        "organisation_number: 920125299\nlanguages: [nb, nn, en]",
        [
            (
                "look.yaml:13: 'organisation_number': '920125299' is no organisation number; these have nine digits, "
                "the last one a check digit"
            )
        ],
    ),
    (
        "look.yaml",
        "languages: [nb, nn, en]",
        "municipality_number: 203\nlanguages: [nb, nn, en]",
        ["look.yaml:13: 'municipality_number': '203' is no municipality number; these have four digits"],
    ),
    ("look.yaml", ", en: Appeal here", "", ["look.yaml:12: 'words' lacks the language 'en'; add it"]),
    ("look.yaml", "name: Lillevik kommune", "name: ''", ["look.yaml:1: 'name' must not be empty, not ''"]),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), BROKEN)
def test_each_fault_has_its_file_its_line_and_a_way_to_mend_it(
    lillevik: Write, file: str, old: str, new: str, said: list[str]
) -> None:
    """An administrator who is no programmer can find and mend it."""
    assert faults(lillevik((file, old, new))) == said


def test_a_fault_in_one_item_does_not_hide_those_in_others(lillevik: Write) -> None:
    """Everything is told at once, file by file and line by line."""
    folder = lillevik(
        ("organisation.yaml", "roles: [director]", "roles: [boss]"),
        ("organisation.yaml", "substitute: liv-dahl", "substitute: ida-berg"),
        ("topics.yaml", "owner: vei", "owner: veg"),
        ("look.yaml", "logo: logo.svg", "logo: seal.svg"),
    )
    assert [message.partition(": ")[0] for message in faults(folder)] == [
        "look.yaml:10",
        "organisation.yaml:27",
        "organisation.yaml:43",
        "topics.yaml:9",
    ]


@given(
    st.sampled_from(
        [("organisation.yaml", ORGANISATION), ("topics.yaml", TOPICS), ("promises.yaml", PROMISES)]
    ),
    st.integers(0, 60),
    st.integers(0, 40),
    st.sampled_from(
        ["[]", "{}", "~", "- a", "a: b", "'", "\t", "*a", "? [a]\n: b", "<<: {id: q}", "\x00", "{a: [c]}"]
    ),
    st.booleans(),
)
def test_a_file_damaged_anywhere_has_faults_with_lines_or_none_but_never_fails(
    tmp_path_factory: pytest.TempPathFactory,
    file: tuple[str, str],
    line: int,
    column: int,
    damage: str,
    cut: bool,  # noqa: FBT001 - hypothesis passes it by position
) -> None:
    """Whatever is typed into it, the command has an answer."""
    name, text = file
    folder = tmp_path_factory.mktemp("damaged")
    for other, whole in (
        ("organisation.yaml", ORGANISATION),
        ("topics.yaml", TOPICS),
        ("promises.yaml", PROMISES),
    ):
        (folder / other).write_text(whole, encoding="utf-8")
    lines = text.split("\n")
    line %= len(lines)
    lines[line] = lines[line][:column] + damage + ("" if cut else lines[line][column:])
    (folder / name).write_text("\n".join(lines), encoding="utf-8")
    for fault in municipality.check(folder):
        assert 1 <= fault.line <= len(lines) + 2


@pytest.mark.parametrize("name", ["organisation.yaml", "topics.yaml", "promises.yaml", "look.yaml"])
def test_a_missing_file_is_a_fault_in_it(lillevik: Write, name: str) -> None:
    """And what points into it is not blamed as well."""
    folder = lillevik()
    (folder / name).unlink()
    assert faults(folder) == [f"{name}:1: the file is missing; every municipality has one"]


def test_a_file_saved_in_another_encoding_is_a_fault_at_the_first_such_letter(lillevik: Write) -> None:
    """What Windows programs do."""
    folder = lillevik()
    (folder / "organisation.yaml").write_bytes(ORGANISATION.encode("latin-1"))
    assert faults(folder) == ["organisation.yaml:6: the file is not UTF-8; save it as UTF-8"]


def test_a_byte_order_mark_does_no_harm(lillevik: Write) -> None:
    """What Windows programs do as well."""
    folder = lillevik()
    (folder / "organisation.yaml").write_text(ORGANISATION, encoding="utf-8-sig")
    assert faults(folder) == []


def test_a_control_character_is_a_fault_in_its_line(lillevik: Write) -> None:
    """Copied from somewhere, and invisible."""
    folder = lillevik(("organisation.yaml", "name: Sør", "name: Sør\x07"))
    assert [message.partition(": this is not valid YAML")[0] for message in faults(folder)] == [
        "organisation.yaml:6"
    ]


@pytest.mark.parametrize(
    ("file", "text", "said"),
    [
        ("nb.yaml", "form.title: Si fra\n", []),
        ("se.yaml", "form.title: Buorre\n", ["texts/se.yaml:1: only nb.yaml, nn.yaml, en.yaml belong here"]),
        (
            "nn.yaml",
            "form.lead: Hei\nform:\n  title: Sei frå\n",
            ["texts/nn.yaml:2: 'form' must have a text; write keys flat, as 'page.part: text'"],
        ),
    ],
)
def test_own_wording_is_flat_and_in_a_language_there_is(
    lillevik: Write, file: str, text: str, said: list[str]
) -> None:
    """A file that nothing would read is a fault."""
    folder = lillevik()
    (folder / "texts").mkdir()
    (folder / "texts" / file).write_text(text, encoding="utf-8")
    assert faults(folder) == said


# svarfrist check FOLDER


@pytest.fixture
def app() -> typer.Typer:
    """The command on its own."""
    app = typer.Typer()
    app.command()(check_command)
    return app


def test_the_command_prints_each_fault_and_exits_with_one(app: typer.Typer, lillevik: Write) -> None:
    """As compilers do, so that editors can jump to the line."""
    result = CliRunner().invoke(app, [str(lillevik(("promises.yaml", "rule: P1W", "rule: P1X")))])
    assert result.exit_code == 1
    assert result.stdout.startswith("promises.yaml:3: 'rule': 'P1X' has an unknown unit 'X'; write P5D")


def test_the_command_sums_up_a_folder_without_faults(app: typer.Typer, lillevik: Write) -> None:
    """One line, exit 0."""
    result = CliRunner().invoke(app, [str(lillevik()), "--on", "2027-06-30"])
    assert (result.exit_code, result.stdout) == (
        0,
        "Lillevik kommune: 3 units, 6 people, 1 topic, no faults\n",
    )


def test_the_command_warns_of_a_promise_past_its_review_and_finds_no_fault_in_it(
    app: typer.Typer, lillevik: Write
) -> None:
    """On the day after, with file and line, and still exit 0."""
    result = CliRunner().invoke(app, [str(lillevik()), "--on", "2027-07-01"])
    assert result.exit_code == 0
    warning, summary = result.stdout.splitlines()
    assert warning == (
        "promises.yaml:5: warning: the promise 'garanti' was to be reviewed by 2027-06-30; review it and give "
        "it a new 'review_by', or end it with 'to'"
    )
    assert summary.endswith("no faults")


def test_a_promise_that_has_ended_is_not_to_be_reviewed(lillevik: Write) -> None:
    """Nor is one that has no day for it."""
    ended = lillevik(("promises.yaml", "    to: 2026-12-31", "    to: 2026-12-31\n    review_by: 2026-06-30"))
    assert [warning.line for warning in municipality.warnings(ended, date(2026, 12, 31))] == [12]
    assert municipality.warnings(ended, date(2027, 1, 1)) == []


def test_the_law_s_options_are_read_and_checked(lillevik: Write) -> None:
    """The day of force of the act of 2025, and topics that exist."""
    law = "calendar:\n"
    wrong = lillevik(("promises.yaml", law, "law: {fvl2025_from: 2028-01-01, access_topics: [veg]}\n" + law))
    assert faults(wrong) == ["promises.yaml:17: there is no topic 'veg' in topics.yaml; did you mean 'vei'?"]
    right = lillevik(("promises.yaml", law, "law: {fvl2025_from: 2028-01-01, access_topics: [vei]}\n" + law))
    loaded = municipality.load(right)
    assert loaded.law_options.fvl2025_from == date(2028, 1, 1)
    assert loaded.law.access_topics == {"vei"}


def test_pauses_are_allowed_for_five_working_days_unless_the_folder_says_otherwise(lillevik: Write) -> None:
    """A folder from before there were pauses is as good as ever."""
    usual = municipality.load(lillevik()).pauses
    assert (usual.allowed, usual.longest) == (True, "P5WD")
    own = lillevik(("promises.yaml", "calendar:\n", "pauses: {allowed: false, longest: P2W}\ncalendar:\n"))
    assert (municipality.load(own).pauses.allowed, municipality.load(own).pauses.longest) == (False, "P2W")


def test_the_longest_pause_is_written_as_rules_are(lillevik: Write) -> None:
    """And what is wrong with it is said with its line."""
    wrong = lillevik(("promises.yaml", "calendar:\n", "pauses: {allowed: yes, longest: 5WD}\ncalendar:\n"))
    (fault,) = faults(wrong)
    assert fault.startswith("promises.yaml:17: 'longest': '5WD' must begin with P; write P5D for days,")


@pytest.mark.parametrize(
    ("longest", "fits"),
    [("P3M", True), ("P4M", False), ("P13W", True), ("P14W", False), ("P92D", True), ("P93D", False),
     ("P65WD", True), ("P66WD", False), ("P1Y", False)],
)  # fmt: skip
def test_a_pause_lasts_three_months_at_most(lillevik: Write, longest: str, fits: bool) -> None:  # noqa: FBT001 - a table
    """A longer one is refused with its line, and with what may be written instead."""
    folder = lillevik(("promises.yaml", "calendar:\n", f"pauses: {{longest: {longest}}}\ncalendar:\n"))
    if fits:
        assert municipality.load(folder).pauses.longest == longest
        return
    (fault,) = faults(folder)
    assert fault == (
        f"promises.yaml:17: 'longest': '{longest}' stops the clock for more than three months; write at most "
        "P3M, P13W, P92D or P65WD, and ask again where an answer is still needed"
    )


def test_the_command_says_in_one_sentence_that_there_is_no_such_folder(
    app: typer.Typer, tmp_path: Path
) -> None:
    """Exit 2, apart from a folder with faults."""
    result = CliRunner().invoke(app, [str(tmp_path / "nowhere")])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == (
        f"There is no folder {tmp_path / 'nowhere'}; "
        "give the path of a configuration folder, or one of asker and sorum.\n"
    )

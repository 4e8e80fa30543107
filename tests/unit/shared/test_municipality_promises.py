"""What a municipality's folder promises: rules, reminders, closed days and pauses."""

from datetime import date, time

import pytest

from shared import municipality
from shared.municipality import Municipality, Recipient
from tests.unit.shared.municipalities import BOTH, MONDAY, PROMISES, Write, faults


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

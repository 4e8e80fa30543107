"""A resident can read how a deadline was reckoned, in three languages."""

from datetime import date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.catalogue import LANGUAGES, Catalogue
from shared.clock import OSLO
from shared.explanation import day_in_words, explain, own_texts, rule_in_words
from shared.promise import Rule, Unit, deadline
from shared.workdays import WorkCalendar, public_holidays

LAW = WorkCalendar()
OWN = WorkCalendar.closing(
    {date(2026, 12, 28): "Romjulsstengt"}, christmas_eve_closed=True, new_years_eve_closed=True
)


def _explained(received: str, rule: str, language: str, calendar: WorkCalendar = LAW) -> list[str]:
    instant = datetime.fromisoformat(received).replace(tzinfo=OSLO)
    return explain(deadline(instant, Rule.parse(rule), calendar), language)


@pytest.mark.parametrize(
    ("received", "rule", "language", "sentences"),
    [
        # a plain week
        (
            "2026-01-09T12:00",
            "P1W",
            "nb",
            ["Vi fikk henvendelsen fredag 9. januar 2026.", "Én uke senere er det fredag 16. januar."],
        ),
        # a week that ends at Christmas
        (
            "2026-12-18T14:03",
            "P1W",
            "nb",
            [
                "Vi fikk henvendelsen fredag 18. desember 2026.",
                "Én uke senere er det fredag 25. desember, som er første juledag.",
                (
                    "Fristen flyttes til mandag 28. desember, fordi første juledag, andre juledag og søndag "
                    "ikke er arbeidsdager."
                ),
            ],
        ),
        (
            "2026-12-18T14:03",
            "P1W",
            "nn",
            [
                "Vi fekk førespurnaden fredag 18. desember 2026.",
                "Éi veke seinare er det fredag 25. desember, som er første juledag.",
                (
                    "Fristen blir flytta til måndag 28. desember, fordi første juledag, andre juledag og "
                    "søndag ikkje er arbeidsdagar."
                ),
            ],
        ),
        (
            "2026-12-18T14:03",
            "P1W",
            "en",
            [
                "We received the enquiry on Friday 18 December 2026.",
                "One week later is Friday 25 December, which is Christmas Day.",
                (
                    "The deadline moves to Monday 28 December, because Christmas Day, the second day of "
                    "Christmas and Sunday are not working days."
                ),
            ],
        ),
        # a month that is too short
        (
            "2026-01-31T12:00",
            "P1M",
            "nb",
            [
                "Vi fikk henvendelsen lørdag 31. januar 2026.",
                (
                    "Februar 2026 har ikke 31 dager, så én måned senere er den siste dagen i måneden, "
                    "lørdag 28. februar."
                ),
                "Fristen flyttes til mandag 2. mars, fordi lørdag og søndag ikke er arbeidsdager.",
            ],
        ),
        # working days over Easter
        (
            "2026-03-26T12:00",
            "P10WD",
            "nb",
            [
                "Vi fikk henvendelsen torsdag 26. mars 2026.",
                "Skjærtorsdag, langfredag og andre påskedag er ikke arbeidsdager og regnes ikke med.",
                "10 arbeidsdager senere er det tirsdag 14. april.",
            ],
        ),
        # into another year, which is then said
        (
            "2026-12-25T12:00",
            "P1W",
            "nb",
            [
                "Vi fikk henvendelsen fredag 25. desember 2026.",
                "Én uke senere er det fredag 1. januar 2027, som er første nyttårsdag.",
                (
                    "Fristen flyttes til mandag 4. januar 2027, fordi første nyttårsdag, lørdag og søndag "
                    "ikke er arbeidsdager."
                ),
            ],
        ),
        # two reasons on one day, and one on one
        (
            "2027-05-10T12:00",
            "P1W",
            "nb",
            [
                "Vi fikk henvendelsen mandag 10. mai 2027.",
                "Én uke senere er det mandag 17. mai, som er grunnlovsdagen og andre pinsedag.",
                (
                    "Fristen flyttes til tirsdag 18. mai, fordi grunnlovsdagen og andre pinsedag "
                    "ikke er arbeidsdager."
                ),
            ],
        ),
        (
            "2026-05-07T12:00",
            "P1W",
            "en",
            [
                "We received the enquiry on Thursday 7 May 2026.",
                "One week later is Thursday 14 May, which is Ascension Day.",
                "The deadline moves to Friday 15 May, because Ascension Day is not a working day.",
            ],
        ),
    ],
)
def test_each_step_is_a_sentence(received: str, rule: str, language: str, sentences: list[str]) -> None:
    """Natural in its language, with weekday and date, and each move with its reasons."""
    assert _explained(received, rule, language) == sentences


def test_a_municipalitys_own_closed_days_are_named_as_it_names_them() -> None:
    """The resident sees whose day off it is."""
    assert _explained("2026-12-17T12:00", "P1W", "nb", OWN)[-1] == (
        "Fristen flyttes til tirsdag 29. desember, fordi julaften, første juledag, andre juledag, søndag og "
        "kommunens fridag (Romjulsstengt) ikke er arbeidsdager."
    )


def test_a_municipality_may_word_the_explanation_its_own_way(tmp_path: Path) -> None:
    """Its texts override ours, key by key."""
    (tmp_path / "nb.yaml").write_text('deadline.received: "Du skrev til oss {day}."', "utf-8")
    catalogue = Catalogue(Path(__file__).parents[3] / "shared" / "texts", tmp_path)
    found = deadline(datetime(2026, 1, 9, 12, tzinfo=OSLO), Rule.parse("P1W"), LAW)
    assert explain(found, "nb", catalogue)[0] == "Du skrev til oss fredag 9. januar 2026."
    assert explain(found, "nb", catalogue)[1] == explain(found, "nb")[1]
    assert explain(found, "nb")[0] == "Vi fikk henvendelsen fredag 9. januar 2026."


def test_who_changes_the_list_changes_only_their_own() -> None:
    """Explanations are remembered, but each caller gets a list to itself."""
    first = _explained("2026-01-09T12:00", "P1W", "nb")
    first.clear()
    assert len(_explained("2026-01-09T12:00", "P1W", "nb")) == 2


@pytest.mark.parametrize(
    ("rule", "nb", "nn", "en"),
    [
        ("P1D", "én dag", "éin dag", "one day"),
        ("P5D", "5 dager", "5 dagar", "5 days"),
        ("P1WD", "én arbeidsdag", "éin arbeidsdag", "one working day"),
        ("P10WD", "10 arbeidsdager", "10 arbeidsdagar", "10 working days"),
        ("P1W", "én uke", "éi veke", "one week"),
        ("P3W", "3 uker", "3 veker", "3 weeks"),
        ("P1M", "én måned", "éin månad", "one month"),
        ("P2M", "2 måneder", "2 månader", "2 months"),
        ("P1Y", "ett år", "eitt år", "one year"),
        ("P2Y", "2 år", "2 år", "2 years"),
    ],
)
def test_a_rule_is_said_in_words(rule: str, nb: str, nn: str, en: str) -> None:
    """In the singular and the plural of each language."""
    said = [rule_in_words(Rule.parse(rule), language) for language in ("nb", "nn", "en")]
    assert said == [nb, nn, en]


def test_a_day_is_said_with_its_weekday() -> None:
    """With or without its year."""
    day = date(2026, 12, 28)
    said = [day_in_words(day, language) for language in LANGUAGES]
    assert said == ["mandag 28. desember 2026", "måndag 28. desember 2026", "Monday 28 December 2026"]
    assert day_in_words(day, "en", year=False) == "Monday 28 December"


def test_the_three_languages_have_the_same_texts_with_the_same_placeholders() -> None:
    """Nobody gets half an explanation."""
    texts = own_texts()
    for key in texts.keys("nb") | texts.keys("nn") | texts.keys("en"):
        assert len({texts.placeholders(language, key) for language in LANGUAGES}) == 1, key


def test_every_reason_and_every_unit_has_words_in_every_language() -> None:
    """No key is ever shown to a resident."""
    days = {reason.key for _, reason in public_holidays(2026)}
    days |= {"saturday", "sunday", "christmas_eve", "new_years_eve", "closed"}
    units = {f"deadline.period.{unit}.{form}" for unit in Unit for form in ("one", "other")}
    for language in LANGUAGES:
        keys = own_texts().keys(language)
        assert {f"deadline.day.{key}" for key in days} == {
            key for key in keys if key.startswith("deadline.day.")
        }
        assert units == {key for key in keys if key.startswith("deadline.period.")}


@settings(deadline=None)
@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(OSLO)),  # noqa: DTZ001
    st.builds(Rule, st.integers(1, 60), st.sampled_from(Unit)),
    st.sampled_from([LAW, OWN]),
    st.sampled_from(LANGUAGES),
)
def test_every_deadline_can_be_explained(
    received: datetime, rule: Rule, calendar: WorkCalendar, language: str
) -> None:
    """A sentence for each step, and the due day in the last of them."""
    found = deadline(received, rule, calendar)
    sentences = explain(found, language)
    assert len(sentences) == len(found.steps)
    for sentence in sentences:
        assert sentence[0] == sentence[0].upper()
        assert sentence.endswith(".")
        assert "{" not in sentence
    assert day_in_words(found.due_on, language, year=False) in sentences[-1]

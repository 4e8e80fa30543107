"""Surveys: what may be told, codes, ages, the form, and files of others' results."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.datastructures import FormMultiDict

from services.metrics.surveys import forms, importing
from services.metrics.surveys.codes import hashed, new_code
from services.metrics.surveys.importing import UnreadableFileError
from services.metrics.surveys.questions import QUESTIONS
from services.metrics.surveys.results import Band, answer_rate, result
from services.metrics.surveys.standing import age_in_months
from services.metrics.surveys.store import State, Survey

TODAY = date(2026, 11, 16)
HEADER = "question;mean;n;scale;year;service;comparison\n"
COUNTS = st.dictionaries(st.integers(1, 6), st.integers(0, 40))


def test_the_mean_and_the_distribution_of_enough_answers() -> None:
    """Where no step tells of fewer than five."""
    told = result("trust", {3: 5, 4: 5, 6: 10})
    assert (told.n, told.mean) == (20, 4.75)
    assert told.steps == [0, 0, 5, 5, 0, 10]
    assert told.bands == {Band.LOW: 0, Band.MIDDLE: 10, Band.HIGH: 10}


def test_fewer_than_five_answers_are_not_told() -> None:
    """Not even how many; none at all is told."""
    few = result("trust", {6: 4})
    assert (few.n, few.mean, few.steps, few.bands) == (None, None, None, None)
    assert result("trust", {}).n == 0


def test_small_steps_are_told_two_by_two_or_not_at_all() -> None:
    """One hidden step would be what is left of the number."""
    banded = result("trust", {1: 2, 2: 3, 5: 10})
    assert banded.steps is None
    assert banded.bands == {Band.LOW: 5, Band.MIDDLE: 0, Band.HIGH: 10}
    assert result("trust", {1: 1, 6: 10}).bands is None
    assert result("trust", {1: 1, 6: 10}).mean == pytest.approx(61 / 11)


@given(COUNTS)
def test_nothing_told_is_one_to_four(counts: dict[int, int]) -> None:
    """Whatever was answered."""
    told = result("trust", counts)
    numbers = [told.n or 0, *(told.steps or []), *(told.bands or {}).values()]
    assert not {1, 2, 3, 4} & set(numbers)


def test_the_answer_rate_is_of_those_invited() -> None:
    """Nobody knows how many have seen an open link."""
    assert answer_rate(30, 120) == 0.25
    assert answer_rate(30, None) is None
    assert answer_rate(0, 0) is None


def test_a_code_is_known_however_it_is_typed() -> None:
    """Hyphen, space and capitals; another survey's is another."""
    letters = iter("abcdefghjk")
    code = new_code(lambda _: next(letters))
    assert code == "abcde-fghjk"
    assert hashed("s", "ABCDE FGHJK") == hashed("s", code)
    assert hashed("t", code) != hashed("s", code)


@pytest.mark.parametrize(
    ("since", "months"),
    [
        (date(2026, 11, 16), 0),
        (date(2026, 10, 17), 0),
        (date(2026, 10, 16), 1),
        (date(2024, 11, 16), 24),
        (date(2024, 11, 15), 24),
        (date(2024, 10, 16), 25),
    ],
)
def test_the_age_is_in_whole_months(since: date, months: int) -> None:
    """From the day it closed."""
    assert age_in_months(since, TODAY) == months
    assert age_in_months(None, TODAY) is None


def survey(opens: int, closes: int) -> Survey:
    """A survey so many days from today."""
    return Survey(
        id="s",
        title="Innbyggerundersøkelsen",
        opens_on=TODAY + timedelta(days=opens),
        closes_on=TODAY + timedelta(days=closes),
        questions=["trust"],
        invited=None,
    )


def form(**fields: str) -> FormMultiDict:
    """The form of a survey, right but for these fields."""
    right = {"title": "Undersøkelse", "opens_on": "2026-11-16", "closes_on": "2026-12-16"}
    return FormMultiDict([*({**right, **fields}).items(), ("questions", "trust"), ("questions", "heard")])


def test_a_survey_is_open_on_its_first_and_last_day() -> None:
    """Both included."""
    assert survey(0, 0).state(TODAY) is State.OPEN
    assert survey(1, 5).state(TODAY) is State.PLANNED
    assert survey(-5, -1).state(TODAY) is State.CLOSED


def test_a_right_form_has_no_faults() -> None:
    """The questions in their own order."""
    read = forms.read(form(), TODAY)
    assert not read.faults
    assert read.questions == QUESTIONS[:2]


@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        ("title", "", "survey.error.title"),
        ("opens_on", "i morgen", "survey.error.opens_on"),
        ("closes_on", "", "survey.error.closes_on"),
        ("closes_on", "2026-11-15", "survey.error.ends_first"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: str, key: str) -> None:
    """With how to mend it."""
    assert forms.read(form(**{field: value}), TODAY).faults[field].key == key


def test_a_closed_survey_does_not_open_again_and_an_answered_one_keeps_its_questions() -> None:
    """Results before and after would tell single answers."""
    closed = forms.read(form(), TODAY, survey(-9, -1))
    assert closed.faults["closes_on"].key == "survey.error.closed"
    answered = forms.read(form(), TODAY, survey(0, 5), is_answered=True)
    assert answered.faults["questions"].key == "survey.error.has_answers"


def rows(text: str) -> tuple[list[importing.ResultRow], list[importing.Refused]]:
    """A file with the usual header."""
    return importing.read((HEADER + text).encode(), TODAY)


def test_a_file_as_bedrekommune_gives_it() -> None:
    """Semicolons, decimal commas, a scale written as a range."""
    good, refused = rows("Trivsel;4,8;1 234;1-6;2025;Grunnskole;4,6\nTillit;4.1;312;6;2025;;\n")
    assert not refused
    assert good[0] == importing.ResultRow(
        "Trivsel", Decimal("4.8"), 1234, 6, 2025, "Grunnskole", Decimal("4.6")
    )
    assert good[1] == importing.ResultRow("Tillit", Decimal("4.1"), 312, 6, 2025)


def test_norwegian_headings_commas_and_windows_letters_are_understood() -> None:
    """As a spreadsheet on Windows writes it."""
    content = "Spørsmål,Snitt,Antall,Skala,År\nTillit,4.1,312,6,2025\n".encode("cp1252")
    good, refused = importing.read(content, TODAY)
    assert (len(good), refused) == (1, [])


@pytest.mark.parametrize(
    ("row", "key"),
    [
        (";4;9;6;2025;;", "question"),
        ("T;7;9;6;2025;;", "mean"),
        ("T;mye;9;6;2025;;", "mean"),
        ("T;4;ni;6;2025;;", "n"),
        ("T;4;4;6;2025;;", "few"),
        ("T;4;9;60;2025;;", "scale"),
        ("T;4;9;6;2059;;", "year"),
        ("T;4;9;6;2025;;nei", "comparison"),
        ("T;4;9", "scale"),
    ],
)
def test_a_row_that_cannot_be_used_is_named_with_its_line_and_why(row: str, key: str) -> None:
    """And takes no other row along."""
    good, refused = rows(f"Tillit;4;9;6;2025;;\n{row}\n")
    assert len(good) == 1
    assert [(one.line, one.reason.key) for one in refused] == [(3, f"survey.import.{key}")]


def test_the_same_question_twice_is_used_once() -> None:
    """The second is named."""
    good, refused = rows("Tillit;4;9;6;2025;;\nTillit;5;9;6;2025;;\n")
    assert [row.mean for row in good] == [4]
    assert refused[0].reason.key == "survey.import.twice"


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b"name;value\n", "columns"),
        ("spørsmål;snitt;antall;skala;år\n".encode(), "no_rows"),
        (b"PK\x03\x04\x14\x00a spreadsheet", "unreadable"),
        ("spørsmål;snitt;antall;skala;år\nTillit;4;9;6;2025\n".encode("utf-16"), "unreadable"),
        (b"x" * (importing.MOST_BYTES + 1), "too_large"),
    ],
)
def test_a_file_that_is_none_says_why(content: bytes, key: str) -> None:
    """As a whole."""
    with pytest.raises(UnreadableFileError) as raised:
        importing.read(content, TODAY)
    assert raised.value.message.key == f"survey.import.{key}"


def test_columns_that_are_missing_are_named_as_the_page_names_them() -> None:
    """Not by our own words alone: the page asks for `snitt`, not for `mean`."""
    with pytest.raises(UnreadableFileError) as raised:
        importing.read("spørsmål;skala;år\n".encode(), TODAY)
    assert raised.value.message.placeholders == {"columns": "snitt (mean), antall (n)"}


def test_a_file_in_nynorsk_is_read() -> None:
    """Its columns are those the page asks for in nynorsk."""
    good, refused = importing.read(
        "spørsmål;snitt;antal;skala;år;teneste\nTillit;4;9;6;2025;SFO\n".encode(), TODAY
    )
    assert [(one.n, one.service) for one in good] == [(9, "SFO")]
    assert not refused

"""National identity numbers: found where they stand, and nothing else taken for one. All are invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.personal_data import is_identity_number, mentions_contact, mentions_identity_number

NUMBERS = {
    "01019000083": "an ordinary number",
    "29020000064": "born on a leap day",
    "41019000077": "a D-number: day + 40",
    "01819000049": "synthetic: month + 80",
    "01419000066": "synthetic: month + 40",
    "41819000032": "a synthetic D-number",
    "15033300082": "from 2032: the first check digit's sum leaves 1",
    "15033300090": "from 2032: it leaves 2",
    "15033300260": "from 2032: it leaves 3",
}
OTHERS = {
    "15033300007": "the first check digit's sum leaves 4",
    "00019000044": "day 0",
    "32019000035": "day 32",
    "01139000001": "month 13",
    "30029000057": "30 February",
    "01939000077": "month 93",
    "01019000084": "a wrong last digit",
    "01019000183": "a wrong digit in the middle",
    "0101900008": "ten digits",
    "010190000830": "twelve digits",
    "": "nothing",
    "0101900008x": "a letter",
    "٠١٠١٩٠٠٠٠٨٣": "other scripts' digits",
}


@pytest.mark.parametrize("number", NUMBERS, ids=NUMBERS.values())
def test_a_number_somebody_can_have_is_one(number: str) -> None:
    """Fødselsnummer, D-number, synthetic ones, and those of the rule from 2032."""
    assert is_identity_number(number)


@pytest.mark.parametrize("number", OTHERS, ids=OTHERS.values())
def test_a_number_nobody_can_have_is_none(number: str) -> None:
    """A day and both check digits must fit."""
    assert not is_identity_number(number)


@pytest.mark.parametrize(
    "text",
    [
        "01019000083",
        "Nummeret mitt er 010190 00083.",
        "født 01.01.90 00083",
        "01 01 90 00083",
        "01 01 90 000 83",
        "010190-00083",
        "010190\u00a000083",
        "010190\n00083",
        "010190\u201300083",
        "fnr:01019000083,",
        "to nummer: 12345678901 og 01019000083",
    ],
)
def test_it_is_found_as_people_write_it(text: str) -> None:
    """With blanks, points, dashes and line breaks, among other words."""
    assert mentions_identity_number(text)


@pytest.mark.parametrize(
    "text",
    [
        "Ring meg på 900 00 000 eller +47 22 00 00 00.",
        "Fakturaen er på 12 345 678,90 kr, KID 001019000083.",
        "Kontonummer 1503.33.00007",
        "Det skjedde 01.01.1990 klokken 00.08",
        "Referansen er 7K3M-92QX",
        "Organisasjonsnummer 974 760 673",
        "",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    """Phones, amounts, days, accounts and references."""
    assert not mentions_identity_number(text)


@given(st.integers(0, 99_999_999_999))
def test_one_wrong_digit_is_noticed_under_todays_rule(number: int) -> None:
    """The second check digit catches any single wrong digit."""
    digits = f"{number:011d}"
    if is_identity_number(digits):
        for position in range(11):
            wrong = digits[:position] + str((int(digits[position]) + 1) % 10) + digits[position + 1 :]
            assert not is_identity_number(wrong)


@given(st.text())
def test_any_text_can_be_looked_through(text: str) -> None:
    """Nothing a resident writes makes it fail."""
    mentions_identity_number(text)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("Skriv til kari@lillevik.example i stedet.", True),
        ("Ring 41 23 45 67.", True),
        ("Ring 412 34 567.", True),
        ("Ring +47 22334455 før klokka tre.", True),
        ("Vi svarte på 1 240 saker i 2026.", False),
        ("Det kostet 20 000 000 kroner.", False),
        ("Sak 2026/1234, gnr. 12 bnr. 34.", False),
    ],
)
def test_ways_to_reach_somebody_are_found(words: str, *, expected: bool) -> None:
    """Ordinary numbers are none."""
    assert mentions_contact(words) is expected

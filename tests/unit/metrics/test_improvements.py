"""The form of an improvement: what is taken, and what is refused."""

from datetime import date

import pytest

from services.metrics.improvements import forms
from shared import municipality

TODAY = date(2026, 11, 16)
SORUM = municipality.load("sorum")
RIGHT = {
    "title": "Brøyting før klokka sju",
    "said": "Mange sa at gangveien til skolen ikke var brøytet.",
    "changed": "Vi brøyter skoleveiene først.",
    "unit": "kommunalteknikk",
    "decided_on": "2026-10-01",
    "closed_on": "2026-11-01",
    "topic": "vei",
    "cases": "12",
    "published": "yes",
}


def read(**fields: str) -> forms.ImprovementForm:
    """A right form but for these fields, by the leader of one unit."""
    return forms.read({**RIGHT, **fields}, SORUM, {"kommunalteknikk"}, TODAY)


def test_a_right_form_becomes_the_content_of_a_version() -> None:
    """With the section of the unit; empty fields are none."""
    topic = next(iter(SORUM.topics))
    right = read(topic=topic)
    assert not right.faults
    assert right.content["section"] == SORUM.section_of("kommunalteknikk").id
    assert (right.content["cases"], right.content["published"]) == (12, True)
    bare = read(topic="", cases="", closed_on="", published="")
    assert not bare.faults
    assert [bare.content[name] for name in ("topic", "cases", "closed_on", "published")] == [
        None,
        None,
        None,
        False,
    ]


@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        ("title", "", "title"),
        ("said", "x" * 2001, "said"),
        ("changed", " ", "changed"),
        ("unit", "bibliotek", "unit"),
        ("topic", "romfart", "topic"),
        ("cases", "mange", "cases"),
        ("decided_on", "2026-11-17", "decided_on"),
        ("closed_on", "2026-11-17", "closed_on"),
        ("closed_on", "2026-09-30", "closed_first"),
    ],
)
def test_a_wrong_field_is_named(field: str, value: str, key: str) -> None:
    """With how to mend it."""
    assert read(
        topic="" if field != "topic" else value, **({field: value} if field != "topic" else {})
    ).faults[field].key == (f"improvement.error.{key}")


@pytest.mark.parametrize(
    "words",
    [
        "Kari på kari@innbygger.example sa fra",
        "Ring 22 33 44 55",
        "Ring +47 91234567",
        "01017012345 klaget",
        "010170 12345",
    ],
)
def test_what_would_tell_who_said_it_is_refused(words: str) -> None:
    """E-mail, phone and identity numbers."""
    assert read(topic="", said=words).faults["said"].key == "improvement.error.personal"


@pytest.mark.parametrize(
    "words", ["I 2025 kom 1200 klager", "Fv. 171 og fv. 172", "Fra 06.30 til 07.00, uke 45"]
)
def test_ordinary_numbers_are_no_personal_data(words: str) -> None:
    """Years, roads and times."""
    assert not read(topic="", said=words).faults

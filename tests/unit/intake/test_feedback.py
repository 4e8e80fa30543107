"""What a resident may say of the answer."""

import pytest

from services.intake.feedback import SCALE, Said

FULL = {"helped": "yes", "process": "5", "outcome": "1", "comment": "Takk"}


def test_all_or_only_the_thumb_may_be_said() -> None:
    """The two questions are optional, and taken back by choosing not to say."""
    assert not Said.read(FULL).faults()
    assert not Said.read({"helped": "no"}).faults()
    assert not Said.read({"helped": "no", "process": "", "outcome": ""}).faults()
    assert Said.read(FULL) == Said("yes", "5", "1", "Takk")


@pytest.mark.parametrize(
    ("field", "value", "key"),
    [
        ("helped", "", "case.feedback.error.helped"),
        ("helped", "maybe", "case.feedback.error.helped"),
        ("process", "0", "case.feedback.error.scale"),
        ("outcome", "6", "case.feedback.error.scale"),
        ("process", "4.5", "case.feedback.error.scale"),
    ],
)
def test_what_is_on_no_scale_is_named(field: str, value: str, key: str) -> None:
    """At its own field, and alone."""
    faults = Said.read({**FULL, field: value}).faults()
    assert {name: fault.key for name, fault in faults.items()} == {field: key}


def test_the_best_is_shown_first() -> None:
    """From five to one."""
    assert SCALE == (5, 4, 3, 2, 1)

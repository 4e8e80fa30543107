"""What comes in addresses and forms of the desk, however odd: it is read, or left out, and never a fault of ours."""

import pytest

from services.routing.web.answering import MOST_CHARACTERS, text_error
from services.routing.web.lists import Asked
from services.routing.web.visits import form_version, written
from shared import municipality
from shared.web.errors import InvalidProblem
from shared.web.i18n import Message


@pytest.mark.parametrize(
    ("typed", "page"),
    [("", 1), ("2", 2), ("0", 1), ("00", 1), ("-1", 1), ("x", 1), ("²", 1), ("99", 20), ("9" * 5000, 1)],
)
def test_a_page_that_is_none_is_the_first(typed: str, page: int) -> None:
    """And past the last there is is the last."""
    assert Asked.of({"side": typed}, municipality.load("asker")).page == page


@pytest.mark.parametrize("typed", ["", "x", "-1", "9" * 5000])
def test_a_version_that_is_none_is_refused(typed: str) -> None:
    """Nobody types it: somebody has changed the form."""
    with pytest.raises(InvalidProblem):
        form_version(typed)


def test_what_is_kept_of_a_text_fits_a_database() -> None:
    """With line breaks of one kind, and without the character that PostgreSQL's texts do not have."""
    assert written(" Hei\0\r\nder \n") == "Hei\nder"


@pytest.mark.parametrize("too_long", ["answer.error.long", "note.error.long", "hand_over.error.long"])
def test_a_text_that_is_too_long_is_told_by_how_much(too_long: str) -> None:
    """Answers, notes and reasons alike; one that just fits is in order, and an empty one is missing."""
    missing = Message("note.error.empty")
    assert text_error("x" * MOST_CHARACTERS + "  \r\n", missing, too_long) is None
    assert text_error("x" * (MOST_CHARACTERS + 7), missing, too_long) == Message(too_long, {"count": 7})
    assert text_error(" \r\n\0", missing, too_long) == missing

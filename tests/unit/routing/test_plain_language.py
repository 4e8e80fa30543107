"""Hints for an answer in plain language."""

import pytest

from services.routing.plain_language import Advice, Hint, hints

GOOD = "Veien blir brøytet i kveld. Brøytebilen var ute av drift. Ring Tor Kvam på 66 00 00 00 om det ikke skjer."


def test_an_answer_that_reads_well_gets_no_hints() -> None:
    """Nothing is nagged about."""
    assert hints(GOOD, "nb") == []


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("Nei.", Hint(Advice.SHORT)),
        (GOOD.replace("Ring Tor Kvam på 66 00 00 00", "Si fra"), Hint(Advice.NO_CONTACT)),
        (f"Vedrørende veien. {GOOD}", Hint(Advice.OFFICIALESE, "vedrørende", "om")),
        (f"Saken avgjøres i henhold til planen. {GOOD}", Hint(Advice.OFFICIALESE, "i henhold til", "etter")),
        (
            f"{' '.join(['Veien er lang'] * 11)}. {GOOD}",
            Hint(Advice.LONG_SENTENCE, "Veien er lang Veien er lang …"),
        ),
    ],
)
def test_a_hint_says_where_and_what_instead(text: str, hint: Hint) -> None:
    """Each kind of advice."""
    assert hint in hints(text, "nb")


def test_norwegian_officialese_is_no_matter_in_english() -> None:
    """The word may mean something else, or be a name."""
    assert hints(f"Herunder. {GOOD}", "en") == []


def test_an_e_mail_address_is_a_way_to_ask() -> None:
    """As good as a telephone number."""
    assert Hint(Advice.NO_CONTACT) not in hints("Skriv til post@asker.example.", "nb")


@pytest.mark.parametrize("text", ["", "\n\n", "...", "a" * 5000])
def test_odd_texts_are_no_trouble(text: str) -> None:
    """Hints never fail: nothing may come between a caseworker and an answer."""
    assert hints(text, "nb")

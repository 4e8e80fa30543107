"""Finding a topic of a municipality by the words residents use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.municipality import Municipality
from tests.unit.shared.municipalities import ASKER, BOTH


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

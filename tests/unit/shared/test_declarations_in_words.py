"""What a service declaration is about, in the words of each language."""

import pytest

from shared import municipality
from shared.declarations_in_words import about
from shared.events import Channel, Kind
from shared.municipality import PromiseMatch, PromiseRule, Words

ASKER = municipality.load("asker")


@pytest.mark.parametrize(
    ("match", "nb", "nn", "en"),
    [
        (
            PromiseMatch(),
            "Alt du skriver til oss om",
            "Alt du skriv til oss om",
            "Everything you write to us about",
        ),
        (PromiseMatch(kind=Kind.PRAISE), "Ros", "Ros", "Praise"),
        (
            PromiseMatch(topic="vei-og-vinterdrift", area="heggedal", kind=Kind.COMPLAINT),
            "Vei og vinterdrift, Heggedal, klage på tjeneste",
            "Veg og vinterdrift, Heggedal, klage på teneste",
            "Roads and winter maintenance, Heggedal, complaint about a service",
        ),
        (PromiseMatch(channel=Channel.LETTER), "Brev", "Brev", "Letter"),
    ],
)
def test_a_declaration_is_named_by_what_it_is_for(match: PromiseMatch, nb: str, nn: str, en: str) -> None:
    """Topic, area, kind, channel; or everything."""
    rule = PromiseRule(id="lofte", rule="P1W", match=match, words=Words(nb="Svar innen én uke"))
    assert (about(rule, ASKER, "nb"), about(rule, ASKER, "nn"), about(rule, ASKER, "en")) == (nb, nn, en)


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_kind_has_its_word(kind: Kind, language: str) -> None:
    """In every language."""
    rule = PromiseRule(id="lofte", rule="P1W", match=PromiseMatch(kind=kind), words=Words(nb="Svar"))
    assert about(rule, ASKER, language)


@pytest.mark.parametrize("channel", Channel)
@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_channel_has_its_word(channel: Channel, language: str) -> None:
    """In every language."""
    rule = PromiseRule(id="lofte", rule="P1W", match=PromiseMatch(channel=channel), words=Words(nb="Svar"))
    assert about(rule, ASKER, language)

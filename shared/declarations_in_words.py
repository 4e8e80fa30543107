"""Service declarations in words: what one is about, as residents and caseworkers name it."""

from shared.catalogue import Catalogue
from shared.explanation import own_texts
from shared.municipality import Municipality, PromiseRule


def about(
    rule: PromiseRule, municipality: Municipality, language: str, texts: Catalogue | None = None
) -> str:
    """Say what a service declaration is about: its topic, area, kind and channel, or everything.

    :param language: `nb`, `nn` or `en`.
    :param texts: the municipality's, where it words the `declaration.` texts its own way.
    """
    texts, match = texts or own_texts(), rule.match
    parts = [
        municipality.topics[match.topic].name(language) if match.topic else "",
        municipality.areas[match.area].name if match.area else "",
        texts.text(language, f"declaration.kind.{match.kind}") if match.kind else "",
        texts.text(language, f"declaration.channel.{match.channel}") if match.channel else "",
    ]
    words = ", ".join(filter(None, parts)) or texts.text(language, "declaration.everything")
    return words[0].upper() + words[1:]

"""Finds the topic a resident means from the first letters of what she calls it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from shared.municipality.topics import Topic

_WORD = re.compile(r"\w+")
_WITHOUT_A_NORWEGIAN_KEYBOARD = str.maketrans("æøåéèêäöü", "aoaeeeaou")
_FILLER = frozenset(
    {"i", "og", "pa", "av", "til", "for", "med", "en", "ei", "et", "eit", "a", "the", "of", "in"}
)
_SHORTEST_STEM = 3
_SHORTEST_INSIDE = 4
_NAMES_ADVANTAGE = 0.25


def words_of(text: str) -> tuple[str, ...]:
    """The words to compare: small letters, and the same whether typed with or without æ, ø and å."""
    folded = text.casefold().replace("ae", "æ").replace("oe", "ø").replace("aa", "å")
    return tuple(_WORD.findall(folded.translate(_WITHOUT_A_NORWEGIAN_KEYBOARD)))


@dataclass(frozen=True, slots=True)
class Indexed:
    """A topic with the words it is found by."""

    topic: Topic
    position: int
    names: frozenset[str]
    keywords: frozenset[str]

    @classmethod
    def of(cls, topic: Topic, position: int) -> Self:
        """All languages count: residents write as they speak, whatever the page is in."""
        keywords = (*topic.keywords.nb, *topic.keywords.nn, *topic.keywords.en)
        return cls(
            topic,
            position,
            frozenset(word for name in topic.names.given.values() for word in words_of(name)),
            frozenset(word for keyword in keywords for word in words_of(keyword)),
        )


def search(index: Iterable[Indexed], text: str, language: str) -> list[Topic]:
    """The topics that match, best first: most of the words, then the closest.

    A name counts for more than a keyword, a whole word for more than its beginning. Inflected words match
    their stem (`veien` finds `vei`), parts of compounds the compound (`brøyting` finds `snøbrøyting`).
    Without words every topic is there, by its name.
    """
    words = [word for word in words_of(text) if word not in _FILLER] or list(words_of(text))
    if not words:
        return sorted((entry.topic for entry in index), key=lambda topic: _alphabetical(topic.name(language)))
    ranked = []
    for entry in index:
        scores = [_score(word, entry) for word in words]
        found = sum(score > 0 for score in scores)
        if found:
            ranked.append((-found, -sum(scores), entry.position, entry.topic))
    ranked.sort(key=lambda row: row[:3])
    return [topic for *_, topic in ranked]


def _score(word: str, entry: Indexed) -> float:
    by_name = max((_closeness(word, name) for name in entry.names), default=0.0)
    by_keyword = max((_closeness(word, keyword) for keyword in entry.keywords), default=0.0)
    return max(by_name and by_name + _NAMES_ADVANTAGE, by_keyword)


def _closeness(typed: str, known: str) -> float:
    """3 for the same word, 2 to 3 for its beginning, 1 to 2 for its stem, less for a part of a compound."""
    if typed == known:
        return 3
    if known.startswith(typed):
        return 2 + len(typed) / len(known)
    if len(known) >= _SHORTEST_STEM and typed.startswith(known):
        return 1 + len(known) / len(typed)
    if len(typed) >= _SHORTEST_INSIDE and typed in known:
        return len(typed) / len(known)
    return 0


def _alphabetical(name: str) -> str:
    """Norwegian order, where æ, ø and å come last (Unicode has å before æ and ø)."""
    return name.casefold().translate(str.maketrans("æøå", "{|}"))

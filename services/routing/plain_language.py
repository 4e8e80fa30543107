"""Hints for an answer in plain language. They advise; none of them ever stops an answer. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

LONGEST_SENTENCE = 30
"""Words; what is longer is read twice."""
SHORTEST_ANSWER = 60
"""Characters; less is seldom an answer that explains itself."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_WORD = re.compile(r"\w+")
_CONTACT = re.compile(r"@|\b\d{2} ?\d{2} ?\d{2} ?\d{2}\b|\b\d{3} ?\d{2} ?\d{3}\b")
_OFFICIALESE = {
    "vedrørende": "om",
    "i henhold til": "etter",
    "jf.": "se",
    "ovennevnte": "dette",
    "herunder": "blant annet",
    "anmodning": "spørsmål",
    "besvarelse": "svar",
    "foreligger": "finnes",
    "iverksette": "sette i gang",
    "imøtekomme": "si ja til",
    "undertegnede": "jeg",
    "bes om å": "kan du",
    "i medhold av": "etter",
    "påpeke": "si",
    "vedkomande": "om",
    "i samsvar med": "etter",
}


class Advice(StrEnum):
    """What may make an answer easier to read; each has its words in the catalogue."""

    SHORT = "short"
    LONG_SENTENCE = "long_sentence"
    OFFICIALESE = "officialese"
    NO_CONTACT = "no_contact"


@dataclass(frozen=True, slots=True)
class Hint:
    """A piece of advice: `words` are the place it is about, `better` what to write instead."""

    advice: Advice
    words: str = ""
    better: str = ""


def hints(text: str, language: str) -> list[Hint]:
    """Give advice on an answer that is written in this language, the most useful first."""
    return list(_hints(text.strip(), language))


def _hints(text: str, language: str) -> Iterator[Hint]:
    if len(text) < SHORTEST_ANSWER:
        yield Hint(Advice.SHORT)
    longest = max(_SENTENCE_END.split(text), key=_words)
    if _words(longest) > LONGEST_SENTENCE:
        yield Hint(Advice.LONG_SENTENCE, _beginning(longest))
    if language != "en":
        low = text.lower()
        for stiff, plain in _OFFICIALESE.items():
            if re.search(rf"(?<!\w){re.escape(stiff)}(?!\w)", low):
                yield Hint(Advice.OFFICIALESE, stiff, plain)
    if not _CONTACT.search(text):
        yield Hint(Advice.NO_CONTACT)


def _words(sentence: str) -> int:
    return len(_WORD.findall(sentence))


def _beginning(sentence: str, words: int = 6) -> str:
    return " ".join(sentence.split()[:words]) + " …"

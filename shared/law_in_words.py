"""The law's deadlines in words that a caseworker and a resident can read."""

from dataclasses import dataclass

from shared.catalogue import Catalogue
from shared.explanation import day_in_words, explain, own_texts
from shared.law import Clock, From, LegalDeadline


@dataclass(frozen=True, slots=True)
class LegalWords:
    """What a deadline is called, the paragraph it comes from, and what it asks for."""

    title: str
    paragraph: str
    asks: str


def legal_words(deadline: LegalDeadline, language: str, catalogue: Catalogue | None = None) -> LegalWords:
    """Say what a deadline of the law is.

    :param language: `nb`, `nn` or `en`.
    :param catalogue: the municipality's, where it words the `law.` texts its own way.
    """
    texts, key = catalogue or own_texts(), deadline.id
    return LegalWords(
        title=texts.text(language, f"law.{key}.title"),
        paragraph=texts.text(language, f"law.{key}.paragraph"),
        asks=texts.text(language, f"law.{key}.asks"),
    )


def explain_clock(clock: Clock, language: str, catalogue: Catalogue | None = None) -> list[str]:
    """Say how a clock's due day was reckoned, one whole sentence for each of its steps."""
    texts, counted_from = catalogue or own_texts(), clock.deadline.counted_from
    start = "received" if counted_from is From.RECEIVED else f"started.{counted_from}"
    if clock.reckoned:
        return explain(clock.reckoned, language, texts, start=start)
    day = day_in_words(clock.due_on, language, catalogue=texts)
    return [
        texts.text(language, f"deadline.{start}", day=day),
        texts.text(language, "law.at_once"),
    ]

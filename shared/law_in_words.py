"""The law's deadlines in words that a caseworker and a resident can read."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from shared.catalogue import Catalogue
from shared.explanation import day_in_words, explain, own_texts
from shared.law import Clock, From, LegalDeadline, Standing, standing


@dataclass(frozen=True, slots=True)
class LegalWords:
    """What a deadline is called, the paragraph it comes from, and what it asks for."""

    title: str
    paragraph: str
    asks: str


@dataclass(frozen=True, slots=True)
class LegalClock:
    """A deadline of the law that a case stands under, and how it stands with it today."""

    words: LegalWords
    due_on: date
    standing: Standing
    steps: list[str]


@dataclass(frozen=True, slots=True)
class Done:
    """What of a case meets the law's deadlines, by its day in Oslo.

    :param interim_on: the first word with a reason and a new day: an interim answer, or an extension.
    :param answered_on: the first final answer.
    """

    interim_on: date | None = None
    answered_on: date | None = None


def legal_clocks(
    running: Iterable[Clock],
    done: Done,
    today: date,
    language: str,
    catalogue: Catalogue | None = None,
    *,
    to_resident: bool = False,
) -> list[LegalClock]:
    """Show each deadline of the law for itself, the first to end first."""
    return [
        LegalClock(
            legal_words(clock.deadline, language, catalogue, to_resident=to_resident),
            clock.due_on,
            standing(clock, today, interim_on=done.interim_on, answered_on=done.answered_on),
            explain_clock(clock, language, catalogue),
        )
        for clock in running
    ]


def legal_words(
    deadline: LegalDeadline, language: str, catalogue: Catalogue | None = None, *, to_resident: bool = False
) -> LegalWords:
    """Say what a deadline of the law is.

    :param language: `nb`, `nn` or `en`.
    :param catalogue: the municipality's, where it words the `law.` texts its own way.
    :param to_resident: speak to who wrote, and not of them; only of what a submission stands under.
    """
    texts, key = catalogue or own_texts(), deadline.id
    return LegalWords(
        title=texts.text(language, f"law.{key}.title"),
        paragraph=texts.text(language, f"law.{key}.paragraph"),
        asks=texts.text(language, f"law.{key}.asks_you" if to_resident else f"law.{key}.asks"),
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

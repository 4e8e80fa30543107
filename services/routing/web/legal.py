"""The law's deadlines that a case stands under, as its page shows them beside the promise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.routing.promising import Matter
from services.routing.store import AnswerRow, CaseRow
from services.routing.web.desk import Desk
from shared.clock import oslo_day
from shared.events import Channel, Kind
from shared.law import Standing, clocks, standing
from shared.law_in_words import LegalWords, explain_clock, legal_words
from shared.questions import AnswerKind


@dataclass(frozen=True, slots=True)
class LegalClock:
    """A deadline of the law, and how it stands with it today."""

    words: LegalWords
    due_on: date
    standing: Standing
    steps: list[str]


def legal_clocks(
    row: CaseRow, answers: Sequence[AnswerRow], desk: Desk, language: str, matter: Matter | None = None
) -> list[LegalClock]:
    """Give every deadline of the law that a case stands under, the first to end first.

    :param matter: what it would be, where that is not what it is.
    """
    law = desk.municipality.law
    kind, topic = (matter.kind, matter.topic) if matter else (Kind(row.kind), row.topic)
    enquiry = law.enquiry(row.received_at, kind, topic, Channel(row.channel), reply_wanted=row.reply_wanted)
    interim_on = _first(answers, AnswerKind.INTERIM)
    answered_on = _first(answers, AnswerKind.ANSWER)
    return [
        LegalClock(
            legal_words(clock.deadline, language, desk.texts),
            clock.due_on,
            standing(clock, desk.today, interim_on=interim_on, answered_on=answered_on),
            explain_clock(clock, language, desk.texts),
        )
        for clock in clocks(enquiry, law)
    ]


def _first(answers: Sequence[AnswerRow], kind: AnswerKind) -> date | None:
    return min((oslo_day(answer.at) for answer in answers if answer.kind == kind), default=None)

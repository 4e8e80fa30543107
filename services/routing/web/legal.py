"""The law's deadlines that a case stands under, as its page shows them beside the promise."""

from collections.abc import Sequence
from datetime import date

from services.routing.promising import Matter
from services.routing.store import AnswerRow, CaseRow
from services.routing.web.desk import Desk
from shared import law_in_words
from shared.clock import oslo_day
from shared.events import Channel, Kind
from shared.law import clocks
from shared.law_in_words import Done, LegalClock
from shared.questions import AnswerKind

_EXPLAINS_THE_DELAY = frozenset({AnswerKind.INTERIM, AnswerKind.EXTENSION})
"""What says why it takes time and when the answer comes is an interim answer to the law, whatever we call it."""


def legal_clocks(
    row: CaseRow, answers: Sequence[AnswerRow], desk: Desk, language: str, matter: Matter | None = None
) -> list[LegalClock]:
    """Give every deadline of the law that a case stands under, the first to end first.

    :param matter: what it would be, where that is not what it is.
    """
    law = desk.municipality.law
    kind, topic = (matter.kind, matter.topic) if matter else (Kind(row.kind), row.topic)
    enquiry = law.enquiry(row.received_at, kind, topic, Channel(row.channel), reply_wanted=row.reply_wanted)
    done = Done(_first(answers, _EXPLAINS_THE_DELAY), _first(answers, {AnswerKind.ANSWER}))
    return law_in_words.legal_clocks(clocks(enquiry, law), done, desk.today, language, desk.texts)


def _first(answers: Sequence[AnswerRow], kinds: frozenset[AnswerKind] | set[AnswerKind]) -> date | None:
    return min((oslo_day(answer.at) for answer in answers if answer.kind in kinds), default=None)

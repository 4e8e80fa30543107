"""The law's deadlines that a resident's case stands under, as the case's events tell."""

from collections.abc import Sequence
from datetime import date

from services.intake.parts import Parts
from shared import law_in_words
from shared.clock import oslo_day
from shared.events import (
    CaseAnswered,
    CaseExtended,
    CaseInterimAnswered,
    CaseReclassified,
    Event,
    SubmissionReceived,
)
from shared.law import clocks
from shared.law_in_words import Done, LegalClock
from shared.web.i18n import Wording
from shared.workdays import CalendarEndsError


def legal_clocks(history: Sequence[Event], say: Wording, intake: Parts) -> list[LegalClock]:
    """Give every deadline of the law the case stands under, each for itself; the first to end first.

    Beside the promise, which none of them moves (decision 7).
    """
    received = next((event for event in history if isinstance(event, SubmissionReceived)), None)
    if received is None:
        return []
    found = [event for event in history if isinstance(event, CaseReclassified)]
    what = max(found, key=lambda event: (event.at, event.id)) if found else received
    law = intake.municipality.law
    enquiry = law.enquiry(
        received.at, what.kind, what.topic, received.channel, reply_wanted=received.reply_wanted
    )
    try:
        running = clocks(enquiry, law)
    except CalendarEndsError:
        return []
    done = Done(
        _first(history, CaseInterimAnswered, CaseExtended),
        _first(history, CaseAnswered),
    )
    return law_in_words.legal_clocks(
        running, done, oslo_day(intake.clock()), say.language, intake.catalogue, to_resident=True
    )


def _first(history: Sequence[Event], *said: type[Event]) -> date | None:
    return min((oslo_day(event.at) for event in history if isinstance(event, said)), default=None)

"""What the yearly report tells of internal control (kommuneloven § 25-2)."""

from collections.abc import Awaitable, Callable

from sqlalchemy import func, select

from services.metrics.indicators import Indicators
from services.metrics.periods import Period
from services.metrics.reading import Reading
from services.metrics.reports import store
from services.metrics.reports.model import InternalControl
from services.metrics.store import CaseFact
from shared.municipality import Municipality

DeadLetters = Callable[[], Awaitable[int | None]]
"""How many events lie waiting because they could not be handled; None where the bus does not answer."""


async def internal_control(
    reading: Reading, municipality: Municipality, days: Period, of: Indicators, dead_letters: DeadLetters
) -> InternalControl:
    """Of the whole municipality in a year, with its indicators `of`."""
    undelivered = await reading.session.scalar(
        select(func.count())
        .select_from(CaseFact)
        .where(
            CaseFact.received_on.between(days.first, days.last),
            CaseFact.messages_failed + CaseFact.messages_bounced > 0,
        )
    )
    seen_on = min(days.last, reading.today)
    return InternalControl(
        due=of.promise.due,
        broken=of.promise.broken,
        open_overdue=of.promise.open_overdue,
        undelivered=undelivered or 0,
        dead_letters=await dead_letters(),
        declarations_outdated=sum(rule.outdated(seen_on) for rule in municipality.promises),
        corrections=await store.corrections(reading.session, days.first, days.last),
    )

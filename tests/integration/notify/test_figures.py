"""What Prometheus is told: what waits and for how long, and how far the calendar reaches."""

from datetime import UTC, date, datetime, timedelta

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import update

from services.notify import figures
from services.notify.messages import Priority
from services.notify.store import MessageRow
from shared.clock import FixedClock
from shared.municipality import Municipality
from shared.workdays import LAST_YEAR
from tests.integration.notify.mail_server import MailServer
from tests.integration.notify.office import Office
from tests.integration.notify.senders import Intake, drain, receipt_waits, sender_of


def told(name: str, **labels: str) -> float | None:
    """A sample as /metrics has it."""
    return REGISTRY.get_sample_value(name, labels)


async def test_what_waits_and_what_failed_is_counted_with_the_longest_wait(
    office: Office, server: MailServer, intake: Intake
) -> None:
    """A receipt that failed, and one that has waited for an hour; nothing waits once it is sent."""
    sender = sender_of(office, server.port, intake)
    server.fails("RCPT", "550 5.1.1 no such user")
    await receipt_waits(office)
    await drain(sender)
    await receipt_waits(office)
    office.clock.advance(timedelta(hours=1))
    await figures.count(office.database, office.clock)
    assert told("svarfrist_messages", kind="receipt", state="failed") == 1
    assert told("svarfrist_messages", kind="receipt", state="waiting") == 1
    assert told("svarfrist_messages_oldest_waiting_seconds") == 3600
    await drain(sender)
    await figures.count(office.database, office.clock)
    assert told("svarfrist_messages", kind="receipt", state="waiting") is None
    assert told("svarfrist_messages_oldest_waiting_seconds") == 0


async def test_a_reminder_that_waits_for_the_office_to_open_is_no_message_left_lying(office: Office) -> None:
    """It has waited since yesterday, as it should; once it may go, it counts from when it was written down."""
    await receipt_waits(office)
    async with office.database.transaction() as tx:
        opens = tx.now + timedelta(hours=16)
        reminder = {"priority": Priority.REMINDER, "next_attempt_at": opens}
        await tx.session.execute(update(MessageRow).values(reminder))
    office.clock.advance(timedelta(hours=15))
    await figures.count(office.database, office.clock)
    assert told("svarfrist_messages_oldest_waiting_seconds") == 0
    office.clock.advance(timedelta(hours=1))
    await figures.count(office.database, office.clock)
    assert told("svarfrist_messages_oldest_waiting_seconds") == 16 * 3600


@pytest.mark.parametrize(
    ("on", "closed", "missing"),
    [
        ("2026-10-31", [date(2026, 5, 15)], 0),
        ("2026-11-01", [date(2026, 5, 15)], 1),
        ("2026-11-01", [date(2026, 5, 15), date(2027, 5, 7)], 0),
        ("2026-11-01", [], 0),
        ("2027-01-01", [date(2026, 5, 15)], 0),
    ],
)
def test_the_calendar_is_watched(asker: Municipality, on: str, closed: list[date], missing: int) -> None:
    """How many years are left, and from November whether next year's own closed days have been thought of."""
    options = asker.calendar_options.model_copy(update={"closed_days": dict.fromkeys(closed, "Stengt")})
    municipality = asker.model_copy(update={"calendar_options": options})
    day = datetime.fromisoformat(on).replace(hour=12, tzinfo=UTC)
    figures.watch_calendar(municipality, FixedClock(day))
    assert told("svarfrist_calendar_years_left") == LAST_YEAR - day.year
    assert told("svarfrist_closed_days_missing") == missing

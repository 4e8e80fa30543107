"""Plausible events, so that a test names only what it is about."""

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from shared.events import Channel, Event, Kind, Promised, SubmissionReceived

MONDAY = datetime(2026, 11, 16, 9, 0, tzinfo=UTC)


def received(case_id: UUID | None = None, **fields: Any) -> SubmissionReceived:
    """A complaint about snow, received on a Monday, with an answer promised for the next."""
    given: dict[str, Any] = {
        "id": uuid4(),
        "at": MONDAY,
        "case_id": case_id or uuid4(),
        "municipality": "asker",
        "reference": "7K3M-92QX",
        "kind": Kind.COMPLAINT,
        "topic": "vei-og-vinterdrift",
        "area": "heggedal",
        "channel": Channel.WEB,
        "language": "nb",
        "reply_wanted": True,
        "has_email": True,
        "promise": Promised(
            promise_id="svargaranti", rule="P1W", rule_version="1", due_on=date(2026, 11, 23)
        ),
    }
    return SubmissionReceived(**{**given, **fields})


def after(cause: Event, model: type[Event], *, at: datetime, **fields: Any) -> Event:
    """An event about the same case, some time later."""
    return model.caused(cause, at=at, **fields)

"""What becomes of a promise, as a table."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from services.notify.case import Lapse, PromiseState, judge
from shared.events import LapseReason

OSLO = ZoneInfo("Europe/Oslo")
DUE = date(2026, 11, 23)


def oslo(text: str | None) -> datetime | None:
    """An instant in Norway."""
    return datetime.fromisoformat(text).replace(tzinfo=OSLO) if text else None


@pytest.mark.parametrize(
    ("answered", "closed", "now", "state", "judged_on"),
    [
        ("2026-11-20 10:00", None, "2026-11-20 10:00", "kept", "2026-11-20"),
        ("2026-11-23 23:59", None, "2026-11-23 23:59", "kept", "2026-11-23"),
        ("2026-11-24 00:00", None, "2026-11-24 00:00", "broken", "2026-11-24"),
        ("2026-12-24 00:00", None, "2026-12-24 00:00", "broken", "2026-11-24"),
        (None, None, "2026-11-23 23:59", None, None),
        (None, None, "2026-11-24 00:00", "broken", "2026-11-24"),
        # In UTC it is still the day before.
        (None, None, "2026-11-24 00:30", "broken", "2026-11-24"),
        (None, "2026-11-20 10:00", "2026-11-24 00:00", "lapsed", "2026-11-20"),
        (None, "2026-11-24 10:00", "2026-11-24 11:00", "broken", "2026-11-24"),
        # Closed, then answered in time after all.
        ("2026-11-23 10:00", "2026-11-20 10:00", "2026-11-24 00:00", "kept", "2026-11-23"),
    ],
)
def test_kept_on_the_due_day_broken_the_day_after(
    answered: str | None, closed: str | None, now: str, state: str | None, judged_on: str | None
) -> None:
    """Days are Oslo's; the day of the answer if kept, the day after the due day if broken."""
    instant = oslo(now)
    assert instant
    closed_at = oslo(closed)
    lapse = Lapse(LapseReason.CLOSED, closed_at) if closed_at else None
    verdict = judge(DUE, answered_at=oslo(answered), lapse=lapse, now=instant)
    if state is None:
        assert verdict is None
    else:
        assert verdict
        assert (verdict.state, str(verdict.judged_on)) == (PromiseState(state), judged_on)

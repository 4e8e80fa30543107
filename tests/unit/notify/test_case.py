"""What becomes of a promise, as a table."""

from datetime import date, datetime
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from services.notify.case import PromiseState, fold, judge
from shared.events import PromiseBroken, PromiseKept
from tests.events_for_tests import received

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
    verdict = judge(DUE, answered_at=oslo(answered), closed_at=oslo(closed), now=instant)
    if state is None:
        assert verdict is None
    else:
        assert verdict
        assert (verdict.state, str(verdict.judged_on)) == (PromiseState(state), judged_on)


def test_the_verdict_that_was_recorded_first_stands() -> None:
    """Whatever is recorded after it."""
    submission = received()
    made = [
        kind.caused(submission, at=submission.at, id=uuid4(), version=1, due_on=DUE, judged_on=day)
        for kind, day in ((PromiseBroken, date(2026, 11, 24)), (PromiseKept, DUE))
    ]
    case = fold(submission.case_id, [submission, *made])
    assert case.verdict
    assert case.verdict.state is PromiseState.BROKEN

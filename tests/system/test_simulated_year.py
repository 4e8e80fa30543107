"""A fortnight before Christmas through the real services, with processes killed; `python -m bench.year` is a year.

One case for each thing that can happen to a promise, with its days counted in working days from the first.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from functools import partial

import pytest

from bench.year.__main__ import lived
from deploy.simulation.lives import Act, Deed, Life
from shared import municipality
from shared.clock import OSLO, FileClock, oslo_day
from shared.events import Channel, Kind
from shared.municipality import Municipality
from tests.system.running_stack import WholeStarter

SEED = 64
"""Kills notify and PostgreSQL."""
Days = Callable[[int], date]


@pytest.mark.timeout(600)
def test_every_promise_over_christmas_is_judged_rightly_whatever_dies(whole_stack: WholeStarter) -> None:
    """Promises, ladders, mails, figures and the audit agree with an oracle that shares no code with them."""
    stack = whole_stack("--test-clock", "--municipality", "sorum")
    stack.wait_until_ready()
    place = municipality.load("sorum")
    today = oslo_day(FileClock(stack.folder.clock)())
    first = date(today.year + (today >= date(today.year, 12, 10)), 12, 14)
    told: list[str] = []
    wrong = asyncio.run(lived(stack.folder, a_few(place, first), kills=2, seed=SEED, told=told.append))
    assert wrong == [], told
    assert any("killed: notify, postgres" in line or "killed: postgres, notify" in line for line in told)


def a_few(place: Municipality, first: date) -> list[Life]:
    """Kept and broken, waited for and not, extended, started anew, found to be another, reopened and merged."""
    days: Days = partial(
        place.calendar.add_working_days, place.calendar.next_working_day(first, inclusive=True)
    )
    owner = place.owner("barnevern", None, first).unit_id
    answered, asked = partial(deed, days, Act.ANSWER), partial(deed, days, Act.ASK)
    heard, extended = partial(deed, days, Act.SUPPLEMENT), partial(deed, days, Act.EXTEND)
    leading = life(days, 12, deed(days, Act.OPEN, 1), answered(4))
    found = [
        life(days, 0, deed(days, Act.OPEN, 0), answered(2), deed(days, Act.FEEDBACK, 2, hour=18)),
        life(days, 1, deed(days, Act.INTERIM, 3, day=days(9)), answered(7)),
        life(days, 2, asked(1), heard(2, hour=18), answered(4)),
        life(days, 3, asked(1), heard(3, hour=7, by_mail=True), answered(6)),
        life(days, 4, asked(0), answered(7)),
        life(days, 5, asked(1), deed(days, Act.RESUME, 3), answered(4)),
        life(days, 6, asked(1), heard(2), deed(days, Act.RESTART, 3), answered(8)),
        life(days, 7, extended(3, day=days(8)), answered(8)),
        life(days, 8, extended(3, day=days(7)), answered(9)),
        life(
            days, 9, deed(days, Act.RECLASSIFY, 1, kind=Kind.QUESTION, topic="barnevern", unit=owner), answered(4),
            topic=None, kind=Kind.QUESTION,
        ),
        life(days, 10, deed(days, Act.RECLASSIFY, 1, kind=Kind.APPEAL, topic="byggesak"), answered(5), topic="byggesak"),
        life(days, 11, answered(1), deed(days, Act.REOPEN, 2), answered(8)),
        leading,
        life(days, 13, deed(days, Act.OPEN, 2), deed(days, Act.MERGE, 2, into=leading), received=1),
        life(days, 14, deed(days, Act.OPEN, 1)),
        life(days, 15, deed(days, Act.CLOSE, 1), kind=Kind.PRAISE, wanted=False),
    ]  # fmt: skip
    return sorted(found, key=lambda one: one.received_at)


def life(
    days: Days, number: int, *deeds: Deed, received: int = 0, topic: str | None = "renovasjon",
    kind: Kind = Kind.COMPLAINT, wanted: bool = True,
) -> Life:  # fmt: skip
    """A submission in the morning, and what is done about it."""
    return Life(
        number=number, received_at=at(days(received), 9), kind=kind, topic=topic, area=None, channel=Channel.API,
        language="nb", reply_wanted=wanted, has_email=wanted, deeds=deeds, outcome=4,
    )  # fmt: skip


def deed(days: Days, act: Act, number: int, *, hour: int = 13, **more: object) -> Deed:
    """What is done on the working day of this number."""
    return Deed(at(days(number), hour), act, **more)  # type: ignore[arg-type]


def at(day: date, hour: int) -> datetime:
    """This hour in Norway."""
    return datetime.combine(day, time(hour), OSLO).astimezone(UTC)

"""Two weeks around Christmas through the real services, with processes killed; `python -m bench.year` is a year."""

import asyncio
from datetime import timedelta
from random import Random

import pytest

from bench.year.__main__ import lived, next_years
from deploy.simulation.lives import Life
from tests.system.running_stack import WholeStarter

SEED = 64
SUBMISSIONS = 50
DAYS = 14
LONGEST = timedelta(days=16)
"""From the first day to the last act of a case that is chosen: later ones would make the test longer, not stricter."""


@pytest.mark.timeout(180)
def test_every_promise_over_christmas_is_judged_rightly_whatever_dies(whole_stack: WholeStarter) -> None:
    """Promises, ladders, mails, figures and the audit agree with an oracle that shares no code with them."""
    stack = whole_stack("--test-clock", "--municipality", "sorum")
    stack.wait_until_ready()
    year = next_years(stack.folder, (12, 16), 15_000, SEED)
    until = year[0].received_at + timedelta(days=DAYS)
    short = [life for life in year if life.received_at < until and _lasts(life) < LONGEST]
    chosen = sorted(
        Random(SEED).sample(short, SUBMISSIONS),  # noqa: S311 - invented
        key=lambda life: life.received_at,
    )
    told: list[str] = []
    wrong = asyncio.run(lived(stack.folder, chosen, kills=2, seed=SEED, told=told.append))
    assert wrong == [], told
    assert any("killed: " in line and "nothing" not in line for line in told)


def _lasts(life: Life) -> timedelta:
    ends = [deed.at for deed in life.deeds] or [life.received_at]
    return max(ends) - life.received_at

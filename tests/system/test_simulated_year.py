"""Three weeks around Christmas through the real services, with processes killed; `python -m bench.year` is a year."""

import asyncio
from datetime import timedelta
from random import Random

import pytest

from bench.year.__main__ import lived, next_years
from shared.clock import oslo_day
from tests.system.running_stack import WholeStarter

SEED = 24
SUBMISSIONS = 60
WEEKS = 3
QUICK = {"byggesak", "plan"}
"""Topics with three weeks to answer, which would make the test a month longer."""


@pytest.mark.timeout(180)
def test_every_promise_over_christmas_is_judged_rightly_whatever_dies(whole_stack: WholeStarter) -> None:
    """Promises, ladders, mails, figures and the audit agree with an oracle that shares no code with them."""
    stack = whole_stack("--test-clock", "--municipality", "sorum")
    stack.wait_until_ready()
    around = [life for life in next_years(stack.folder, (12, 14), 15_000, SEED) if life.topic not in QUICK]
    until = oslo_day(around[0].received_at) + timedelta(weeks=WEEKS)
    of_weeks = [life for life in around if oslo_day(life.received_at) < until]
    chosen = sorted(
        Random(SEED).sample(of_weeks, SUBMISSIONS),  # noqa: S311 - invented
        key=lambda life: life.received_at,
    )
    told: list[str] = []
    wrong = asyncio.run(lived(stack.folder, chosen, kills=2, seed=SEED, told=told.append))
    assert wrong == [], told
    assert any("killed: " in line and "nothing" not in line for line in told)

"""`svarfrist up --demo`: five weeks of invented cases, through the real pipeline, once."""

import time
from datetime import timedelta

import pytest

from deploy.demo import cases
from deploy.demo.__main__ import demonstrate
from deploy.demo.cases import Course
from deploy.movable_clock import offset
from deploy.settling import RunningParts, running_parts
from shared import municipality
from shared.clock import oslo_day
from tests.system.running_stack import WholeStack, WholeStarter, svarfrist

TIME_LIMIT = 600
"""Seconds; on a machine with nothing else to do it takes a tenth of it."""
SORUM = municipality.load("sorum")
CASES = cases.read(SORUM)


@pytest.fixture(scope="module")
def demonstrated(whole_stack: WholeStarter) -> WholeStack:
    """A stack with its demonstration."""
    stack = whole_stack("--demo", "--municipality", "sorum")
    stack.wait_until_ready()
    told = heard(stack, "The demonstration")
    assert "The demonstration is there" in told, told
    return stack


def heard(stack: WholeStack, words: str) -> str:
    """What the stack's log says, once it has these words."""
    log = stack.folder.log("supervisor")
    end = time.monotonic() + TIME_LIMIT
    while words not in (told := log.read_text(encoding="utf-8") if log.exists() else ""):
        assert time.monotonic() < end, told
        time.sleep(0.3)
    return told


def numbered(*courses: Course) -> int:
    """How many cases go so."""
    return sum(case.course in courses for case in CASES)


async def count(parts: RunningParts, service: str, what: str) -> int:
    """What a query for a number gives."""
    return int(await parts.databases[service].fetchval(f"SELECT count(*) FROM {what}"))  # noqa: S608 - our words


@pytest.mark.timeout(TIME_LIMIT + 60)
async def test_desk_and_figures_have_cases_in_every_state(demonstrated: WholeStack) -> None:
    """Five weeks of them, ending now, with promises kept and broken, and nothing lost on the way."""
    assert offset(demonstrated.folder) == 0
    async with running_parts(demonstrated.folder) as parts:
        assert await count(parts, "routing", "cases") == len(CASES)
        states = await parts.databases["routing"].fetch("SELECT state, count(*) FROM cases GROUP BY state")
        assert {row["state"] for row in states} == {"new", "opened", "interim_answered", "answered", "closed"}
        first, last = await parts.databases["routing"].fetchrow(
            "SELECT min(received_at), max(received_at) FROM cases"
        )
        assert oslo_day(demonstrated.now()) - oslo_day(first) > timedelta(days=28)
        assert last < demonstrated.now()
        assert await count(parts, "notify", "promise WHERE state = 'broken'") >= numbered(
            Course.LATE, Course.INTERIM, Course.OVERDUE
        )
        assert await count(parts, "notify", "promise WHERE state = 'kept'") >= 30
        assert await count(parts, "metrics", "case_fact WHERE helped") > 20
        assert await count(parts, "metrics", "report_version WHERE kind = 'monthly' AND scope = ''") == 1
        at_once = "cases WHERE assigned_at < received_at + interval '1 minute' OR reason = 'handed_over'"
        assert await count(parts, "routing", at_once) == len(CASES)
    assert svarfrist("audit", "--data", str(demonstrated.folder.path))[::2] == (0, "")


@pytest.mark.timeout(TIME_LIMIT + 60)
async def test_a_second_demonstration_on_the_same_data_is_not_made(demonstrated: WholeStack) -> None:
    """It says so, and leaves everything as it is."""
    told: list[str] = []
    await demonstrate(demonstrated.folder, told.append)
    assert told == [
        "There are cases here already, so no demonstration is made: it needs an empty data folder."
    ]
    async with running_parts(demonstrated.folder) as parts:
        assert await count(parts, "routing", "cases") == len(CASES)
    assert offset(demonstrated.folder) == 0

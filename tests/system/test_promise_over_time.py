"""The promise on a test clock: every step of the ladder, to whom it belongs, once, and in office hours."""

import os
import signal
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, time, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
import pytest

from deploy.settling import RunningParts, running_parts
from shared import municipality
from shared.clock import OSLO, oslo_day
from tests.system.running_stack import WholeStack, WholeStarter

SORUM = municipality.load("sorum")
TEN = time(10, 0)
WORKDAYS = 14
"""After a Monday, until the Saturday of the third week, where no holiday is among them."""
REMINDERS = {"due_soon", "delay", "delayed", "broken", "still_broken"}


@pytest.fixture(scope="module")
def stack(whole_stack: WholeStarter) -> WholeStack:
    """One stack with a test clock, for all tests here: each begins on a Monday of its own."""
    started = whole_stack("--test-clock", "--municipality", "sorum")
    started.wait_until_ready()
    return started


@pytest.fixture
async def parts(stack: WholeStack) -> AsyncGenerator[RunningParts]:
    """The databases and the bus of the stack."""
    async with running_parts(stack.folder) as connected:
        yield connected


async def go_to(stack: WholeStack, parts: RunningParts, day: date) -> None:
    """Ten o'clock on a day, with everything done that there is to do by then."""
    stack.advance_to(datetime.combine(day, TEN, OSLO).astimezone(UTC))
    await parts.settle(120)


async def submitted(stack: WholeStack, parts: RunningParts) -> tuple[str, date]:
    """A complaint on the next Monday with three whole working weeks: its reference, and the promised day."""
    monday = oslo_day(stack.now()) + timedelta(days=1)
    while (
        monday.weekday()
        or SORUM.calendar.working_days_between(monday, monday + timedelta(days=19)) < WORKDAYS
    ):
        monday += timedelta(days=1)
    await go_to(stack, parts, monday)
    body = {
        "kind": "complaint",
        "text": "Gangveien er ikke brøytet.",
        "topic": "vei-og-vinterdrift",
        "reply_wanted": True,
        "contact": {"name": "Kari Prøve", "email": "kari.prove@innbygger.example"},
    }
    async with httpx.AsyncClient(base_url=stack.address, timeout=60) as client:
        told = (await client.post("/api/v1/submissions", json=body)).raise_for_status().json()
    await parts.settle(120)
    due_on = date.fromisoformat(told["promised_by"])
    assert due_on == monday + timedelta(days=7)
    return told["reference"], due_on


async def sent(stack: WholeStack, parts: RunningParts, reference: str) -> Counter[tuple[str, str]]:
    """How often who was sent what about a case; each is in the mailbox, and reminders only in office hours."""
    told = await parts.databases["notify"].fetch(
        "SELECT message.id, message.kind, message.state FROM message JOIN case_file USING (case_id)"
        " WHERE reference = $1",
        reference,
    )
    mails = {mail["message_id"]: mail for mail in stack.mails(reference)}
    assert len(mails) == len(told)
    assert {row["state"] for row in told} == {"sent"}
    counted: Counter[tuple[str, str]] = Counter()
    for row in told:
        caught = next(mail for message_id, mail in mails.items() if str(row["id"]) in message_id)
        if row["kind"] in REMINDERS:
            assert_in_office_hours(stack.mail(caught["id"]))
        counted[row["kind"], caught["to"][0]] += 1
    return counted


def assert_in_office_hours(mail: dict[str, Any]) -> None:
    """On a working day, while somebody is there to act on it."""
    at = parsedate_to_datetime(mail["headers"]["Date"]).astimezone(OSLO)
    hours = SORUM.reminders.office_hours
    assert SORUM.calendar.is_working_day(at.date()), at
    assert hours.opens <= at.time() < hours.closes, at


async def people(parts: RunningParts, reference: str) -> dict[str, str]:
    """The addresses of those that a case concerns."""
    row = await parts.databases["routing"].fetchrow(
        "SELECT unit, person FROM cases WHERE reference = $1", reference
    )
    return {
        "resident": "kari.prove@innbygger.example",
        "caseworker": SORUM.people[row["person"]].email,
        "leader": SORUM.leader_of(row["unit"]).email,
        "section": SORUM.section_leader_of(row["unit"]).email,
    }


async def steps(parts: RunningParts, reference: str) -> dict[str, str]:
    """The ledger of the ladder: step and outcome."""
    told = await parts.databases["notify"].fetch(
        "SELECT step, outcome FROM step JOIN case_file USING (case_id) WHERE reference = $1", reference
    )
    return {row["step"]: row["outcome"] for row in told}


@pytest.mark.timeout(600)
async def test_day_by_day_each_step_is_taken_once(stack: WholeStack, parts: RunningParts) -> None:
    """Caseworker before, the resident's honest word, caseworker and leader on breach, section leader later."""
    reference, due_on = await submitted(stack, parts)
    who = await people(parts, reference)
    at_first = Counter({("receipt", who["resident"]): 1, ("assigned", who["caseworker"]): 1})
    assert await sent(stack, parts, reference) == at_first

    before = SORUM.calendar.add_working_days(due_on, -2)
    await go_to(stack, parts, before - timedelta(days=1))
    assert await sent(stack, parts, reference) == at_first
    expected = at_first + Counter({("due_soon", who["caseworker"]): 1})
    await go_to(stack, parts, before)
    assert await sent(stack, parts, reference) == expected
    await go_to(stack, parts, due_on)
    expected += Counter({("delay", who["resident"]): 1})
    assert await sent(stack, parts, reference) == expected
    await go_to(stack, parts, due_on + timedelta(days=1))
    expected += Counter({("broken", who["caseworker"]): 1, ("broken", who["leader"]): 1})
    assert await sent(stack, parts, reference) == expected
    for days in (2, 3):
        await go_to(stack, parts, due_on + timedelta(days=days))
        assert await sent(stack, parts, reference) == expected
    await go_to(stack, parts, due_on + timedelta(days=4))
    expected += Counter({("still_broken", who["section"]): 1})
    assert await sent(stack, parts, reference) == expected
    await go_to(stack, parts, due_on + timedelta(days=14))
    assert await sent(stack, parts, reference) == expected
    verdicts = await parts.databases["routing"].fetch(
        "SELECT body ->> 'judged_on' AS day FROM inbox JOIN cases USING (case_id)"
        " WHERE reference = $1 AND type = 'no.svarfrist.promise.broken.v1'",
        reference,
    )
    assert [row["day"] for row in verdicts] == [(due_on + timedelta(days=1)).isoformat()]


@pytest.mark.timeout(600)
async def test_a_jump_past_the_due_day_sends_what_still_makes_sense(
    stack: WholeStack, parts: RunningParts
) -> None:
    """Nobody is reminded of a day that has passed; each is told once of what is true now."""
    reference, due_on = await submitted(stack, parts)
    who = await people(parts, reference)
    await go_to(stack, parts, due_on + timedelta(days=1))
    expected = Counter(
        {
            ("receipt", who["resident"]): 1,
            ("assigned", who["caseworker"]): 1,
            ("delayed", who["resident"]): 1,
            ("broken", who["caseworker"]): 1,
            ("broken", who["leader"]): 1,
        }
    )
    assert await sent(stack, parts, reference) == expected
    assert (await steps(parts, reference))["due-soon"] == "superseded"
    await go_to(stack, parts, due_on + timedelta(days=11))
    expected += Counter({("still_broken", who["section"]): 1})
    assert await sent(stack, parts, reference) == expected


@pytest.mark.timeout(600)
async def test_a_notify_that_was_down_over_the_due_day_catches_up_once(
    stack: WholeStack, parts: RunningParts
) -> None:
    """It stands still from the Monday until after the breach, is killed, and starts again at night."""
    reference, due_on = await submitted(stack, parts)
    who = await people(parts, reference)
    process = stack.folder.record().parts["notify"].process
    assert process
    os.kill(process.pid, signal.SIGSTOP)
    at_night = datetime.combine(due_on + timedelta(days=1), time(22), OSLO)
    stack.advance_to(at_night.astimezone(UTC))
    os.kill(process.pid, signal.SIGKILL)
    stack.wait_until_ready()
    await parts.settle(120)
    assert {kind for kind, _ in await sent(stack, parts, reference)} == {"receipt", "assigned"}
    await go_to(stack, parts, due_on + timedelta(days=2))
    assert await sent(stack, parts, reference) == Counter(
        {
            ("receipt", who["resident"]): 1,
            ("assigned", who["caseworker"]): 1,
            ("delayed", who["resident"]): 1,
            ("broken", who["caseworker"]): 1,
            ("broken", who["leader"]): 1,
        }
    )

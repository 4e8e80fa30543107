"""What a resident has a receipt for is a case, a promise and a mail, whatever is killed meanwhile."""

import asyncio
import os
import signal
import time
from collections import Counter
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest

from deploy.data_folder import PARTS, SERVICES
from deploy.settling import RunningParts, running_parts
from shared import municipality
from tests.system.running_stack import WholeStack, WholeStarter, svarfrist

SUBMISSIONS = 200
AT_ONCE = 25
"""Submissions under way while one part is killed: 8 parts, 200 submissions."""


async def submit(client: httpx.AsyncClient, number: int, topics: list[str]) -> dict[str, Any]:
    """Sends one as a client should: again, with the same key, until it is told that it was accepted."""
    key = str(uuid4())
    body = {
        "kind": ("complaint", "question", "praise")[number % 3],
        "text": f"Prøve nummer {number}: gangveien er ikke brøytet.",
        "topic": topics[number % len(topics)],
        "reply_wanted": True,
        "contact": {"name": "Kari Prøve", "email": f"prove{number}@innbygger.example"},
        "language": ("nb", "nn", "en")[number % 3],
    }
    while True:
        try:
            answer = await client.post("/api/v1/submissions", json=body, headers={"Idempotency-Key": key})
        except httpx.TransportError:
            await asyncio.sleep(0.2)
            continue
        if answer.status_code < 500:
            assert answer.status_code == 201, answer.text
            told: dict[str, Any] = answer.json()
            return told
        await asyncio.sleep(0.2)


async def kill(stack: WholeStack, part: str) -> None:
    """Kills a part as hard as can be, and waits until the supervisor has started another."""
    process = stack.folder.record().parts[part].process
    assert process
    os.kill(process.pid, signal.SIGKILL)
    deadline = time.monotonic() + 120
    while (again := stack.folder.record().parts[part].process) in {process, None} or not again.lives():
        assert time.monotonic() < deadline, f"{part} was not started again"
        await asyncio.sleep(0.05)


async def counts(parts: RunningParts, service: str, query: str) -> int:
    """What a query in a service's database gives."""
    return int(await parts.databases[service].fetchval(query))


@pytest.mark.timeout(600)
async def test_200_submissions_survive_the_death_of_every_part(whole_stack: WholeStarter) -> None:
    """Kill -9 of each process in turn: exactly 200 cases, promises and receipts, and the audit is clean."""
    stack = whole_stack("--test-clock")
    stack.wait_until_ready()
    topics = list(municipality.load("sorum").topics)
    async with httpx.AsyncClient(base_url=stack.address, timeout=60) as client:
        under_way = []
        for turn, part in enumerate(PARTS):
            for number in range(turn * AT_ONCE, (turn + 1) * AT_ONCE):
                under_way.append(asyncio.create_task(submit(client, number, topics)))
                if number % AT_ONCE == AT_ONCE // 3:
                    under_way.append(asyncio.create_task(kill(stack, part)))
                await asyncio.sleep(0.04)
            stack.wait_until_ready()
        done = await asyncio.gather(*under_way)
    receipts = [one for one in done if one]
    assert len({receipt["reference"] for receipt in receipts}) == len(receipts) == SUBMISSIONS

    # A mail whose connection broke waits a minute for its next try.
    stack.advance_to(stack.now() + timedelta(minutes=2))
    async with running_parts(stack.folder) as parts:
        await parts.settle(240)
        references = {row[0] for row in await parts.databases["routing"].fetch("SELECT reference FROM cases")}
        assert references == {receipt["reference"] for receipt in receipts}
        assert (
            await counts(parts, "routing", "SELECT count(*) FROM cases WHERE unit IS NOT NULL") == SUBMISSIONS
        )
        assert await counts(parts, "notify", "SELECT count(*) FROM promise") == SUBMISSIONS
        for service in SERVICES:
            assert await counts(parts, service, "SELECT count(*) FROM outbox") == 0
    mails = stack.mails()
    assert Counter(mail["message_id"] for mail in mails).most_common(1)[0][1] == 1
    to_residents = Counter(
        recipient for mail in mails for recipient in mail["to"] if recipient.endswith("@innbygger.example")
    )
    assert to_residents == Counter(f"prove{number}@innbygger.example" for number in range(SUBMISSIONS))
    assert svarfrist("audit", "--data", str(stack.folder.path))[::2] == (0, "")

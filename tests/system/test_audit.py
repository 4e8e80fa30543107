"""The audit on a whole stack: clean when all is well, and it sees each thing that is taken away."""

import asyncio
import json
from typing import NamedTuple

import asyncpg
import httpx
import pytest

from deploy.postgres import admin_url
from tests.system.running_stack import WholeStack, WholeStarter, svarfrist


@pytest.fixture(scope="module")
def stack(whole_stack: WholeStarter) -> WholeStack:
    """A stack with three submissions in it, two of them from somebody with an address."""
    running = whole_stack("--municipality", "sorum")
    running.wait_until_ready()
    for number in range(3):
        contact = {"email": f"prove{number}@innbygger.example"} if number else {}
        answer = httpx.post(
            f"{running.address}/api/v1/submissions",
            json={
                "kind": "question",
                "text": "Når åpner svømmehallen?",
                "reply_wanted": True,
                "contact": contact,
                "language": "nb",
            },
            headers={"Idempotency-Key": f"audit-{number}"},
            timeout=60,
        )
        assert answer.status_code == 201, answer.text
    audited(running)  # waits until all of it has been handled
    return running


def audited(stack: WholeStack) -> tuple[int, dict[str, int], dict[str, int]]:
    """The exit code, what was looked at, and the findings with their counts."""
    code, out, _ = svarfrist("audit", "--json", "--data", str(stack.folder.path))
    told = json.loads(out)
    return code, told["looked_at"], {finding["what"]: finding["count"] for finding in told["findings"]}


def execute(stack: WholeStack, service: str, *statements: str) -> None:
    """Changes a service's database behind its back."""

    async def run() -> None:
        url = admin_url(stack.folder.record().ports["postgres"], stack.folder.secrets().postgres_admin)
        connection = await asyncpg.connect(f"{url.rsplit('/', 1)[0]}/{service}")
        for statement in statements:
            await connection.execute(statement)
        await connection.close()

    asyncio.run(run())


def test_a_stack_in_order_is_clean(stack: WholeStack) -> None:
    """Every submission has its event, case, promise, receipt and fact."""
    code, looked_at, findings = audited(stack)
    assert findings == {}
    assert code == 0
    assert looked_at["submissions"] == looked_at["cases"] == looked_at["promises"] == looked_at["facts"] == 3


class Fault(NamedTuple):
    """What is done to a service's database, how it is mended, and what the audit says of it meanwhile."""

    service: str
    remove: str
    restore: str
    finding: str


FAULTS = [
    Fault(
        "routing",
        "CREATE TABLE kept AS SELECT * FROM inbox; DELETE FROM inbox WHERE type LIKE '%received%'",
        "INSERT INTO inbox SELECT * FROM kept ON CONFLICT DO NOTHING; DROP TABLE kept",
        "routing has not heard submission.received",
    ),
    Fault(
        "notify",
        "UPDATE promise SET due_on = due_on + 1",
        "UPDATE promise SET due_on = due_on - 1",
        "promise on a receipt that nobody enforces, or with another day",
    ),
    Fault(
        "notify",
        "UPDATE message SET kind = 'gone' WHERE kind = 'receipt'",
        "UPDATE message SET kind = 'receipt' WHERE kind = 'gone'",
        "submission with an address and no receipt",
    ),
    Fault(
        "metrics",
        "UPDATE case_fact SET unit = unit || '-elsewhere'",
        "UPDATE case_fact SET unit = replace(unit, '-elsewhere', '')",
        "case that is counted for another unit",
    ),
]


def test_what_is_taken_away_is_found(stack: WholeStack) -> None:
    """A fault planted in each database is named, and with all of them mended the audit is clean again."""
    for fault in FAULTS:
        execute(stack, fault.service, fault.remove)
    try:
        code, _, findings = audited(stack)
    finally:
        for fault in FAULTS:
            execute(stack, fault.service, fault.restore)
    assert {fault.finding for fault in FAULTS} <= set(findings)
    assert code == 1
    code, _, findings = audited(stack)
    assert (code, findings) == (0, {})

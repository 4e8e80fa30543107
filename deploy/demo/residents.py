"""What the demonstration's residents do, over the public API and on their case's page."""

import uuid
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlsplit

import httpx

from deploy.demo.browsing import TIME_LIMIT, UnexpectedPageError, Visitor, trust
from deploy.demo.cases import Case

NAMESPACE = uuid.UUID("5a1f2d1c-6f0e-4b7e-9d57-0c1b3b0f6b1d")


@dataclass(frozen=True)
class Receipt:
    """What the resident got: the reference, the path of the case's page, and the promised day."""

    reference: str
    page: str
    promised_by: date | None = None


async def submit(address: str, case: Case) -> Receipt:
    """Sends what the resident wrote. Raises httpx.HTTPError where it is not accepted."""
    async with httpx.AsyncClient(base_url=address, timeout=TIME_LIMIT, verify=trust()) as client:
        answered = await client.post(
            "/api/v1/submissions",
            json=case.as_submission(),
            headers={"Idempotency-Key": str(uuid.uuid5(NAMESPACE, f"{case.number}"))},
        )
    told = answered.raise_for_status().json()
    due_on = told["promised_by"]
    return Receipt(
        told["reference"], urlsplit(told["case_url"]).path, date.fromisoformat(due_on) if due_on else None
    )


async def add(address: str, receipt: Receipt, text: str) -> None:
    """Adds something to the case."""
    async with Visitor(address) as visitor:
        page = await visitor.get(receipt.page)
        await visitor.send_off(page.form("text", action="/tillegg"), {"text": text, "do": "send"})


async def say_whether_it_helped(address: str, receipt: Receipt, case: Case) -> None:
    """Says so below the answer, on the page that the mail leads to."""
    async with Visitor(address) as visitor:
        page = await visitor.get(receipt.page)
        if case.answer and " ".join(case.answer.split())[:40] not in " ".join(page.text.split()):
            raise UnexpectedPageError(page.address, "answer to read")
        # Well treated on the whole, and content where the answer helped: some did not get what they asked for.
        values = {"helped": "yes" if case.helped else "no", "comment": case.comment}
        values |= {
            "process": str(5 - case.number % 3),
            "outcome": str((5 if case.helped else 3) - case.number % 2),
        }
        await visitor.send_off(page.form("helped", "comment", action="/tilbakemelding"), values)

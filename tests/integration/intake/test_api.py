"""The public API, as another system meets it: one whole service on real servers, for all of the tests here."""

from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from services.intake.openapi import document
from tests.conftest import NewDatabase
from tests.integration.intake.conftest import secret_of, service

pytestmark = pytest.mark.asyncio(loop_scope="module")

BODY: dict[str, Any] = {
    "kind": "complaint",
    "text": "Veien er ikke brøytet.",
    "topic": "vei-og-vinterdrift",
    "area": "heggedal",
    "reply_wanted": True,
    "contact": {"name": "Kari Nordmann", "email": "kari@innbygger.example", "phone": "900 00 000"},
    "language": "nb",
}
SEND = "/api/v1/submissions"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def client(
    new_module_database: NewDatabase, module_bus: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[httpx.AsyncClient]:
    """Another system; each test looks only at what it sent itself."""
    database_url = await new_module_database("intake")
    async with service(database_url, module_bus, tmp_path_factory.mktemp("clock")) as made:
        yield made


async def test_a_submission_is_answered_with_its_receipt(client: httpx.AsyncClient) -> None:
    """A reference, an address, and the promised day."""
    sent = await client.post(SEND, json=BODY, headers={"Idempotency-Key": "a"})
    assert sent.status_code == 201
    receipt = sent.json()
    assert receipt["promised_by"] == "2026-12-28"
    assert sent.headers["location"] == receipt["status_url"]
    assert secret_of(receipt["status_url"]) == secret_of(receipt["case_url"])
    assert secret_of(receipt["status_url"]) not in receipt["reference"]


async def test_the_same_key_with_another_body_is_refused_with_a_reason(client: httpx.AsyncClient) -> None:
    """Whoever sent it means another submission."""
    headers = {"Idempotency-Key": "mine", "Accept-Language": "en"}
    await client.post(SEND, json=BODY, headers=headers)
    refused = await client.post(SEND, json={**BODY, "text": "Noe annet."}, headers=headers)
    assert refused.status_code == 422
    assert [error["field"] for error in refused.json()["errors"]] == ["Idempotency-Key"]


async def test_without_a_key_each_request_is_a_submission(client: httpx.AsyncClient) -> None:
    """The key is recommended, not required."""
    first, second = await client.post(SEND, json=BODY), await client.post(SEND, json=BODY)
    assert first.json()["reference"] != second.json()["reference"]


async def test_no_answer_wanted_means_no_promise(client: httpx.AsyncClient) -> None:
    """`promised_by` is there, and null."""
    sent = await client.post(SEND, json={"kind": "praise", "text": "Takk!", "reply_wanted": False})
    assert sent.status_code == 201
    assert sent.json()["promised_by"] is None


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"text": "  "}, {"text"}),
        ({"text": "x" * 10_001}, {"text"}),
        ({"text": "Født 01019000083"}, {"text"}),
        ({"text": None}, {"text"}),
        ({"text": 7}, {"text"}),
        ({"kind": "appeal"}, {"kind"}),
        ({"reply_wanted": "yes"}, {"reply_wanted"}),
        ({"topic": "romfart"}, {"topic"}),
        ({"area": "månen"}, {"area"}),
        ({"language": "sv"}, {"language"}),
        ({"contact": {"email": "kari", "phone": "1", "fax": "2"}},
         {"contact.email", "contact.phone", "contact.fax"}),
        ({"contact": "kari@innbygger.example"}, {"contact"}),
        ({"txet": "Skrivefeil"}, {"txet"}),
        ({"kind": 1, "text": "", "reply_wanted": None}, {"kind", "text", "reply_wanted"}),
    ],
)  # fmt: skip
async def test_each_field_that_is_wrong_is_named(
    client: httpx.AsyncClient, change: dict[str, Any], fields: set[str]
) -> None:
    """In a problem document (RFC 9457), in words, without what was sent."""
    answer = await client.post(SEND, json={**BODY, **change})
    assert answer.status_code == 422
    assert answer.headers["content-type"].startswith("application/problem+json")
    problem = answer.json()
    assert problem["status"] == 422
    assert {error["field"] for error in problem["errors"]} == fields
    assert all(error["message"] for error in problem["errors"])


async def test_a_missing_field_is_named(client: httpx.AsyncClient) -> None:
    """Of the three that must be there."""
    answer = await client.post(SEND, json={}, headers={"Accept-Language": "nn"})
    assert {error["field"] for error in answer.json()["errors"]} == {"kind", "text", "reply_wanted"}
    assert {error["message"] for error in answer.json()["errors"]} == {"Feltet manglar."}


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"not json", 400), (b'{"kind": ', 400), (b"[]", 422), (b'"text"', 422), (b"", 422), (b"\xff\xfe", 400),
     (b'{"text": "' + b"x" * 300_000 + b'"}', 413)],
)  # fmt: skip
async def test_a_body_that_is_no_submission_is_a_problem_and_never_a_fault(
    client: httpx.AsyncClient, body: bytes, status: int
) -> None:
    """No JSON is 400, other JSON is 422, too much is 413."""
    answer = await client.post(SEND, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status
    assert answer.json()["status"] == status


@pytest.mark.parametrize("key", ["", "k" * 201])
async def test_a_key_that_cannot_be_used_is_named(client: httpx.AsyncClient, key: str) -> None:
    """1 to 200 characters."""
    answer = await client.post(SEND, json=BODY, headers={"Idempotency-Key": key})
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == ["Idempotency-Key"]


async def test_a_case_is_read_by_its_secret(client: httpx.AsyncClient) -> None:
    """State, promise with its explanation, and what has happened; never stored on the way."""
    receipt = (await client.post(SEND, json=BODY)).json()
    read = await client.get(receipt["status_url"], headers={"Accept-Language": "en"})
    case = read.json()
    assert read.headers["cache-control"] == "private, no-store"
    assert (case["reference"], case["state"], case["promised_by"]) == (
        receipt["reference"],
        "received",
        "2026-12-28",
    )
    assert case["promise"]["state"] == "open"
    assert "Christmas Day" in " ".join(case["promise"]["explanation"])
    assert [event["what"] for event in case["events"]] == ["received"]
    assert case["answers"] == []
    assert "kari@innbygger.example" not in read.text


async def test_a_browser_that_opens_the_address_is_sent_to_the_page(client: httpx.AsyncClient) -> None:
    """A resident may well be given it by another system."""
    receipt = (await client.post(SEND, json=BODY)).json()
    read = await client.get(receipt["status_url"], headers={"Accept": "text/html,*/*"})
    assert read.status_code == 303
    assert receipt["case_url"].endswith(read.headers["location"])


async def test_an_unknown_case_is_a_problem_document(client: httpx.AsyncClient) -> None:
    """And says nothing of whether there was one."""
    read = await client.get("/api/v1/submissions/unknown")
    assert read.status_code == 404
    assert read.headers["content-type"].startswith("application/problem+json")


async def test_topics_are_found_by_residents_words_in_their_language(client: httpx.AsyncClient) -> None:
    """All of them by name, or the best match first."""
    everything = (await client.get("/api/v1/topics")).json()
    assert len(everything) >= 18
    found = (
        await client.get("/api/v1/topics", params={"q": "brøyting"}, headers={"Accept-Language": "en"})
    ).json()
    assert found[0]["id"] == "vei-og-vinterdrift"
    assert found[0]["name"] == "Roads and winter maintenance"
    assert (await client.get("/api/v1/topics", params={"q": "zzzzz"})).json() == []


async def test_areas_are_listed(client: httpx.AsyncClient) -> None:
    """Ten of them."""
    areas = (await client.get("/api/v1/areas")).json()
    assert {"id": "heggedal", "name": "Heggedal"} in areas
    assert len(areas) == 10


async def test_the_document_served_is_the_one_in_the_repository(client: httpx.AsyncClient) -> None:
    """With nothing of the pages in it."""
    served = (await client.get("/api/v1/openapi.json")).json()
    assert served["paths"].keys() == document()["paths"].keys()
    assert served["components"]["schemas"].keys() == document()["components"]["schemas"].keys()


async def test_the_service_is_ready_and_counts_what_it_accepts(client: httpx.AsyncClient) -> None:
    """For the operator: readiness and Prometheus."""
    await client.post(SEND, json=BODY)
    assert (await client.get("/health/ready")).json()["ready"] is True
    metrics = (await client.get("/metrics")).text
    assert 'svarfrist_submissions_accepted_total{channel="api",kind="complaint"}' in metrics

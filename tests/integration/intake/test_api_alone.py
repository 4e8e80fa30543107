"""The public API where a service must have its database, or its limit, to itself."""

import asyncio
import socket

import httpx
import nats
from sqlalchemy import func, select

from services.intake import store
from shared.database import Database, inbox
from tests.integration.intake.conftest import serving, settings
from tests.integration.intake.test_api import BODY, SEND


async def test_the_same_key_gives_the_same_answer_also_at_once(
    client: httpx.AsyncClient, database: Database
) -> None:
    """Thirty times the same request, and one more: one submission."""
    headers = {"Idempotency-Key": "again"}
    answers = await asyncio.gather(*(client.post(SEND, json=BODY, headers=headers) for _ in range(30)))
    answers.append(await client.post(SEND, json=BODY, headers=headers))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    async with database.reading() as session:
        assert await session.scalar(select(func.count()).select_from(store.Submission)) == 1
        assert await session.scalar(select(func.count()).select_from(inbox)) == 1


async def test_one_address_may_send_so_much_a_minute_where_a_limit_is_set(
    database_url: str, bus: nats.NATS, nats_url: str
) -> None:
    """Reading is not limited; what is too much is a problem document that says when to come again."""
    assert bus.is_connected
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        limited = settings(database_url, nats_url, address, rate_limit_per_minute=3)
        async with serving(limited, [listening]), httpx.AsyncClient(base_url=address, timeout=60) as client:
            sent = [await client.post(SEND, json=BODY) for _ in range(4)]
            read = [await client.get("/api/v1/areas") for _ in range(6)]
    assert [answer.status_code for answer in sent] == [201, 201, 201, 429]
    assert sent[-1].json()["status"] == 429
    assert {answer.status_code for answer in read} == {200}

"""What goes wrong around intake: a database that is away, and what no database can hold."""

import socket
from collections.abc import AsyncGenerator

import asyncpg
import httpx
import nats
import pytest

from services.intake.accepting import Accepted
from tests.integration.intake.conftest import secret_of, serving, settings
from tests.integration.intake.visitor import Resident

SUBMISSION = {"kind": "question", "text": "Når brøytes det?", "reply_wanted": True}


@pytest.fixture
async def cut_off(
    database_url: str, bus: nats.NATS, nats_url: str, request: pytest.FixtureRequest
) -> AsyncGenerator[httpx.AsyncClient]:
    """A visitor of an intake whose database is away in the way the test names."""
    assert bus.is_connected
    url = database_url
    if request.param == "nobody listens":
        url = url.replace("127.0.0.1", "127.0.0.9").replace("localhost", "127.0.0.9")
    else:
        # Nobody but a superuser gets in: what a server says that is full, as one says that starts or stops.
        admin = await asyncpg.connect(database_url.replace("+asyncpg", ""))
        await admin.execute("DROP ROLE IF EXISTS crowded_out")
        await admin.execute("CREATE ROLE crowded_out LOGIN PASSWORD 'none' CONNECTION LIMIT 0")
        await admin.close()
        url = f"postgresql+asyncpg://crowded_out:none@{url.rpartition('@')[2]}"
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        asked = settings(url, nats_url, address)
        async with serving(asked, [listening]), httpx.AsyncClient(base_url=address, timeout=60) as made:
            yield made


@pytest.mark.parametrize("cut_off", ["nobody listens", "no connection is left"], indirect=True)
async def test_whoever_sends_something_while_the_database_is_away_is_told_when_to_come_again(
    cut_off: httpx.AsyncClient,
) -> None:
    """503 with Retry-After, on every page one can send and in the API: nobody is told that it arrived."""
    async with Resident(cut_off) as resident:
        form = await resident.open("/klage")
        token = form.form("/klage").fields["_csrf_token"]
        paths = [
            "/klage", "/klage/kontroller?utkast=0195", "/sak/hemmelig/tillegg", "/sak/hemmelig/tilbakemelding",
            "/sak/hemmelig/varsler",
        ]  # fmt: skip
        said = {"_csrf_token": token, "text": "Hei", "helped": "yes", "notices": "all"}
        draft = {"utkast": "01957a4e-0000-7000-8000-000000000000"}
        answers = [await resident.http.post(path, data=said | draft) for path in paths]
        answers.append(await cut_off.post("/api/v1/submissions", json=SUBMISSION))
        answers.append(await cut_off.get("/sak/hemmelig"))
    for answer in answers:
        assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "30"), answer.url


async def test_an_address_with_a_character_no_text_has_is_unknown(client: httpx.AsyncClient) -> None:
    """PostgreSQL's text has no NUL; looking for one is no fault of ours."""
    for path in ("/sak/a%00", "/kvittering/%00", "/sak/%00/varsler", "/api/v1/submissions/%00"):
        assert (await client.get(path)).status_code == 404, path


async def test_a_visitor_with_an_impossible_cookie_is_a_new_visitor(
    client: httpx.AsyncClient, case: Accepted
) -> None:
    """She gets her form, and a cookie that is in order."""
    assert secret_of(case.secret)
    answer = await client.get("/klage", headers={"Cookie": "utkast=%00a"})
    assert answer.status_code == 200
    assert "utkast=" in answer.headers["set-cookie"]


async def test_a_form_without_files_takes_a_megabyte_at_the_most(
    client: httpx.AsyncClient, case: Accepted
) -> None:
    """Ten times the longest text; what is larger is refused in words before it is read to its end."""
    async with Resident(client) as resident:
        form = await resident.open("/klage")
        token = form.form("/klage").fields["_csrf_token"]
        said = {"_csrf_token": token, "helped": "yes", "comment": "x" * 1_100_000}
        answer = await resident.http.post(f"/sak/{case.secret}/tilbakemelding", data=said)
        assert answer.status_code == 413
        assert "for stort" in answer.text
        answer = await resident.http.post("/klage", data={"_csrf_token": token, "text": "x" * 1_100_000})
        assert answer.status_code == 200

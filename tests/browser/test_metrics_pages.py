"""The dashboards and the public results in a real browser, at phone and desktop width."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import nats
import pytest
import uvicorn
from playwright.sync_api import Page, expect
from pydantic import SecretStr

from deploy.provision import provision_streams
from services.metrics.app import create_app
from shared import migrations
from shared.clock import FixedClock, write_offset
from shared.database import Database
from shared.events import CONSUMED_BY
from shared.settings import ServiceSettings
from shared.web.session import Session, SignedIn
from tests.browser.accessibility import OpenPage, assert_accessible, assert_fits
from tests.integration.metrics.case_stories import stories
from tests.integration.metrics.conftest import Figures

SECRET = "ab" * 32
NOON = datetime(2026, 3, 1, 11, tzinfo=UTC)
DIRECTOR = SignedIn("eirik-skogheim", "Eirik Skogheim", ("director",))


async def _prepare(postgres_url: str, nats_url: str) -> str:
    """A database with 300 cases and a provisioned bus; gives the database's address."""
    admin = await asyncpg.connect(postgres_url)
    await admin.execute("CREATE DATABASE metrics_in_browser")
    await admin.close()
    parts = urlsplit(postgres_url)
    url = urlunsplit(parts._replace(scheme="postgresql+asyncpg", path="/metrics_in_browser"))
    await migrations.upgrade("metrics", url)
    database = Database(url, FixedClock(NOON))
    await Figures(database, FixedClock(NOON)).hear(stories(5, 300))
    await database.close()
    nc = await nats.connect(nats_url, allow_reconnect=False)
    filters = {service: [event.subject_filter() for event in heard] for service, heard in CONSUMED_BY.items()}
    await provision_streams(nc.jetstream(), filters)
    await nc.close()
    return url


@pytest.fixture(scope="module")
def metrics(postgres_url: str, nats_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service on 1 March 2026; gives its address."""
    folder = tmp_path_factory.mktemp("metrics")
    write_offset(folder / "clock", NOON - datetime.now(UTC))
    # Playwright's loop runs in this thread.
    with ThreadPoolExecutor() as aside:
        database_url = aside.submit(asyncio.run, _prepare(postgres_url, nats_url)).result()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        settings = ServiceSettings(
            database_url=SecretStr(database_url),
            nats_url=nats_url,
            nats_user="metrics",
            nats_password=SecretStr("x"),
            municipality="sorum",
            http_port=1,
            public_url=address,
            secret=SecretStr(SECRET),
            clock_file=folder / "clock",
        )
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield address
        server.should_exit = True
        thread.join()


def sign_in(page: Page, address: str) -> None:
    """Gives the browser the cookie of someone who has signed in."""
    cookie = Session(SECRET, secure=False).begin(DIRECTOR, NOON)
    page.context.add_cookies([{"name": cookie.key, "value": cookie.value or "", "url": address}])


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desktop"])
@pytest.mark.parametrize(
    "path",
    [
        "/innsikt?fra=2026-01-01&til=2026-01-31",
        "/innsikt?fra=2026-02-01&til=2026-01-31",
        "/innsikt?fra=2020-01-01&til=2020-01-31",
        "/innsikt/saker?tall=mottatt&fra=2026-01-01&til=2026-01-31",
        "/innsikt/rapporter/tertial/2026-T1",
        "/innsikt/rapporter/maned/2026-01/forklaring/promise_kept",
        "/innsikt/verdier",
        "/resultater",
    ],
)
def test_a_page_is_accessible_and_fits(open_page: OpenPage, metrics: str, path: str, *, phone: bool) -> None:
    """axe-core finds nothing, nothing is blocked by the policy, and nothing scrolls sideways."""
    page = open_page(phone=phone)
    # What unfolds is looked at when it has unfolded, not on its way.
    page.emulate_media(reduced_motion="reduce")
    sign_in(page, metrics)
    page.goto(metrics + path)
    assert_fits(page)
    assert_accessible(page)
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
    assert_fits(page)
    assert_accessible(page)


def test_from_a_number_to_the_cases_behind_it(open_page: OpenPage, metrics: str) -> None:
    """A leader chooses a period and a kind, reads the share, and follows the broken promises to the desk."""
    page = open_page()
    sign_in(page, metrics)
    page.goto(f"{metrics}/innsikt")
    page.get_by_text("Velg dager, enhet, tema og mer").click()
    page.get_by_label("Fra og med").fill("2026-01-01")
    page.get_by_label("Til og med").fill("2026-01-31")
    page.get_by_label("Slag", exact=True).select_option("Klage")
    page.get_by_role("button", name="Vis tall").click()
    expect(page.get_by_role("heading", name="1. jan. – 31. jan. 2026")).to_be_visible()
    expect(page.get_by_text("Slag: Klage.")).to_be_visible()
    broken = page.get_by_role("link", name="sakene der løftet ble brutt")
    count = int((broken.inner_text()).split()[2])
    broken.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Saker der løftet ble brutt")
    links = page.locator("tbody a")
    expect(links).to_have_count(count)
    assert (links.first.get_attribute("href") or "").startswith("/saksbehandling/sak/")
    page.get_by_role("link", name="Tilbake til innsikt").click()
    expect(page.get_by_text("Slag: Klage.")).to_be_visible()


def test_everything_works_without_script(open_page: OpenPage, metrics: str) -> None:
    """Choosing, narrowing by a link in a table, and reading a definition."""
    page = open_page(scripts=False)
    sign_in(page, metrics)
    page.goto(f"{metrics}/innsikt?fra=2026-01-01&til=2026-01-31")
    page.locator(".indicator").first.get_by_text("Slik regner vi").click()
    expect(page.get_by_text("Løftet er holdt når innbyggeren fikk endelig svar")).to_be_visible()
    page.get_by_role("link", name="Vei og vinterdrift").first.click()
    expect(page.get_by_text("Tema: Vei og vinterdrift.")).to_be_visible()
    page.get_by_role("link", name="Forrige måned").click()
    expect(page.get_by_text("Tema: Vei og vinterdrift.")).to_be_visible()


def test_residents_read_the_results_in_their_language(open_page: OpenPage, metrics: str) -> None:
    """Without signing in, and from one period to another."""
    page = open_page(phone=True)
    page.goto(f"{metrics}/resultater")
    expect(page.get_by_role("heading", level=1)).to_have_text("Slik holder vi det vi lover")
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("How we keep what we promise")
    page.get_by_role("link", name="September–December 2025").click()
    expect(page.get_by_role("heading", name="September–December 2025")).to_be_visible()
    expect(page.get_by_text("No messages in the period")).to_be_visible()

"""The dashboards and the public results in a real browser, at phone and desktop width."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import OpenPage, assert_accessible, assert_fits, look_at
from tests.browser.following import follow, press
from tests.browser.metrics_service import running_metrics, sign_in


@pytest.fixture(scope="module")
def metrics(postgres_url: str, nats_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service with 300 cases; gives its address."""
    folder = tmp_path_factory.mktemp("metrics")
    with running_metrics(postgres_url, nats_url, folder, "metrics_in_browser") as address:
        yield address


@pytest.mark.parametrize(
    "path",
    [
        "/innsikt?fra=2026-01-01&til=2026-01-31",
        "/innsikt?fra=2026-02-01&til=2026-01-31",
        "/innsikt?fra=2020-01-01&til=2020-01-31",
        "/innsikt/utvikling?periode=2026-02",
        "/innsikt/sammenlikning?periode=2026-01&etter=enhet",
        "/innsikt/tall?periode=2026-01&seksjon=kultur",
        "/innsikt/saker?tall=mottatt&fra=2026-01-01&til=2026-01-31",
        "/innsikt/rapporter",
        "/innsikt/rapporter/tertial/2026-T1",
        "/innsikt/rapporter/maned/2026-01/forklaring/promise_kept",
        "/innsikt/verdier",
        "/resultater",
        "/resultater/data",
    ],
)
def test_a_page_is_accessible_and_fits(open_page: OpenPage, metrics: str, path: str) -> None:
    """axe-core finds nothing, nothing is blocked by the policy, and nothing scrolls sideways."""
    page = open_page(phone=True)
    sign_in(page, metrics)
    page.goto(metrics + path)
    assert_fits(page)
    assert_accessible(page)
    look_at(page)


def test_from_a_number_to_the_cases_behind_it(open_page: OpenPage, metrics: str) -> None:
    """A leader chooses a period and a kind, reads the share, and follows the broken promises to the desk."""
    page = open_page()
    sign_in(page, metrics)
    page.goto(f"{metrics}/innsikt")
    page.get_by_text("Velg dager, enhet, tema og mer").click()
    page.get_by_label("Fra og med").fill("2026-01-01")
    page.get_by_label("Til og med").fill("2026-01-31")
    page.get_by_label("Slag", exact=True).select_option("Klage")
    press(page, "Vis tall")
    expect(page.get_by_role("heading", name="januar 2026")).to_be_visible()
    expect(page.get_by_text("Slag: Klage.")).to_be_visible()
    promise = page.locator(".overview__figure", has_text="Løfter holdt")
    kept, due = re.findall(r"\d+", promise.get_by_text("saker med frist i perioden").inner_text())
    follow(page, promise.get_by_role("link", name="Se sakene der løftet ble brutt"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Saker der løftet ble brutt")
    expect(page.locator("tbody tr")).to_have_count(int(due) - int(kept))
    links = page.locator("tbody a")  # cases of another system are listed, and are on no desk of ours
    assert (links.first.get_attribute("href") or "").startswith("/saksbehandling/sak/")
    follow(page, page.get_by_role("link", name="Tilbake til innsikt"))
    expect(page.get_by_text("Slag: Klage.")).to_be_visible()


def test_everything_works_without_script(open_page: OpenPage, metrics: str) -> None:
    """Choosing, narrowing by a link in a table, and reading a definition."""
    page = open_page(scripts=False)
    sign_in(page, metrics)
    page.goto(f"{metrics}/innsikt?fra=2026-01-01&til=2026-01-31")
    page.locator(".overview__figure").first.get_by_text("Slik regner vi").click()
    expect(page.get_by_text("Løftet er holdt når innbyggeren fikk endelig svar")).to_be_visible()
    follow(page, page.get_by_role("link", name="Kultur", exact=True))
    expect(page.get_by_text("Tjenesteområde: Kultur.")).to_be_visible()
    follow(page, page.get_by_role("link", name="Kulturskolen og kulturkontoret", exact=True))
    chosen = "Tjenesteområde: Kultur · Enhet: Kulturskolen og kulturkontoret"
    expect(page.get_by_text(chosen)).to_be_visible()
    follow(page, page.get_by_role("link", name="februar 2026"))
    expect(page.get_by_text(chosen)).to_be_visible()
    follow(page, page.get_by_role("link", name="Sammenlikning", exact=True))
    follow(page, page.get_by_role("link", name="Svartid, median"))
    expect(page.get_by_role("heading", name="februar 2026")).to_be_visible()
    follow(page, page.get_by_role("link", name="Hele kommunen"))
    expect(page.get_by_text("Enhet: Kulturskolen og kulturkontoret")).to_have_count(0)


def test_a_dashboard_is_gone_through_by_keyboard(open_page: OpenPage, metrics: str) -> None:
    """From the overview to the development of all figures, and its rules unfolded, with keys alone."""
    page = open_page()
    sign_in(page, metrics)
    page.goto(f"{metrics}/innsikt?periode=2026-01")
    page.get_by_role("link", name="Se utviklingen i alle indikatorer").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_text("Tall går opp og ned av seg selv.")).to_be_visible()
    page.get_by_text("Hva er et signal?").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Et punkt ligger utenfor grensene.")).to_be_visible()


def test_residents_read_the_results_in_their_language(open_page: OpenPage, metrics: str) -> None:
    """Without signing in, and from one period to another."""
    page = open_page(phone=True)
    page.goto(f"{metrics}/resultater")
    expect(page.get_by_role("heading", level=1)).to_have_text("Slik holder vi det vi lover")
    follow(page, page.get_by_role("link", name="English"))
    expect(page.get_by_role("heading", level=1)).to_have_text("How we keep what we promise")
    follow(page, page.get_by_role("link", name="September–December 2025"))
    expect(page.get_by_role("heading", name="September–December 2025")).to_be_visible()
    expect(page.get_by_text("No messages in the period")).to_be_visible()

"""A survey and the Kommunekompass in a real browser: by hand, by keyboard, on a phone, and without script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import OpenPage, look_at
from tests.browser.following import follow
from tests.browser.metrics_service import running_metrics, sign_in

COMPASS, SURVEYS = "/innsikt/kommunekompass", "/innsikt/undersokelser"


@pytest.fixture(scope="module")
def metrics(postgres_url: str, nats_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The service with a few cases; gives its address."""
    folder = tmp_path_factory.mktemp("listening")
    with running_metrics(postgres_url, nats_url, folder, "listening_in_browser", cases=20) as address:
        yield address


def test_a_survey_is_made_answered_by_keyboard_and_thanked_for(open_page: OpenPage, metrics: str) -> None:
    """The director makes it; a resident forgets to answer, is told so, and answers; nothing else is asked."""
    page = open_page(phone=True)
    sign_in(page, metrics)
    page.goto(metrics + SURVEYS)
    look_at(page)
    page.get_by_label("Tittel").fill("Innbyggerundersøkelsen 2026")
    page.get_by_label("Åpner").fill("2026-03-01")
    page.get_by_label("Siste dag").fill("2026-03-31")
    follow(page, page.get_by_role("button", name="Lag en undersøkelse"))
    look_at(page)
    address = page.get_by_role("link", name="/undersokelse/").get_attribute("href") or ""
    page.context.clear_cookies()
    page.goto(metrics + address)
    look_at(page)
    follow(page, page.get_by_role("button", name="Send svarene"))
    expect(page.get_by_role("alert")).to_contain_text("Svar på minst én påstand.")
    look_at(page)
    page.get_by_role("group", name="Jeg har tillit til kommunen.").get_by_label("6 Helt enig").focus()
    page.keyboard.press("Space")
    page.get_by_role("button", name="Send svarene").focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Takk for at du svarte")
    look_at(page)


def test_an_area_is_judged_without_script(open_page: OpenPage, metrics: str) -> None:
    """Points without a document are refused in words; a document found by the system documents them."""
    page = open_page(scripts=False)
    sign_in(page, metrics)
    page.goto(metrics + COMPASS)
    follow(page, page.locator("form.form").get_by_role("button", name="Begynn en ny vurdering"))
    address = page.url
    page.goto(f"{address}/2")
    for side in ("system", "extent", "result", "evaluation"):
        page.locator(f"#k2_6_{side}").fill("8")
    follow(page, page.get_by_role("button", name="Lagre området"))
    expect(page.locator("#error-summary")).to_contain_text("2.6 har ingen dokumentasjon som gjelder i dag.")
    page.locator("#k2_6_suggested_0").check()
    follow(page, page.get_by_role("button", name="Lagre området"))
    expect(page.get_by_text("12 av 15 poeng")).to_be_visible()


def test_pages_of_the_compass_and_improvements_are_accessible_and_fit(
    open_page: OpenPage, metrics: str
) -> None:
    """The front, the example, the form of an area with a fault, improvements and satisfaction."""
    page = open_page()
    sign_in(page, metrics)
    for path in (
        f"{COMPASS}/eksempel",
        "/innsikt/forbedringer",
        "/innsikt/tilfredshet?periode=i-ar",
        COMPASS,
    ):
        page.goto(metrics + path)
        look_at(page)
    follow(page, page.locator("form.form").get_by_role("button", name="Begynn en ny vurdering"))
    page.goto(f"{page.url}/1")
    page.locator("#k1_1_system").fill("11")
    follow(page, page.get_by_role("button", name="Lagre området"))
    look_at(page)

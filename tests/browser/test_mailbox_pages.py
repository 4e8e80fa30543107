"""The local mailbox in a real browser, at phone and desktop width."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import OpenPage, look_at
from tests.browser.following import follow, press
from tests.system.running_mailbox import RunningMailbox, letter

LONG = "En.svært.lang.adresse.som.ikke.har.noen.mellomrom.å.brytes.ved@kommune.sorum.example"


@pytest.fixture(scope="module")
def mailbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningMailbox]:
    """A mailbox with a few letters, one of them delivered twice."""
    running = RunningMailbox(tmp_path_factory.mktemp("mailbox"))
    running.send(letter(1), letter(1), letter(2, subject="Svar på henvendelsen din om brøyting i Heggedal"))
    running.send(letter(3, subject=LONG))
    yield running
    running.stop()


@pytest.mark.parametrize(
    "path", ["/postkasse", "/postkasse?q=br%C3%B8yting", "/postkasse?q=ingenting", "/postkasse/x"]
)
def test_a_page_is_accessible_and_fits(open_page: OpenPage, mailbox: RunningMailbox, path: str) -> None:
    """axe-core finds nothing, nothing is blocked by the policy, and nothing scrolls sideways."""
    page = open_page(phone=True)
    page.goto(mailbox.address + path)
    look_at(page)


def test_a_letter_is_found_and_read(open_page: OpenPage, mailbox: RunningMailbox) -> None:
    """By its subject, as it looks and as plain text; nothing in it runs."""
    page = open_page(phone=True)
    page.goto(f"{mailbox.address}/postkasse")
    expect(page.get_by_text("levert 2 ganger")).to_be_visible()
    page.get_by_label("Søk etter mottaker eller emne").fill("brøyting")
    press(page, "Søk")
    expect(page.get_by_text("levert 2 ganger")).to_have_count(0)
    follow(page, page.get_by_role("link", name="Svar på henvendelsen din om brøyting i Heggedal"))
    expect(page.get_by_role("heading", level=1)).to_have_text(
        "Svar på henvendelsen din om brøyting i Heggedal"
    )
    expect(page.frame_locator("iframe").get_by_role("link", name="sak")).to_be_visible()
    expect(page.get_by_role("link", name="http://localhost:8080/sak/abc2")).to_be_visible()
    look_at(page)

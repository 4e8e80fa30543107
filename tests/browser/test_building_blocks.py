"""Every building block in a real browser, at phone and desktop width."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import OpenPage, assert_accessible, assert_fits, look_at
from tests.browser.following import follow


@pytest.mark.parametrize(
    "path",
    ["/", "/telling", "/tilgjengelighet", "/personvern", "/sign-in", "/no-such-page", "/broken", "/conflict"],
)
def test_a_page_is_accessible_and_fits(open_page: OpenPage, gallery: str, path: str) -> None:
    """axe-core finds nothing, folded and unfolded, nothing is blocked by the policy or scrolls sideways."""
    page = open_page(phone=True)
    page.goto(gallery + path)
    assert_fits(page)
    assert_accessible(page)
    look_at(page)


@pytest.mark.parametrize("phone", [True, False], ids=["phone", "desktop"])
def test_errors_get_focus_and_lead_to_their_fields(open_page: OpenPage, gallery: str, *, phone: bool) -> None:
    """The summary has focus, each link moves focus to its field, and what was typed is still there."""
    page = open_page(phone=phone)
    page.goto(gallery)
    page.get_by_label("Navn").fill("Ola Nordmann")
    follow(page, page.get_by_role("button", name="Gå videre"))
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    assert_accessible(page)
    summary.locator("a[href='#text']").click()
    expect(page.locator("#text")).to_be_focused()
    expect(page.get_by_label("Navn")).to_have_value("Ola Nordmann")


def test_the_form_works_without_scripts(open_page: OpenPage, gallery: str) -> None:
    """Choose, write and send with plain HTML, protected against forgery all the same."""
    page = open_page(scripts=False)
    page.goto(gallery)
    page.get_by_label("Klage på service").check()
    page.get_by_label("Tema").select_option("snow")
    page.get_by_label("Fortell hva som har skjedd").fill("Veien er ikke brøytet.")
    follow(page, page.get_by_role("button", name="Gå videre"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Vi har fått henvendelsen din")


def test_a_topic_is_found_by_its_other_words(open_page: OpenPage, gallery: str) -> None:
    """Typing a keyword finds the topic, the keyboard chooses it, and the form sends its id."""
    page = open_page()
    page.goto(gallery)
    topic = page.get_by_role("combobox", name="Tema")
    topic.fill("brøyt")
    expect(page.locator(".combobox").get_by_role("option")).to_have_text(["Vei og vinterdrift"])
    assert_accessible(page)
    topic.press("ArrowDown")
    topic.press("Enter")
    expect(topic).to_have_value("Vei og vinterdrift")
    assert page.locator("select[name=topic]").input_value() == "snow"


def test_leaving_the_search_without_choosing_keeps_the_choice(open_page: OpenPage, gallery: str) -> None:
    """Half a word is not a topic: the field falls back to what is chosen."""
    page = open_page()
    page.goto(gallery)
    topic = page.get_by_role("combobox", name="Tema")
    topic.fill("zzz")
    expect(page.locator(".combobox__none")).to_be_visible()
    topic.press("Tab")
    expect(topic).to_have_value("Vet ikke")


def test_the_counter_follows_what_is_written(open_page: OpenPage, gallery: str) -> None:
    """The number of characters left is shown, and more than allowed is said and not cut."""
    page = open_page()
    page.goto(gallery)
    text = page.get_by_label("Fortell hva som har skjedd")
    text.fill("x" * 10)
    expect(page.locator("#text-limit")).to_have_text(re.compile(r"Du har 3\s990 tegn igjen\."))
    text.fill("x" * 4002)
    expect(page.locator("#text-limit")).to_have_text("Du har skrevet 2 tegn for mye.")
    assert len(text.input_value()) == 4002


def test_the_language_stays_chosen(open_page: OpenPage, gallery: str) -> None:
    """A language chosen once holds on the next page."""
    page = open_page()
    page.goto(gallery)
    follow(page, page.get_by_role("link", name="English"))
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.goto(f"{gallery}/telling")
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_part_of_a_page_is_fetched_under_the_policy(open_page: OpenPage, gallery: str) -> None:
    """Htmx needs neither inline script nor inline style."""
    page = open_page()
    page.goto(f"{gallery}/telling")
    page.get_by_role("button", name="Hent resten").click()
    expect(page.locator("#part")).to_have_text("Resten er hentet.")


def test_a_double_click_sends_once(open_page: OpenPage, gallery: str) -> None:
    """And after the back button the form can be sent again."""
    page = open_page()
    page.goto(gallery)
    sent = page.evaluate("""() => {
        const form = document.querySelector("form[data-once]");
        const sent = [];
        form.addEventListener("submit", (event) => {
            sent.push(!event.defaultPrevented);
            event.preventDefault();
        });
        form.requestSubmit();
        form.requestSubmit();
        window.dispatchEvent(new Event("pageshow"));
        form.requestSubmit();
        return sent;
    }""")
    assert sent == [True, False, True]

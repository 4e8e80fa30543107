"""The resident's pages in a real browser, on the real service with real servers."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from uuid import UUID

import pytest
from playwright.sync_api import Page, expect

from shared.events import PromiseBroken
from tests.browser.accessibility import OpenPage, assert_accessible, look_at
from tests.browser.following import follow, press
from tests.browser.intake_service import RunningIntake, running_intake
from tests.pictures import PNG

SNOW = "Veien forbi skolen er ikke brøytet.\nDet er tredje dagen på rad."


@pytest.fixture(scope="module")
def intake() -> Iterator[RunningIntake]:
    """Intake in Asker."""
    with running_intake("asker") as running:
        yield running


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A picture to attach."""
    path = tmp_path / "brøytekant.png"
    path.write_bytes(PNG)
    return path


def fill_in(page: Page, intake: RunningIntake) -> None:
    """A complaint about snow, up to the button."""
    page.goto(f"{intake.address}/klage")
    topic = page.get_by_role("combobox", name="Hva gjelder klagen?")
    topic.fill("brøyt")
    topic.press("ArrowDown")
    topic.press("Enter")
    page.get_by_label("Hvor gjelder det?").select_option(label="Heggedal")
    page.get_by_label("Hva har skjedd?").fill(SNOW)
    page.get_by_label("Ja, jeg ønsker et svar").check()
    page.get_by_label("Navn").fill("Kari Nordmann")
    page.get_by_label("E-post").fill("kari@innbygger.example")


def go_on(page: Page) -> None:
    """The button at the bottom of the form."""
    follow(page, page.locator(".buttons").get_by_role("button", name="Gå videre"))


def send(page: Page) -> None:
    """The button of the check page."""
    press(page, "Send")


def sent_case(page: Page, intake: RunningIntake) -> UUID:
    """Sends a complaint, and opens its case page; the id of the case."""
    fill_in(page, intake)
    go_on(page)
    send(page)
    follow(page, page.get_by_role("link", name="Gå til saken"))
    return intake.submissions()[-1].id


def test_every_page_on_the_way_is_accessible_and_fits(
    open_page: OpenPage, intake: RunningIntake, picture: Path
) -> None:
    """Front page, form empty, wrong and filled in, check page, receipt, case; and what is around them."""
    page = open_page(phone=True)
    for path in (
        "/",
        "/ros",
        "/klage",
        "/sporsmal",
        "/forvent",
        "/tilgjengelighet",
        "/personvern",
        "/sak/unknown",
    ):
        page.goto(intake.address + path)
        look_at(page)
    page.goto(f"{intake.address}/klage")
    go_on(page)
    look_at(page)
    fill_in(page, intake)
    page.set_input_files("#files", picture)
    expect(page.locator(".file-list__file")).to_have_count(1)
    look_at(page)
    go_on(page)
    look_at(page)
    send(page)
    look_at(page)
    follow(page, page.get_by_role("link", name="Gå til saken"))
    look_at(page)


def test_a_case_is_accessible_whatever_has_come_of_it(open_page: OpenPage, intake: RunningIntake) -> None:
    """In progress, delayed, broken, answered, with feedback, with errors, and while routing is away."""
    page = open_page(phone=True)
    case = sent_case(page, intake)
    intake.told.clear()
    intake.assign(case)
    intake.answer(case, "Vi undersøker hvorfor det ikke er brøytet.", final=False)
    page.reload()
    look_at(page)
    intake.say(PromiseBroken, case, version=1, due_on=date(2026, 12, 28), judged_on=date(2026, 12, 29))
    intake.answer(case, "Veien er brøytet nå.\n\nHilsen Linh")
    page.reload()
    look_at(page)
    follow(page, page.get_by_role("button", name="Send tilbakemelding"))
    look_at(page)
    page.get_by_label("Ja", exact=True).check()
    follow(page, page.get_by_role("button", name="Send tilbakemelding"))
    look_at(page)
    intake.routing_is_there = False
    page.reload()
    expect(page.get_by_role("heading", name="Svaret er klart")).to_be_visible()
    look_at(page)
    intake.routing_is_there = True
    follow(page, page.get_by_role("link", name="Velg hvilke meldinger du får"))
    look_at(page)
    page.get_by_label("Bare svarene").check()
    follow(page, page.get_by_role("button", name="Lagre valget"))
    expect(page.get_by_role("status").or_(page.get_by_role("alert"))).to_contain_text("Du får bare svarene")
    look_at(page)


def test_from_the_first_click_to_the_answer_and_the_thumb(open_page: OpenPage, intake: RunningIntake) -> None:
    """As a resident would do it, by the words on the page."""
    page = open_page(phone=True)
    page.goto(intake.address)
    follow(page, page.get_by_role("link", name="Klage på en tjeneste"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Hva vil du klage på?")
    fill_in(page, intake)
    go_on(page)
    expect(page.get_by_text("Sender du nå, får du svar senest")).to_be_visible()
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vi har fått klagen din")
    submission = intake.submissions()[-1]
    expect(page.locator(".reference")).to_have_text(submission.reference)
    assert (submission.topic, submission.area, submission.text) == ("vei-og-vinterdrift", "heggedal", SNOW)
    follow(page, page.get_by_role("link", name="Gå til saken"))
    intake.told.clear()
    intake.assign(submission.id)
    intake.answer(submission.id, "Veien er brøytet nå.")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("Du har fått svar")
    expect(page.get_by_text("Veien er brøytet nå.")).to_be_visible()
    page.get_by_label("Ja", exact=True).check()
    page.get_by_label("Vil du si mer?").fill("Takk!")
    press(page, "Send tilbakemelding")
    expect(page.get_by_text("Takk for tilbakemeldingen")).to_be_visible()
    expect(page.get_by_label("Ja", exact=True)).to_be_checked()


def test_contact_details_are_asked_for_once_an_answer_is_wanted(
    open_page: OpenPage, intake: RunningIntake
) -> None:
    """And not before, nor after a change of mind."""
    page = open_page()
    page.goto(f"{intake.address}/ros")
    email = page.get_by_label("E-post")
    expect(email).to_be_hidden()
    page.get_by_label("Ja, jeg ønsker et svar").check()
    expect(email).to_be_visible()
    page.get_by_label("Nei, jeg ville bare si ifra").check()
    expect(email).to_be_hidden()


def test_errors_get_focus_and_lead_to_their_fields(open_page: OpenPage, intake: RunningIntake) -> None:
    """With the same words in both places."""
    page = open_page()
    page.goto(f"{intake.address}/sporsmal")
    page.get_by_label("Hva vil du spørre om?").fill("Mitt nummer er 010190 00083")
    page.get_by_label("Ja, jeg ønsker et svar").check()
    go_on(page)
    summary = page.locator("#error-summary")
    expect(summary).to_be_focused()
    for name in ("text", "email"):
        words = summary.locator(f"a[href='#{name}']")
        expect(page.locator(f"#{name}-error")).to_have_text(words.inner_text())
        words.click()
        expect(page.locator(f"#{name}")).to_be_focused()
    expect(page.get_by_label("Hva vil du spørre om?")).to_have_value("Mitt nummer er 010190 00083")


def test_back_and_forth_and_reload_lose_nothing(
    open_page: OpenPage, intake: RunningIntake, picture: Path
) -> None:
    """Neither text nor choices nor files; the links to change lead to their fields."""
    page = open_page()
    fill_in(page, intake)
    page.set_input_files("#files", picture)
    expect(page.locator(".file-list__name")).to_have_text("brøytekant.png")
    go_on(page)
    page.reload()
    follow(page, page.get_by_role("link", name="Endre Hva har skjedd?"))
    expect(page.get_by_label("Hva har skjedd?")).to_have_value(SNOW)
    expect(page.get_by_role("combobox", name="Hva gjelder klagen?")).to_have_value("Vei og vinterdrift")
    expect(page.locator(".file-list__name")).to_have_text("brøytekant.png")
    expect(page.get_by_label("Navn")).to_have_value("Kari Nordmann")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Se over før du sender")
    page.go_back()
    page.go_forward()
    expect(page.get_by_role("heading", level=1)).to_have_text("Se over før du sender")
    expect(page.get_by_text("brøytekant.png")).to_be_visible()


def test_going_back_after_sending_leads_to_the_receipt_and_sends_nothing_twice(
    open_page: OpenPage, intake: RunningIntake
) -> None:
    """Back, reload, and the send button pressed again."""
    page = open_page()
    before = len(intake.submissions())
    fill_in(page, intake)
    go_on(page)
    page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vi har fått klagen din")
    receipt = page.url
    page.go_back()
    if page.get_by_role("button", name="Send", exact=True).is_visible():
        send(page)
    expect(page).to_have_url(receipt)
    page.reload()
    expect(page).to_have_url(receipt)
    assert len(intake.submissions()) == before + 1


def test_a_file_is_kept_at_once_and_can_be_removed(
    open_page: OpenPage, intake: RunningIntake, picture: Path, tmp_path: Path
) -> None:
    """Without leaving the page or losing what is typed; a wrong one says why."""
    page = open_page()
    page.goto(f"{intake.address}/ros")
    page.get_by_label("Hva vil du rose?").fill("Biblioteket")
    page.set_input_files("#files", picture)
    expect(page.locator(".file-list__name")).to_have_text("brøytekant.png")
    program = tmp_path / "virus.exe"
    program.write_bytes(b"MZ" + bytes(100))
    page.set_input_files("#files", program)
    expect(page.get_by_text("Filen «virus.exe» er ikke et bilde")).to_be_visible()
    assert_accessible(page)
    expect(page.get_by_label("Hva vil du rose?")).to_have_value("Biblioteket")
    page.get_by_role("button", name="Fjern brøytekant.png").click()
    expect(page.locator(".file-list__file")).to_have_count(0)
    expect(page.get_by_label("Hva vil du rose?")).to_have_value("Biblioteket")


def test_the_whole_way_works_without_scripts(
    open_page: OpenPage, intake: RunningIntake, picture: Path
) -> None:
    """A plain select, a plain file field with its own button, and the same receipt."""
    page = open_page(phone=True, scripts=False)
    page.goto(f"{intake.address}/klage")
    page.get_by_label("Hva gjelder klagen?").select_option(label="Vei og vinterdrift")
    page.get_by_label("Hva har skjedd?").fill(SNOW)
    page.set_input_files("#files", picture)
    press(page, "Legg ved valgte filer")
    expect(page.locator(".file-list__name")).to_have_text("brøytekant.png")
    page.get_by_label("Nei, jeg ville bare si ifra").check()
    go_on(page)
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Vi har fått klagen din")
    assert intake.submissions()[-1].text == SNOW


def test_the_enter_key_goes_on_and_never_removes_a_file(
    open_page: OpenPage, intake: RunningIntake, picture: Path
) -> None:
    """A browser presses the first button of a form."""
    page = open_page()
    fill_in(page, intake)
    page.set_input_files("#files", picture)
    expect(page.locator(".file-list__file")).to_have_count(1)
    page.get_by_label("Navn").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Se over før du sender")
    expect(page.get_by_text("brøytekant.png")).to_be_visible()


def test_something_is_added_to_a_case(open_page: OpenPage, intake: RunningIntake, picture: Path) -> None:
    """A text and a picture, seen on the page at once."""
    page = open_page(phone=True)
    sent_case(page, intake)
    page.get_by_label("Tillegg til saken").fill("Nå er det blitt is.")
    page.set_input_files("#files", picture)
    expect(page.locator(".file-list__name")).to_have_text("brøytekant.png")
    press(page, "Send tillegget")
    expect(page.locator(".written").last).to_contain_text("Nå er det blitt is.")
    expect(page.get_by_role("link", name="brøytekant.png")).to_be_visible()
    expect(page.get_by_label("Tillegg til saken")).to_have_value("")
    expect(page.get_by_text("Du la til noe")).to_be_visible()


def test_the_link_to_the_case_can_be_copied(open_page: OpenPage, intake: RunningIntake) -> None:
    """And says that it was."""
    page = open_page()
    fill_in(page, intake)
    go_on(page)
    send(page)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Kopier lenken").click()
    expect(page.get_by_role("button", name="Lenken er kopiert")).to_be_visible()
    secret = intake.submissions()[-1].secret
    assert page.evaluate("navigator.clipboard.readText()") == f"{intake.address}/sak/{secret}"


def test_the_pages_speak_nynorsk_and_english(open_page: OpenPage, intake: RunningIntake) -> None:
    """The language chosen on the front page holds to the receipt."""
    page = open_page()
    page.goto(intake.address)
    follow(page, page.get_by_role("link", name="English"))
    follow(page, page.get_by_role("link", name="Give praise"))
    page.get_by_label("What would you like to praise?").fill("The library")
    page.get_by_label("No, I only wanted to let you know").check()
    follow(page, page.locator(".buttons").get_by_role("button", name="Continue"))
    press(page, "Send")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for the praise!")
    follow(page, page.get_by_role("link", name="Nynorsk"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Takk for rosen!")
    assert intake.submissions()[-1].language == "en"

"""The whole chain in a real Chromium, on the whole stack: from a resident's first key press to the dashboard.

Each story is told in order by one test, since each of its steps is the reason for the next.
"""

import re
import time
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, expect

from shared import municipality
from shared.clock import oslo_day
from shared.municipality import Municipality, Person
from shared.promise import Rule, deadline
from tests.browser.accessibility import DESKTOP, PHONE, assert_accessible, assert_fits
from tests.browser.following import follow
from tests.system.running_stack import WholeStack, free_port

MONTHS = (
    "januar", "februar", "mars", "april", "mai", "juni",
    "juli", "august", "september", "oktober", "november", "desember",
)  # fmt: skip
DAYS = ("mandag", "tirsdag", "onsdag", "torsdag", "fredag", "lørdag", "søndag")
RESIDENT = "kari.prove@innbygger.example"
ANSWER = "blir tatt først i morgen tidlig"
FIELDS_AT_MOST = 60
"""Tab presses after which a field counts as out of reach."""
PATIENCE = 60.0
"""Seconds that what must happen may take; how fast it is `make bench` measures."""


class Visitor:
    """Somebody with a browser of their own, whose pages are all looked at the same way."""

    def __init__(self, browser: Browser, stack: WholeStack, *, phone: bool = False) -> None:
        self.address = stack.address
        self._faults: list[str] = []
        viewport = PHONE if phone else DESKTOP
        self.context: BrowserContext = browser.new_context(viewport=viewport, locale="nb-NO")
        self.context.on("request", lambda request: self._requested(request.url))
        self.context.on("console", self._heard)
        self.context.on("weberror", lambda error: self._faults.append(str(error.error)))
        self.page: Page = self.context.new_page()

    def go_to(self, path: str) -> None:
        """Opens an address, as typed or followed from elsewhere."""
        self.page.goto(path if path.startswith("http") else self.address + path)
        self.look()

    def look(self) -> None:
        """The page is accessible, fits, and has asked nobody else for anything."""
        self.page.wait_for_load_state()
        assert_fits(self.page)
        assert_accessible(self.page)
        assert not self._faults

    def tab_to(self, wanted: Locator) -> Locator:
        """Goes there with the keyboard alone; what has focus must be in sight."""
        for _ in range(FIELDS_AT_MOST):
            if wanted.evaluate("element => element === document.activeElement"):
                expect(wanted).to_be_in_viewport()
                return wanted
            self.page.keyboard.press("Tab")
        pytest.fail(f"{wanted} is out of the keyboard's reach on {self.page.url}")

    def press(self, wanted: Locator, key: str = "Enter") -> None:
        """Goes there and presses a key; a new page is looked at."""
        self.tab_to(wanted)
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self.look()

    def write(self, wanted: Locator, words: str) -> None:
        """Goes there and types."""
        self.tab_to(wanted)
        self.page.keyboard.type(words)

    def click(self, wanted: Locator) -> None:
        """Clicks a link or a button that leads to another page, and looks at that."""
        follow(self.page, wanted)
        self.look()

    def sign_in(self, person: Person) -> None:
        """Chooses who to be, and comes to the desk."""
        self.go_to("/saksbehandling")
        self.page.get_by_label("Finn en person").fill(person.name)
        expect(self.page.locator("#people button.person")).to_have_count(1)
        self.click(self.page.get_by_role("button", name=person.name))

    def _requested(self, address: str) -> None:
        if urlsplit(address).netloc != urlsplit(self.address).netloc and not address.startswith("data:"):
            self._faults.append(f"a request to {address}")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._faults.append(message.text)


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeStack]:
    """A stack for Asker."""
    yield from started(tmp_path_factory, "asker")


@pytest.fixture(scope="module")
def sorum(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeStack]:
    """A stack for Sørum."""
    yield from started(tmp_path_factory, "sorum")


def started(folders: pytest.TempPathFactory, name: str) -> Iterator[WholeStack]:
    """A stack with a test clock, ready, and stopped at the end."""
    stack = WholeStack(folders.mktemp(name) / "data", free_port(), "--municipality", name, "--test-clock")
    try:
        stack.wait_until_ready()
        yield stack
    finally:
        stack.stop()


def first_in_line(place: Municipality, topic: str, area: str | None, stack: WholeStack) -> Person:
    """Who the configuration gives the first case of an empty desk to: nobody has any work yet."""
    today = oslo_day(stack.now())
    unit = place.owner(topic, area, today).unit_id
    return place.caseworkers(unit, place.calendar.next_working_day(today, inclusive=True))[0]


def in_words(day: date) -> re.Pattern[str]:
    """A day as residents read it: weekday, number and month."""
    words = rf"{DAYS[day.weekday()]}\s+(den\s+)?{day.day}\.\s+{MONTHS[day.month - 1]}"
    return re.compile(words, re.IGNORECASE)


def seen_on_the_desk(caseworker: Visitor, reference: str) -> Locator:
    """The case in the list of a caseworker who looks again and again."""
    last_look = time.monotonic() + PATIENCE
    row = caseworker.page.locator(f"#case-{reference}")
    while not row.count():
        assert time.monotonic() < last_look, f"{reference} is not on the desk"
        caseworker.page.reload()
    return row


def mailed(stack: WholeStack, to: str, subject: str, reference: str) -> str:
    """The path in the mailbox of the one mail with this subject; waits a little for it."""
    deadline_ = time.monotonic() + PATIENCE
    while True:
        found = [
            mail
            for mail in stack.mails(reference)
            if mail["to"] == [to] and re.search(subject, mail["subject"])
        ]
        if found:
            assert len(found) == 1
            return f"/postkasse/melding/{found[0]['id']}"
        assert time.monotonic() < deadline_, f"no mail {subject!r}"
        time.sleep(0.1)


@pytest.mark.timeout(600)
def test_a_complaint_about_snow_from_the_first_key_to_the_dashboard(
    chromium: Browser, asker: WholeStack
) -> None:
    """Heggedal in Asker: written by keyboard on a phone, asked about, promised for a later day, answered, counted."""
    place = municipality.load("asker")
    person = first_in_line(place, "vei-og-vinterdrift", "heggedal", asker)
    assert person.unit == "kommunalteknikk-heggedal-dikemark"
    caseworker = Visitor(chromium, asker)
    caseworker.sign_in(person)
    expect(caseworker.page.get_by_role("heading", level=1)).to_have_text("Mine saker")

    resident = Visitor(chromium, asker, phone=True)
    reference = complain_by_keyboard(resident)
    row = seen_on_the_desk(caseworker, reference)
    expect(row).to_contain_text("Vei og vinterdrift i Heggedal")
    due_on = promised_day(place, asker.now())
    expect(resident.page.locator(".promise__day")).to_have_text(in_words(due_on))
    mail = mailed(asker, RESIDENT, "Vi har fått klagen din", reference)
    mailed(asker, person.email, "Ny sak til deg: Vei og vinterdrift", reference)
    mailbox = Visitor(chromium, asker, phone=True)
    mailbox.go_to(mail)
    expect(mailbox.page.locator("body")).to_contain_text(in_words(due_on))

    caseworker.look()
    expect(row).to_be_visible()
    pocket = Visitor(chromium, asker, phone=True)
    pocket.sign_in(person)
    ask_and_be_answered(pocket, resident, reference)
    later = place.calendar.add_working_days(due_on, 3)
    extend_by_keyboard(pocket, resident, later)
    caseworker.click(row.get_by_role("link"))
    answer_it(caseworker)
    mailbox.go_to(mailed(asker, RESIDENT, "Du har fått svar", reference))
    resident.go_to(mailbox.page.locator("a[href*='/sak/']").first.get_attribute("href") or "")
    read_the_answer(resident)

    caseworker.go_to("/saksbehandling?vis=besvart")
    expect(caseworker.page.locator(f"#case-{reference}")).to_be_visible()
    expect_counted(caseworker, later, oslo_day(asker.now()))


def complain_by_keyboard(resident: Visitor) -> str:
    """Sends a complaint without a mouse; gives the reference on the receipt."""
    page = resident.page
    resident.go_to("/")
    resident.press(page.get_by_role("link", name="Klage på en tjeneste"))
    resident.write(page.get_by_role("combobox", name="Hva gjelder klagen?"), "brøyt")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    resident.write(page.get_by_label("Hvor gjelder det?"), "Hegg")
    resident.write(page.get_by_label("Hva har skjedd?"), "Gangveien i Heggedal er ikke brøytet på to dager.")
    resident.tab_to(page.get_by_label("Ja, jeg ønsker et svar"))
    page.keyboard.press("Space")
    resident.write(page.get_by_label("Navn"), "Kari Prøve")
    resident.write(page.get_by_label("E-post"), RESIDENT)
    resident.press(page.get_by_role("button", name="Gå videre").last)
    for written in ("Vei og vinterdrift", "Heggedal", "ikke brøytet på to dager", RESIDENT):
        expect(page.locator(".summary-list")).to_contain_text(written)
    resident.press(page.get_by_role("button", name="Send", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Vi har fått klagen din")
    return page.locator(".reference").inner_text()


def promised_day(place: Municipality, received: datetime) -> date:
    """What the municipality's configuration promises."""
    rule = place.promise_for("complaint", "vei-og-vinterdrift", "heggedal", "web", oslo_day(received))
    assert rule
    return deadline(received, Rule.parse(str(rule.rule)), place.calendar).due_on


def choose(pocket: Visitor, choice: str) -> None:
    """Opens what else can be done to a case, and goes there, by keyboard."""
    pocket.tab_to(pocket.page.locator("summary", has_text="Flere valg"))
    pocket.page.keyboard.press("Enter")
    pocket.press(pocket.page.get_by_role("link", name=choice))


def ask_and_be_answered(pocket: Visitor, resident: Visitor, reference: str) -> None:
    """The clock stands still from the question to the resident's answer, both written by keyboard on a phone."""
    page, theirs = pocket.page, resident.page
    pocket.go_to(f"/saksbehandling/sak/{reference}")
    choose(pocket, "Spør innbyggeren")
    pocket.write(page.get_by_label("Spørsmålet ditt"), "Hvilken side av gangveien gjelder det?")
    pocket.press(page.get_by_role("button", name="Se over før du sender"))
    pocket.press(page.get_by_role("button", name="Send spørsmålet"))
    expect(page.get_by_role("heading", name="Vi venter på innbyggeren")).to_be_visible()
    resident.press(theirs.get_by_role("link", name="Gå til saken"))
    until_it_says(theirs, "Vi trenger svar fra deg")
    expect(theirs.locator("article[data-question]")).to_contain_text("Hvilken side av gangveien")
    resident.write(theirs.get_by_label("Svaret ditt"), "Den siden som vender mot skolen.")
    resident.press(theirs.get_by_role("button", name="Send svaret"))
    expect(theirs.get_by_role("heading", level=1)).to_have_text("Vi arbeider med saken din")
    until_it_says(page, "Den siden som vender mot skolen.")
    expect(page.get_by_role("heading", name="Vi venter på innbyggeren")).to_have_count(0)


def extend_by_keyboard(pocket: Visitor, resident: Visitor, later: date) -> None:
    """A later day, with the reason that the resident reads beside it."""
    page = pocket.page
    choose(pocket, "Forleng fristen")
    pocket.tab_to(page.get_by_label("Når får innbyggeren svar?")).fill(later.isoformat())
    pocket.write(page.get_by_label("Hvorfor det tar lengre tid"), "Brøytebilen er på verksted.")
    pocket.press(page.get_by_role("button", name="Se over før du sender"))
    expect(page.locator(".letter")).to_contain_text(in_words(later))
    pocket.press(page.get_by_role("button", name="Forleng og si fra"))
    expect(page.locator(".promise__day")).to_have_text(in_words(later))
    until_it_says(resident.page, "Brøytebilen er på verksted.")
    expect(resident.page.locator(".promise__day")).to_have_text(in_words(later))
    resident.look()


def until_it_says(page: Page, words: str) -> None:
    """Looks again and again until what was said elsewhere has come here."""
    last_look = time.monotonic() + PATIENCE
    while words not in page.locator("main").inner_text():
        assert time.monotonic() < last_look, f"{page.url} does not say {words!r}"
        page.reload()


def answer_it(caseworker: Visitor) -> None:
    """Reads the case on its page, writes an answer, looks it over, sends it."""
    page = caseworker.page
    expect(page.locator(".conversation")).to_contain_text("ikke brøytet på to dager")
    expect(page.locator("aside")).to_contain_text("Vei og vinterdrift i Heggedal hører til")
    page.get_by_label("Svaret ditt").fill(f"Gangveien er brøytet nå, og den {ANSWER}.")
    caseworker.click(page.get_by_role("button", name="Se over svaret"))
    expect(page.locator(".letter")).to_contain_text(ANSWER)
    caseworker.click(page.get_by_role("button", name="Send svaret"))
    expect(page.get_by_text("Svaret er sendt.")).to_be_visible()


def read_the_answer(resident: Visitor) -> None:
    """Reads it on the case's page, and says that it helped."""
    page = resident.page
    expect(page.get_by_role("heading", level=1)).to_have_text("Du har fått svar")
    expect(page.locator("article.answer[data-final]")).to_contain_text(ANSWER)
    page.get_by_role("group", name="Hjalp svaret deg?").get_by_label("Ja").check()
    page.get_by_label("Vil du si mer?").fill("Takk, nå kommer vi fram.")
    resident.click(page.get_by_role("button", name="Send tilbakemelding"))
    expect(page.get_by_text("Takk for tilbakemeldingen")).to_be_visible()


def expect_counted(caseworker: Visitor, due_on: date, today: date) -> None:
    """The dashboard has the case, its answer and the thumb; the API the same for who is signed in."""
    caseworker.go_to("/innsikt")
    page = caseworker.page
    expect(page.locator(".overview__figure", has_text="Mottatte saker")).to_contain_text("1")
    expect(page.locator(".overview__figure", has_text="Svaret hjalp")).to_contain_text("1 av 1 innbygger")
    query = f"from={today - timedelta(days=1)}&to={due_on}"
    told = page.request.get(f"{caseworker.address}/api/v1/indicators?{query}").json()
    assert told["received"]["complaint"] == 1
    assert told["response_days"]["n"] == 1
    assert told["backlog"]["open"] == 0


@pytest.mark.timeout(600)
def test_praise_for_the_library_reaches_those_praised(chromium: Browser, sorum: WholeStack) -> None:
    """Sørum: no answer wanted, so no promise; it is read by the library, and counted."""
    place = municipality.load("sorum")
    librarian_ = first_in_line(place, "bibliotek", None, sorum)
    librarian = Visitor(chromium, sorum)
    librarian.sign_in(librarian_)

    resident = Visitor(chromium, sorum)
    page = resident.page
    resident.go_to("/")
    resident.click(page.get_by_role("link", name="Gi ros"))
    topic = page.get_by_role("combobox", name="Hva gjelder rosen?")
    topic.fill("bibliot")
    topic.press("ArrowDown")
    topic.press("Enter")
    page.get_by_label("Hva vil du rose?").fill(
        "Lesestunden på lørdag var så fin at ungene leker bibliotek hele uka."
    )
    page.get_by_label("Nei, jeg ville bare si ifra").check()
    resident.click(page.get_by_role("button", name="Gå videre").last)
    resident.click(page.get_by_role("button", name="Send", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Takk for rosen!")
    expect(page.locator(".promise")).to_have_count(0)
    reference = page.locator(".reference").inner_text()

    row = seen_on_the_desk(librarian, reference)
    librarian.look()
    librarian.click(row.get_by_role("link").first)
    expect(librarian.page.locator(".conversation")).to_contain_text("Lesestunden på lørdag")
    librarian.click(librarian.page.get_by_role("button", name="Merk som lest"))
    resident.click(page.get_by_role("link", name="Gå til saken"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Vi har lest det du skrev")
    librarian.go_to("/innsikt")
    expect(librarian.page.locator(".overview__figure", has_text="Mottatte saker")).to_contain_text("1 ros")
    resident.go_to("/resultater")

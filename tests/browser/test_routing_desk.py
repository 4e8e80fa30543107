"""The caseworker's desk in a real browser, on the real service with real servers."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine
from sqlalchemy import event as sqlalchemy_event

from shared.events import (
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseInterimAnswered,
    CaseOpened,
    Kind,
    MessageFailed,
    SubmissionSupplemented,
)
from shared.web.session import SESSION_COOKIE
from tests.browser.accessibility import OpenPage, look_at
from tests.browser.following import follow, press
from tests.browser.routing_desk import (
    RunningDesk,
    caseworker,
    open_case,
    running_desk,
    say,
)

SNOW = "Veien forbi barnehagen i Heggedal er ikke brøytet på tredje dagen."
ANSWER = "Veien blir brøytet i kveld. Brøytebilen var ute av drift. Ring Tor Kvam på 66 00 00 00 om det ikke skjer."
TEAM = {"linh-pham": "Linh Pham", "tor-kvam": "Tor Kvam", "rania-haddad": "Rania Haddad"}
LEADER = "adnan-begic"
OUTSIDER = "ailu-gaup"
CALCULATOR = "/saksbehandling/frist"


@pytest.fixture(scope="module")
def desk() -> Iterator[RunningDesk]:
    """Routing in Asker."""
    with running_desk("asker") as running:
        yield running


def other_than(person: str) -> str:
    """A colleague in the same unit."""
    return next(colleague for colleague in TEAM if colleague != person)


def test_every_page_is_accessible_and_fits(open_page: OpenPage, desk: RunningDesk) -> None:
    """Lists, a case with everything in it, its forms, the check, and signing in; all unfolded."""
    page = open_page()
    event = desk.receive(SNOW, days_left=-3)
    desk.receive("Takk for at gangveien er strødd!", kind=Kind.PRAISE, reply_wanted=False, contact=None)
    page.goto(f"{desk.address}/saksbehandling/logg-inn")
    look_at(page)
    open_case(desk, page, event)
    case = f"/saksbehandling/sak/{event.reference}"
    for path in (
        "/saksbehandling", "/saksbehandling?vis=besvart", "/saksbehandling?slag=praise&tema=plan", "/saksbehandling/enhet",
        "/saksbehandling/enhet?vis=ros", "/saksbehandling?sak=feil", CALCULATOR,
        f"{CALCULATOR}?dag=2026-12-18&etter=law:offentleglova_access", f"{CALCULATOR}?dag=x&etter=own", case, f"{case}/svar",
        f"{case}/forelopig-svar", f"{case}/gi-videre", "/saksbehandling/sak/AAAA-AAAA",
    ):  # fmt: skip
        page.goto(desk.address + path)
        look_at(page)
    page.goto(f"{desk.address}{case}/forelopig-svar")
    press(page, "Se over svaret")
    look_at(page)
    page.goto(f"{desk.address}{case}")
    say(page, "Vedrørende veien.")
    press(page, "Se over svaret")
    look_at(page)


def test_a_submission_is_on_the_right_desk_and_says_why(open_page: OpenPage, desk: RunningDesk) -> None:
    """With its first words in the list, and the reason in words in the case."""
    page = open_page()
    event = desk.receive("Brøytebilen glemte Åmotveien.", days_left=1)
    who = caseworker(desk, event)
    desk.sign_in(page, who)
    row = page.locator(f"#case-{event.reference}")
    expect(row).to_contain_text("Vei og vinterdrift i Heggedal")
    expect(row).to_contain_text("Brøytebilen glemte Åmotveien.")
    expect(row).to_contain_text("Frist i morgen")
    follow(page, row.get_by_role("link"))
    expect(page.get_by_text("Brøytebilen glemte Åmotveien.")).to_be_visible()
    expect(page.get_by_text(CONTACT_MAIL)).to_be_visible()
    expect(page.locator("main")).to_contain_text(
        "Vei og vinterdrift i Heggedal hører til Kommunalteknikk Heggedal og Dikemark; "
        "saksbehandleren med færrest åpne saker fikk den."
    )


CONTACT_MAIL = "berit.solvang@innbygger.example"


def test_opening_a_case_is_said_once_and_only_of_its_own_caseworker(
    open_page: OpenPage, desk: RunningDesk
) -> None:
    """A colleague who looks does not complete the handover; each look is in the audit trail."""
    event = desk.receive(SNOW)
    who = caseworker(desk, event)
    open_case(desk, open_page(), event, other_than(who))
    assert desk.said(event.case_id).count(CaseOpened.type_name()) == 0
    page = open_page()
    open_case(desk, page, event)
    page.reload()
    assert desk.said(event.case_id).count(CaseOpened.type_name()) == 1


def test_an_answer_is_checked_and_then_sent(open_page: OpenPage, desk: RunningDesk) -> None:
    """The check shows where it goes and gives hints; changing it loses nothing; intake can read it."""
    event, page = desk.receive(SNOW), open_page()
    who = open_case(desk, page, event)
    say(page, "Vedrørende brøyting.")
    press(page, "Se over svaret")
    expect(page.locator("main")).to_contain_text("Svaret går på e-post til berit.solvang@innbygger.example")
    expect(page.locator(".hints")).to_contain_text("«vedrørende» kan ofte byttes ut med «om»")
    press(page, "Endre")
    expect(page.locator("textarea[name=text]")).to_have_value("Vedrørende brøyting.")
    say(page, ANSWER)
    press(page, "Se over svaret")
    press(page, "Send svaret")
    expect(page.get_by_role("status").filter(has_text="Svaret er sendt.")).to_be_visible()
    expect(page.locator(".said[data-kind=answer]")).to_contain_text(ANSWER)
    (answer,) = desk.answers(event.case_id).answers
    assert (answer.text, answer.person, answer.final) == (ANSWER, TEAM[who], True)
    assert answer.unit == "Kommunalteknikk Heggedal og Dikemark"
    assert CaseAnswered.type_name() in desk.said(event.case_id)


def test_sending_the_same_form_twice_makes_one_answer(open_page: OpenPage, desk: RunningDesk) -> None:
    """A double click, and a form sent again from the page before."""
    event, page = desk.receive(SNOW), open_page(scripts=False)
    open_case(desk, page, event)
    say(page, ANSWER)
    press(page, "Se over svaret")
    again = open_again(page)
    press(page, "Send svaret")
    expect(page.locator(".said[data-kind=answer]")).to_have_count(1)
    press(again, "Send svaret")
    expect(again.locator(".said[data-kind=answer]")).to_have_count(1)
    assert desk.said(event.case_id).count(CaseAnswered.type_name()) == 1


def open_again(page: Page) -> Page:
    """The same form in another window of the same visitor."""
    other = page.context.new_page()
    other.goto(page.url)
    other.set_content(page.content())
    return other


def test_of_two_who_answer_at_once_the_second_is_told_and_nothing_is_sent_twice(
    open_page: OpenPage, desk: RunningDesk
) -> None:
    """Who answered, when and what; what the second wrote is kept and may be sent in addition."""
    event, first, second = desk.receive(SNOW), open_page(), open_page()
    who = open_case(desk, first, event)
    open_case(desk, second, event, other_than(who))
    say(second, "Jeg skrev også et svar.")
    say(first, ANSWER)
    for button in ("Se over svaret", "Send svaret"):
        press(first, button)
    press(second, "Se over svaret")
    expect(second.get_by_role("heading", level=1)).to_have_text("Noen andre kom først")
    expect(second.locator("main")).to_contain_text(f"{TEAM[who]} svarte")
    expect(second.locator(".said[data-kind=answer]")).to_contain_text(ANSWER)
    expect(second.locator("textarea[name=text]")).to_have_value("Jeg skrev også et svar.")
    look_at(second)
    assert len(desk.answers(event.case_id).answers) == 1
    press(second, "Se over svaret")
    expect(second.locator("main")).to_contain_text("Innbyggeren har alt fått et svar.")
    press(second, "Send svaret")
    assert [answer.person for answer in desk.answers(event.case_id).answers] == [
        TEAM[who],
        TEAM[other_than(who)],
    ]


def test_a_colleague_who_answers_between_check_and_sending_is_not_overruled(
    open_page: OpenPage, desk: RunningDesk
) -> None:
    """The last moment counts too."""
    event, first, second = desk.receive(SNOW), open_page(), open_page()
    who = open_case(desk, first, event)
    open_case(desk, second, event, other_than(who))
    for page, words in ((first, ANSWER), (second, "Et annet svar.")):
        say(page, words)
        press(page, "Se over svaret")
    press(first, "Send svaret")
    press(second, "Send svaret")
    expect(second.get_by_role("heading", level=1)).to_have_text("Noen andre kom først")
    assert len(desk.answers(event.case_id).answers) == 1


def test_an_interim_answer_needs_a_reason_and_a_day_to_come(open_page: OpenPage, desk: RunningDesk) -> None:
    """Errors lead to their fields, what is typed stays, and the case stays open."""
    event, page = desk.receive(SNOW), open_page()
    open_case(desk, page, event)
    follow(page, page.get_by_role("link", name="Send foreløpig svar"))
    say(page, "Vi venter på en ny brøytebil.")
    yesterday = (datetime.now(UTC) - timedelta(days=1)).date()
    page.get_by_label("Når kan innbyggeren vente svar?").fill(yesterday.isoformat())
    press(page, "Se over svaret")
    expect(page.locator("#error-summary")).to_be_focused()
    expect(page.locator("#expected_on-error")).to_have_text("Velg en dag som ikke har vært.")
    expect(page.locator("textarea[name=text]")).to_have_value("Vi venter på en ny brøytebil.")
    expected = (datetime.now(UTC) + timedelta(days=10)).date()
    page.get_by_label("Når kan innbyggeren vente svar?").fill(expected.isoformat())
    press(page, "Se over svaret")
    press(page, "Send det foreløpige svaret")
    expect(page.locator(".case-head__tags")).to_contain_text("Foreløpig svar sendt")
    (answer,) = desk.answers(event.case_id).answers
    assert (answer.final, answer.expected_on) == (False, expected)
    assert CaseInterimAnswered.type_name() in desk.said(event.case_id)


def test_a_case_is_handed_over_with_a_reason_that_stays_in_the_house(
    open_page: OpenPage, desk: RunningDesk
) -> None:
    """To a unit: its least busy person gets it, the giver loses sight of it, and the bus knows no reason."""
    event, page = desk.receive(SNOW), open_page()
    who = open_case(desk, page, event)
    follow(page, page.get_by_role("link", name="Gi saken videre"))
    press(page, "Gi saken videre")
    expect(page.locator("#error-summary")).to_be_focused()
    page.locator("#why").fill("x" * 10_001)
    press(page, "Gi saken videre")
    expect(page.locator("#why-error")).to_have_text("Begrunnelsen er 1 tegn for lang.")
    page.locator("#why").fill("Dette er en privat vei, og byggesak må se på den.")
    page.get_by_role("combobox", name="Hvem skal ha saken?").fill("byggesak")
    page.locator(".combobox__list li").first.click()
    press(page, "Gi saken videre")
    expect(page.locator("main")).to_contain_text(f"Sak {event.reference} er gitt videre.")
    rows = desk.run(desk.history(event.case_id))
    handed = [row.body for row in rows if row.type == CaseAssigned.type_name()][-1]
    assert (handed["unit"], handed["from_person"], handed["assigned_by"]) == ("byggesak", who, who)
    assert "privat" not in str(handed)
    page.goto(f"{desk.address}/saksbehandling/sak/{event.reference}")
    expect(page.get_by_role("heading", level=1)).to_have_text("Du har ikke tilgang til denne saken")
    receiver = open_page()
    open_case(desk, receiver, event, handed["person"])
    expect(receiver.locator(".said[data-kind=handover]")).to_contain_text("Dette er en privat vei")


def test_a_leader_sees_the_units_cases_and_a_colleague_takes_one(
    open_page: OpenPage, desk: RunningDesk
) -> None:
    """The leader's page has everybody's; whoever takes a case has it."""
    event, page = desk.receive(SNOW, days_left=-2), open_page()
    who = caseworker(desk, event)
    desk.sign_in(page, LEADER, "/saksbehandling/enhet")
    row = page.locator(f"#case-{event.reference}")
    expect(row).to_contain_text("2 dager over fristen")
    expect(row).to_contain_text(TEAM[who])
    colleague = open_page()
    open_case(desk, colleague, event, other_than(who))
    press(colleague, "Ta saken")
    expect(colleague.locator("main")).to_contain_text("Du har saken nå.")
    assert caseworker(desk, event) == other_than(who)


def test_a_note_is_for_colleagues_alone(open_page: OpenPage, desk: RunningDesk) -> None:
    """They see it in the case; intake, and so the resident, never does."""
    event, page = desk.receive(SNOW), open_page()
    open_case(desk, page, event)
    press(page, "Lagre notatet")
    expect(page.locator("#note-error")).to_have_text("Skriv et notat.")
    page.get_by_label("Nytt notat").fill("x" * 10_002)
    press(page, "Lagre notatet")
    expect(page.locator("#note-error")).to_have_text("Notatet er 2 tegn for langt.")
    page.get_by_label("Nytt notat").fill("Jeg har ringt entreprenøren.")
    press(page, "Lagre notatet")
    expect(page.locator(".said[data-kind=note]")).to_contain_text("Jeg har ringt entreprenøren.")
    assert desk.answers(event.case_id).answers == []


def test_praise_is_read_and_closed_and_the_unit_sees_it(open_page: OpenPage, desk: RunningDesk) -> None:
    """No answer is wanted: marking it as read closes it, and everyone in the unit finds it under praise."""
    words = "Takk til han som strødde gangveien!"
    event = desk.receive(words, kind=Kind.PRAISE, reply_wanted=False, contact=None)
    page = open_page()
    who = open_case(desk, page, event)
    press(page, "Merk som lest")
    expect(page.locator("main")).to_contain_text(f"Sak {event.reference} er merket som lest.")
    assert desk.said(event.case_id).count(CaseClosed.type_name()) == 1
    colleague = open_page()
    desk.sign_in(colleague, other_than(who), "/saksbehandling/enhet?vis=ros")
    expect(colleague.locator(f"#case-{event.reference}")).to_contain_text(words)


def test_what_a_resident_adds_brings_an_answered_case_back(open_page: OpenPage, desk: RunningDesk) -> None:
    """It can be answered again, or marked as read and so leave the list."""
    event, page = desk.receive(SNOW), open_page()
    open_case(desk, page, event)
    say(page, ANSWER)
    for button in ("Se over svaret", "Send svaret"):
        press(page, button)
    page.goto(f"{desk.address}/saksbehandling")
    expect(page.locator(f"#case-{event.reference}")).to_have_count(0)
    later = datetime.now(UTC) + timedelta(seconds=1)
    desk.say(SubmissionSupplemented.caused(event, at=later, supplement_id=uuid4()))
    page.reload()
    row = page.locator(f"#case-{event.reference}")
    expect(row).to_contain_text("Nytt fra innbyggeren")
    follow(page, row.get_by_role("link"))
    expect(page.get_by_role("heading", name="Send et svar til")).to_be_visible()
    again = later + timedelta(milliseconds=1)
    desk.say(SubmissionSupplemented.caused(event, at=again, supplement_id=uuid4()))
    press(page, "Merk som lest")
    expect(page.locator("main")).to_contain_text("Se hvordan den er nå, og prøv igjen.")
    press(page, "Merk som lest")
    expect(page.locator(f"#case-{event.reference}")).to_have_count(0)


def test_what_was_written_outlives_the_session(open_page: OpenPage, desk: RunningDesk) -> None:
    """The form waits on a page of its own while its writer signs in in another tab, and then goes on."""
    event, page = desk.receive(SNOW), open_page(phone=True)
    person = open_case(desk, page, event)
    say(page, ANSWER)
    page.context.clear_cookies(name=SESSION_COOKIE)
    press(page, "Se over svaret")
    expect(page.get_by_role("heading", level=1)).to_have_text("Du er ikke lenger logget inn")
    expect(page.locator("main")).to_contain_text(ANSWER)
    look_at(page)
    with page.context.expect_page() as tab:
        page.get_by_role("link", name="Logg inn i en ny fane").click()
    follow(tab.value, tab.value.locator(f'button[value="{person}"]').first)
    expect(tab.value).to_have_url(f"{desk.address}/saksbehandling")
    for button in ("Jeg har logget inn, gå videre", "Send svaret"):
        press(page, button)
    expect(page.get_by_text("Svaret er sendt.")).to_be_visible()
    expect(page.locator(".conversation")).to_contain_text(ANSWER)


def test_an_answer_that_did_not_arrive_is_plain_to_see(open_page: OpenPage, desk: RunningDesk) -> None:
    """In the list and in the case, with what to do about it."""
    event, page = desk.receive(SNOW), open_page()
    open_case(desk, page, event)
    say(page, ANSWER)
    for button in ("Se over svaret", "Send svaret"):
        press(page, button)
    later = datetime.now(UTC) + timedelta(seconds=1)
    desk.say(
        MessageFailed.caused(
            event, at=later, message_id=uuid4(), message="answer", to_resident=True, attempts=9, error="550"
        )
    )
    page.goto(f"{desk.address}/saksbehandling")
    expect(page.locator(f"#case-{event.reference}")).to_contain_text("Svaret kom ikke fram")
    follow(page, page.locator(f"#case-{event.reference}").get_by_role("link"))
    expect(page.locator("main")).to_contain_text("Ring innbyggeren på 900 00 123 og si fra.")


def test_a_new_case_appears_without_reloading(open_page: OpenPage, desk: RunningDesk) -> None:
    """The list asks again by itself; a list that is the same is not sent."""
    page = open_page()
    page.clock.install()
    desk.sign_in(page, LEADER, "/saksbehandling/enhet")
    before = len(desk.asked)
    with page.expect_response(lambda response: "merke=" in response.url) as unchanged:
        page.clock.run_for(11_000)
    assert unchanged.value.status == 204
    assert len(desk.asked) == before
    event = desk.receive("Det er glatt på fortauet.")
    page.clock.run_for(11_000)
    expect(page.locator(f"#case-{event.reference}")).to_contain_text("Det er glatt på fortauet.")


def test_a_list_costs_at_most_five_questions_to_the_database(open_page: OpenPage, desk: RunningDesk) -> None:
    """However many cases it shows; and one to intake for all their first words."""
    events, page = [desk.receive(SNOW) for _ in range(9)], open_page()
    desk.sign_in(page, caseworker(desk, events[-1]))
    said: list[str] = []

    def heard(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if " cases" in statement:  # the consumer and the relay have questions of their own
            said.append(statement)

    sqlalchemy_event.listen(Engine, "before_cursor_execute", heard)
    before = len(desk.asked)
    page.reload()
    sqlalchemy_event.remove(Engine, "before_cursor_execute", heard)
    assert 1 <= len(said) <= 5
    assert len(desk.asked) == before + 1


def test_a_case_is_found_by_its_reference_however_it_is_written(
    open_page: OpenPage, desk: RunningDesk
) -> None:
    """Small letters and no hyphen; a wrong one is said to be wrong; another unit's is not found."""
    event, page = desk.receive(SNOW), open_page()
    desk.sign_in(page, caseworker(desk, event))
    page.get_by_label("Finn en sak med referansen").fill(event.reference.replace("-", "").lower())
    press(page, "Finn sak")
    expect(page.locator(".case-head .reference")).to_have_text(event.reference)
    page.goto(f"{desk.address}/saksbehandling?sak=1234-5678")
    expect(page.locator("#sak-error")).to_contain_text("er ikke en referanse")
    stranger = open_page()
    desk.sign_in(stranger, OUTSIDER, f"/saksbehandling?sak={event.reference}")
    expect(stranger.locator("#sak-error")).to_contain_text("Vi finner ingen sak")


def test_the_list_works_while_intake_is_away(open_page: OpenPage, desk: RunningDesk) -> None:
    """Without first words, and saying so; the case opens without its text, and can be answered."""
    event, page = desk.receive(SNOW), open_page()
    desk.intake_answers = False
    try:
        desk.sign_in(page, caseworker(desk, event))
        expect(page.locator("#cases")).to_contain_text("Vi får ikke hentet teksten")
        follow(page, page.locator(f"#case-{event.reference}").get_by_role("link"))
        expect(page.get_by_role("heading", name="Vi får ikke hentet teksten akkurat nå")).to_be_visible()
        expect(page.locator("textarea[name=text]")).to_be_visible()
    finally:
        desk.intake_answers = True


def test_a_sensitive_case_is_shown_to_its_unit_alone(open_page: OpenPage, desk: RunningDesk) -> None:
    """The section's leader sees that it is there and due, and not a word of it; others get a clear no."""
    event = desk.receive("Noe om et barn.", topic="barnevern", area=None)
    page = open_page()
    open_case(desk, page, event)
    expect(page.locator(".case-head__tags")).to_contain_text("Skjermet sak")
    section_leader = open_page()
    desk.sign_in(section_leader, "ingrid-hovland", "/saksbehandling/enhet")
    row = section_leader.locator(f"#case-{event.reference}")
    expect(row).to_contain_text("Skjermet: bare enhetens egne kan lese saken.")
    assert "Noe om et barn" not in section_leader.content()
    section_leader.goto(f"{desk.address}/saksbehandling/sak/{event.reference}")
    expect(section_leader.get_by_role("heading", level=1)).to_have_text("Du har ikke tilgang til denne saken")


def test_the_desk_works_without_scripts(open_page: OpenPage, desk: RunningDesk) -> None:
    """Sign in by searching, open, hand over by a plain select, sign out."""
    event, page = desk.receive(SNOW), open_page(scripts=False)
    who = caseworker(desk, event)
    page.goto(f"{desk.address}/saksbehandling")
    page.get_by_label("Finn en person, en enhet eller en rolle").fill(TEAM[who])
    press(page, "Finn")
    expect(page.locator("#people button[name=person]")).to_have_count(1)
    follow(page, page.locator(f"button[value={who}]"))
    follow(page, page.locator(f"#case-{event.reference}").get_by_role("link"))
    follow(page, page.get_by_role("link", name="Gi saken videre"))
    page.get_by_label("Hvem skal ha saken?").select_option(f"person:{other_than(who)}")
    page.get_by_label("Hvorfor?").fill("Jeg har ferie i morgen.")
    press(page, "Gi saken videre")
    expect(page.locator("main")).to_contain_text("Saken er gitt videre.")
    assert caseworker(desk, event) == other_than(who)
    copied = [cookie for cookie in page.context.cookies() if cookie["name"] == SESSION_COOKIE]
    press(page, "Logg ut")
    expect(page.get_by_role("heading", level=1)).to_have_text("Logg inn")
    page.context.add_cookies(copied)  # type: ignore[arg-type] # what is given back is what is taken
    page.goto(f"{desk.address}/saksbehandling")
    expect(page.get_by_role("heading", level=1)).to_have_text("Logg inn")


def test_signing_in_leads_back_to_where_one_was_going_and_never_off_the_site(
    open_page: OpenPage, desk: RunningDesk
) -> None:
    """A link in a mail survives signing in; a link that leads elsewhere does not."""
    event, page = desk.receive(SNOW), open_page()
    who = caseworker(desk, event)
    page.goto(f"{desk.address}/saksbehandling/sak/{event.reference}")
    follow(page, page.locator(f"button[value={who}]"))
    expect(page.locator(".case-head .reference")).to_have_text(event.reference)
    page.goto(f"{desk.address}/saksbehandling/logg-inn?neste=//evil.example/")
    follow(page, page.locator(f"button[value={who}]"))
    expect(page).to_have_url(f"{desk.address}/saksbehandling")


def test_people_are_found_as_one_types(open_page: OpenPage, desk: RunningDesk) -> None:
    """By unit too, without pressing anything."""
    page = open_page()
    page.goto(f"{desk.address}/saksbehandling/logg-inn")
    page.get_by_label("Finn en person, en enhet eller en rolle").press_sequentially(
        "heggedal og dikemark leder"
    )
    expect(page.locator(f"#people button[value={LEADER}]")).to_be_visible()
    expect(page.locator(f"#people button[value={OUTSIDER}]")).to_have_count(0)
    look_at(page)


@pytest.mark.parametrize(("locale", "heading"), [("nn-NO", "Sakene mine"), ("en-GB", "My cases")])
def test_the_desk_speaks_the_readers_language(
    open_page: OpenPage, desk: RunningDesk, locale: str, heading: str
) -> None:
    """All of a case in nynorsk and English."""
    event, page = desk.receive(SNOW), open_page(locale=locale)
    open_case(desk, page, event)
    look_at(page)
    page.goto(f"{desk.address}/saksbehandling")
    expect(page.get_by_role("heading", level=1)).to_have_text(heading)

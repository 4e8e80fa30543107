"""What a case is promised, and what is done to it, on the desk in a real browser; the law's deadlines beside it."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs
from uuid import uuid4

import pytest
from playwright.sync_api import expect

from shared.clock import oslo_day
from shared.events import CaseAnswered, CaseResumed, Kind, MessageBounced, SubmissionSupplemented
from shared.explanation import day_in_words
from shared.law import LEGAL_CALENDAR
from shared.workdays import WorkCalendar
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
CALCULATOR = "/saksbehandling/frist"
FRONT_DESK, LEADER = "hiba-nasser", "adnan-begic"


@pytest.fixture(scope="module")
def desk() -> Iterator[RunningDesk]:
    """Routing in Asker."""
    with running_desk("asker") as running:
        yield running


def test_a_question_stops_the_clock_until_the_resident_answers(
    open_page: OpenPage, desk: RunningDesk
) -> None:
    """The case is in a list of its own meanwhile; every page on the way fits a phone."""
    page, event = open_page(phone=True), desk.receive(SNOW)
    open_case(desk, page, event)
    case = f"{desk.address}/saksbehandling/sak/{event.reference}"
    page.goto(f"{case}/spor")
    press(page, "Se over før du sender")
    expect(page.locator("#error-summary")).to_contain_text("Skriv hva du vil spørre om.")
    look_at(page)
    say(page, "Hvilken side av veien?")
    press(page, "Se over før du sender")
    expect(page.locator(".letter")).to_contain_text("Klokka står stille til og med")
    look_at(page)
    press(page, "Send spørsmålet")
    expect(page.get_by_role("heading", name="Vi venter på innbyggeren")).to_be_visible()
    look_at(page)
    page.goto(f"{desk.address}/saksbehandling")
    expect(page.locator(f"#case-{event.reference}")).to_have_count(0)
    follow(page, page.get_by_role("link", name="Venter på innbygger"))
    expect(page.locator(f"#case-{event.reference}")).to_contain_text("Venter til")
    look_at(page)
    desk.say(SubmissionSupplemented.caused(event, at=datetime.now(UTC), supplement_id=uuid4()))
    assert desk.said(event.case_id).count(CaseResumed.type_name()) == 1
    page.goto(f"{desk.address}/saksbehandling")
    expect(page.locator(f"#case-{event.reference}")).to_contain_text("Nytt fra innbyggeren")


def test_a_caseworker_goes_on_without_an_answer(open_page: OpenPage, desk: RunningDesk) -> None:
    """With one button; pressing it in an older window is told, and does no harm."""
    page, event = open_page(), desk.receive(SNOW)
    open_case(desk, page, event)
    page.goto(f"{page.url}/spor")
    say(page, "Hvilken side av veien?")
    press(page, "Se over før du sender")
    press(page, "Send spørsmålet")
    older = page.context.new_page()
    older.goto(page.url)
    press(page, "Fortsett uten svar")
    expect(page.get_by_text("Klokka går igjen.")).to_be_visible()
    press(older, "Fortsett uten svar")
    assert desk.said(event.case_id).count(CaseResumed.type_name()) == 1


def test_an_extension_written_while_a_colleague_asks_is_kept_and_may_still_be_sent(
    open_page: OpenPage, desk: RunningDesk
) -> None:
    """What the colleague did is told; a day that is no working day is refused at its field."""
    page, event = open_page(), desk.receive(SNOW)
    who = open_case(desk, page, event)
    page.goto(f"{desk.address}/saksbehandling/sak/{event.reference}/forleng")
    day = WorkCalendar().add_working_days(oslo_day(event.at), 15)
    page.locator("#expected_on").fill((day + timedelta(days=(5 - day.weekday()) % 7)).isoformat())
    say(page, "Brøytebilen er på verksted.")
    press(page, "Se over før du sender")
    expect(page.locator("#expected_on-error")).to_contain_text("Velg en arbeidsdag.")
    page.locator("#expected_on").fill(day.isoformat())
    colleague = open_page()
    open_case(desk, colleague, event, LEADER)
    colleague.goto(f"{colleague.url}/spor")
    say(colleague, "Hvilken side av veien?")
    press(colleague, "Se over før du sender")
    press(colleague, "Send spørsmålet")
    press(page, "Se over før du sender")
    alert = page.locator(".ds-alert", has_text="Saken er endret mens du skrev")
    expect(alert).to_contain_text("Adnan Begić spurte innbyggeren om noe")
    expect(page.locator("textarea[name=text]")).to_have_value("Brøytebilen er på verksted.")
    press(page, "Se over før du sender")
    press(page, "Forleng og si fra")
    expect(page.locator(".promise__day")).to_have_text(day_in_words(day, "nb"))
    answers = desk.answers(event.case_id).answers
    assert [answer.kind for answer in answers] == ["question", "extension"]
    assert (answers[1].expected_on, answers[1].person != "") == (day, True)
    assert who


def test_a_complaint_that_is_an_appeal_shows_what_follows_before_it_is_done(
    open_page: OpenPage, desk: RunningDesk
) -> None:
    """Its promise, the law's deadline, and who such a case belongs to, to whom it can go at once."""
    page, event = open_page(phone=True), desk.receive("Jeg klager på avslaget på byggesøknaden.")
    open_case(desk, page, event)
    page.goto(f"{page.url}/endre")
    press(page, "Se hva som følger")
    expect(page.locator("#error-summary")).to_contain_text("Slik er saken alt.")
    look_at(page)
    page.locator("select[name=kind]").select_option("appeal")
    page.locator("select[name=topic]").select_option("byggesak", force=True)
    press(page, "Se hva som følger")
    expect(page.locator(".definitions")).to_contain_text("Klage blir Klage på vedtak")
    expect(page.locator(".promise")).to_contain_text("Nytt løfte: svar senest")
    expect(page.get_by_role("region", name="Lovens frister")).to_contain_text("Foreløpig svar")
    look_at(page)
    expect(page.get_by_label("Gi saken til Byggesak samtidig")).to_be_checked()
    press(page, "Endre saken")
    expect(page.get_by_text(f"Sak {event.reference} er endret og gitt videre.")).to_be_visible()
    leader = open_page()
    open_case(desk, leader, event, caseworker(desk, event))
    expect(leader.locator(".case-head")).to_contain_text("Klage på vedtak")
    expect(leader.get_by_text("Byggesak i Heggedal hører til")).to_have_count(0)


def test_two_cases_about_the_same_are_read_side_by_side_and_answered_once(
    open_page: OpenPage, desk: RunningDesk
) -> None:
    """What cannot lead is refused in words; the merged one can be opened again."""
    page, event, other = (
        open_page(),
        desk.receive(SNOW),
        desk.receive("Ikke brøytet ved barnehagen i dag heller."),
    )
    open_case(desk, page, event, LEADER)
    case = f"{desk.address}/saksbehandling/sak/{event.reference}"
    page.goto(f"{case}/sla-sammen")
    for asked, why in (("feil", "Det er ikke en referanse."), (event.reference, "Det er denne saken.")):
        page.locator("#sak").fill(asked)
        press(page, "Finn saken")
        expect(page.locator("#sak-error")).to_contain_text(why)
    page.locator("#sak").fill(other.reference)
    press(page, "Finn saken")
    for words in (SNOW, "Ikke brøytet ved barnehagen"):
        expect(page.locator(".halves")).to_contain_text(words)
    look_at(page)
    press(page, "Slå sammen")
    expect(page.get_by_role("link", name=f"Gå til sak {other.reference}")).to_be_visible()
    page.goto(f"{case}/forleng")
    expect(page.get_by_role("heading", level=1)).to_have_text("Det går ikke nå")
    page.goto(f"{desk.address}/saksbehandling/sak/{other.reference}")
    expect(page.get_by_text("Én annen innbygger får det samme svaret")).to_be_visible()
    say(page, "Nå er det brøytet. Ring Tor Kvam på 66 00 00 00.")
    press(page, "Se over svaret")
    expect(page.get_by_text("Svaret går også til én annen innbygger")).to_be_visible()
    press(page, "Send svaret")
    expect(page.get_by_text("Svaret er sendt.")).to_be_visible()
    assert desk.said(event.case_id).count(CaseAnswered.type_name()) == 1
    page.goto(f"{case}/apne-igjen")
    look_at(page)
    press(page, "Åpne saken")
    expect(page.get_by_text("Saken er åpnet igjen.")).to_be_visible()
    expect(page.get_by_role("heading", name="Åpnet ved en feil?")).to_be_visible()


def test_the_front_desk_rings_those_whose_answer_came_back(open_page: OpenPage, desk: RunningDesk) -> None:
    """The caseworker is told, too; once somebody has told the resident it is off the list."""
    page, event = open_page(), desk.receive(SNOW)
    open_case(desk, page, event)
    say(page, "Nå er det brøytet. Ring Tor Kvam på 66 00 00 00.")
    press(page, "Se over svaret")
    press(page, "Send svaret")
    expect(page.get_by_text("Svaret er sendt.")).to_be_visible()
    desk.say(
        MessageBounced.caused(
            event,
            at=datetime.now(UTC),
            message_id=uuid4(),
            message="answer",
            to_resident=True,
            status="5.1.1",
        )
    )
    page.goto(f"{desk.address}/saksbehandling")
    expect(page.locator(f"#case-{event.reference}")).to_contain_text("Svaret kom ikke fram")
    page.goto(f"{desk.address}/saksbehandling/kom-ikke-fram")
    expect(page.locator("main")).to_contain_text("Listen er for servicetorget.")
    front = open_page(phone=True)
    desk.sign_in(front, FRONT_DESK)
    follow(front, front.get_by_role("link", name="Innbyggere vi ikke når"))
    row = front.locator("li", has_text=event.reference)
    expect(row.get_by_role("link", name="900 00 123")).to_be_visible()
    look_at(front)
    follow(front, row.get_by_role("button", name="Innbyggeren har fått beskjed"))
    expect(front.get_by_text("Det er notert at innbyggeren har fått beskjed.")).to_be_visible()
    front.goto(f"{desk.address}/saksbehandling/kom-ikke-fram")
    expect(front.locator("li", has_text=event.reference)).to_have_count(0)


def test_a_request_for_access_shows_the_law_s_deadline_beside_the_promise(
    open_page: OpenPage, desk: RunningDesk
) -> None:
    """Each for itself: an interim answer leaves it running, the answer meets it."""
    page = open_page()
    event = desk.receive("Kan jeg få se byggesaken?", kind=Kind.QUESTION, topic="innsyn", days_left=2)
    open_case(desk, page, event)
    legal = page.get_by_role("region", name="Lovens frister")
    due_on = LEGAL_CALENDAR.add_working_days(oslo_day(event.at), 5)
    expect(legal.locator(".legal-clock")).to_have_count(1)
    expect(legal).to_contain_text("Krav om innsyn i dokumenter")
    expect(legal).to_contain_text(day_in_words(due_on, "nb"))
    expect(legal).to_contain_text("Løper")
    legal.get_by_text("Hva loven krever").click()
    expect(legal).to_contain_text("Dette står i offentleglova § 32.")
    page.goto(f"{desk.address}/saksbehandling/sak/{event.reference}/forelopig-svar")
    page.locator("#expected_on").fill((due_on + timedelta(days=1)).isoformat())
    say(page, "Vi må lete i arkivet, og svarer så snart vi har funnet den.")
    press(page, "Se over svaret")
    press(page, "Send det foreløpige svaret")
    expect(legal).to_contain_text("Løper")
    say(page, "Her er byggesaken.")
    press(page, "Se over svaret")
    press(page, "Send svaret")
    expect(legal).to_contain_text("Overholdt")


def test_a_complaint_on_a_service_stands_under_no_deadline_of_the_law(
    open_page: OpenPage, desk: RunningDesk
) -> None:
    """And its page says nothing of the law."""
    page = open_page()
    open_case(desk, page, desk.receive(SNOW))
    expect(page.locator(".promise")).to_be_visible()
    expect(page.get_by_text("Lovens frister")).to_have_count(0)


def test_a_deadline_is_worked_out_without_scripts(open_page: OpenPage, desk: RunningDesk) -> None:
    """From the menu, by what is promised to begin with, then by a deadline of the law and a number of days."""
    page = open_page(scripts=False)
    desk.sign_in(page, "linh-pham")
    follow(page, page.get_by_role("link", name="Regn ut frist"))
    expect(page.get_by_label("Dagen det regnes fra")).to_have_value(oslo_day(datetime.now(UTC)).isoformat())
    page.get_by_label("Dagen det regnes fra").fill("2026-12-18")
    page.get_by_label("Klokkeslett").fill("23:59")
    press(page, "Regn ut")
    answer = page.locator("#svar")
    expect(answer).to_contain_text("Mandag 28. desember 2026", ignore_case=True)
    expect(answer).to_contain_text("Du får svar så snart som mulig, og senest innen én uke.")
    expect(answer.get_by_role("listitem")).to_have_count(3)
    by = page.get_by_label("Hva skal fristen regnes etter?")
    by.select_option(label="Klage på vedtak, forvaltningsloven (1967) § 29")
    press(page, "Regn ut")
    expect(answer).to_contain_text("Beskjeden om vedtaket kom fram fredag 18. desember 2026.")
    expect(answer).to_contain_text("8. januar 2027")
    by.select_option(label="Et antall dager, uker, måneder eller år")
    page.get_by_label("Antall").fill("4")
    page.get_by_label("Enhet").select_option(label="arbeidsdager")
    press(page, "Regn ut")
    expect(answer).to_contain_text("24. desember 2026")
    expect(page.get_by_label("Klokkeslett")).to_have_value("23:59")


@pytest.mark.parametrize(
    ("asked", "field", "words"),
    [
        ("dag=&etter=promise:svargaranti", "dag", "Skriv inn dagen det regnes fra"),
        ("dag=31.02.2026&etter=promise:svargaranti", "dag", "Skriv dagen slik: 18.12.2026"),
        ("dag=2199-12-30&etter=promise:svargaranti", "dag", "Vi kan bare regne med dager i årene 1970 til 2199"),
        ("dag=2026-12-18&kl=25.00&etter=promise:svargaranti", "kl", "Skriv klokkeslettet slik: 14.03"),
        ("dag=2026-12-18&etter=law:fvl2025_interim", "etter", "Velg hva fristen skal regnes etter"),
        ("dag=2026-12-18&etter=own&antall=en&enhet=W", "antall", "Skriv et helt antall fra 1 til 9999, og velg enhet"),
    ],
)  # fmt: skip
def test_what_cannot_be_worked_out_is_told_at_its_field(
    open_page: OpenPage, desk: RunningDesk, asked: str, field: str, words: str
) -> None:
    """And at the top, in the same words; a law that is not in force is none to choose."""
    page = open_page()
    desk.sign_in(page, "linh-pham")
    response = page.goto(f"{desk.address}{CALCULATOR}?{asked}")
    assert response
    assert response.status == 422
    expect(page.locator(f"#{field}-error")).to_have_text(words)
    expect(page.locator("#error-summary").get_by_role("link")).to_have_text(words)
    typed = parse_qs(asked, keep_blank_values=True)[field][0]
    expect(page.locator(f"#{field}")).to_have_value(typed if field != "etter" else "own")
    expect(page.locator("#svar")).to_have_count(0)


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("nn-NO", "Éi veke seinare er det fredag 25. desember"),
        ("en-GB", "One week later is Friday 25 December"),
    ],
)
def test_the_steps_are_in_the_readers_language(
    open_page: OpenPage, desk: RunningDesk, locale: str, words: str
) -> None:
    """A day written as people do is read, too."""
    page = open_page(locale=locale)
    desk.sign_in(page, "linh-pham")
    page.goto(f"{desk.address}{CALCULATOR}?dag=18.12.2026&kl=9.30&etter=own&antall=1&enhet=W")
    expect(page.locator("#svar")).to_contain_text(words)
    expect(page.locator("#dag")).to_have_value("2026-12-18")
    expect(page.locator("#kl")).to_have_value("09:30")
    look_at(page)


def test_nobody_works_out_a_deadline_without_signing_in(open_page: OpenPage, desk: RunningDesk) -> None:
    """It is a page for those who work here."""
    page = open_page()
    page.goto(desk.address + CALCULATOR)
    expect(page.get_by_role("heading", level=1)).to_have_text("Logg inn")

"""The resident's own case: what has happened, the answer, and what she adds; without scripts."""

import asyncio
from datetime import date
from uuid import uuid4

import httpx
from sqlalchemy import func, select

from services.intake import store, supplementing
from services.intake.accepting import Accepted
from shared.database import Database, inbox
from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseInterimAnswered,
    PromiseBroken,
    PromiseReminded,
)
from shared.questions import AnswerText
from tests.integration.intake.conftest import FRIDAY, Say
from tests.integration.intake.visitor import Page, Resident
from tests.pictures import PNG


def answer(text: str, *, final: bool = True, expected_on: date | None = None) -> AnswerText:
    """An answer as routing tells it."""
    return AnswerText(
        id=uuid4(),
        at=FRIDAY,
        final=final,
        text=text,
        unit="Kommunalteknikk",
        person="Ola Hansen",
        expected_on=expected_on,
    )


async def supplements(database: Database) -> list[store.Supplement]:
    """Everything that was added."""
    async with database.reading() as session:
        return list(await session.scalars(select(store.Supplement)))


async def events(database: Database, name: str) -> int:
    """How many events of a name intake has said or heard."""
    wanted = select(func.count()).select_from(inbox).where(inbox.c.type == f"no.svarfrist.{name}.v1")
    async with database.reading() as session:
        return await session.scalar(wanted) or 0


async def test_a_case_tells_the_promise_and_what_has_happened(
    resident: Resident, case: Accepted, happened: Say
) -> None:
    """By units' names, never by people's or by notes."""
    await happened(
        CaseAssigned, unit="kommunalteknikk-heggedal-dikemark", section="klima-miljo-teknisk", person="ola",
        reason=AssignmentReason.TOPIC_AND_AREA,
    )  # fmt: skip
    page = await resident.open(f"/sak/{case.secret}")
    for words in ("Vi arbeider med saken din", "mandag 28. desember 2026", "første juledag", "Heggedal", case.reference,
                  "Veien er ikke brøytet."):  # fmt: skip
        assert words in page.said
    assert "ola" not in page.said.split()
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "private, no-store"
    assert "noindex" in page.headers["x-robots-tag"]


async def test_an_unknown_case_says_so_and_nothing_more(resident: Resident, case: Accepted) -> None:
    """Neither does a reference open anything."""
    for secret in ("unknown", case.reference):
        page = await resident.open(f"/sak/{secret}")
        assert page.status == 404
        assert "Vi finner ikke saken" in page.said


async def test_the_answer_is_on_the_page(
    resident: Resident, case: Accepted, happened: Say, routing: list[AnswerText]
) -> None:
    """Asked from routing when somebody looks; the promise is said to be kept."""
    routing.append(answer("Vi har brøytet nå."))
    await happened(CaseAnswered, answer_id=uuid4(), person="ola", unit="kommunalteknikk")
    page = await resident.open(f"/sak/{case.secret}")
    for words in (
        "Du har fått svar",
        "Vi har brøytet nå.",
        "Svar fra Kommunalteknikk",
        "Ola Hansen",
        "Løftet er holdt",
    ):
        assert words in page.said


async def test_without_routing_the_page_works_and_says_that_the_answer_is_coming(
    resident: Resident, case: Accepted, happened: Say
) -> None:
    """What has happened is intake's own to tell."""
    await happened(CaseAnswered, answer_id=uuid4(), person="ola", unit="kommunalteknikk")
    page = await resident.open(f"/sak/{case.secret}")
    assert page.status == 200
    assert "Svaret er klart, men vi får ikke vist det akkurat nå" in page.said
    assert "Veien er ikke brøytet." in page.said
    read = await resident.http.get(
        f"/api/v1/submissions/{case.secret}", headers={"Accept": "application/json"}
    )
    assert read.json()["answers_complete"] is False
    assert read.json()["state"] == "answered"


async def test_a_delay_is_told_with_its_new_day(
    resident: Resident, case: Accepted, happened: Say, routing: list[AnswerText]
) -> None:
    """From the interim answer or from notify's word."""
    routing.append(answer("Vi trenger mer tid.", final=False, expected_on=date(2027, 1, 8)))
    await happened(PromiseReminded, version=1, step="due-soon", recipients=1)
    await happened(
        CaseInterimAnswered, hours=2, answer_id=uuid4(), person="ola", unit="kommunalteknikk",
        expected_on=date(2027, 1, 8),
    )  # fmt: skip
    page = await resident.open(f"/sak/{case.secret}")
    assert "Foreløpig svar fra Kommunalteknikk" in page.said
    assert "Vi venter å svare innen fredag 8. januar 2027." in page.said


async def test_a_broken_promise_is_called_broken(
    resident: Resident, case: Accepted, happened: Say, routing: list[AnswerText]
) -> None:
    """In the timeline, and when the answer has come."""
    routing.append(answer("Beklager."))
    await happened(
        PromiseBroken, hours=300, version=1, due_on=date(2026, 12, 28), judged_on=date(2026, 12, 29)
    )
    await happened(CaseAnswered, hours=310, answer_id=uuid4(), person="ola", unit="kommunalteknikk")
    page = await resident.open(f"/sak/{case.secret}")
    assert "Løftet ble ikke holdt" in page.said
    assert "Dagen vi lovte svar, gikk ut" in page.said


async def test_something_is_added_once_however_often_it_is_sent(
    resident: Resident, case: Accepted, database: Database
) -> None:
    """With its files, and with one event."""
    page = await resident.open(f"/sak/{case.secret}")
    action = f"/sak/{case.secret}/tillegg"
    sent = await asyncio.gather(
        *(
            resident.press(page, action, "send", files=[("a.png", PNG)], text="Nå er det is også.")
            for _ in range(3)
        )
    )
    again = await resident.press(page, action, "send", text="Nå er det is også.")
    assert "Nå er det is også." in sent[0].said
    assert "a.png" in again.said
    assert again.form(action).fields["text"] == ""
    [supplement] = await supplements(database)
    assert supplement.text == "Nå er det is også."
    assert await events(database, "submission.supplemented") == 1


async def test_what_cannot_be_added_is_told_and_kept(
    resident: Resident, case: Accepted, database: Database
) -> None:
    """Text and files; an empty addition is asked for a text or a file."""
    page = await resident.open(f"/sak/{case.secret}")
    action = f"/sak/{case.secret}/tillegg"
    empty = await resident.press(page, action, "send")
    assert empty.said.count("Skriv en tekst eller legg ved en fil.") == 2
    wrong = await resident.press(empty, action, "send", files=[("a.png", PNG)], text="Født 01019000083")
    assert wrong.said.count("fødselsnummer. Ta det ut") == 2
    assert wrong.form(action).fields["text"] == "Født 01019000083"
    assert "a.png" in wrong.said
    assert await supplements(database) == []
    right = await resident.press(wrong, action, "send", text="")
    assert "a.png" in right.said
    assert [supplement.text for supplement in await supplements(database)] == [""]


async def test_a_case_takes_a_hundred_additions(
    resident: Resident, case: Accepted, database: Database
) -> None:
    """Whoever has its address could else fill the disk; one more is told what to do, and nothing typed is lost."""
    async with database.transaction() as tx:
        found = await store.submission_by_secret(tx.session, case.secret)
        assert found
        for number in range(supplementing.MOST - 1):
            await store.add_supplement(tx.session, uuid4(), found.id, f"{number}", tx.now)
    page = await resident.open(f"/sak/{case.secret}")
    action = f"/sak/{case.secret}/tillegg"
    last = await resident.press(page, action, "send", text="Den siste.")
    assert "Den siste." in last.said
    refused = await resident.press(last, action, "send", text="En til.")
    assert refused.said.count("Send en ny henvendelse, og oppgi referansen.") == 2
    assert refused.form(action).fields["text"] == "En til."
    assert len(await supplements(database)) == supplementing.MOST


async def test_feedback_is_given_once_and_may_be_changed(
    resident: Resident, case: Accepted, database: Database, happened: Say, routing: list[AnswerText]
) -> None:
    """The same again says nothing new; the comment stays with intake."""
    routing.append(answer("Vi har brøytet nå."))
    await happened(CaseAnswered, answer_id=uuid4(), person="ola", unit="kommunalteknikk")
    action = f"/sak/{case.secret}/tilbakemelding"
    page = await resident.open(f"/sak/{case.secret}")
    for _ in range(2):
        thanked = await resident.press(page, action, helped="yes", comment="Takk, snøkåte hilsener!")
    assert "Takk for tilbakemeldingen" in thanked.said
    assert thanked.form(action).fields["helped"] == "yes"
    assert await events(database, "feedback.given") == 1
    await resident.press(thanked, action, helped="no", comment="")
    assert await events(database, "feedback.given") == 2
    async with database.reading() as session:
        [kept] = await session.scalars(select(store.Feedback))
        bodies = " ".join(map(str, await session.scalars(select(inbox.c.body))))
    assert (kept.helped, kept.comment) == (False, "")
    assert "snøkåte" not in bodies


async def test_process_and_outcome_are_said_apart_and_may_be_left_open(
    resident: Resident, case: Accepted, database: Database, happened: Say, routing: list[AnswerText]
) -> None:
    """Both on the bus as numbers; taken back they are none, and what is on no scale is refused."""
    routing.append(answer("Vi har brøytet nå."))
    await happened(CaseAnswered, answer_id=uuid4(), person="ola", unit="kommunalteknikk")
    action = f"/sak/{case.secret}/tilbakemelding"
    page = await resident.open(f"/sak/{case.secret}")
    assert "process" not in page.form(action).fields
    said = await resident.press(page, action, helped="no", process="5", outcome="2")
    assert said.form(action).fields["process"] == "5"
    assert said.form(action).fields["outcome"] == "2"
    await resident.press(said, action, helped="no", process="", outcome="2")
    wrong = await resident.press(said, action, helped="no", process="6", outcome="2")
    assert wrong.status == 422
    assert wrong.said.count("Velg ett av svarene.") == 2
    async with database.reading() as session:
        [kept] = await session.scalars(select(store.Feedback))
        bodies = list(
            await session.scalars(
                select(inbox.c.body)
                .where(inbox.c.type == "no.svarfrist.feedback.given.v1")
                .order_by(inbox.c.at)
            )
        )
    assert (kept.process, kept.outcome) == (None, 2)
    assert [(body["process"], body["outcome"]) for body in bodies] == [(5, 2), (None, 2)]


async def test_feedback_without_a_thumb_is_asked_for_and_its_comment_kept(
    resident: Resident, case: Accepted, happened: Say, routing: list[AnswerText]
) -> None:
    """The summary leads to the choice."""
    routing.append(answer("Vi har brøytet nå."))
    await happened(CaseAnswered, answer_id=uuid4(), person="ola", unit="kommunalteknikk")
    page = await resident.open(f"/sak/{case.secret}")
    action = f"/sak/{case.secret}/tilbakemelding"
    wrong = await resident.press(page, action, comment="Hm.")
    assert wrong.status == 422
    assert wrong.said.count("Velg om svaret hjalp deg.") == 2
    assert wrong.form(action).fields["comment"] == "Hm."


async def test_feedback_needs_an_answer_to_be_about(
    resident: Resident, case: Accepted, database: Database
) -> None:
    """Before it there is no such form, and nothing is kept."""
    page = await resident.open(f"/sak/{case.secret}")
    assert all("tilbakemelding" not in form.action for form in page.forms)
    token = page.forms[0].fields["_csrf_token"]
    await resident.http.post(
        f"/sak/{case.secret}/tilbakemelding", data={"helped": "yes", "_csrf_token": token}
    )
    assert await events(database, "feedback.given") == 0


async def test_an_attachment_opens_by_its_link_and_cannot_run(
    resident: Resident, case: Accepted, client: httpx.AsyncClient
) -> None:
    """In a sandbox, as what its bytes say; a changed link opens nothing."""
    page = await resident.open(f"/sak/{case.secret}")
    markup = b"<script>alert(1)</script>"
    page = await resident.press(
        page, f"/sak/{case.secret}/tillegg", "send", files=[("a.png", PNG), ("b.html", markup)], text="Se her"
    )
    addresses = addresses_of(page)
    image, text = [await client.get(address) for address in addresses]
    assert (image.content, image.headers["content-type"]) == (PNG, "image/png")
    assert image.headers["content-disposition"].startswith("inline")
    assert text.headers["content-type"].startswith("text/plain")
    assert text.headers["content-disposition"] == "attachment; filename*=UTF-8''b.html.txt"
    for served in (image, text):
        assert served.headers["content-security-policy"].startswith("sandbox")
        assert served.headers["x-content-type-options"] == "nosniff"
    assert (await client.get(addresses[0][:-1] + "x")).status_code == 404
    assert (await client.get(addresses[0].split("?")[0])).status_code in {404, 422}


def addresses_of(page: Page) -> list[str]:
    """The links to attachments on a page."""
    return [
        part.split('"')[0].replace("&amp;", "&")
        for part in page.html.split('href="')[1:]
        if part.startswith("/vedlegg/")
    ]


async def test_events_of_another_service_reach_the_page_in_any_order(
    resident: Resident, case: Accepted, happened: Say
) -> None:
    """An event that is heard before the page is looked at, whatever came first."""
    await happened(
        PromiseReminded, hours=3, version=1, step="delay", recipients=1, expected_on=date(2027, 1, 4)
    )
    await happened(
        CaseAssigned, hours=1, unit="innbyggertorget", section="administrasjon", person=None,
        reason=AssignmentReason.NO_TOPIC,
    )  # fmt: skip
    page = await resident.open(f"/sak/{case.secret}")
    assert page.said.index("Sendt til Innbyggertorget") < page.said.index(
        "Vi sa fra om at det tar lengre tid"
    )

"""The resident's form without scripts: nothing typed is lost, and nothing is sent twice."""

import asyncio
import socket
from collections.abc import AsyncGenerator
from datetime import timedelta

import httpx
import nats
import pytest
from sqlalchemy import func, select, update

from services.intake import draft_store, store
from services.intake.app import DRAFTS_LAST
from shared.database import Database, inbox
from tests.integration.intake.conftest import serving, settings
from tests.integration.intake.visitor import Page, Resident
from tests.pictures import PNG

FILLED = {
    "topic": "vei-og-vinterdrift",
    "area": "heggedal",
    "text": "Veien er ikke brøytet.\nDet er tredje dagen.",
    "reply_wanted": "yes",
    "name": "Kari Nordmann",
    "email": "kari@innbygger.example",
    "phone": "",
}


@pytest.fixture
async def resident(client: httpx.AsyncClient) -> AsyncGenerator[Resident]:
    """Somebody without scripts."""
    async with Resident(client) as somebody:
        yield somebody


async def count(database: Database, table: object) -> int:
    """How many rows a table has."""
    async with database.reading() as session:
        return await session.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]


async def checked(resident: Resident, path: str = "/klage", **changes: str) -> Page:
    """The check page of a form that is filled in."""
    page = await resident.open(path)
    return await resident.press(page, path, **{**FILLED, **changes})


async def test_from_the_front_page_to_the_receipt(resident: Resident, database: Database) -> None:
    """Form, check page, receipt: the reference, the promised day and the link are on it."""
    front = await resident.open("/")
    for path in ("/ros", "/klage", "/sporsmal"):
        assert f'href="{path}"' in front.html
    check = await checked(resident)
    assert check.url.path == "/klage/kontroller"
    for words in (
        "Vei og vinterdrift",
        "Heggedal",
        "tredje dagen",
        "Kari Nordmann",
        "mandag 28. desember 2026",
    ):
        assert words in check.said
    assert await count(database, store.Submission) == 0
    receipt = await resident.press(check, "/klage/kontroller")
    assert receipt.url.path.startswith("/kvittering/")
    async with database.reading() as session:
        [sent] = await session.scalars(select(store.Submission))
        contact = await session.get(store.Contact, sent.id)
    assert (sent.kind, sent.channel, sent.topic, sent.area) == (
        "complaint",
        "web",
        "vei-og-vinterdrift",
        "heggedal",
    )
    assert sent.text == FILLED["text"]
    assert contact
    assert contact.email == FILLED["email"]
    for words in (sent.reference, "mandag 28. desember 2026", "første juledag", f"/sak/{sent.secret}"):
        assert words in receipt.said
    assert receipt.headers["cache-control"] == "private, no-store"
    assert receipt.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(("path", "kind"), [("/ros", "praise"), ("/sporsmal", "question")])
async def test_without_an_answer_wanted_nobody_is_asked_who_she_is(
    resident: Resident, database: Database, path: str, kind: str
) -> None:
    """What she typed before she changed her mind is not sent either."""
    check = await checked(resident, path, reply_wanted="no", email="halvskrevet@")
    assert "halvskrevet" not in check.said
    receipt = await resident.press(check, f"{path}/kontroller")
    assert receipt.url.path.startswith("/kvittering/")
    assert "Du får svar senest" not in receipt.said
    async with database.reading() as session:
        [sent] = await session.scalars(select(store.Submission))
    assert (sent.kind, sent.reply_wanted, sent.due_on) == (kind, False, None)
    assert await count(database, store.Contact) == 0


async def test_what_is_wrong_is_told_twice_in_the_same_words_and_all_that_was_typed_is_still_there(
    resident: Resident,
) -> None:
    """In the summary with a link to the field, and at the field; files are kept, too."""
    page = await resident.open("/klage")
    typed = {**FILLED, "text": "  Født 01019000083 \n her ", "email": "kari@", "reply_wanted": "yes"}
    wrong = await resident.press(page, "/klage", files=[("bilde.png", PNG)], **typed)
    assert wrong.url.path == "/klage"
    for name, words in (("text", "fødselsnummer. Ta det ut"), ("email", "Skriv en gyldig e-postadresse")):
        assert f'<a class="ds-link" href="#{name}">' in wrong.html
        assert wrong.said.count(words) == 2
    kept = wrong.form("/klage").fields
    assert {name: kept[name] for name in FILLED} == typed
    assert "bilde.png" in wrong.said
    again = await resident.open("/klage")
    assert {name: again.form("/klage").fields[name] for name in FILLED} == typed


async def test_everything_that_is_missing_is_asked_for(resident: Resident) -> None:
    """An empty form names what must be filled in, and nothing else."""
    page = await resident.open("/sporsmal")
    wrong = await resident.press(page, "/sporsmal")
    assert wrong.html.count('<a class="ds-link" href="#') == 2
    assert "Skriv hva du lurer på." in wrong.said
    assert "Velg om du ønsker et svar." in wrong.said


async def test_files_are_kept_removed_and_refused_without_losing_what_was_typed(resident: Resident) -> None:
    """Each with a button of its own; a refused one says why."""
    page = await resident.open("/klage")
    page = await resident.press(
        page,
        "/klage",
        "add",
        files=[("a.png", PNG), ("b.txt", b"tekst"), ("c.exe", b"MZ" + bytes(99))],
        **FILLED,
    )
    assert "a.png" in page.said
    assert "«c.exe» er ikke et bilde" in page.said
    [remove, _] = [value for name, value in page.form("/klage").buttons if value.startswith("remove:")]
    page = await resident.press(page, "/klage", remove)
    assert "a.png" not in page.said
    assert "b.txt" in page.said
    assert page.form("/klage").fields["text"] == FILLED["text"]
    check = await resident.press(page, "/klage")
    assert "b.txt" in check.said


async def test_more_than_five_files_are_refused_in_words(resident: Resident) -> None:
    """The first five are kept."""
    page = await resident.open("/klage")
    files = [(f"{number}.png", PNG + bytes(number)) for number in range(6)]
    page = await resident.press(page, "/klage", "add", files=files)
    assert "«5.png» ble ikke med" in page.said
    assert sum(value.startswith("remove:") for _, value in page.form("/klage").buttons) == 5


async def test_attachments_go_with_the_submission(resident: Resident, database: Database) -> None:
    """They leave the draft, the event says how many, and the case page shows them."""
    page = await resident.open("/klage")
    check = await resident.press(page, "/klage", files=[("a.png", PNG), ("b.txt", b"tekst")], **FILLED)
    receipt = await resident.press(check, "/klage/kontroller")
    async with database.reading() as session:
        [sent] = await session.scalars(select(store.Submission))
        files = await store.attachments(session, sent.id)
        [received] = await session.scalars(select(inbox.c.body))
    assert [(file.name, file.media_type) for file in files] == [
        ("a.png", "image/png"),
        ("b.txt", "text/plain"),
    ]
    assert received["attachments"] == 2
    case = await resident.open(receipt.url.path.replace("/kvittering/", "/sak/"))
    assert "a.png" in case.said


async def test_sending_twice_in_any_way_makes_one_submission(resident: Resident, database: Database) -> None:
    """A double click, a reload, the back button, and the first form sent anew: all lead to the same receipt."""
    form = await resident.open("/klage")
    check = await resident.press(form, "/klage", **FILLED)
    clicks = await asyncio.gather(*(resident.press(check, "/klage/kontroller") for _ in range(4)))
    reloaded = await resident.press(check, "/klage/kontroller")
    back_to_check = await resident.open(str(check.url))
    back_to_form = await resident.press(form, "/klage", **{**FILLED, "text": "Noe annet"})
    pages = [*clicks, reloaded, back_to_check, back_to_form]
    assert {page.url.path for page in pages} == {clicks[0].url.path}
    assert clicks[0].url.path.startswith("/kvittering/")
    assert await count(database, store.Submission) == 1


async def test_a_new_form_after_a_receipt_is_empty(resident: Resident, database: Database) -> None:
    """And makes a second submission; what was sent is no longer in the draft."""
    await resident.press(await checked(resident), "/klage/kontroller")
    fresh = await resident.open("/klage")
    assert fresh.form("/klage").fields["text"] == ""
    await resident.press(await checked(resident), "/klage/kontroller")
    assert await count(database, store.Submission) == 2
    async with database.reading() as session:
        drafts = list(await session.scalars(select(store.Draft)))
    assert [draft.answers for draft in drafts] == [{}, {}]


async def test_a_form_left_half_way_is_there_when_she_comes_back_and_can_be_thrown_away(
    resident: Resident, database: Database
) -> None:
    """The cookie goes when the browser closes; until then it is offered, with a way to start afresh."""
    page = await resident.open("/ros")
    await resident.press(page, "/ros", text="Biblioteket er")
    again = await resident.open("/ros")
    assert again.form("/ros").fields["text"] == "Biblioteket er"
    assert "Vi har tatt vare på" in again.said
    fresh = await resident.press(again, "/ros", "restart")
    assert fresh.form("/ros").fields["text"] == ""
    assert await count(database, store.Draft) == 0


async def test_nobody_else_sees_a_draft(client: httpx.AsyncClient, resident: Resident) -> None:
    """Its id alone opens nothing, and the cookie is the browser's own and gone with it."""
    check = await checked(resident)
    cookie = next(cookie for cookie in resident.http.cookies.jar if cookie.name == "utkast")
    assert cookie.expires is None
    async with Resident(client) as other:
        seen = await other.open(str(check.url))
        assert seen.url.path == "/klage"
        assert "tredje dagen" not in seen.html
        assert "er ikke her lenger" in seen.said
        form = await other.open("/klage")
        sent = await other.press(
            form, "/klage", utkast=check.form("/klage/kontroller").fields["utkast"], text="Min"
        )
        assert sent.form("/klage").fields["text"] == "Min"
    assert (await resident.open(str(check.url))).url.path == "/klage/kontroller"


async def test_a_draft_is_deleted_a_day_after_it_was_touched(resident: Resident, database: Database) -> None:
    """With its files."""
    page = await resident.open("/ros")
    await resident.press(page, "/ros", "add", files=[("a.png", PNG)], text="Takk")
    async with database.transaction() as tx:
        for hours, deleted in ((23, 0), (25, 1)):
            await tx.session.execute(update(store.Draft).values(touched_at=tx.now - timedelta(hours=hours)))
            assert await draft_store.delete_drafts_before(tx.session, tx.now - DRAFTS_LAST) == deleted
    assert await count(database, store.Draft) == 0
    assert await count(database, store.Attachment) == 0


async def test_a_machine_that_fills_in_everything_is_told_and_sends_nothing(
    resident: Resident, database: Database
) -> None:
    """And a person whose browser did it loses nothing and can go on."""
    page = await resident.open("/klage")
    caught = await resident.press(page, "/klage", **FILLED, nettsted="https://spam.example")
    assert caught.url.path == "/klage"
    assert "Et felt som skal stå tomt" in caught.said
    assert caught.form("/klage").fields["text"] == FILLED["text"]
    assert caught.form("/klage").fields["nettsted"] == ""
    check = await resident.press(caught, "/klage")
    assert check.url.path == "/klage/kontroller"
    assert await count(database, store.Submission) == 0


async def test_a_form_from_another_site_is_refused(client: httpx.AsyncClient, resident: Resident) -> None:
    """Without the token of our own page."""
    refused = await client.post("/klage", data={"text": "x"})
    assert refused.status_code == 403
    assert (await resident.open("/")).status == 200


async def test_the_form_is_in_the_readers_language(resident: Resident) -> None:
    """Topics, too."""
    page = await resident.open("/klage?lang=nn")
    assert "Kva vil du klage på?" in page.said
    assert "Veg og vinterdrift" in page.said


async def test_a_municipality_without_areas_does_not_ask_where(
    database_url: str, database: Database, bus: nats.NATS, nats_url: str
) -> None:
    """Sørum, from the form to the receipt."""
    assert bus.is_connected
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        sorum = settings(database_url, nats_url, address, municipality="sorum")
        async with (
            serving(sorum, [listening]),
            httpx.AsyncClient(base_url=address, timeout=60) as client,
            Resident(client) as resident,
        ):
            form = await resident.open("/ros")
            assert "area" not in form.form("/ros").fields
            check = await resident.press(
                form, "/ros", text="Takk til biblioteket!", topic="bibliotek", reply_wanted="no"
            )
            assert "Hvor gjelder det?" not in check.said
            receipt = await resident.press(check, "/ros/kontroller")
    assert "Takk for rosen!" in receipt.said
    async with database.reading() as session:
        [sent] = await session.scalars(select(store.Submission))
    assert (sent.kind, sent.topic, sent.area) == ("praise", "bibliotek", None)

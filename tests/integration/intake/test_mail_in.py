"""Residents' replies by mail, over SMTP, into a real database."""

import asyncio
import smtplib
from collections.abc import AsyncGenerator, Callable
from email.message import EmailMessage
from email.policy import SMTP
from uuid import uuid4

import pytest
from sqlalchemy import func, select

from services.intake import draft_store, store
from services.intake.accepting import Accepted, Acceptor
from services.intake.app import create_app
from services.intake.mail_in import SIZE_LIMIT, MailIn
from services.intake.parts import Parts
from shared.database import Database, inbox
from shared.mail_listener import MailListener
from shared.signed_address import REPLY, SignedAddresses
from tests.integration.intake.conftest import SECRET, complaint, settings
from tests.pictures import PNG

ADDRESSES = SignedAddresses(REPLY, SECRET, "svar.asker.example")
Send = Callable[..., tuple[int, str]]


@pytest.fixture
async def case(acceptor: Acceptor) -> Accepted:
    """A complaint that has been accepted."""
    return await acceptor.accept(complaint())


@pytest.fixture
async def port(database_url: str) -> AsyncGenerator[int]:
    """Where replies are taken."""
    parts: Parts = create_app(settings(database_url, "nats://127.0.0.1:1", "http://localhost")).state["parts"]
    async with await listening_on(0, parts).listen() as listener:
        yield listener.sockets[0].getsockname()[1]
    await parts.database.close()


def listening_on(port: int, parts: Parts) -> MailListener:
    """As `create_app` puts it together."""
    return MailListener(MailIn(parts, ADDRESSES), host="127.0.0.1", port=port, size_limit=SIZE_LIMIT)


def reply(text: str = "Det er veien forbi skolen.", **headers: str) -> EmailMessage:
    """A resident's mail."""
    made = EmailMessage()
    made["From"], made["Message-ID"] = "kari@innbygger.example", "<1@innbygger.example>"
    for name, value in headers.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made


async def send(port: int, address: str, mail: EmailMessage) -> tuple[int, str]:
    """Code and words of the server's last answer, as a mail server hears them."""

    def hand_over() -> tuple[int, str]:
        with smtplib.SMTP("127.0.0.1", port, timeout=60) as server:
            server.ehlo()
            server.mail("kari@innbygger.example")
            code, said = server.rcpt(address)
            if code == 250:
                code, said = server.data(mail.as_bytes(policy=SMTP))
            return code, said.decode()

    return await asyncio.to_thread(hand_over)


async def supplements(database: Database) -> list[str]:
    """What has been added, in order, and as many events as there are supplements."""
    async with database.reading() as session:
        texts = list(await session.scalars(select(store.Supplement.text).order_by(store.Supplement.at)))
        said = select(func.count()).where(inbox.c.type == "no.svarfrist.submission.supplemented.v1")
        assert await session.scalar(said) == len(texts)
    return texts


async def test_a_reply_is_added_to_the_case_with_its_files(
    port: int, case: Accepted, database: Database
) -> None:
    """As if it had been written on the case's page."""
    mail = reply("Det er veien forbi skolen.\n\nDen 21. nov. 2026 skrev Asker <x@asker.example>:\n> Hvor?\n")
    mail.add_attachment(PNG, maintype="image", subtype="png", filename="vei.png")
    code, _ = await send(port, ADDRESSES.of(case.id), mail)
    assert code == 250
    assert await supplements(database) == ["Det er veien forbi skolen."]
    async with database.reading() as session:
        assert [file.name for file in await store.attachments(session, case.id)] == ["vei.png"]


async def test_the_same_mail_again_is_added_once(port: int, case: Accepted, database: Database) -> None:
    """A mail server that heard no answer delivers again; also after its draft has been tidied away."""
    for _ in range(2):
        assert (await send(port, ADDRESSES.of(case.id), reply()))[0] == 250
        async with database.transaction() as tx:
            await draft_store.delete_drafts_before(tx.session, tx.now.replace(year=2100))
    assert await supplements(database) == ["Det er veien forbi skolen."]


async def test_the_same_mail_twice_at_once_is_added_once_and_never_refused(
    port: int, case: Accepted, database: Database
) -> None:
    """Two servers may hand it over; whoever is second waits for the first, and is told the same."""
    answers = await asyncio.gather(*(send(port, ADDRESSES.of(case.id), reply()) for _ in range(3)))
    assert {code for code, _ in answers} == {250}
    assert await supplements(database) == ["Det er veien forbi skolen."]


@pytest.mark.parametrize("address", ["post@asker.example", "svar+1.x@svar.asker.example"])
async def test_an_address_of_no_case_is_refused_before_anything_is_sent(
    port: int, address: str, database: Database
) -> None:
    """The sender's own server tells her at once."""
    assert await send(port, address, reply()) == (550, "5.1.1 No case has this address")
    assert await supplements(database) == []


async def test_the_address_of_a_case_we_do_not_have_is_refused(port: int, database: Database) -> None:
    """Signed by us, and erased since."""
    assert (await send(port, ADDRESSES.of(uuid4()), reply()))[0] == 550
    assert await supplements(database) == []


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (("x" * 99 + "\n") * 100 + "x", "Teksten er 1 tegn for lang."),
        ("Jeg er 01010150589.", "fodselsnummer"),
        ("", "Skriv en tekst eller legg ved en fil."),
    ],
)
async def test_a_reply_that_cannot_be_added_says_why_and_leaves_nothing(
    port: int, case: Accepted, database: Database, text: str, why: str
) -> None:
    """In the resident's language, with the way that is open: nothing is half added, and nothing vanishes."""
    code, said = await send(port, ADDRESSES.of(case.id), reply(text))
    assert code == 554
    assert why in said
    assert "Skriv pa siden om saken din" in said
    assert await supplements(database) == []


async def test_a_file_that_cannot_be_kept_refuses_the_whole_reply(
    port: int, case: Accepted, database: Database
) -> None:
    """Half of a reply would look like all of it."""
    mail = reply()
    mail.add_attachment(b"MZ\x00\x01", maintype="application", subtype="octet-stream", filename="virus.exe")
    code, said = await send(port, ADDRESSES.of(case.id), mail)
    assert (code, "virus.exe" in said) == (554, True)
    assert await supplements(database) == []


async def test_an_out_of_office_message_is_taken_and_not_added(
    port: int, case: Accepted, database: Database
) -> None:
    """Refusing it would send another mail back; adding it would look like an answer."""
    code, said = await send(port, ADDRESSES.of(case.id), reply(Auto_Submitted="auto-replied"))
    assert (code, "not added" in said) == (250, True)
    assert await supplements(database) == []


async def test_a_database_that_is_away_makes_the_mail_server_try_again(
    database_url: str, case: Accepted
) -> None:
    """Nothing is said to be added that is not."""
    url = database_url.rpartition("/")[0] + "/gone"
    parts: Parts = create_app(settings(url, "nats://127.0.0.1:1", "http://localhost")).state["parts"]
    async with await listening_on(0, parts).listen() as listener:
        port = listener.sockets[0].getsockname()[1]
        assert (await send(port, ADDRESSES.of(case.id), reply()))[0] == 451
    await parts.database.close()

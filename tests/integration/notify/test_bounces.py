"""A mail that comes back is recorded on its message, once, and by nobody but those it was sent through."""

from collections.abc import AsyncGenerator

import aiosmtplib
import pytest

from services.notify.bounces import FORGED, NO_REPORT, SIZE_LIMIT, Bounces
from services.notify.messages import message_id
from services.notify.sender import Sender
from shared.mail_listener import MailListener
from shared.signed_address import BOUNCE, SignedAddresses
from tests.integration.notify.bounce_mails import out_of_office, report
from tests.integration.notify.mail_server import MailServer
from tests.integration.notify.office import Office
from tests.integration.notify.senders import (
    RESIDENT,
    RETURN_PATHS,
    Intake,
    drain,
    receipt_waits,
    sender_of,
    states,
)


class Port:
    """Where mails that come back are handed over."""

    def __init__(self, number: int) -> None:
        self.number = number

    async def hand_over(self, to: str, content: bytes) -> int:
        """The code of the answer; a notification has no sender."""
        async with aiosmtplib.SMTP(
            hostname="127.0.0.1", port=self.number, start_tls=False, timeout=60
        ) as client:
            try:
                await client.sendmail("", to, content)
            except aiosmtplib.SMTPRecipientsRefused as refused:
                return refused.recipients[0].code
            except aiosmtplib.SMTPResponseException as refused:
                return refused.code
            return 250


@pytest.fixture
async def port(office: Office) -> AsyncGenerator[Port]:
    """Notify's listener."""
    bounces = Bounces(office.database, "asker", RETURN_PATHS)
    listener = await MailListener(bounces, host="127.0.0.1", port=0, size_limit=SIZE_LIMIT).listen()
    yield Port(listener.sockets[0].getsockname()[1])
    listener.close()


@pytest.fixture
async def return_path(office: Office, server: MailServer, intake: Intake) -> str:
    """The envelope's sender of a receipt that the mail server has taken."""
    await receipt_waits(office)
    sender: Sender = sender_of(office, server.port, intake)
    await drain(sender)
    assert await states(office) == [("sent", 1)]
    return server.senders[0]


async def test_a_mail_names_its_message_in_the_envelope_and_nowhere_else(
    office: Office, server: MailServer, return_path: str
) -> None:
    """Signed; people still see and answer the municipality's own addresses."""
    (row,) = await office.messages()
    assert RETURN_PATHS.read(return_path) == row.id
    assert return_path.endswith("@retur.asker.example")
    (mail,) = server.taken
    assert "ikke-svar@asker.example" in mail["From"]
    assert "bounce+" not in mail.as_string()


async def test_a_mail_that_comes_back_is_recorded_and_said_once_however_often_it_is_told(
    office: Office, port: Port, return_path: str
) -> None:
    """With its status code and without the address; capitals in the address change nothing."""
    assert await port.hand_over(return_path, report(return_path)) == 250
    assert await port.hand_over(return_path.upper(), report(return_path, status="5.7.1")) == 250
    (row,) = await office.messages()
    assert (row.state, row.bounce_status, row.bounced_at) == ("bounced", "5.1.1", office.clock())
    (said,) = await office.said("message.bounced")
    assert said["status"] == "5.1.1"
    assert (said["message_id"], said["message"], said["to_resident"]) == (str(row.id), "receipt", True)
    assert RESIDENT not in str(await office.outgoing())


async def test_a_delay_is_no_bounce(office: Office, port: Port, return_path: str) -> None:
    """The mail server still tries; it gave up only where it says failed, whatever the first digit."""
    delayed = report(return_path, action="delayed", status="4.4.1")
    assert await port.hand_over(return_path, delayed) == 250
    assert await port.hand_over(return_path, report(return_path, action="delivered", status="2.0.0")) == 250
    assert await states(office) == [("sent", 1)]
    assert await office.said("message.bounced") == []
    given_up = report(return_path, status="4.4.7")
    assert await port.hand_over(return_path, given_up) == 250
    assert [row.bounce_status for row in await office.messages()] == ["4.4.7"]


async def test_what_is_no_bounce_of_ours_is_refused_with_its_reason(
    office: Office, port: Port, return_path: str
) -> None:
    """An automatic answer, an unknown address, another secret's signature, a message there is none of."""
    (row,) = await office.messages()
    forged = SignedAddresses(BOUNCE, "f" * 64, "retur.asker.example").of(row.id)
    gone = RETURN_PATHS.of(message_id("nobody/receipt"))
    assert await port.hand_over(return_path, out_of_office(return_path)) == int(NO_REPORT[:3])
    assert await port.hand_over(forged, report(forged)) == int(FORGED[:3])
    for stranger in ("post@retur.asker.example", return_path.replace("retur.", ""), gone):
        assert await port.hand_over(stranger, report(stranger)) == 550
    assert await states(office) == [("sent", 1)]


async def test_what_could_not_be_recorded_is_told_again(office: Office, port: Port, return_path: str) -> None:
    """No 250 before the commit: with the database away the mail server hears 451 and keeps it."""
    async with office.database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE outbox RENAME TO outbox_away")
    assert await port.hand_over(return_path, report(return_path)) == 451
    assert await states(office) == [("sent", 1)]
    async with office.database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE outbox_away RENAME TO outbox")
    assert await port.hand_over(return_path, report(return_path)) == 250
    assert await states(office) == [("bounced", 1)]

"""Mail goes encrypted and signed in where the operator says so, and nowhere else."""

import asyncio
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.notify.delivery import ServerAwayError
from tests.integration.notify.certificates import certificate
from tests.integration.notify.mail_server import MailServer, running
from tests.integration.notify.office import Office
from tests.integration.notify.senders import RESIDENT, Intake, drain, receipt_waits, sender_of, states

PASSWORD = "correct-horse-battery-staple"


def secured(tmp_path: Path, tls: str, address: str = "127.0.0.1") -> tuple[MailServer, dict[str, object]]:
    """A mail server that asks for a password and encrypts, and the settings of a client it suits."""
    context, trusted = certificate(tmp_path, address)
    server = MailServer(certificate=context, implicit_tls=tls == "tls", password=PASSWORD)
    return server, {
        "smtp_tls": tls,
        "smtp_ca_file": trusted,
        "smtp_user": "svarfrist",
        "smtp_password": PASSWORD,
    }


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_mail_goes_encrypted_and_signed_in(
    office: Office, intake: Intake, tmp_path: Path, tls: str
) -> None:
    """Over STARTTLS, and with TLS from the first byte."""
    server, told = secured(tmp_path, tls)
    async with running(server):
        sender = sender_of(office, server.port, intake, **told)
        await receipt_waits(office)
        await drain(sender)
        assert server.recipients == [RESIDENT]
        assert server.signed_in == 1
        assert await states(office) == [("sent", 1)]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_wrong_password_is_nobodys_fault_and_stands_in_no_log(
    office: Office, intake: Intake, tmp_path: Path, tls: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The operator can mend it: no try is counted, the reason is told by its code, and the mail goes then."""
    server, told = secured(tmp_path, tls)
    async with running(server):
        await receipt_waits(office)
        wrong = sender_of(office, server.port, intake, **{**told, "smtp_password": "a-wrong-one"})
        with capture_logs() as logs:
            running_sender = asyncio.create_task(wrong.run())
            while not logs:
                await asyncio.sleep(0.01)
            running_sender.cancel()
        assert [entry["reason"] for entry in logs] == ["SMTPAuthenticationError 535"]
        for secret in ("a-wrong-one", PASSWORD, RESIDENT, "YS13cm9uZy1vbmU"):
            assert secret not in f"{logs} {caplog.text}"
        assert await states(office) == [("waiting", 0)]
        await drain(sender_of(office, server.port, intake, **told))
        assert await states(office) == [("sent", 1)]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
@pytest.mark.parametrize("wrong", ["unknown authority", "another host"])
async def test_a_server_that_cannot_show_who_it_is_gets_no_password_and_no_mail(
    office: Office, intake: Intake, tmp_path: Path, tls: str, wrong: str
) -> None:
    """A certificate of an authority we do not trust, or of another host: the mail waits, no try is counted."""
    server, told = secured(tmp_path, tls, "127.0.0.1" if wrong == "unknown authority" else "127.0.0.9")
    if wrong == "unknown authority":
        told["smtp_ca_file"] = None
    async with running(server):
        await receipt_waits(office)
        with pytest.raises(ServerAwayError):
            await sender_of(office, server.port, intake, **told).send_next()
        assert server.signed_in == 0
        assert server.taken == []
        assert await states(office) == [("waiting", 0)]


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_server_without_tls_gets_nothing_where_it_is_demanded(
    office: Office, intake: Intake, server: MailServer, tls: str
) -> None:
    """Neither the password nor the mail goes in the clear."""
    await receipt_waits(office)
    sender = sender_of(
        office, server.port, intake, smtp_tls=tls, smtp_user="svarfrist", smtp_password=PASSWORD
    )
    with pytest.raises(ServerAwayError):
        await sender.send_next()
    assert server.taken == []
    assert server.signed_in == 0
    assert await states(office) == [("waiting", 0)]


async def test_a_server_that_wants_a_sign_in_we_have_not_is_waited_for(
    office: Office, intake: Intake, tmp_path: Path
) -> None:
    """530 to a client without a password is the operator's to mend."""
    server, told = secured(tmp_path, "starttls")
    async with running(server):
        await receipt_waits(office)
        stranger = {**told, "smtp_user": None, "smtp_password": None}
        with pytest.raises(ServerAwayError):
            await sender_of(office, server.port, intake, **stranger).send_next()
        assert await states(office) == [("waiting", 0)]

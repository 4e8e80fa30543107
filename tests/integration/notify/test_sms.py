"""Text messages go out at least once, through a real HTTP gateway that fails in every way there is."""

from collections.abc import AsyncGenerator, Callable
from datetime import timedelta

import pytest
from httpx import ASGITransport, AsyncClient
from litestar import Litestar
from structlog.testing import capture_logs

from services.notify.carriers import BySms
from services.notify.delivery import ServerAwayError
from services.notify.handlers import Handlers
from services.notify.sender import Sender
from services.notify.short_messages import ShortMessages
from services.notify.sms import SmsGateway
from services.notify.sms_reports import addresses_of_reports, report_page
from services.notify.sms_text import parts
from shared.municipality import Municipality
from shared.questions import MailContact
from tests.integration.notify.gateway import Gateway, running_gateway
from tests.integration.notify.mail_server import MailServer
from tests.integration.notify.office import Office, answered, assigned, interim, oslo, supplemented
from tests.integration.notify.senders import (
    PHONE,
    SECRET,
    CrashError,
    Dying,
    Intake,
    drain,
    letters_of,
    receipt_waits,
    sender_of,
    sender_with,
    settings,
    states,
)

BY_PHONE = {"has_email": False, "has_phone": True}


@pytest.fixture
async def gateway() -> AsyncGenerator[Gateway]:
    """A gateway in good health."""
    async with running_gateway(Gateway()) as up:
        yield up


@pytest.fixture
def intake() -> Intake:
    """An intake whose resident left a phone number and no e-mail."""
    knows = Intake()
    knows.contact = MailContact(name="Kari Øye", phone=PHONE, language="nb", secret="hemmelig")
    return knows


Senders = Callable[..., Sender]


@pytest.fixture
async def senders(office: Office, gateway: Gateway, intake: Intake) -> AsyncGenerator[Senders]:
    """Makes senders of text messages, and ends their connections after the test."""
    gateways: list[SmsGateway] = []

    def make(kind: type[Sender] = Sender, **more: object) -> Sender:
        gateways.append(SmsGateway(settings(sms_url=gateway.url, sms_token="a-token", **more)))
        texts = ShortMessages(letters_of(office))
        return sender_with(office, BySms(texts, gateways[-1], "Asker"), intake, kind)

    yield make
    for each in gateways:
        await each.close()


@pytest.fixture
def sender(senders: Senders) -> Sender:
    """The sender of this test."""
    return senders()


async def test_a_resident_with_a_phone_and_no_mail_gets_the_receipt_and_the_answer_by_sms(
    office: Office, sender: Sender, gateway: Gateway, server: MailServer, intake: Intake
) -> None:
    """From the municipality, with the day and the link, in two parts at the most; the mail server hears nothing."""
    submission = await receipt_waits(office, **BY_PHONE)
    at = oslo("2026-11-16 11:00")
    await office.hears(interim(submission, at=at), answered(submission, at=at))
    await drain(sender)
    await drain(sender_of(office, server.port, intake))
    assert server.taken == []
    receipt = gateway.seen[0]
    assert receipt["request"] == "POST /xms/v1/plan/batches HTTP/1.1"
    assert receipt["headers"]["authorization"].startswith("Bearer ")
    assert (receipt["body"]["from"], receipt["body"]["to"]) == ("Asker", [PHONE])
    assert receipt["body"]["client_reference"] == receipt["headers"]["idempotency-key"]
    assert "mandag 23. november 2026" in receipt["body"]["body"]
    assert len(gateway.taken) == 3
    for text in gateway.taken.values():
        assert text.endswith("https://dialog.asker.example/sak/hemmelig")
        assert parts(text) <= 2
    assert {said["channel"] for said in await office.said("message.sent")} == {"sms"}
    assert {row.channel for row in await office.messages()} == {"sms"}


async def test_a_delay_is_told_by_sms_too(office: Office, sender: Sender, gateway: Gateway) -> None:
    """On the morning of the due day, with the new day."""
    submission = await receipt_waits(office, **BY_PHONE)
    await office.hears(assigned(submission, at=oslo("2026-11-16 10:00")))
    await drain(sender)
    await office.works("2026-11-23 08:00")
    await drain(sender)
    assert "mandag 30. november 2026" in list(gateway.taken.values())[-1]


@pytest.mark.parametrize("fault", ["500", "502", "408", "dies", "hangs", "takes it and hangs"])
async def test_a_gateway_that_fails_for_now_gets_the_same_message_again_later(
    office: Office, sender: Sender, senders: Senders, gateway: Gateway, fault: str
) -> None:
    """After a minute, with the same key: one that took it the first time sends it once."""
    await receipt_waits(office, **BY_PHONE)
    gateway.faults.append(fault)
    await drain(senders(sms_timeout=1) if fault.endswith("hangs") else sender)
    assert await states(office) == [("waiting", 1)]
    office.clock.advance(timedelta(minutes=1))
    await drain(sender)
    assert await states(office) == [("sent", 2)]
    assert len({request["headers"]["idempotency-key"] for request in gateway.seen}) == 1
    assert len(gateway.taken) == 1


@pytest.mark.parametrize("fault", ["401", "402", "403", "404", "429", "503", "301 moved"])
async def test_a_gateway_that_does_not_let_us_in_is_nobodys_fault(
    office: Office, sender: Sender, gateway: Gateway, fault: str
) -> None:
    """No try is counted, and nothing secret is in the reason; the message goes when it is mended."""
    await receipt_waits(office, **BY_PHONE)
    gateway.faults.append(fault)
    with pytest.raises(ServerAwayError) as away:
        await sender.send_next()
    assert away.value.reason.endswith(fault[:3])
    assert await states(office) == [("waiting", 0)]
    await drain(sender)
    assert await states(office) == [("sent", 1)]


async def test_a_gateway_that_cannot_be_reached_is_nobodys_fault(
    office: Office, senders: Senders, gateway: Gateway
) -> None:
    """Nobody listens: the message is as it was before."""
    gateway.port = 1
    await receipt_waits(office, **BY_PHONE)
    with pytest.raises(ServerAwayError):
        await senders().send_next()
    assert await states(office) == [("waiting", 0)]


async def test_a_number_the_gateway_does_not_take_fails_at_once(
    office: Office, sender: Sender, gateway: Gateway
) -> None:
    """No second try; neither the number nor the gateway's words are kept or logged."""
    await receipt_waits(office, **BY_PHONE)
    gateway.faults.append("400")
    with capture_logs() as logs:
        await drain(sender)
    assert await states(office) == [("failed", 1)]
    (said,) = await office.said("message.failed")
    assert (said["error"], said["channel"]) == ("message_refused 400", "sms")
    assert PHONE[1:] not in f"{logs} {await office.outgoing()}"


async def test_a_crash_between_send_and_record_sends_the_same_sms_again(
    office: Office, senders: Senders, gateway: Gateway
) -> None:
    """With the same idempotency key, by which the gateway knows it as a copy."""
    await receipt_waits(office, **BY_PHONE)
    with pytest.raises(CrashError):
        await senders(Dying).send_next()
    assert await states(office) == [("waiting", 0)]
    await drain(senders())
    assert await states(office) == [("sent", 1)]
    assert len(gateway.seen) == 2
    assert len(gateway.taken) == 1


async def test_a_municipality_that_sends_no_sms_writes_none_down(office: Office, asker: Municipality) -> None:
    """A switch in its configuration; mail goes as before."""
    messages = asker.messages.model_copy(update={"sms": False})
    office.municipality = asker.model_copy(update={"messages": messages})
    office.__post_init__()
    await receipt_waits(office, **BY_PHONE)
    assert await office.messages() == []
    await receipt_waits(office, has_phone=True)
    assert [row.channel for row in await office.messages()] == ["email"]


async def test_a_municipality_that_begins_with_sms_does_not_tell_what_is_long_past(office: Office) -> None:
    """Who could not be reached before is told what happens from now on, and not the whole story at once."""
    begun = office.municipality
    silent = begun.model_copy(update={"messages": begun.messages.model_copy(update={"sms": False})})
    office.handlers = Handlers(silent)
    submission = await receipt_waits(office, **BY_PHONE)
    await office.hears(interim(submission, at=oslo("2026-11-16 11:00")))
    assert await office.told() == []
    office.handlers = Handlers(begun)
    await office.hears(
        answered(submission, at=oslo("2026-11-18 09:00")),
        supplemented(submission, at=oslo("2026-11-18 10:00")),
    )
    assert await office.told() == [("answer", "resident"), ("supplemented", "caseworker")]


async def test_the_gateway_is_asked_for_reports_only_where_they_are_wanted(
    office: Office, senders: Senders, gateway: Gateway
) -> None:
    """With an address of the message's own; what another gateway is posted names it where it likes."""
    await receipt_waits(office, **BY_PHONE)
    await drain(senders())
    assert "callback_url" not in gateway.seen[-1]["body"]
    await receipt_waits(office, **BY_PHONE)
    await drain(senders(sms_reports=True))
    asked = gateway.seen[-1]["body"]
    assert asked["delivery_report"] == "per_recipient_final"
    assert asked["callback_url"].startswith("https://dialog.asker.example/sms-status/sms+")
    await receipt_waits(office, **BY_PHONE)
    await drain(senders(sms_reports=True, sms_body={"to": "{to}", "body": "{text}", "tell": "{report}"}))
    assert set(gateway.seen[-1]["body"]) == {"to", "body", "tell"}


async def test_a_text_message_that_no_phone_got_is_told_as_a_mail_that_came_back(
    office: Office, senders: Senders, gateway: Gateway
) -> None:
    """Once however often it is reported; a delivery, a forged address and nonsense change nothing."""
    await receipt_waits(office, **BY_PHONE)
    await drain(senders(sms_reports=True))
    path = gateway.seen[-1]["body"]["callback_url"].removeprefix("https://dialog.asker.example")
    page = report_page(office.database, "asker", addresses_of_reports(SECRET))
    told = {"type": "recipient_delivery_report_sms", "recipient": PHONE, "code": 0}
    app = ASGITransport(Litestar([page], openapi_config=None))  # type: ignore[arg-type] # httpx's own idea of ASGI
    async with AsyncClient(transport=app, base_url="http://notify.internal") as client:

        async def answer(status: object, to: str = path) -> int:
            return (await client.post(to, json={**told, "status": status})).status_code

        assert [await answer(status) for status in ("Dispatched", "Delivered", "Unknown")] == [204] * 3
        forged = path[:-1] + ("a" if path[-1] != "a" else "b")
        assert await answer("Failed", forged) == 403
        assert await answer("Failed", "/sms-status/somebody") == 404
        assert await answer(None) == 400
        assert (await client.post(path, content=b"{")).status_code == 400
        assert await office.said("message.bounced") == []
        assert [await answer("Expired") for _ in range(2)] == [204, 204]
    (bounced,) = await office.said("message.bounced")
    assert (bounced["message"], bounced["status"]) == ("receipt", "sms.expired")
    assert await states(office) == [("bounced", 1)]

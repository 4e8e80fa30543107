"""A resident chooses which messages to get, on a page or by the one click of a mail program."""

import httpx
import nats
from faststream.nats import NatsBroker

from services.intake.accepting import Accepted, Acceptor
from services.intake.submissions import Contact
from shared import questions
from shared.questions import ReadContact
from tests.integration.intake.conftest import complaint
from tests.integration.intake.visitor import Resident

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


async def wants_only_answers(nats_url: str, case: Accepted) -> bool:
    """What notify is told when it asks."""
    async with NatsBroker(nats_url, logger=None) as broker:
        return (await questions.ask(broker, ReadContact(case_id=case.id))).only_answers


async def test_a_resident_chooses_only_the_answers_and_changes_their_mind(
    client: httpx.AsyncClient, acceptor: Acceptor, nats_url: str, bus: nats.NATS
) -> None:
    """From a link on the case page, with a form; notify hears of it when it asks, and of its being undone."""
    assert bus.is_connected
    case = await acceptor.accept(complaint())
    address = f"/sak/{case.secret}/varsler"
    async with Resident(client) as resident:
        assert address in (await resident.open(f"/sak/{case.secret}")).html
        page = await resident.open(address)
        assert page.form(address).fields["notices"] == "all"
        assert "Foreløpige svar" in page.said
        assert "åpner saken din igjen" in page.said
        saved = await resident.press(page, address, notices="answers")
        assert "Du får bare svarene." in saved.said
        assert saved.form(address).fields["notices"] == "answers"
        assert await wants_only_answers(nats_url, case)
        undone = await resident.press(saved, address, notices="all")
        assert "Du får melding om alt" in undone.said
        assert not await wants_only_answers(nats_url, case)
        assert (await resident.press(undone, address, notices="")).status == 422


async def test_a_mail_programs_one_click_needs_no_page_no_cookie_and_is_not_sent_on(
    client: httpx.AsyncClient, acceptor: Acceptor, nats_url: str
) -> None:
    """As RFC 8058 asks; looking at the address changes nothing, and neither does a post of something else."""
    case = await acceptor.accept(complaint())
    address = f"/sak/{case.secret}/varsler/av"
    looked = await client.get(address)
    assert (looked.status_code, looked.headers["location"]) == (303, f"/sak/{case.secret}/varsler")
    assert (await client.post(address, data={"something": "else"})).status_code == 422
    assert (await client.post("/sak/no-such-case/varsler/av", data=ONE_CLICK)).status_code == 404
    assert not await wants_only_answers(nats_url, case)
    for _ in range(2):
        clicked = await client.post(address, data=ONE_CLICK)
        assert (clicked.status_code, clicked.text) == (200, "")
    assert await wants_only_answers(nats_url, case)


async def test_somebody_who_cannot_be_reached_has_nothing_to_choose(
    client: httpx.AsyncClient, acceptor: Acceptor
) -> None:
    """Without an address the page says so; with a phone number it speaks of text messages."""
    nobody = await acceptor.accept(complaint(contact=None))
    by_phone = await acceptor.accept(complaint(contact=Contact(phone="+4790000000")))
    async with Resident(client) as resident:
        page = await resident.open(f"/sak/{nobody.secret}/varsler")
        assert "sender deg ingen meldinger" in page.said
        assert f"/sak/{nobody.secret}/varsler" not in (await resident.open(f"/sak/{nobody.secret}")).html
        assert "SMS" in (await resident.open(f"/sak/{by_phone.secret}/varsler")).said
        assert (await resident.open("/sak/no-such-case/varsler")).status == 404

"""What other services may ask: over a real bus, and nothing that was not asked for."""

from uuid import uuid4

import httpx
import nats
from faststream.nats import NatsBroker

from services.intake.accepting import Acceptor
from services.intake.answering import excerpt
from services.intake.submissions import Contact
from shared import questions
from shared.database import Database
from shared.questions import ReadContact, ReadExcerpts, ReadSubmission
from tests.integration.intake.conftest import complaint


async def test_a_submission_is_read_with_all_that_belongs_to_it(
    client: httpx.AsyncClient, acceptor: Acceptor, nats_url: str, bus: nats.NATS
) -> None:
    """By routing, for the desk; one that is unknown is said to be."""
    assert bus.is_connected
    assert (await client.get("/health/ready")).status_code == 200
    accepted = await acceptor.accept(complaint())
    async with NatsBroker(nats_url, logger=None) as broker:
        found = await questions.ask(broker, ReadSubmission(case_id=accepted.id))
        unknown = await questions.ask(broker, ReadSubmission(case_id=uuid4()))
        to = await questions.ask(broker, ReadContact(case_id=accepted.id))
        nobody = await questions.ask(broker, ReadContact(case_id=uuid4()))
        first_words = await questions.ask(broker, ReadExcerpts(case_ids=[accepted.id, uuid4()]))
        to_ring = await questions.ask(broker, ReadExcerpts(case_ids=[accepted.id, uuid4()], phones=True))
    assert found.found
    assert found.text == "Veien er ikke brøytet."
    assert found.contact == questions.Contact(
        name="Kari Nordmann", email="kari@innbygger.example", phone="+4790000000"
    )
    assert not unknown.found
    assert to.model_dump() == {
        "found": True,
        "name": "Kari Nordmann",
        "email": "kari@innbygger.example",
        "phone": "+4790000000",
        "only_answers": False,
        "language": "nb",
        "secret": accepted.secret,
        "reference": accepted.reference,
    }
    assert not nobody.found
    assert first_words.excerpts == {accepted.id: "Veien er ikke brøytet."}
    assert (first_words.phones, to_ring.phones) == ({}, {accepted.id: "+4790000000"})


async def test_somebody_without_contact_details_is_found_without_an_address(
    client: httpx.AsyncClient, acceptor: Acceptor, database: Database, nats_url: str
) -> None:
    """Notify then sends nothing."""
    assert (await client.get("/health/ready")).status_code == 200
    accepted = await acceptor.accept(complaint(contact=None))
    named = await acceptor.accept(complaint(contact=Contact(name="Kari")))
    assert await database.answers()
    async with NatsBroker(nats_url, logger=None) as broker:
        to = await questions.ask(broker, ReadContact(case_id=accepted.id))
        to_named = await questions.ask(broker, ReadContact(case_id=named.id))
    assert (to.found, to.email, to.secret) == (True, None, accepted.secret)
    assert (to_named.name, to_named.email) == ("Kari", None)


def test_an_excerpt_is_the_first_words_on_one_line() -> None:
    """Cut between words, never longer than asked for."""
    assert excerpt("  Kort\n tekst ") == "Kort tekst"
    assert excerpt("ord " * 40, 20) == "ord ord ord ord ord…"
    assert excerpt("x" * 200, 20) == "x" * 19 + "…"

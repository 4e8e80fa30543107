"""Questions over the bus, on a real nats-server."""

from uuid import uuid4

import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from shared.questions import MailContact, NoAnswerError, ReadContact
from shared.service import Service
from shared.settings import ServiceSettings


def service(name: str, nats_url: str) -> Service:
    """A process that only asks and answers."""
    settings = ServiceSettings(
        database_url=SecretStr("postgresql+asyncpg://nobody@127.0.0.1:1/nothing"),
        nats_url=nats_url,
        nats_user=name,
        nats_password=SecretStr(""),
        municipality="asker",
        http_port=1,
        public_url="http://localhost",
        secret=SecretStr("ab" * 32),
    )
    return Service(name, settings)


async def test_an_answerer_that_fails_says_so_in_its_log(nats_url: str) -> None:
    """Who asked hears only that nobody answered; what went wrong stands where it went wrong."""
    intake, notify = service("intake", nats_url), service("notify", nats_url)

    async def read_contact(_: ReadContact) -> MailContact:
        raise LookupError("Kari Øye")

    intake.answer(ReadContact, read_contact)
    await intake.broker.start()
    await notify.broker.start()
    try:
        with capture_logs() as logged, pytest.raises(NoAnswerError):
            await notify.ask(ReadContact(case_id=uuid4()))
    finally:
        await notify.broker.stop()
        await intake.broker.stop()
    (failed,) = [line for line in logged if line["event"] == "question.failed"]
    assert (failed["subject"], failed["exc_info"]) == ("intake.contact.read", True)

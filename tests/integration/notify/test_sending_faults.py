"""Mails go out at least once, through a real SMTP server that fails at every point there is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from uuid import UUID

import pytest

from services.notify.delivery import ServerAwayError
from services.notify.sender import Sender
from services.notify.settings import RETRY_DELAYS
from shared.database import Database, Transaction
from shared.questions import MailContact, NoAnswerError, ReadContact
from tests.integration.notify.mail_server import MailServer, running
from tests.integration.notify.office import (
    Office,
    assigned,
    oslo,
)
from tests.integration.notify.senders import (
    CASEWORKER,
    RESIDENT,
    CrashError,
    Dying,
    Intake,
    drain,
    receipt_waits,
    sender_of,
    states,
)


@pytest.mark.parametrize(
    ("stage", "how", "is_seen"),
    [
        ("MAIL", "dies", False),
        ("MAIL", "hangs", False),
        ("MAIL", "451 4.3.0 try again later", False),
        ("RCPT", "dies", False),
        ("RCPT", "450 4.2.1 mailbox busy", False),
        ("DATA", "dies", False),
        ("DATA", "452 4.3.1 disk full", False),
        ("after DATA", "dies", True),
        ("after DATA", "hangs", True),
    ],
)
async def test_a_server_that_fails_for_now_gets_the_same_mail_again_later(
    office: Office,
    sender: Sender,
    server: MailServer,
    intake: Intake,
    stage: str,
    how: str,
    is_seen: bool,  # noqa: FBT001
) -> None:
    """Nothing is lost, the first pause is a minute, and the second try has the same Message-ID."""
    await receipt_waits(office)
    server.fails(stage, how)
    await drain(sender_of(office, server.port, intake, smtp_timeout=1) if how == "hangs" else sender)
    assert await states(office) == [("waiting", 1)]
    assert server.taken == []
    office.clock.advance(timedelta(seconds=59))
    await drain(sender)
    assert server.taken == []
    office.clock.advance(timedelta(seconds=1))
    await drain(sender)
    assert await states(office) == [("sent", 2)]
    assert len(server.taken) == 1
    assert len(set(server.seen)) == 1
    assert len(server.seen) == 1 + is_seen


async def test_a_server_that_cannot_be_reached_is_nobodys_fault(
    office: Office, sender: Sender, server: MailServer
) -> None:
    """Dead on connect, or saying it closes down: no try is counted, and the message goes when it is back."""
    await receipt_waits(office)
    server.fails("connect")
    server.fails("MAIL", "421 4.3.2 shutting down")
    for _ in range(2):
        with pytest.raises(ServerAwayError):
            await sender.send_next()
    assert await states(office) == [("waiting", 0)]
    await drain(sender)
    assert await states(office) == [("sent", 1)]


async def test_a_mail_server_that_is_down_for_a_day_loses_nothing_and_doubles_nothing(
    office: Office, intake: Intake
) -> None:
    """A day's submissions, each looked at in vain again and again, go out once each when it is back."""
    server = MailServer()
    async with running(server):
        pass
    sender = sender_of(office, server.port, intake)
    cases: set[UUID] = set()
    for _ in range(24):
        cases.add((await receipt_waits(office)).case_id)
        with pytest.raises(ServerAwayError):
            await sender.send_next()
        office.clock.advance(timedelta(hours=1))
    async with running(server):
        await drain(sender)
    assert len(server.taken) == len(set(server.seen)) == 24
    assert {row.state for row in await office.messages()} == {"sent"}
    assert {row.case_id for row in await office.messages()} == cases


async def test_an_address_that_does_not_exist_fails_at_once(
    office: Office, sender: Sender, server: MailServer
) -> None:
    """No second try; the failure is said on the bus as a code, and the server's words are kept nowhere."""
    await receipt_waits(office)
    server.fails("RCPT", f"550 5.1.1 <{RESIDENT}>: no such user")
    await drain(sender)
    assert await states(office) == [("failed", 1)]
    (said,) = await office.said("message.failed")
    assert (said["error"], said["message"]) == ("recipient_refused 550", "receipt")
    (row,) = await office.messages()
    assert (row.error, row.response_code) == ("recipient_refused", 550)


async def test_a_server_that_refuses_our_own_address_makes_no_mail_fail(
    office: Office, sender: Sender, server: MailServer
) -> None:
    """The operator can mend that; until then the mail waits."""
    await receipt_waits(office)
    server.fails("MAIL", "553 5.7.1 sender not allowed")
    await drain(sender)
    assert await states(office) == [("waiting", 1)]


async def test_a_mail_is_given_up_after_three_days_and_not_before(
    office: Office, sender: Sender, server: MailServer
) -> None:
    """Every try of the table is made; the last is more than 72 hours after the first."""
    await receipt_waits(office)
    began = office.clock()
    server.fails("RCPT", "450 4.2.1 mailbox busy", times=len(RETRY_DELAYS) + 1)
    for delay in RETRY_DELAYS:
        await drain(sender)
        assert (await office.messages())[0].state == "waiting"
        office.clock.advance(timedelta(seconds=delay))
    await drain(sender)
    assert office.clock() - began > timedelta(hours=72)
    assert await states(office) == [("failed", len(RETRY_DELAYS) + 1)]


class Forgetful(Database):
    """Loses its first transaction at the moment of the commit."""

    forgets = True

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Rolls the first one back."""
        async with super().transaction() as tx:
            yield tx
            if self.forgets:
                self.forgets = False
                raise OSError("the database is gone")


async def test_a_crash_between_send_and_record_sends_the_same_mail_again(
    office: Office, sender: Sender, server: MailServer, intake: Intake
) -> None:
    """The one case in which a second copy goes out: with the same Message-ID, by which it is known as one."""
    await receipt_waits(office)
    with pytest.raises(CrashError):
        await sender_of(office, server.port, intake, kind=Dying).send_next()
    assert await states(office) == [("waiting", 0)]
    await drain(sender)
    assert await states(office) == [("sent", 1)]
    assert len(server.taken) == 2
    assert len(set(server.seen)) == 1


async def test_a_database_that_loses_the_record_does_not_make_the_living_process_send_again(
    office: Office, server: MailServer, intake: Intake
) -> None:
    """It remembers what the server said, and records it at the next try."""
    await receipt_waits(office)
    url = office.database.engine.url.render_as_string(hide_password=False)
    office.database = forgetful = Forgetful(url, office.clock)
    sender = sender_of(office, server.port, intake)
    with pytest.raises(OSError, match="the database is gone"):
        await sender.send_next()
    assert await states(office) == [("waiting", 0)]
    await drain(sender)
    assert await states(office) == [("sent", 1)]
    assert len(server.taken) == 1
    await forgetful.close()


async def test_an_intake_that_does_not_answer_is_waited_for(
    office: Office, sender: Sender, server: MailServer, intake: Intake
) -> None:
    """The message is as it was before, and goes when intake is back."""
    await receipt_waits(office)
    intake.away = True
    with pytest.raises(NoAnswerError):
        await sender.send_next()
    intake.away = False
    await drain(sender)
    assert server.recipients == [RESIDENT]


async def test_a_case_that_intake_never_answers_about_does_not_stand_before_all_others(
    office: Office, server: MailServer
) -> None:
    """It lets others go first, counts no try, and is asked about again when they have gone."""
    silent = await receipt_waits(office)
    office.clock.advance(timedelta(seconds=1))
    other = await receipt_waits(office)
    intake = OftenSilent(silent.case_id)
    sender = sender_of(office, server.port, intake)
    with pytest.raises(NoAnswerError):
        await sender.send_next()
    assert await sender.send_next()
    assert {row.case_id: (row.state, row.attempts) for row in await office.messages()} == {
        silent.case_id: ("waiting", 0),
        other.case_id: ("sent", 1),
    }
    intake.silent_about = None
    await drain(sender)
    assert await states(office) == [("sent", 1), ("sent", 1)]


class OftenSilent(Intake):
    """Never answers about one case."""

    def __init__(self, silent_about: UUID) -> None:
        super().__init__()
        self.silent_about: UUID | None = silent_about

    async def __call__(self, question: ReadContact) -> MailContact:
        """The contact of any other case."""
        if question.case_id == self.silent_about:
            raise NoAnswerError(question.SUBJECT)
        return self.contact


async def test_a_mail_that_makes_the_server_hang_up_does_not_stand_before_all_others(
    office: Office, sender: Sender, server: MailServer
) -> None:
    """A server that says 421 to one recipient, each time, still gets the others' mails."""
    first = await receipt_waits(office)
    office.clock.advance(timedelta(seconds=1))
    other = await receipt_waits(office)
    server.fails("RCPT", "421 4.7.0 not now")
    with pytest.raises(ServerAwayError):
        await sender.send_next()
    assert await sender.send_next()
    assert {row.case_id: row.state for row in await office.messages()} == {
        first.case_id: "waiting",
        other.case_id: "sent",
    }


async def test_a_process_that_is_asked_to_stop_records_the_mail_it_is_handing_over(
    office: Office, sender: Sender, server: MailServer
) -> None:
    """Stopped between the server's 250 and the commit it would send a second copy at every deployment."""
    await receipt_waits(office)
    server.fails("after DATA", "waits a moment")
    running_sender = asyncio.create_task(sender.run())
    while not server.seen:
        await asyncio.sleep(0.005)
    running_sender.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running_sender
    assert len(server.taken) == 1
    assert await states(office) == [("sent", 1)]


async def test_what_the_server_said_is_remembered_until_it_is_recorded(
    office: Office, server: MailServer, intake: Intake
) -> None:
    """Also where another message, which somebody waits for more, goes in between."""
    submission = await receipt_waits(office)
    await drain(sender_of(office, server.port, intake))
    await office.hears(assigned(submission, at=oslo("2026-11-16 10:00")))
    url = office.database.engine.url.render_as_string(hide_password=False)
    lasting, office.database = office.database, (forgetful := Forgetful(url, office.clock))
    sender = sender_of(office, server.port, intake)
    with pytest.raises(OSError, match="the database is gone"):
        await sender.send_next()
    office.database = lasting
    await receipt_waits(office)
    await drain(sender)
    assert server.recipients.count(CASEWORKER) == 1
    await forgetful.close()


async def test_a_mail_that_cannot_be_written_does_not_stop_the_rest(
    office: Office, sender: Sender, server: MailServer, intake: Intake
) -> None:
    """An address with a line break in it: that message waits for its next try, the others go."""
    submission = await receipt_waits(office)
    await office.hears(assigned(submission, at=oslo("2026-11-16 10:00")))
    intake.contact = intake.contact.model_copy(update={"email": "kari@innbygger.example\nBcc: all"})
    await drain(sender)
    assert server.recipients == [CASEWORKER]
    (receipt,) = await office.messages("receipt")
    assert (receipt.state, receipt.error) == ("waiting", "unwritable_ValueError")

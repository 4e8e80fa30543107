"""Mails go out at least once, through a real SMTP server that fails at every point there is."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from services.notify.delivery import ServerAwayError
from services.notify.messages import MessageKind
from services.notify.pacer import Pacer
from services.notify.sender import Sender
from services.notify.settings import RETRY_DELAYS
from shared.database import Database, Transaction
from shared.questions import MailContact, NoAnswerError, ReadContact
from tests.events_for_tests import received
from tests.integration.notify.mail_server import MailServer, running
from tests.integration.notify.office import (
    Office,
    answered,
    assigned,
    extended,
    interim,
    merged,
    oslo,
    paused,
    reclassified,
    reopened,
    restarted,
    supplemented,
)
from tests.integration.notify.senders import (
    CASEWORKER,
    RESIDENT,
    CrashError,
    Dying,
    Intake,
    drain,
    gather,
    receipt_waits,
    sender_of,
    states,
)


@pytest.fixture
def sender(office: Office, server: MailServer, intake: Intake) -> Sender:
    """The sender of this test."""
    return sender_of(office, server.port, intake)


async def test_a_receipt_reaches_the_resident_in_their_language(
    office: Office, sender: Sender, server: MailServer
) -> None:
    """With the promised day, the reference and the secret link, as text and as HTML."""
    await receipt_waits(office)
    await drain(sender)
    (mail,) = server.taken
    assert (mail["To"], mail["Subject"]) == (RESIDENT, "Vi har fått klaga di (7K3M-92QX)")
    for part in ("plain", "html"):
        words = mail.get_body((part,)).get_content()  # type: ignore[union-attr]
        assert "måndag 23. november 2026" in words
        assert "https://dialog.asker.example/sak/hemmelig" in words
    assert await states(office) == [("sent", 1)]
    (said,) = await office.said("message.sent")
    assert (said["message"], said["to_resident"], said["attempts"]) == ("receipt", True, 1)


async def test_the_mails_of_a_case_hang_together_and_the_answer_itself_is_in_none(
    office: Office, sender: Sender, server: MailServer
) -> None:
    """A resident's mails answer the receipt, a caseworker's have a thread of their own."""
    submission = await receipt_waits(office)
    at = oslo("2026-11-16 11:00")
    await office.hears(
        assigned(submission, at=at), supplemented(submission, at=at), answered(submission, at=at)
    )
    await drain(sender)
    residents = [mail for mail in server.taken if mail["To"] == RESIDENT]
    staffs = [mail for mail in server.taken if mail["To"] == CASEWORKER]
    receipt = next(mail for mail in residents if not mail["References"])
    assert {mail["References"] for mail in residents} == {None, receipt["Message-ID"]}
    assert len({mail["References"] for mail in staffs}) == 1
    assert len(staffs) == 2
    assert {mail["Auto-Submitted"] for mail in server.taken} == {"auto-generated"}


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
    stage: str,
    how: str,
    is_seen: bool,  # noqa: FBT001
) -> None:
    """Nothing is lost, the first pause is a minute, and the second try has the same Message-ID."""
    await receipt_waits(office)
    server.fails(stage, how)
    await drain(sender)
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


async def test_two_notify_processes_send_each_mail_once(
    office: Office, server: MailServer, intake: Intake
) -> None:
    """Whoever has a message locked sends it; the other takes the next."""
    for _ in range(40):
        await receipt_waits(office)
    await asyncio.gather(*(drain(sender_of(office, server.port, intake)) for _ in range(3)))
    assert len(server.taken) == len(set(server.seen)) == 40


async def test_one_connection_serves_many_mails(office: Office, sender: Sender, server: MailServer) -> None:
    """It is kept open, and made anew only where it was lost."""
    for _ in range(5):
        await receipt_waits(office)
    await drain(sender)
    assert server.connections == 1


async def test_a_resident_without_an_address_any_more_is_no_failure(
    office: Office, sender: Sender, intake: Intake
) -> None:
    """Erased in the meantime, or never given: recorded as such."""
    await receipt_waits(office)
    intake.contact = MailContact(found=False)
    await drain(sender)
    assert await states(office) == [("no_address", 0)]
    assert await office.said("message") == []


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


async def test_a_receipt_never_stands_behind_a_storm_of_reminders(
    office: Office, sender: Sender, server: MailServer
) -> None:
    """What a resident waits for goes first, then assignments, then reminders."""
    for _ in range(3):
        submission = await receipt_waits(office)
        await office.hears(assigned(submission, at=oslo("2026-11-16 10:00")))
    await drain(sender)
    await office.works("2026-11-19 08:00")
    await gather(office)
    await receipt_waits(office)
    server.taken.clear()
    await sender.send_next()
    assert server.recipients == [RESIDENT]


async def test_a_reminder_of_what_has_been_answered_is_not_sent_late(
    office: Office, sender: Sender, server: MailServer
) -> None:
    """It waited while the mail server was away, and would remind of nothing."""
    submission = await receipt_waits(office)
    await office.hears(assigned(submission, at=oslo("2026-11-16 10:00")))
    await office.works("2026-11-19 08:00")
    await gather(office)
    await office.hears(answered(submission, at=oslo("2026-11-19 09:00")))
    await drain(sender)
    subjects = [mail["Subject"] for mail in server.taken]
    assert not any("frist" in subject for subject in subjects)
    assert [row.state for row in await office.messages("due_soon")] == ["obsolete"]


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


async def test_a_supplement_reaches_whoever_has_the_case_when_it_is_sent(
    office: Office, sender: Sender, server: MailServer
) -> None:
    """Handed over in the meantime: the new caseworker is told."""
    submission = received(at=oslo("2026-11-16 09:58"), has_email=False)
    at = oslo("2026-11-16 10:00")
    await office.hears(submission, supplemented(submission, at=at))
    await drain(sender)
    assert server.taken == []
    await office.hears(
        assigned(submission, at=at), assigned(submission, at=at + timedelta(hours=1), person="tor-kvam")
    )
    office.clock.advance(timedelta(minutes=1))
    await drain(sender)
    told = {mail["To"] for mail in server.taken if "Nytt i saken" in mail["Subject"]}
    assert told == {"tor.kvam@asker.example"}
    assert MessageKind.SUPPLEMENTED in {row.kind for row in await office.messages()}


async def test_a_resident_who_wants_only_the_answers_gets_only_the_answers(
    office: Office, sender: Sender, intake: Intake
) -> None:
    """Asked when it is sent: of a delay they are not told, of interim and final answers they are."""
    submission = await receipt_waits(office)
    await office.hears(assigned(submission, at=oslo("2026-11-16 10:00")))
    await drain(sender)
    intake.contact = intake.contact.model_copy(update={"only_answers": True})
    await office.works("2026-11-23 08:00")
    await drain(sender)
    at = oslo("2026-11-23 08:00")
    await office.hears(interim(submission, at=at), answered(submission, at=at))
    await drain(sender)
    residents = {row.kind: row.state for row in await office.messages() if row.to_resident}
    assert residents == {
        "receipt": "sent",
        "delay": "opted_out",
        "interim_answer": "sent",
        "answer": "sent",
    }


async def test_what_is_promised_or_asked_reaches_also_a_resident_who_wants_only_the_answers(
    office: Office, sender: Sender, intake: Intake
) -> None:
    """Also the answers that their case gets from the one it was merged with; not what only says how it goes."""
    case = await receipt_waits(office)
    intake.contact = intake.contact.model_copy(update={"only_answers": True})
    at = oslo("2026-11-17 10:00")
    await office.hears(
        assigned(case, at=oslo("2026-11-16 10:00")),
        paused(case, at=at, until=date(2026, 11, 17)),
    )
    await office.works("2026-11-18 08:00")
    hours = [at + timedelta(days=1, hours=hour) for hour in range(7)]
    await office.hears(
        interim(case, at=hours[0]),
        extended(case, at=hours[1], due_on=date(2026, 12, 4)),
        restarted(case, at=hours[2]),
        reclassified(case, at=hours[3], due_on=date(2026, 12, 7), answer_id=uuid4()),
        merged(case, at=hours[4], into=uuid4()),
        answered(case, at=hours[5]),
        reopened(case, at=hours[6], due_on=date(2026, 12, 9)),
    )
    office.clock.advance(timedelta(days=1))
    await drain(sender)
    residents = {row.kind: row.state for row in await office.messages() if row.to_resident}
    declined = {kind for kind, state in residents.items() if state == "opted_out"}
    assert declined == {"wait_ended", "merged"}
    assert {kind for kind, state in residents.items() if state == "sent"} == {
        "receipt", "question", "interim_answer", "extended", "restarted", "reclassified", "reopened", "answer",
    }  # fmt: skip


async def test_every_mail_to_a_resident_but_the_answer_says_how_to_get_fewer(
    office: Office, sender: Sender, server: MailServer
) -> None:
    """A link, and the headers by which a mail program does it with one click (RFC 8058); staff have no choice."""
    submission = await receipt_waits(office)
    at = oslo("2026-11-16 10:00")
    await office.hears(assigned(submission, at=at), interim(submission, at=at), answered(submission, at=at))
    await drain(sender)
    choice = "https://dialog.asker.example/sak/hemmelig/varsler"
    offered = [(mail["List-Unsubscribe"], mail["List-Unsubscribe-Post"]) for mail in server.taken]
    both = (f"<{choice}/av>", "List-Unsubscribe=One-Click")
    assert (offered.count(both), offered.count((None, None))) == (2, 2)
    for mail in server.taken:
        words = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
        assert (choice in words) == bool(mail["List-Unsubscribe"])


async def test_a_pacer_lets_no_more_through_than_it_may() -> None:
    """Evenly, also for several connections at once, and without credit for idle time."""
    now = [100.0]
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(round(seconds, 3))

    pacer = Pacer(10, monotonic=lambda: now[0], sleep=sleep)
    for _ in range(3):
        await pacer.turn()
    now[0] = 200.0
    await pacer.turn()
    assert slept == [0.1, 0.2]

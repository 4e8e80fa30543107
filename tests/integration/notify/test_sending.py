"""What goes out when all is well: to whom, in which order, and how the mails of a case hang together."""

import asyncio
from datetime import date, timedelta
from uuid import uuid4

from services.notify.messages import MessageKind
from services.notify.pacer import Pacer
from services.notify.sender import Sender
from shared.questions import MailContact
from tests.events_for_tests import received
from tests.integration.notify.mail_server import MailServer
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
    Intake,
    drain,
    gather,
    receipt_waits,
    sender_of,
    states,
)


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

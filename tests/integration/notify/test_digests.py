"""Who would get many reminders on a morning gets one mail, once, and it says what still makes sense."""

import asyncio
from datetime import time, timedelta
from uuid import UUID

import pytest
from aiosmtpd.smtp import Envelope

from services.notify import case_store
from services.notify.bounces import Bounces
from services.notify.digests import Gatherer
from services.notify.sender import Sender
from services.notify.store import MessageRow
from shared.events import SubmissionReceived
from shared.municipality import Municipality
from tests.integration.notify.bounce_mails import report
from tests.integration.notify.mail_server import MailServer
from tests.integration.notify.office import Office, answered, assigned, oslo
from tests.integration.notify.senders import (
    CASEWORKER,
    RETURN_PATHS,
    CrashError,
    Dying,
    Intake,
    drain,
    gather,
    receipt_waits,
    sender_of,
)

BREACH = "2026-11-24 08:00"


async def cases(office: Office, sender: Sender, count: int) -> list[SubmissionReceived]:
    """So many cases of one caseworker, with all that is sent before the promises break."""
    received = []
    for number in range(count):
        submission = await receipt_waits(office, case_id=UUID(int=number + 1), reference=f"7K3M-92Q{number}")
        await office.hears(assigned(submission, at=oslo("2026-11-16 10:00")))
        received.append(submission)
    await office.works("2026-11-19 08:00")
    await office.works("2026-11-23 08:00")
    await gather(office)
    await drain(sender)
    return received


async def digests(office: Office, day: str = "2026-11-24") -> list[MessageRow]:
    """The digests of a day."""
    return [row for row in await office.messages("digest") if row.key.endswith(day)]


async def breaches(office: Office) -> set[str]:
    """The states of the reminders of the breach and of their digests."""
    return {row.state for row in [*await office.messages("broken"), *await digests(office)]}


async def test_many_reminders_on_a_morning_are_one_mail_for_each_who_would_get_them(
    office: Office, sender: Sender, server: MailServer
) -> None:
    """It lists reference, topic, unit, due day and link; each case's ledger and events are as ever."""
    submissions = await cases(office, sender, 5)
    server.taken.clear()
    await office.works(BREACH)
    await gather(office)
    await drain(sender)
    assert len(server.taken) == 2  # the caseworker's and the unit leader's
    mail = next(mail for mail in server.taken if mail["To"] == CASEWORKER)
    assert mail["Subject"] == "5 saker trenger oppfølging"
    for part in ("plain", "html"):
        words = mail.get_body((part,)).get_content()  # type: ignore[union-attr]
        for submission in submissions:
            assert f"/saksbehandling/sak/{submission.reference}" in words
        assert words.count("mandag 23. november 2026") == 5
        assert "Kommunalteknikk Heggedal og Dikemark" in words
        assert "Kari" not in words
    assert await breaches(office) == {"sent"}
    for submission in submissions:
        assert (await office.steps(submission.case_id))["broken"] == "digest"
        told = await office.said("message.sent", of_case=submission.case_id)
        assert [said["message"] for said in told].count("broken") == 2
    assert "digest" not in {said["message"] for said in await office.said("message.sent")}


async def test_few_reminders_go_one_by_one(office: Office, sender: Sender, server: MailServer) -> None:
    """One less than the configuration says."""
    submissions = await cases(office, sender, 4)
    server.taken.clear()
    await office.works(BREACH)
    await gather(office)
    await drain(sender)
    assert len(server.taken) == 8
    assert (await office.steps(submissions[0].case_id))["broken"] == "sent"


@pytest.mark.parametrize("is_freed", [True, False])
async def test_a_digest_waits_for_the_steps_still_to_be_carried_out_but_not_for_ever(
    office: Office,
    sender: Sender,
    is_freed: bool,  # noqa: FBT001
) -> None:
    """In a storm, or where one case is held by another process: ten minutes at the most."""
    submissions = await cases(office, sender, 6)
    async with office.database.transaction() as elsewhere:
        await case_store.lock(elsewhere.session, [submissions[0].case_id])
        await office.works(BREACH)
        await gather(office)
        assert await digests(office) == []
        if not is_freed:
            office.clock.advance(timedelta(minutes=10))
            await gather(office)
            assert {row.state for row in await office.messages("broken")} == {"in_digest"}
            return
    await office.works()
    await gather(office)
    assert len(await digests(office)) == 2
    assert [row.state for row in await office.messages("broken")] == ["in_digest"] * 12


async def test_several_processes_write_one_digest_per_person_and_day(
    office: Office, sender: Sender, server: MailServer
) -> None:
    """However often they look; what comes later that day waits for the next morning where it is many again."""
    await cases(office, sender, 10)
    server.taken.clear()
    await office.works(BREACH, batch=3)
    gatherers = [Gatherer(office.database, office.clock, office.municipality) for _ in range(3)]
    await asyncio.gather(*(gatherer.work() for gatherer in gatherers))
    await asyncio.gather(*(gatherer.work() for gatherer in gatherers))
    await drain(sender)
    assert len(server.taken) == 2
    assert len({mail["Message-ID"] for mail in server.taken}) == 2


async def test_what_comes_after_the_days_digest_waits_for_the_next_mornings(
    office: Office, sender: Sender, asker: Municipality
) -> None:
    """One digest a day; few that come later go by themselves at once."""
    await cases(office, sender, 5)
    await office.works(BREACH)
    await gather(office)
    late = [
        await receipt_waits(office, case_id=UUID(int=100 + number), reference=f"9K3M-92Q{number}")
        for number in range(5)
    ]
    await office.hears(*(assigned(each, at=oslo("2026-11-16 10:00")) for each in late))
    await office.works("2026-11-24 11:00")
    await gather(office)
    waiting = await office.messages("broken")
    assert {row.state for row in waiting} == {"in_digest", "gathering"}
    assert len(await digests(office)) == 2
    office.clock.set(oslo("2026-11-25 08:00"))
    await gather(office)
    assert len(await digests(office, "2026-11-25")) == 2
    await drain(sender)
    assert {row.state for row in await office.messages()} == {"sent"}
    assert asker.reminders.digest.least == 5


async def test_a_digest_is_the_same_mail_at_each_try_and_after_a_crash(
    office: Office, sender: Sender, server: MailServer, intake: Intake
) -> None:
    """Refused for now, then sent by a process that dies before it can say so: the same Message-ID each time."""
    await cases(office, sender, 5)
    server.taken.clear()
    server.seen.clear()
    await office.works(BREACH)
    await gather(office)
    server.fails("after DATA", "451 4.3.0 try again later", times=2)
    await drain(sender)
    assert {row.state for row in await digests(office)} == {"waiting"}
    assert {row.state for row in await office.messages("broken")} == {"in_digest"}
    office.clock.advance(timedelta(minutes=1))
    with pytest.raises(CrashError):
        await sender_of(office, server.port, intake, kind=Dying).send_next()
    await drain(sender)
    assert len(server.taken) == 3
    assert len(set(server.seen)) == 2
    assert await breaches(office) == {"sent"}


async def test_what_has_been_answered_meanwhile_is_not_in_the_digest(
    office: Office, sender: Sender, server: MailServer
) -> None:
    """And a digest of which nothing is left is not sent."""
    submissions = await cases(office, sender, 5)
    server.taken.clear()
    await office.works(BREACH)
    await gather(office)
    at = oslo("2026-11-24 08:00")
    await office.hears(answered(submissions[0], at=at))
    server.fails("RCPT", "450 4.2.1 busy", times=3)  # the answer's mail, and both digests
    await drain(sender)
    await office.hears(*(answered(submission, at=at) for submission in submissions[1:]))
    office.clock.advance(timedelta(minutes=1))
    await drain(sender)
    assert await breaches(office) == {"obsolete"}
    assert not any("oppfølging" in mail["Subject"] for mail in server.taken)


async def test_a_digest_that_comes_back_is_a_bounce_of_each_of_its_reminders(
    office: Office, sender: Sender
) -> None:
    """Its own address leads to all of them."""
    await cases(office, sender, 5)
    await office.works(BREACH)
    await gather(office)
    await drain(sender)
    digest = next(row for row in await digests(office) if row.person == "linh-pham")
    bounces = Bounces(office.database, "asker", RETURN_PATHS)
    envelope = Envelope()
    envelope.rcpt_tos = [RETURN_PATHS.of(digest.id)]
    envelope.original_content = report(envelope.rcpt_tos[0])
    assert (await bounces.handle_DATA(None, None, envelope)).startswith("250")  # type: ignore[arg-type]
    assert len(await office.said("message.bounced")) == 5
    bounced = {row.person for row in await office.messages("broken") if row.state == "bounced"}
    assert bounced == {"linh-pham"}


async def test_a_digest_for_somebody_who_has_gone_goes_to_nobody(
    office: Office, sender: Sender, server: MailServer, intake: Intake, asker: Municipality
) -> None:
    """The configuration no longer knows the person: recorded on each of the reminders, too."""
    await cases(office, sender, 5)
    server.taken.clear()
    await office.works(BREACH)
    await gather(office)
    people = {name: person for name, person in asker.people.items() if name != "linh-pham"}
    office.municipality = asker.model_copy(update={"people": people})
    await drain(sender_of(office, server.port, intake))
    assert len(server.taken) == 1
    assert await breaches(office) == {"sent", "no_address"}


async def test_a_reminder_that_waited_does_not_go_by_night(
    office: Office, sender: Sender, server: MailServer
) -> None:
    """A mail server that is back at six in the evening gets it when the office opens."""
    submission = await receipt_waits(office)
    await office.hears(assigned(submission, at=oslo("2026-11-16 10:00")))
    await drain(sender)
    await office.works("2026-11-19 08:00")
    await gather(office)
    server.taken.clear()
    office.clock.set(oslo("2026-11-19 18:00"))
    await drain(sender)
    assert server.taken == []
    office.clock.set(oslo("2026-11-20 08:00"))
    await drain(sender)
    assert server.recipients == [CASEWORKER]


async def test_a_municipality_may_do_without_digests(
    office: Office, sender: Sender, server: MailServer, asker: Municipality
) -> None:
    """`from: 0` in its configuration."""
    never = asker.reminders.digest.model_copy(update={"least": 0})
    reminders = asker.reminders.model_copy(update={"digest": never})
    office.municipality = asker.model_copy(update={"reminders": reminders})
    await cases(office, sender, 5)
    server.taken.clear()
    await office.works(BREACH)
    await gather(office)
    await drain(sender)
    assert len(server.taken) == 10


async def test_a_municipality_may_choose_when_digests_go_out(
    office: Office, sender: Sender, server: MailServer, asker: Municipality
) -> None:
    """At nine: what comes up when the office opens waits until then, and what comes later goes at once."""
    at_nine = asker.reminders.digest.model_copy(update={"at": time(9)})
    reminders = asker.reminders.model_copy(update={"digest": at_nine})
    office.municipality = asker.model_copy(update={"reminders": reminders})
    await cases(office, sender, 5)
    server.taken.clear()
    await office.works(BREACH)
    await gather(office)
    await drain(sender)
    assert server.taken == []
    office.clock.set(oslo("2026-11-24 09:00"))
    await gather(office)
    await drain(sender)
    assert {mail["Subject"] for mail in server.taken} == {"5 saker trenger oppfølging"}

"""Mails about reports: to whom, when, once."""

from datetime import date
from email.message import EmailMessage
from pathlib import Path
from uuid import uuid4

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import select, text

from services.notify import __file__ as notify_file
from services.notify.delivery import Delivery
from services.notify.handlers import Handlers
from services.notify.letters import Letters
from services.notify.pacer import Pacer
from services.notify.report_mail.letters import ReportLetters
from services.notify.report_mail.mailing import ReportMailing, hearing
from services.notify.report_mail.store import ReportMail
from shared.catalogue import Catalogue
from shared.events import Event, ReportExplanationWanted, ReportFrozen
from tests.integration.notify.office import Office, oslo

HERE = Path(notify_file).parent
TEXTS = Catalogue(HERE / "texts", HERE / "report_mail" / "texts")


class Server:
    """A mail server that takes everything, or says what it is told to say once."""

    def __init__(self) -> None:
        self.taken: list[EmailMessage] = []
        self.says: list[Delivery] = []

    async def hand_over(self, mail: EmailMessage, *, sender: str | None = None) -> Delivery:
        """Takes a mail."""
        assert sender is None
        if self.says:
            return self.says.pop()
        self.taken.append(mail)
        return Delivery(code=250)

    async def close(self) -> None:
        """Nothing to close."""


class Mailing:
    """The part of notify under test, with its server."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.server = Server()
        letters = ReportLetters(
            office.municipality,
            Letters(office.municipality, TEXTS, sender="post@asker.example"),
            public_url="https://asker.example",
        )
        self.mailing = ReportMailing(
            office.database,
            office.municipality,
            letters,
            self.server,
            Pacer(1000),
            retry_delays=(60.0, 300.0),
        )
        self._handle = hearing(Handlers(office.municipality))

    async def hear(self, *events: Event) -> None:
        """Hears events as the consumer's loop does."""
        async with self.office.database.transaction() as tx:
            await self._handle(await tx.claim(events, with_bodies=True), tx)

    async def work(self) -> list[EmailMessage]:
        """Sends what can be sent now."""
        while await self.mailing.send_next():
            pass
        taken, self.server.taken = self.server.taken, []
        return taken


@pytest.fixture
def mailing(office: Office) -> Mailing:
    """Notify's mails about reports on Monday 16 November 2026 at ten."""
    return Mailing(office)


def frozen(version: int = 1, readers: tuple[str, ...] = ("elif-yilmaz", "halvor-brekke")) -> ReportFrozen:
    """A tertial report was issued."""
    return ReportFrozen(
        id=uuid4(), at=oslo("2026-11-16 08:00"), case_id=uuid4(), municipality="asker",
        report="tertial", period="2026-T2", version=version, readers=readers,
    )  # fmt: skip


def wanted(*, again: bool = False, due_on: date = date(2026, 11, 18)) -> ReportExplanationWanted:
    """A section is to explain two figures."""
    return ReportExplanationWanted(
        id=uuid4(), at=oslo("2026-11-16 08:00"), case_id=uuid4(), municipality="asker",
        report="monthly", period="2026-10", section="helse", readers=("silje-vik",),
        count=2, due_on=due_on, again=again,
    )  # fmt: skip


async def test_each_reader_gets_one_mail_with_a_link_to_the_version(mailing: Mailing) -> None:
    """However often the event is heard; and no case is made of it."""
    event = frozen()
    await mailing.hear(event, event)
    await mailing.hear(event)
    mails = await mailing.work()
    assert [str(mail["To"]) for mail in mails] == [
        mailing.office.municipality.people[person].email for person in event.readers
    ]
    assert mails[0]["Subject"] == "Tertialrapporten for 2. tertial 2026: Asker kommune"
    plain = mails[0].get_body(("plain",))
    assert plain
    content = plain.get_content()
    assert "Tertialrapporten for 2. tertial 2026 er klar." in content
    assert "https://asker.example/innsikt/rapporter/tertial/2026-T2?versjon=1" in content
    assert await mailing.work() == []
    async with mailing.office.database.reading() as session:
        assert await session.scalar(text("SELECT count(*) FROM case_file")) == 0


async def test_a_mail_about_a_committees_report_names_the_committee_and_leads_to_it(mailing: Mailing) -> None:
    """One report of all its sections, not one of each; a committee that is no more is named by its id."""
    event = frozen(readers=("elif-yilmaz",)).model_copy(update={"committee": "utvalg-for-teknisk-og-plan"})
    await mailing.hear(event, event.model_copy(update={"id": uuid4(), "committee": "utvalg-som-var"}))
    other, mail = sorted(await mailing.work(), key=lambda mail: "teknisk" in str(mail["Subject"]))
    assert mail["Subject"] == "Tertialrapporten for 2. tertial 2026: Utvalg for teknisk og plan"
    assert str(other["Subject"]).endswith(": utvalg-som-var")
    plain = mail.get_body(("plain",))
    assert plain
    assert "2026-T2?utvalg=utvalg-for-teknisk-og-plan&versjon=1" in plain.get_content()


async def test_a_leader_is_asked_to_explain_by_a_day(mailing: Mailing) -> None:
    """With how many figures, of what, and the page where it is written; the reminder says that it is one."""
    await mailing.hear(wanted(), wanted(again=True))
    first, second = sorted(await mailing.work(), key=lambda mail: str(mail["Subject"]))
    assert first["Subject"] == "Forklar tallene for oktober 2026: Helse, sosial og omsorg"
    assert str(second["Subject"]).startswith("Påminnelse: ")
    html = first.get_body(("html",))
    assert html
    content = html.get_content()
    assert "2 mål er ikke nådd i oktober 2026" in content
    assert "onsdag 18. november 2026" in content
    assert "/innsikt/rapporter/maned/2026-10?seksjon=helse" in content


async def test_mails_go_out_in_office_hours_and_never_too_late(mailing: Mailing) -> None:
    """Heard on Saturday night they wait for Monday; a request whose day has passed is not sent."""
    mailing.office.clock.set(oslo("2026-11-14 23:00"))
    await mailing.hear(frozen(readers=("elif-yilmaz",)), wanted(due_on=date(2026, 11, 14)))
    assert await mailing.work() == []
    mailing.office.clock.set(oslo("2026-11-16 07:59"))
    assert await mailing.work() == []
    mailing.office.clock.set(oslo("2026-11-16 08:00"))
    assert len(await mailing.work()) == 1
    async with mailing.office.database.reading() as session:
        states = (await session.scalars(select(ReportMail.state).order_by(ReportMail.event))).all()
    assert sorted(states) == ["obsolete", "sent"]


async def test_what_the_server_will_not_take_now_is_tried_again_and_given_up_at_last(
    mailing: Mailing,
) -> None:
    """With the same Message-ID; somebody the configuration does not know gets nothing."""
    await mailing.hear(frozen(readers=("silje-vik", "sluttet-for-lengst")))
    for minutes, left in ((0, 1), (1, 1), (6, 0)):
        mailing.office.clock.set(oslo(f"2026-11-16 10:{minutes:02}"))
        mailing.server.says = [Delivery(error="refused", code=451)]
        assert await mailing.work() == []
        async with mailing.office.database.reading() as session:
            waiting = await session.scalar(text("SELECT count(*) FROM report_mail WHERE state = 'waiting'"))
        assert waiting == left
    async with mailing.office.database.reading() as session:
        rows = (await session.scalars(select(ReportMail).order_by(ReportMail.person))).all()
    assert [(row.person, row.state, row.attempts) for row in rows] == [
        ("silje-vik", "failed", 3),
        ("sluttet-for-lengst", "no_address", 0),
    ]


async def test_a_mail_that_cannot_be_written_does_not_stand_before_the_others(mailing: Mailing) -> None:
    """It has a next try, as any other; the reports after it go out."""
    unknown = frozen(readers=("elif-yilmaz",)).model_copy(update={"report": "weekly"})
    await mailing.hear(unknown)
    mailing.office.clock.set(oslo("2026-11-16 10:01"))
    await mailing.hear(frozen(readers=("halvor-brekke",)))
    assert len(await mailing.work()) == 1
    async with mailing.office.database.reading() as session:
        rows = (await session.scalars(select(ReportMail).order_by(ReportMail.person))).all()
    assert [(row.state, row.attempts, row.error) for row in rows] == [
        ("waiting", 1, "unwritable_TextMissingError"),
        ("sent", 1, None),
    ]


async def test_the_mail_says_why_its_reader_gets_it(mailing: Mailing) -> None:
    """Because of the report, not of any case."""
    await mailing.hear(frozen(readers=("elif-yilmaz",)))
    (mail,) = await mailing.work()
    for part in ("plain", "html"):
        words = " ".join(mail.get_body((part,)).get_content().split())  # type: ignore[union-attr]
        assert "Du får denne e-posten fordi du er blant dem som får rapportene." in words
        assert "saken" not in words


async def test_a_report_that_reaches_nobody_raises_the_alarm_that_any_mail_does(mailing: Mailing) -> None:
    """What was given up is counted beside the other messages; what was sent, too."""
    before = told("failed"), told("sent")
    await mailing.hear(frozen(readers=("elif-yilmaz", "halvor-brekke")))
    mailing.server.says = [Delivery(error="recipient_refused", code=550, final=True)]
    await mailing.work()
    assert (told("failed"), told("sent")) == (before[0] + 1, before[1] + 1)


def told(what: str) -> float:
    """A counter of mails about issued reports, as /metrics has it."""
    labels = {"kind": "report.frozen", "channel": "email"}
    return REGISTRY.get_sample_value(f"svarfrist_messages_{what}_total", labels) or 0.0

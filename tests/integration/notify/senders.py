"""Senders as notify has them, and an intake that knows the resident."""

from services.notify.carriers import ByMail, Carrier
from services.notify.digests import Gatherer
from services.notify.letters import HERE, Letters
from services.notify.pacer import Pacer
from services.notify.sender import Sender
from services.notify.settings import RETRY_DELAYS, NotifySettings
from services.notify.smtp import MailServer
from shared.catalogue import Catalogue
from shared.events import SubmissionReceived
from shared.questions import MailContact, NoAnswerError, ReadContact
from shared.signed_address import BOUNCE, SignedAddresses
from tests.events_for_tests import received
from tests.integration.notify.office import Office, oslo

RESIDENT, CASEWORKER = "kari@innbygger.example", "linh.pham@asker.example"
PHONE = "+4790000000"
SECRET = "0" * 64
RETURN_PATHS = SignedAddresses(BOUNCE, SECRET, "retur.asker.example")


class Intake:
    """Answers as intake would."""

    def __init__(self) -> None:
        self.contact = MailContact(
            name="Kari Øye", email=RESIDENT, language="nn", secret="hemmelig", reference="7K3M-92QX"
        )
        self.away = False

    async def __call__(self, question: ReadContact) -> MailContact:
        """The contact of any case."""
        if self.away:
            raise NoAnswerError(question.SUBJECT)
        return self.contact


def settings(**more: object) -> NotifySettings:
    """What a notify of Asker is told; a mail server on this machine unless said."""
    given: dict[str, object] = {
        "database_url": "postgresql+asyncpg://none", "nats_user": "", "nats_password": "",
        "municipality": "asker", "http_port": 0, "public_url": "https://dialog.asker.example",
        "secret": SECRET, "smtp_host": "127.0.0.1", "smtp_port": 1,
        "smtp_from": "ikke-svar@asker.example", "smtp_timeout": 60, "sms_timeout": 60,
    }  # fmt: skip
    return NotifySettings.model_validate({**given, **more})


def letters_of(office: Office) -> Letters:
    """Mails in Asker's name."""
    return Letters(office.municipality, Catalogue(HERE / "texts"), sender="ikke-svar@asker.example")


def sender_with(office: Office, carrier: Carrier, intake: Intake, kind: type[Sender] = Sender) -> Sender:
    """A sender with this carrier."""
    return kind(
        office.database, office.municipality, carrier, intake, Pacer(10_000),
        public_url="https://dialog.asker.example", retry_delays=RETRY_DELAYS,
    )  # fmt: skip


def sender_of(
    office: Office, port: int, intake: Intake, kind: type[Sender] = Sender, **more: object
) -> Sender:
    """A sender of mails with a connection of its own."""
    server = MailServer(settings(smtp_port=port, **more))
    return sender_with(office, ByMail(letters_of(office), server, RETURN_PATHS.of), intake, kind)


async def receipt_waits(office: Office, **fields: object) -> SubmissionReceived:
    """A submission whose receipt is to be sent."""
    submission = received(at=oslo("2026-11-16 09:58"), **fields)
    await office.hears(submission)
    return submission


async def gather(office: Office) -> None:
    """Reminders that have been written down may go, by themselves or in a digest."""
    await Gatherer(office.database, office.clock, office.municipality).work()


async def states(office: Office) -> list[tuple[str, int]]:
    """Each message's state and tries."""
    return [(row.state, row.attempts) for row in await office.messages()]


async def drain(sender: Sender) -> None:
    """Sends until nothing is to be sent now."""
    while await sender.send_next():
        pass


class CrashError(BaseException):
    """The process dies here."""


class Dying(Sender):
    """Dies between the server's 250 and the record of it."""

    def _record(self, *_: object) -> None:
        raise CrashError

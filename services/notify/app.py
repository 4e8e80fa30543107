"""Puts notify together."""

from pathlib import Path

from litestar import Litestar

from services.notify import figures
from services.notify.handlers import Handlers
from services.notify.hearing import ConsumerInfo, Hearing
from services.notify.letters import Letters
from services.notify.report_mail.letters import ReportLetters
from services.notify.report_mail.mailing import ReportMailing, hearing
from services.notify.scheduler import Scheduler
from services.notify.sender import Pacer, Sender
from services.notify.settings import NotifySettings
from services.notify.smtp import MailServer
from shared.catalogue import Catalogue
from shared.relay import STREAM
from shared.service import Service

HERE = Path(__file__).parent


def create_app(settings: NotifySettings) -> Litestar:
    """The service: no pages, a consumer, the scheduler, and a sender for each connection."""
    service = Service("notify", settings)
    municipality = service.municipality

    async def consumer_info() -> ConsumerInfo:
        info: ConsumerInfo = await service.js.consumer_info(STREAM, service.name, timeout=2)
        return info

    scheduler = Scheduler(
        service.database,
        service.clock,
        municipality,
        Hearing(consumer_info, service.clock).until,
        batch=settings.steps_per_transaction,
    )
    texts = [HERE / "texts", HERE / "report_mail" / "texts", municipality.texts_folder]
    catalogue = Catalogue(*filter(None, texts))
    letters = Letters(municipality, catalogue, sender=settings.smtp_from, sender_name=settings.smtp_from_name)
    pacer = Pacer(settings.smtp_per_second)
    service.consume(hearing(Handlers(municipality)), linger=0.05)
    service.keep_running("scheduler", scheduler.run)
    for number in range(settings.smtp_connections):
        sender = Sender(
            service.database,
            municipality,
            letters,
            MailServer(settings),
            service.ask,
            pacer,
            public_url=settings.public_url,
            retry_delays=settings.mail_retry_delays,
        )
        service.keep_running(f"sender-{number}", sender.run)
    report_mailing = ReportMailing(
        service.database,
        municipality,
        ReportLetters(
            municipality,
            catalogue,
            sender=settings.smtp_from,
            name=settings.smtp_from_name,
            public_url=settings.public_url,
        ),
        MailServer(settings),
        pacer,
        retry_delays=settings.mail_retry_delays,
    )
    service.keep_running("report-mail", report_mailing.run)
    service.keep_running("figures", lambda: figures.keep_current(service.database))
    return Litestar(service.routes(), lifespan=[service.lifespan], openapi_config=None, logging_config=None)

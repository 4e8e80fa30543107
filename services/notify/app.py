"""Puts notify together."""

from pathlib import Path

import structlog
from litestar import Litestar

from services.notify import figures
from services.notify.bounces import Bounces
from services.notify.carriers import ByMail, BySms, Carrier
from services.notify.digests import Gatherer
from services.notify.handlers import Handlers
from services.notify.hearing import ConsumerInfo, Hearing
from services.notify.letters import Letters
from services.notify.pacer import Pacer
from services.notify.return_path import ReturnPaths
from services.notify.scheduler import Scheduler
from services.notify.sender import Sender
from services.notify.settings import NotifySettings
from services.notify.short_messages import ShortMessages
from services.notify.sms import SmsGateway
from services.notify.smtp import MailServer
from shared.catalogue import Catalogue
from shared.relay import STREAM
from shared.service import Service

HERE = Path(__file__).parent

log = structlog.get_logger()


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
    catalogue = Catalogue(*filter(None, [HERE / "texts", municipality.texts_folder]))
    letters = Letters(municipality, catalogue, sender=settings.smtp_from, sender_name=settings.smtp_from_name)
    service.consume(Handlers(municipality), linger=0.05)
    service.keep_running("scheduler", scheduler.run)
    service.keep_running("digests", Gatherer(service.database, service.clock, municipality).run)
    return_paths = (
        ReturnPaths(settings.secret.get_secret_value(), settings.bounce_domain)
        if settings.bounce_domain
        else None
    )

    def send_with(name: str, carrier: Carrier, pacer: Pacer) -> None:
        sender = Sender(
            service.database,
            municipality,
            carrier,
            service.ask,
            pacer,
            public_url=settings.public_url,
            retry_delays=settings.mail_retry_delays,
        )
        service.keep_running(name, sender.run)

    pacer = Pacer(settings.smtp_per_second)
    for number in range(settings.smtp_connections):
        carrier = ByMail(letters, MailServer(settings), return_paths.address if return_paths else None)
        send_with(f"sender-{number}", carrier, pacer)
    if settings.sms_url:
        sms_sender = municipality.messages.sms_sender or letters.short_name
        by_sms = BySms(ShortMessages(letters), SmsGateway(settings), sms_sender)
        send_with("sms", by_sms, Pacer(settings.sms_per_second))
    elif municipality.messages.sms:
        log.error("sms.no_gateway", needed="SVARFRIST_SMS_URL and SVARFRIST_SMS_TOKEN")
    if return_paths and settings.bounce_port:
        bounces = Bounces(
            service.database,
            municipality.id,
            return_paths,
            host=settings.bounce_host,
            port=settings.bounce_port,
        )
        service.keep_running("bounces", bounces.run)
    service.keep_running(
        "figures", lambda: figures.keep_current(service.database, municipality, service.clock)
    )
    return Litestar(service.routes(), lifespan=[service.lifespan], openapi_config=None, logging_config=None)

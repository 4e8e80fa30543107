"""Puts notify together."""

from pathlib import Path

import structlog
from litestar import Litestar

from services.notify import figures
from services.notify.bell import Bell, follow
from services.notify.bounces import SIZE_LIMIT, Bounces
from services.notify.carriers import ByMail, BySms, Carrier
from services.notify.digests import Gatherer
from services.notify.handlers import Handlers
from services.notify.hearing import ConsumerInfo, Hearing
from services.notify.letters import Letters
from services.notify.pacer import Pacer
from services.notify.report_mail.letters import ReportLetters
from services.notify.report_mail.mailing import ReportMailing, hearing
from services.notify.scheduler import Scheduler
from services.notify.sender import Sender
from services.notify.settings import NotifySettings
from services.notify.short_messages import ShortMessages
from services.notify.sms import SmsGateway
from services.notify.sms_reports import addresses_of_reports, report_page
from services.notify.smtp import MailServer
from shared.catalogue import Catalogue
from shared.clock import FileClock
from shared.mail_listener import MailListener
from shared.relay import STREAM
from shared.service import Service
from shared.signed_address import BOUNCE, REPLY, SignedAddresses

HERE = Path(__file__).parent

log = structlog.get_logger()


def create_app(settings: NotifySettings) -> Litestar:
    """The service: no pages, a consumer, the scheduler, and a sender for each connection."""
    service = Service("notify", settings)
    municipality = service.municipality

    async def consumer_info() -> ConsumerInfo:
        info: ConsumerInfo = await service.js.consumer_info(STREAM, service.name, timeout=2)
        return info

    due, gathering, in_the_post = Bell(), Bell(), [Bell() for _ in range(settings.smtp_connections + 1)]
    scheduler = Scheduler(
        service.database,
        service.clock,
        municipality,
        Hearing(consumer_info, service.clock).until,
        batch=settings.steps_per_transaction,
        bell=due,
        next_bell=gathering,
    )
    texts = [HERE / "texts", HERE / "report_mail" / "texts", municipality.texts_folder]
    catalogue = Catalogue(*filter(None, texts))
    replies = _addresses(REPLY, settings.reply_domain, settings)
    letters = Letters(
        municipality,
        catalogue,
        sender=settings.smtp_from,
        sender_name=settings.smtp_from_name,
        reply_to=replies.of if replies else None,
    )
    service.consume(hearing(Handlers(municipality)), linger=0.05)
    service.keep_running("scheduler", scheduler.run)
    gatherer = Gatherer(service.database, service.clock, municipality, bell=gathering, next_bells=in_the_post)
    service.keep_running("digests", gatherer.run)
    clock = service.clock
    if isinstance(clock, FileClock):
        service.keep_running("clock", lambda: follow(clock, [due, gathering, *in_the_post]))
    return_paths = _addresses(BOUNCE, settings.bounce_domain, settings)

    def send_with(name: str, carrier: Carrier, pacer: Pacer, bell: Bell) -> None:
        sender = Sender(
            service.database,
            municipality,
            carrier,
            service.ask,
            pacer,
            public_url=settings.public_url,
            retry_delays=settings.mail_retry_delays,
            bell=bell,
        )
        service.keep_running(name, sender.run)

    pacer = Pacer(settings.smtp_per_second)
    for number in range(settings.smtp_connections):
        carrier = ByMail(letters, MailServer(settings), return_paths.of if return_paths else None)
        send_with(f"sender-{number}", carrier, pacer, in_the_post[number])
    report_mailing = ReportMailing(
        service.database,
        municipality,
        ReportLetters(municipality, letters, public_url=settings.public_url),
        MailServer(settings),
        pacer,
        retry_delays=settings.mail_retry_delays,
    )
    service.keep_running("report-mail", report_mailing.run)
    if settings.sms_url:
        sms_sender = municipality.messages.sms_sender or letters.short_name
        by_sms = BySms(ShortMessages(letters), SmsGateway(settings), sms_sender)
        send_with("sms", by_sms, Pacer(settings.sms_per_second), in_the_post[-1])
    elif municipality.messages.sms:
        log.error("sms.no_gateway", needed="SVARFRIST_SMS_URL and SVARFRIST_SMS_TOKEN")
    if return_paths and settings.bounce_port:
        listener = MailListener(
            Bounces(service.database, municipality.id, return_paths),
            host=settings.bounce_host,
            port=settings.bounce_port,
            size_limit=SIZE_LIMIT,
        )
        service.keep_running("bounces", listener.run)
    service.keep_running(
        "figures", lambda: figures.keep_current(service.database, municipality, service.clock)
    )
    routes = service.routes()
    if settings.sms_reports:
        addresses = addresses_of_reports(settings.secret.get_secret_value())
        routes.append(report_page(service.database, municipality.id, addresses))
    return Litestar(routes, lifespan=[service.lifespan], openapi_config=None, logging_config=None)


def _addresses(purpose: str, domain: str | None, settings: NotifySettings) -> SignedAddresses | None:
    return SignedAddresses(purpose, settings.secret.get_secret_value(), domain) if domain else None

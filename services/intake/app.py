"""Puts intake together: the resident's pages, the public API, the questions it answers, the events it hears."""

import asyncio
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog
from litestar import Litestar
from litestar.datastructures import State
from litestar.di import Provide
from litestar.middleware.rate_limit import RateLimitConfig
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.types import Middleware

from services.intake import draft_store
from services.intake.accepting import Acceptor
from services.intake.answering import Answering
from services.intake.api import ROOT, AnyRequest, api
from services.intake.case_pages import case_pages
from services.intake.expectations import expectations_page
from services.intake.files import Links
from services.intake.forms import form_pages
from services.intake.handlers import keep
from services.intake.mail_in import SIZE_LIMIT, MailIn
from services.intake.notices import notice_pages
from services.intake.own_files import OwnFiles
from services.intake.parts import Parts
from services.intake.promising import Promises
from services.intake.settings import IntakeSettings
from shared.catalogue import Catalogue
from shared.mail_listener import MailListener
from shared.questions import Answers, ReadAnswers, ReadContact, ReadExcerpts, ReadSubmission
from shared.service import Service
from shared.signed_address import REPLY, SignedAddresses
from shared.web.information import information_pages
from shared.web.look import Look
from shared.web.site import SHARED_TEXTS, create_site

HERE = Path(__file__).parent
DRAFTS_LAST = timedelta(days=1)
_TIDY_EVERY = 600.0
_MOST_BYTES_WITHOUT_FILES = 1024 * 1024
"""Ten times what the longest text takes; forms with files, and the API, have limits of their own."""

log = structlog.get_logger()


def create_app(settings: IntakeSettings) -> Litestar:
    """The application; nothing is connected before its lifespan begins."""
    service = Service("intake", settings)
    secret = settings.secret.get_secret_value()
    links = Links(secret)

    async def read_answers(case_id: UUID) -> Answers:
        return await service.ask(ReadAnswers(case_id=case_id))

    texts = [*SHARED_TEXTS, HERE / "texts"]
    if service.municipality.texts_folder:
        texts.append(service.municipality.texts_folder)
    catalogue = Catalogue(*texts)
    parts = Parts(
        database=service.database,
        acceptor=Acceptor(service.database, service.municipality, service.clock),
        promises=Promises(service.municipality),
        municipality=service.municipality,
        clock=service.clock,
        links=links,
        catalogue=catalogue,
        public_url=settings.public_url,
        read_answers=read_answers,
        secure=settings.public_url.startswith("https://"),
    )
    answering = Answering(service.database, links, service.clock)
    service.consume(keep, linger=0.1)
    service.answer(ReadSubmission, answering.submission)
    service.answer(ReadExcerpts, answering.excerpts)
    service.answer(ReadContact, answering.contact)
    service.keep_running("drafts", lambda: _tidy_drafts(parts))
    if settings.mail_in_port and settings.reply_domain:
        addresses = SignedAddresses(REPLY, secret, settings.reply_domain)
        listener = MailListener(
            MailIn(parts, addresses),
            host=settings.http_host,
            port=settings.mail_in_port,
            size_limit=SIZE_LIMIT,
        )
        service.keep_running("mail_in", listener.run)

    site = create_site(
        look=Look.of(service.municipality),
        catalogue=catalogue,
        templates=HERE / "templates",
        secret=secret,
        public_url=settings.public_url,
        languages=service.municipality.languages,
        now=service.clock,
    )
    own_files = OwnFiles()
    site.add_globals(intake_asset=own_files.address)
    return Litestar(
        route_handlers=[
            *form_pages(),
            *case_pages(),
            *notice_pages(),
            expectations_page,
            *information_pages(),
            *own_files.routes(),
            api(),
            *service.routes(),
        ],
        dependencies={"intake": Provide(lambda: parts, sync_to_thread=False)},
        middleware=_limits(settings.rate_limit_per_minute),
        plugins=[site],
        lifespan=[service.lifespan],
        request_max_body_size=_MOST_BYTES_WITHOUT_FILES,
        openapi_config=OPENAPI,
        logging_config=None,
        state=State({"site": site, "parts": parts}),
    )


OPENAPI = OpenAPIConfig(
    title="Svarfrist",
    version="1",
    description="Send praise, complaints and questions to a municipality, and read what became of them.",
    path=ROOT,
    render_plugins=[JsonRenderPlugin(path="/openapi.json")],
)


def _limits(per_minute: int) -> list[Middleware]:
    """What one address may send; reading is not limited. The address is the one the front door tells."""
    if not per_minute:
        return []

    def sends(request: AnyRequest) -> bool:
        return request.method == "POST"

    return [RateLimitConfig(("minute", per_minute), check_throttle_handler=sends).middleware]


async def _tidy_drafts(parts: Parts) -> None:
    """Deletes what was typed and not sent for a day, files included."""
    while True:
        try:
            async with parts.database.transaction() as tx:
                deleted = await draft_store.delete_drafts_before(tx.session, tx.now - DRAFTS_LAST)
        except Exception as error:  # noqa: BLE001 - a database that is away is tried again
            log.warning("drafts.not_tidied", error=type(error).__name__)
        else:
            if deleted:
                log.info("drafts.deleted", count=deleted)
        await asyncio.sleep(_TIDY_EVERY)

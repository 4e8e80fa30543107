"""Routing: gives every submission to the caseworker who owns it, and is the desk where it is answered."""

from functools import partial
from pathlib import Path

from litestar import Litestar

from services.routing.handlers import CaseHandler
from services.routing.openid import OpenIdConnect
from services.routing.questions import AnswerReader
from services.routing.sensitivity import SensitiveTopics
from services.routing.settings import RoutingSettings
from services.routing.web.answering import answer_pages
from services.routing.web.calculator import calculator_page
from services.routing.web.case import case_pages
from services.routing.web.desk import Desk
from services.routing.web.handing_over import hand_over_pages
from services.routing.web.letters import letter_pages
from services.routing.web.lists import list_pages
from services.routing.web.merging import merge_pages
from services.routing.web.reclassifying import reclassify_pages
from services.routing.web.reopening import reopen_pages
from services.routing.web.sign_in import RETURN_PATH, BrowserMemory, sign_in_pages, sign_out_page, signed_in
from services.routing.web.undelivered import undelivered_page
from shared import questions
from shared.catalogue import Catalogue
from shared.questions import ReadAnswers
from shared.service import Service
from shared.web.ended_sessions import EndedSessions
from shared.web.session import DESK_PATH, ChoosePerson, SignedIn, SignIn
from shared.web.site import WEB_TEXTS, Look, create_site

HERE = Path(__file__).parent
MOST_BYTES_OF_A_FORM = 1024 * 1024
"""Ten times what the longest text and everything beside it can take."""


def create_app(settings: RoutingSettings) -> Litestar:
    """Put the service together; nothing runs before the application starts."""
    service = Service("routing", settings)
    municipality = service.municipality
    service.consume(CaseHandler(municipality).handle, linger=0.01)
    service.answer(ReadAnswers, AnswerReader(service.database, municipality).read)
    texts = filter(None, [WEB_TEXTS, HERE / "texts", municipality.texts_folder])
    ended = EndedSessions(lambda: service.js)
    service.keep_running("ended sessions", ended.follow)
    site = create_site(
        look=Look.of(municipality),
        catalogue=Catalogue(*texts),
        templates=HERE / "templates",
        secret=settings.secret.get_secret_value(),
        public_url=settings.public_url,
        prefix=DESK_PATH,
        languages=municipality.languages,
        now=service.clock,
        ended=ended,
    )
    sensitive = SensitiveTopics(municipality)
    service.keep_running("sensitive topics", partial(sensitive.keep, service.database))
    ask = partial(questions.ask, service.broker)
    desk = Desk(service.database, municipality, service.clock, ask, sensitive)
    secret, secure = settings.secret.get_secret_value(), settings.public_url.startswith("https://")
    return Litestar(
        [
            *list_pages(desk),
            *case_pages(desk),
            *answer_pages(desk),
            *hand_over_pages(desk),
            *letter_pages(desk),
            *reclassify_pages(desk),
            *reopen_pages(desk),
            *merge_pages(desk),
            undelivered_page(desk),
            calculator_page(desk),
            *sign_in_pages(
                desk,
                site.session,
                way_to_sign_in(settings, desk),
                BrowserMemory(secret, secure=secure),
            ),
            sign_out_page(desk, site.session, ended),
            *service.routes(),
        ],
        plugins=[site],
        lifespan=[service.lifespan],
        request_max_body_size=MOST_BYTES_OF_A_FORM,
        openapi_config=None,
        logging_config=None,
    )


def way_to_sign_in(settings: RoutingSettings, desk: Desk) -> SignIn:
    """By the OpenID provider where one is configured, else by choosing a person."""
    people = desk.municipality.people
    if settings.oidc_issuer is None:
        return ChoosePerson([signed_in(person) for person in people.values()])
    by_name = {name.casefold(): person for person in people.values() for name in (person.id, person.email)}

    def find(name: str) -> SignedIn | None:
        person = by_name.get(name.casefold())
        return signed_in(person) if person and person.in_force(desk.today) else None

    return OpenIdConnect(
        issuer=settings.oidc_issuer,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        claim=settings.oidc_claim,
        redirect_uri=settings.public_url + RETURN_PATH,
        secret=settings.secret.get_secret_value(),
        clock=desk.clock,
        find=find,
    )

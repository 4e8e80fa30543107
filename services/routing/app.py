"""Routing: gives every submission to the caseworker who owns it, and is the desk where it is answered."""

from functools import partial
from pathlib import Path

from litestar import Litestar

from services.routing.handlers import CaseHandler
from services.routing.questions import AnswerReader
from services.routing.settings import RoutingSettings
from services.routing.web.answering import answer_pages
from services.routing.web.calculator import calculator_page
from services.routing.web.case import case_pages
from services.routing.web.desk import Desk
from services.routing.web.handing_over import hand_over_pages
from services.routing.web.lists import list_pages
from services.routing.web.sign_in import sign_in_pages, signed_in
from shared import questions
from shared.catalogue import Catalogue
from shared.questions import ReadAnswers
from shared.service import Service
from shared.web.session import DESK_PATH, ChoosePerson
from shared.web.site import WEB_TEXTS, Look, create_site

HERE = Path(__file__).parent


def create_app(settings: RoutingSettings) -> Litestar:
    """Put the service together; nothing runs before the application starts."""
    service = Service("routing", settings)
    municipality = service.municipality
    service.consume(CaseHandler(municipality).handle, linger=0.02)
    service.answer(ReadAnswers, AnswerReader(service.database, municipality).read)
    texts = filter(None, [WEB_TEXTS, HERE / "texts", municipality.texts_folder])
    site = create_site(
        look=Look.of(municipality),
        catalogue=Catalogue(*texts),
        templates=HERE / "templates",
        secret=settings.secret.get_secret_value(),
        public_url=settings.public_url,
        prefix=DESK_PATH,
        languages=municipality.languages,
        now=service.clock,
    )
    desk = Desk(service.database, municipality, service.clock, partial(questions.ask, service.broker))
    sign_in = ChoosePerson([signed_in(person) for person in municipality.people.values()])
    return Litestar(
        [
            *list_pages(desk),
            *case_pages(desk),
            *answer_pages(desk),
            *hand_over_pages(desk),
            calculator_page(desk),
            *sign_in_pages(desk, site.session, sign_in),
            *service.routes(),
        ],
        plugins=[site],
        lifespan=[service.lifespan],
        openapi_config=None,
    )

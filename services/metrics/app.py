"""The metrics service, put together."""

from pathlib import Path

from litestar import Litestar

from services.metrics import api, handlers, web
from services.metrics.gauges import Gauges
from services.metrics.invented import Inventions
from services.metrics.openapi import OPENAPI, PLUGIN
from services.metrics.reading import Reader
from shared.catalogue import Catalogue
from shared.service import Service
from shared.settings import ServiceSettings
from shared.web.look import Look
from shared.web.site import WEB_TEXTS, create_site

HERE = Path(__file__).parent


def create_app(settings: ServiceSettings) -> Litestar:
    """The whole service; nothing is connected before the application starts."""
    service = Service("metrics", settings)
    service.consume(handlers.count, keeps_history=False, linger=0.25, batch=handlers.BATCH)
    municipality = service.municipality
    reader = Reader(service.database, service.clock, municipality.calendar, municipality)
    service.keep_running("gauges", Gauges(reader).run)
    site = create_site(
        look=Look.of(municipality),
        catalogue=Catalogue(*filter(None, [WEB_TEXTS, HERE / "texts", municipality.texts_folder])),
        templates=HERE / "templates",
        secret=settings.secret.get_secret_value(),
        public_url=settings.public_url,
        prefix="/innsikt",
        languages=municipality.languages,
        now=service.clock,
    )
    inventions = Inventions(service.database)
    site.add_globals(is_invented=inventions.are_there)
    return Litestar(
        [*api.routes(reader), *web.routes(reader, municipality, service.clock), *service.routes()],
        plugins=[site, PLUGIN],
        before_request=inventions.look,
        before_send=[inventions.mark],
        lifespan=[service.lifespan],
        openapi_config=OPENAPI,
        logging_config=None,
    )

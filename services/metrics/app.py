"""The metrics service, put together."""

from pathlib import Path

from litestar import Litestar

from services.metrics import api, handlers, web, web_cases, web_files, web_open_data, web_results
from services.metrics.compass import web as compass_pages
from services.metrics.compass.evidence import SystemEvidence
from services.metrics.gauges import Gauges
from services.metrics.improvements import web as improvement_pages
from services.metrics.invented import Inventions
from services.metrics.openapi import OPENAPI, PLUGINS
from services.metrics.publications import Publications
from services.metrics.reading import Reader
from services.metrics.reports.app import Reporting
from services.metrics.satisfaction import web as satisfaction_page
from services.metrics.surveys import public as survey_pages
from services.metrics.surveys import web as survey_desk
from services.metrics.warming import Warming
from services.metrics.web_open_data import OpenData
from shared.catalogue import Catalogue
from shared.municipality import Municipality
from shared.service import Service
from shared.settings import ServiceSettings
from shared.web.ended_sessions import EndedSessions
from shared.web.look import Look
from shared.web.site import WEB_TEXTS, create_site

HERE = Path(__file__).parent
PACKAGES = [HERE / name for name in ("satisfaction", "surveys", "improvements", "compass", "reports")]
"""Those with pages of their own, each with its templates and texts."""


def catalogue_of(municipality: Municipality) -> Catalogue:
    """Every text of the service, with the municipality's own above them."""
    texts = [WEB_TEXTS, HERE / "texts", *(package / "texts" for package in PACKAGES)]
    return Catalogue(*filter(None, [*texts, municipality.texts_folder]))


def create_app(settings: ServiceSettings) -> Litestar:
    """The whole service; nothing is connected before the application starts."""
    service = Service("metrics", settings)
    service.consume(
        handlers.count, keeps_history=False, linger=0.25, batch=handlers.BATCH, beside=handlers.BESIDE
    )
    municipality = service.municipality
    reader = Reader(service.database, service.clock, municipality.calendar, municipality)
    inventions = Inventions(service.database)
    publications = Publications(reader, service.clock, inventions.are_there)
    service.keep_running("gauges", Gauges(reader).run)
    service.keep_running("warming", Warming(reader).run)
    catalogue = catalogue_of(municipality)
    reporting = Reporting(service, reader, catalogue)
    service.keep_running("reports", reporting.scheduler.run)
    ended = EndedSessions(lambda: service.js)
    service.keep_running("ended sessions", ended.follow)
    site = create_site(
        look=Look.of(municipality),
        catalogue=catalogue,
        templates=[HERE / "templates", *(package / "templates" for package in PACKAGES)],
        secret=settings.secret.get_secret_value(),
        public_url=settings.public_url,
        prefix="/innsikt",
        languages=municipality.languages,
        now=service.clock,
        ended=ended,
    )
    site.add_globals(is_invented=inventions.are_there)
    return Litestar(
        [
            *api.routes(reader, publications),
            *web.routes(reader, municipality, service.clock),
            *satisfaction_page.routes(reader, municipality, service.clock),
            *compass_pages.routes(
                service.database, municipality, service.clock, SystemEvidence(municipality)
            ),
            *survey_desk.routes(service.database, municipality, service.clock, settings.public_url),
            *survey_pages.routes(service.database, service.clock),
            *improvement_pages.routes(service.database, municipality, service.clock),
            *web_cases.routes(reader, municipality),
            *web_files.routes(reader, municipality),
            *web_results.routes(reader, publications, municipality),
            *web_open_data.routes(OpenData(publications, municipality, catalogue, settings.public_url)),
            *reporting.routes(),
            *service.routes(),
        ],
        plugins=[site, *PLUGINS],
        before_request=inventions.look,
        before_send=[inventions.mark],
        lifespan=[service.lifespan],
        openapi_config=OPENAPI,
        logging_config=None,
    )

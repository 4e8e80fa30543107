"""Routing: gives every submission to the caseworker who owns it, and is the desk where it is answered."""

from litestar import Litestar

from services.routing.handlers import CaseHandler
from services.routing.questions import AnswerReader
from services.routing.settings import RoutingSettings
from shared.questions import ReadAnswers
from shared.service import Service


def create_app(settings: RoutingSettings) -> Litestar:
    """Put the service together; nothing runs before the application starts."""
    service = Service("routing", settings)
    service.consume(CaseHandler(service.municipality).handle)
    service.answer(ReadAnswers, AnswerReader(service.database, service.municipality).read)
    return Litestar(service.routes(), lifespan=[service.lifespan], openapi_config=None)

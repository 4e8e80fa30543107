"""The reports' part of the service, put together."""

import structlog
from litestar.handlers import HTTPRouteHandler
from nats.errors import Error as NatsError

from services.metrics.manual import web as values
from services.metrics.reading import Reader
from services.metrics.reports import explaining, internal, published, web
from services.metrics.reports.scheduler import Scheduler
from services.metrics.reports.shelf import Shelf
from shared.catalogue import Catalogue
from shared.messaging import DEAD_STREAM
from shared.service import Service

log = structlog.get_logger()


class Reporting:
    """The schedule and the pages, for the app to run and serve."""

    def __init__(self, service: Service, reader: Reader, catalogue: Catalogue) -> None:
        municipality, clock = service.municipality, service.clock

        async def caught_up() -> bool:
            return await service.lag() <= service.settings.batch

        async def dead_letters() -> int | None:
            try:
                return int((await service.js.stream_info(DEAD_STREAM)).state.messages)
            except (NatsError, OSError, TimeoutError) as error:
                log.warning("reports.dead_letters_unknown", error=type(error).__name__)
                return None

        self._values = values.routes(service.database, municipality, clock)
        self._shelf = Shelf(
            service.database, reader, municipality, catalogue, clock, dead_letters=dead_letters
        )
        self._clock = clock
        self.scheduler = Scheduler(
            service.database,
            reader,
            municipality,
            catalogue,
            clock,
            caught_up=caught_up,
            dead_letters=dead_letters,
            issued_by=catalogue.text(municipality.languages[0], "report.by_schedule"),
        )

    def routes(self) -> list[HTTPRouteHandler]:
        """Every page, and what the command line asks."""
        return [
            *web.routes(self._shelf, self._clock),
            *explaining.routes(self._shelf),
            *published.routes(self._shelf),
            *internal.routes(self._shelf),
            *self._values,
        ]

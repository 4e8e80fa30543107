"""What the pages and the API work with, put together once by `create_app`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from litestar.di import NamedDependency

from services.intake.accepting import Acceptor
from services.intake.files import Links
from services.intake.promising import Promises
from shared.catalogue import Catalogue
from shared.clock import Clock
from shared.database import Database
from shared.municipality import Municipality
from shared.questions import Answers


@dataclass(frozen=True, slots=True)
class Parts:
    """`read_answers` asks routing for a case's answers and raises NoAnswerError where it is away."""

    database: Database
    acceptor: Acceptor
    promises: Promises
    municipality: Municipality
    clock: Clock
    links: Links
    catalogue: Catalogue
    public_url: str
    read_answers: Callable[[UUID], Awaitable[Answers]]
    secure: bool
    """Whether residents reach us by https, so that cookies are sent by nothing else."""

    def unit_name(self, unit_id: str | None) -> str | None:
        """The name of a unit; None where there is none, or none of that id any more."""
        unit = self.municipality.units.get(unit_id or "")
        return unit.name if unit else None

    def topic_name(self, topic_id: str | None, language: str) -> str | None:
        """The name of a topic; None where there is none, or none of that id any more."""
        topic = self.municipality.topics.get(topic_id or "")
        return topic.name(language) if topic else None

    def area_name(self, area_id: str | None) -> str | None:
        """The name of a place; None where there is none, or none of that id any more."""
        area = self.municipality.areas.get(area_id or "")
        return area.name if area else None


Intake = NamedDependency[Parts]
"""Asked for by a handler as `intake: Intake`."""

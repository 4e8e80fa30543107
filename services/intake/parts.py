"""What the pages and the API work with, put together once by `create_app`."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from litestar.di import NamedDependency

from services.intake.accepting import Acceptor
from services.intake.files import Links
from shared.clock import Clock
from shared.database import Database
from shared.municipality import Municipality
from shared.questions import Answers


@dataclass(frozen=True, slots=True)
class Parts:
    """`read_answers` asks routing for a case's answers and raises NoAnswerError where it is away."""

    database: Database
    acceptor: Acceptor
    municipality: Municipality
    clock: Clock
    links: Links
    public_url: str
    read_answers: Callable[[UUID], Awaitable[Answers]]
    secure: bool
    """Whether residents reach us by https, so that cookies are sent by nothing else."""

    def unit_name(self, unit_id: str | None) -> str | None:
        """The name of a unit; None where there is none, or none of that id any more."""
        unit = self.municipality.units.get(unit_id or "")
        return unit.name if unit else None


Intake = NamedDependency[Parts]
"""Asked for by a handler as `intake: Intake`."""

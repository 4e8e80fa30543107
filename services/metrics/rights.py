"""Who may write what on the pages of figures, by the roles of the municipality's configuration."""

from collections.abc import Sequence

from services.metrics.invented import author
from shared.municipality import Municipality
from shared.municipality.organisation import Role, Unit
from shared.web.errors import ForbiddenProblem
from shared.web.i18n import Message, Wording
from shared.web.session import SignedIn


def manages(person: SignedIn) -> bool:
    """Whether someone may write what is of the whole municipality: administrators and the director."""
    return person.has_role(Role.ADMINISTRATOR, Role.DIRECTOR)


def require_manager(person: SignedIn) -> None:
    """Raises ForbiddenProblem for those who do not manage."""
    if not manages(person):
        raise ForbiddenProblem(detail=Message("rights.managers_only"))


def units_written_by(person: SignedIn, municipality: Municipality) -> Sequence[Unit]:
    """The units someone may write for: all for those who manage, those she leads for a leader."""
    if manages(person):
        return tuple(municipality.units.values())
    return municipality.units_led_by(person.person_id) if person.has_role(Role.LEADER) else ()


def name_of(person_id: str | None, municipality: Municipality, say: Wording) -> str:
    """Who did something; the id itself where the person is no longer in the configuration."""
    known = municipality.people.get(person_id or "")
    return known.name if known else author(say, person_id or "")

"""Who there is and where: areas, sections, units, people."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from shared.municipality.parts import Dated, Email, Id, Part, Text


class Role(StrEnum):
    """What a person may do; one person may have several."""

    CASEWORKER = "caseworker"
    LEADER = "leader"
    FRONT_DESK = "front_desk"
    DIRECTOR = "director"
    ADMINISTRATOR = "administrator"


class Area(Part):
    """A place with a service centre of its own (lokalsenter)."""

    id: Id
    name: Text


class Section(Dated):
    """The upper level: seksjon, tjenesteområde, or a municipal enterprise, a legal entity of its own."""

    id: Id
    name: Text
    leader: Id
    kind: Literal["section", "enterprise", "staff", "intermunicipal"] = "section"


class Unit(Dated):
    """What owns topics and cases (virksomhet); `part_of` makes it a team of another unit.

    `areas` are the areas it covers: none means all of them. `replaced_by` takes over its topics once it has
    ended.
    """

    id: Id
    name: Text
    section: Id
    leader: Id
    areas: tuple[Id, ...] = ()
    part_of: Id | None = None
    replaced_by: Id | None = None

    def covers(self, area: str | None) -> bool:
        """Whether it serves this area; every unit serves a case without one."""
        return area is None or not self.areas or area in self.areas


class Absence(Part):
    """Days away from work, both included."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.first > self.last:
            message = f"'from' ({self.first}) is after 'to' ({self.last}); swap them or mend one"
            raise ValueError(message)
        return self


class Person(Dated):
    """Someone who works for the municipality; section leaders and the director need no unit."""

    id: Id
    name: Text
    email: Email
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    unit: Id | None = None
    absences: tuple[Absence, ...] = ()
    substitute: Id | None = None

    def at_work(self, on: date) -> bool:
        """Employed on this day, and not away. Weekends and holidays are the calendar's business."""
        return self.in_force(on) and not any(absence.first <= on <= absence.last for absence in self.absences)

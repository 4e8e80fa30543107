"""A municipality's configuration folder: its organisation, topics, promises and look, loaded and checked."""

from shared.municipality.declarations import (
    CalendarOptions,
    LawOptions,
    OfficeHours,
    Pauses,
    PromiseMatch,
    PromiseRule,
    Recipient,
    Reminders,
    Rung,
)
from shared.municipality.faults import ConfigurationError, Fault, NoSuchMunicipalityError
from shared.municipality.loading import check, find, load, shipped, warnings
from shared.municipality.look import Look
from shared.municipality.municipality import Municipality, Ownership
from shared.municipality.organisation import Area, Person, Role, Section, Unit
from shared.municipality.parts import Language, Words
from shared.municipality.topics import Topic

__all__ = [
    "Area",
    "CalendarOptions",
    "ConfigurationError",
    "Fault",
    "Language",
    "LawOptions",
    "Look",
    "Municipality",
    "NoSuchMunicipalityError",
    "OfficeHours",
    "Ownership",
    "Pauses",
    "Person",
    "PromiseMatch",
    "PromiseRule",
    "Recipient",
    "Reminders",
    "Role",
    "Rung",
    "Section",
    "Topic",
    "Unit",
    "Words",
    "check",
    "find",
    "load",
    "shipped",
    "warnings",
]

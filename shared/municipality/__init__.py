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
from shared.municipality.targets import (
    BalanceSheet,
    Capital,
    Goal,
    MeasureId,
    Reader,
    Reports,
    Schedule,
    Target,
)
from shared.municipality.topics import Topic

__all__ = [
    "Area",
    "BalanceSheet",
    "CalendarOptions",
    "Capital",
    "ConfigurationError",
    "Fault",
    "Goal",
    "Language",
    "LawOptions",
    "Look",
    "MeasureId",
    "Municipality",
    "NoSuchMunicipalityError",
    "OfficeHours",
    "Ownership",
    "Pauses",
    "Person",
    "PromiseMatch",
    "PromiseRule",
    "Reader",
    "Recipient",
    "Reminders",
    "Reports",
    "Role",
    "Rung",
    "Schedule",
    "Section",
    "Target",
    "Topic",
    "Unit",
    "Words",
    "check",
    "find",
    "load",
    "shipped",
    "warnings",
]

"""A municipality's configuration folder: its organisation, topics, promises and look, loaded and checked."""

from shared.municipality.faults import ConfigurationError, Fault, NoSuchMunicipalityError
from shared.municipality.loading import check, find, load, shipped
from shared.municipality.model import (
    Area,
    CalendarOptions,
    Language,
    Look,
    OfficeHours,
    Person,
    PromiseMatch,
    PromiseRule,
    Recipient,
    Reminders,
    Role,
    Rung,
    Section,
    Topic,
    Unit,
    Words,
)
from shared.municipality.municipality import Municipality, Ownership

__all__ = [
    "Area",
    "CalendarOptions",
    "ConfigurationError",
    "Fault",
    "Language",
    "Look",
    "Municipality",
    "NoSuchMunicipalityError",
    "OfficeHours",
    "Ownership",
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
]

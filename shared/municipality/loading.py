"""Reads a configuration folder: a Municipality where it is free of faults, its faults where not."""

import hashlib
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from shared.municipality import own_texts
from shared.municipality.checking import Parts, check_references
from shared.municipality.declarations import (
    CalendarOptions,
    LawOptions,
    Messages,
    Pauses,
    PromiseRule,
    Reminders,
)
from shared.municipality.faults import ConfigurationError, Fault, NoSuchMunicipalityError
from shared.municipality.look import Look
from shared.municipality.municipality import Municipality
from shared.municipality.organisation import Area, Person, Section, Unit
from shared.municipality.parts import Id, Part
from shared.municipality.targets import USUAL, BalanceSheet, Goal, Reports, Target
from shared.municipality.topics import Topic
from shared.municipality.yaml_document import Document

SHIPPED = Path(__file__).parents[2] / "deploy" / "municipalities"
"""Where the municipalities that come with the code are."""

_Items = Annotated[list[Any], Field(min_length=1)]
"""Each item is validated for itself, so that one with a fault does not hide another's."""


class _OrganisationHead(Part):
    id: Id
    director: Id
    front_desk: Id
    areas: list[Any] = Field(default_factory=list)
    sections: _Items
    units: _Items
    people: _Items


class _TopicsHead(Part):
    topics: _Items


class _TargetsHead(Part):
    goals: list[Any] = Field(default_factory=list)
    targets: list[Any] = Field(default_factory=list)
    reports: Reports = USUAL


class _PromisesHead(Part):
    promises: _Items
    reminders: Reminders
    pauses: Pauses = Pauses()
    calendar: CalendarOptions = CalendarOptions()
    law: LawOptions = LawOptions()
    messages: Messages = Messages()


def load(folder_or_name: Path | str) -> Municipality:
    """The municipality in a folder; a bare name means one that comes with the code.

    Raises ConfigurationError with every fault, and NoSuchMunicipalityError where there is no such folder.
    """
    folder = find(folder_or_name)
    municipality, faults = _read(folder)
    if municipality is None:
        raise ConfigurationError(folder, faults)
    return municipality


def check(folder: Path | str) -> list[Fault]:
    """Everything wrong with a folder, by file and line; raises NoSuchMunicipalityError without one."""
    return _read(find(folder))[1]


def warnings(folder: Path | str, on: date) -> list[Fault]:
    """What of a folder somebody should look at on this day, though nothing is wrong with it.

    That is every promise in force whose review date has passed, and every own text that nothing reads. Raises
    NoSuchMunicipalityError without a folder.
    """
    promises = Document.read(find(folder), "promises.yaml")
    outdated = [
        Fault(
            promises.name,
            promises.line((*entry.path, "review_by")),
            f"the promise {entry.value.id!r} was to be reviewed by {entry.value.review_by}; review it and "
            "give it a new 'review_by', or end it with 'to'",
        )
        for entry in promises.entries("promises", PromiseRule)
        if entry.value.outdated(on)
    ]
    return [*outdated, *own_texts.unread(find(folder))]


def find(folder_or_name: Path | str) -> Path:
    """The folder meant: an existing path, else a name of those that come with the code."""
    given = Path(folder_or_name)
    if given.is_dir():
        return given.resolve()
    if len(given.parts) == 1 and (SHIPPED / given).is_dir():
        return SHIPPED / given
    raise NoSuchMunicipalityError(given, shipped())


def shipped() -> list[str]:
    """The names of the municipalities that come with the code."""
    return sorted(path.parent.name for path in SHIPPED.glob("*/organisation.yaml"))


def _read(folder: Path) -> tuple[Municipality | None, list[Fault]]:
    organisation = Document.read(folder, "organisation.yaml")
    topics = Document.read(folder, "topics.yaml")
    promises = Document.read(folder, "promises.yaml")
    look = Document.read(folder, "look.yaml")
    balance = _balance(folder)
    organisation_head = organisation.head(_OrganisationHead)
    topics.head(_TopicsHead)
    promises_head = promises.head(_PromisesHead)
    look_head = look.head(Look)
    balance_head = balance.head(_TargetsHead) or _TargetsHead()
    parts = Parts(
        organisation=organisation,
        topic_file=topics,
        promise_file=promises,
        look_file=look,
        balance_file=balance,
        areas=organisation.entries("areas", Area),
        sections=organisation.entries("sections", Section),
        units=organisation.entries("units", Unit),
        people=organisation.entries("people", Person),
        topics=topics.entries("topics", Topic),
        promises=promises.entries("promises", PromiseRule),
        goals=balance.entries("goals", Goal),
        targets=balance.entries("targets", Target),
        reports=balance_head.reports,
        look=look_head,
        reminders=promises_head.reminders if promises_head else None,
        law=promises_head.law if promises_head else None,
    )
    check_references(parts, folder)
    faults = [
        fault for document in (organisation, topics, promises, look, balance) for fault in document.faults
    ]
    faults += own_texts.faults(folder)
    if faults or organisation_head is None or promises_head is None or look_head is None:
        return None, sorted(set(faults))
    return Municipality(
        id=organisation_head.id,
        version=_version(folder),
        folder=folder,
        look=look_head,
        sections={entry.value.id: entry.value for entry in parts.sections},
        units={entry.value.id: entry.value for entry in parts.units},
        people={entry.value.id: entry.value for entry in parts.people},
        areas={entry.value.id: entry.value for entry in parts.areas},
        topics={entry.value.id: entry.value for entry in parts.topics},
        front_desk=organisation_head.front_desk,
        director=organisation_head.director,
        promises=tuple(entry.value for entry in parts.promises),
        reminders=promises_head.reminders,
        pauses=promises_head.pauses,
        calendar_options=promises_head.calendar,
        law_options=promises_head.law,
        balance=BalanceSheet(
            goals=tuple(entry.value for entry in parts.goals),
            targets=tuple(entry.value for entry in parts.targets),
            reports=balance_head.reports,
        ),
        messages=promises_head.messages,
    ), []


def _balance(folder: Path) -> Document:
    """The goals and targets, which a municipality may be without."""
    name = "targets.yaml"
    return Document.read(folder, name) if (folder / name).exists() else Document(name)


def _version(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]

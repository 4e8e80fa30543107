"""What a message is about and who it goes to, in what its words are made of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.notify.messages import MessageKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """Who a message goes to, known only while it is being sent."""

    address: str
    """An e-mail address, or a phone number in international form."""
    name: str | None
    language: str
    link: str
    """Where the case opens for them; for a digest, where their cases do."""
    notices: str | None = None
    """Where a resident chooses which messages to get; the same with `/av` takes a mail program's one click."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What a mail is about."""

    id: UUID
    kind: MessageKind
    case_id: UUID
    to_resident: bool
    reference: str
    submission: str
    """What was sent in: praise, complaint or question."""
    topic: str | None
    area: str | None
    unit: str | None
    person: str | None
    facts: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One of the cases a digest lists."""

    kind: MessageKind
    reference: str
    topic: str | None
    unit: str | None
    due_on: date
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """What a digest is about: many cases that somebody is reminded of."""

    id: UUID
    entries: Sequence[Entry]

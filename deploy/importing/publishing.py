"""From cases to events: what is new or changed since it was last imported, under ids that a repetition has too.

An event's id is made of its case, of what it says, and of the event about that case before it. So a file that
is imported twice changes nothing; an interrupted import goes on where it stopped; a row that was changed is a
new event, also where it is changed back to what it was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from nats.js import JetStreamContext

from deploy import stream
from deploy.importing.cases import Case
from shared.events import SUBJECT_ROOT, CaseImported
from shared.identity import derived_id

_SAYS = (1 << 60) - 1
"""The bits of an id that tell what its event says."""
_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Last:
    """The last event about a case, as the stream has it."""

    id: UUID
    at: datetime


async def last_said(js: JetStreamContext, municipality: str) -> dict[UUID, Last]:
    """The last event about each case that was imported before."""
    subject = f"{SUBJECT_ROOT}.{municipality}.{CaseImported.NAME}.v{CaseImported.VERSION}"
    known: dict[UUID, Last] = {}
    async for message in stream.messages(js, subject):
        headers = message.headers or {}
        known[UUID(headers["ce-subject"])] = Last(
            UUID(headers["ce-id"]), datetime.fromisoformat(headers["ce-time"])
        )
    return known


@dataclass(frozen=True)
class Import:
    """Which municipality's and which system's cases, in which zone, as of when.

    `sections` has the section of each unit of the municipality. It is no part of what a row says: a unit that has
    moved since makes no row another.
    """

    municipality: str
    system: str
    zone: str
    at: datetime
    sections: Mapping[str, str] = field(default_factory=dict)

    def event(self, case: Case, known: Mapping[UUID, Last]) -> CaseImported | None:
        """What is to be said about a case; nothing where that was what was said last."""
        case_id = derived_id("import", self.municipality, self.system, case.reference)
        says = _fingerprint(case, self.zone)
        last = known.get(case_id)
        if last and last.id.int & _SAYS == says:
            return None
        return CaseImported(
            id=_id(case_id, says, last),
            # Of two events about a case the later one holds, even where the clock was set back meanwhile.
            at=max(self.at, last.at + _MOMENT) if last else self.at,
            case_id=case_id,
            municipality=self.municipality,
            system=self.system,
            reference=case.reference,
            received_at=case.received_at,
            due_on=case.due_on,
            answered_at=case.answered_at,
            kind=case.kind,
            topic=case.topic,
            unit=case.unit,
            area=case.area,
            channel=case.channel,
            zone=self.zone,
            section=self.sections.get(case.unit or ""),
        )

    def events(
        self, cases: Iterable[Case], known: Mapping[UUID, Last]
    ) -> tuple[list[CaseImported], list[CaseImported], int]:
        """The events about new cases and about changed ones, and how many cases are as they were."""
        new: list[CaseImported] = []
        changed: list[CaseImported] = []
        unchanged = 0
        for case in cases:
            event = self.event(case, known)
            if event is None:
                unchanged += 1
            else:
                (changed if event.case_id in known else new).append(event)
        return new, changed, unchanged


def _fingerprint(case: Case, zone: str) -> int:
    said = (
        case.received_at, case.due_on, case.answered_at,
        case.kind, case.topic, case.unit, case.area, case.channel, zone,
    )  # fmt: skip
    return int.from_bytes(sha256(repr(said).encode()).digest()[:8], "big") & _SAYS


def _id(case_id: UUID, says: int, last: Last | None) -> UUID:
    """A UUIDv8 (RFC 9562) whose last 60 bits tell what the event says."""
    before = int.from_bytes(sha256(f"{case_id}/{last.id if last else ''}".encode()).digest()[:16], "big")
    value = (before & ~_SAYS) | says
    value = (value & ~(0xF << 76)) | (0x8 << 76)
    return UUID(int=(value & ~(0x3 << 62)) | (0x2 << 62))

"""What a resident sends, once it has been found in order."""

import json
from dataclasses import asdict, dataclass
from hashlib import sha256

from shared.events import Channel, Kind


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach the resident; `phone` in international form, `+4790000000`."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True)
class NewSubmission:
    """A submission that may be accepted: only `validation.checked` makes one of what somebody typed."""

    kind: Kind
    channel: Channel
    language: str
    text: str
    reply_wanted: bool
    topic: str | None = None
    area: str | None = None
    contact: Contact | None = None

    def fingerprint(self) -> bytes:
        """The same for the same content: tells a repeated request from another one with the same key."""
        return sha256(json.dumps(asdict(self), sort_keys=True).encode()).digest()

"""Messages as files: durable before they are acknowledged, and one message however often it is delivered."""

import hashlib
import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path

from deploy.mailbox.sms import CHANNEL_HEADER

SUFFIX = ".eml"


@dataclass(frozen=True)
class Summary:
    """A message as the list shows it. `deliveries` counts how often it was handed over.

    `dated` is what its sender says of its time, which on a test clock is not when it was received.
    """

    id: str
    message_id: str | None
    sender: str
    recipients: tuple[str, ...]
    subject: str
    received_at: datetime
    dated: datetime
    deliveries: int
    channel: str = "email"

    def matches(self, words: str) -> bool:
        """Whether a recipient or the subject contains the words, in any case."""
        wanted = words.strip().casefold()
        return any(wanted in text.casefold() for text in (*self.recipients, self.subject))


class Store:
    """A folder of messages, each a file named by the hash of its Message-ID.

    A message is written to a draft, synced and renamed; a second one with the same Message-ID changes nothing
    but the count, a line in a file beside it. Safe to use from several threads.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._lock = threading.Lock()
        self._summaries: dict[str, Summary] = {}
        for draft in folder.glob("*.draft"):
            draft.unlink()
        for file in folder.glob(f"*{SUFFIX}"):
            summary = self._summary(file.stem, file.read_bytes())
            self._summaries[summary.id] = summary

    def deliver(self, content: bytes, *, sender: str, recipients: Sequence[str], at: datetime) -> None:
        """Returns when the message is on the disk. Raises OSError where it could not be put there."""
        message_id = BytesHeaderParser(policy=policy.compat32).parsebytes(content)["Message-ID"]
        name = hashlib.sha256(str(message_id).strip().encode() if message_id else content).hexdigest()
        with self._lock:
            if known := self._summaries.get(name):
                self._count_again(name, at)
                self._summaries[name] = replace(known, deliveries=known.deliveries + 1)
                return
            traced = _trace(sender, recipients, at) + content
            self._write(name, traced)
            self._summaries[name] = self._summary(name, traced)

    def newest_first(self, words: str = "") -> list[Summary]:
        """The messages whose recipient or subject contains the words; all where there are none."""
        found = [summary for summary in list(self._summaries.values()) if summary.matches(words)]
        return sorted(found, key=lambda summary: (summary.received_at, summary.id), reverse=True)

    def summary(self, name: str) -> Summary | None:
        """One message as the list shows it."""
        return self._summaries.get(name)

    def source(self, name: str) -> bytes:
        """The message as it was sent, below the lines that this mailbox put on top."""
        return self._file(name).read_bytes()

    def message(self, name: str) -> EmailMessage:
        """The message, parsed."""
        return message_from_bytes(self.source(name), policy=policy.default)

    def _write(self, name: str, content: bytes) -> None:
        draft = self._folder / f"{name}.draft"
        with draft.open("wb") as output:
            output.write(content)
            output.flush()
            os.fsync(output.fileno())
        draft.replace(self._file(name))
        directory = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)

    def _count_again(self, name: str, at: datetime) -> None:
        with self._repeats(name).open("a", encoding="ascii") as repeats:
            repeats.write(f"{at.isoformat()}\n")
            repeats.flush()
            os.fsync(repeats.fileno())

    def _summary(self, name: str, content: bytes) -> Summary:
        headers = BytesHeaderParser(policy=policy.default).parsebytes(content)
        try:
            repeats = self._repeats(name).read_text(encoding="ascii").count("\n")
        except FileNotFoundError:
            repeats = 0
        received_at = datetime.fromisoformat(str(headers["X-Received-At"]))
        return Summary(
            id=name,
            message_id=headers["Message-ID"],
            sender=str(headers["From"] or headers["Return-Path"]),
            recipients=tuple(str(recipient) for recipient in headers.get_all("Delivered-To", [])),
            subject=str(headers["Subject"] or ""),
            received_at=received_at,
            dated=getattr(headers["Date"], "datetime", None) or received_at,
            deliveries=1 + repeats,
            channel=str(headers[CHANNEL_HEADER] or "email"),
        )

    def _file(self, name: str) -> Path:
        return self._folder / f"{name}{SUFFIX}"

    def _repeats(self, name: str) -> Path:
        return self._folder / f"{name}.repeats"


def _trace(sender: str, recipients: Sequence[str], at: datetime) -> bytes:
    """The envelope, which a message itself does not carry, in the headers a mail server would add."""
    lines = [f"Return-Path: <{sender}>", *(f"Delivered-To: {recipient}" for recipient in recipients)]
    return "".join(f"{line}\r\n" for line in (*lines, f"X-Received-At: {at.isoformat()}")).encode()

"""Reads delivery status notifications (RFC 3464): whether a mail failed for good, and with which status."""

import re
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message

_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})\b")
_UNSTATED = "5.0.0"
"""RFC 3463: a permanent failure of which no more is known."""


class NoReportError(ValueError):
    """A mail that is no delivery status notification."""


@dataclass(frozen=True, slots=True)
class Report:
    """What a notification says of the one recipient that our mails have.

    :param failed: for good: also a mail that a server gave up after days of trying (status 4.x.x). A delay is
        none, and neither is a delivery.
    :param status: the enhanced status code (RFC 3463).
    """

    failed: bool
    status: str


def read(content: bytes) -> Report:
    """The report in a mail. Raises NoReportError."""
    mail = message_from_bytes(content)
    if mail.get_content_type() != "multipart/report":
        raise NoReportError
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            return _of_recipients(part)
    raise NoReportError


def _of_recipients(part: Message) -> Report:
    blocks = [block for block in _blocks(part) if "Action" in block or "Status" in block]
    if not blocks:
        raise NoReportError
    reports = [_of_recipient(block) for block in blocks]
    return next((report for report in reports if report.failed), reports[0])


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [block for block in payload if isinstance(block, Message)] if isinstance(payload, list) else []


def _of_recipient(block: Message) -> Report:
    found = _STATUS.match(str(block.get("Status", "")))
    status = found[1] if found else _UNSTATED
    action = str(block.get("Action", "")).strip().lower()
    failed = action == "failed" or (not action and status.startswith("5"))
    return Report(failed=failed, status=status)

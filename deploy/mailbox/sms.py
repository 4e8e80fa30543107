"""Takes text messages as an SMS gateway does (Sinch's format), and keeps them beside the mails."""

import json
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

CHANNEL_HEADER = "X-Channel"
SMS = "sms"


class NoTextMessageError(ValueError):
    """A body that is no text message; says what is missing, never what it holds."""


@dataclass(frozen=True)
class TextMessage:
    """One message to one number."""

    sender: str
    to: str
    text: str
    reference: str

    @classmethod
    def read(cls, body: bytes) -> "TextMessage":
        """The message in a request. Raises NoTextMessageError."""
        try:
            told = json.loads(body)
            (to,) = told["to"]
            return cls(str(told["from"]), str(to), str(told["body"]), str(told["client_reference"]))
        except (ValueError, TypeError, KeyError) as error:
            raise NoTextMessageError(
                "needs from, to (a list of one number), body, client_reference"
            ) from error

    def as_mail(self, at: datetime) -> bytes:
        """The message as the mailbox keeps it: one file, and known again by its reference."""
        mail = EmailMessage(policy=SMTP)
        mail["Message-ID"] = f"<{self.reference}@sms.example>"
        mail["Date"] = format_datetime(at)
        mail["From"] = self.sender
        mail["To"] = f"{self.to.removeprefix('+')}@sms.example"
        mail["Subject"] = self.text.partition("\n")[0][:60]
        mail[CHANNEL_HEADER] = SMS
        mail.set_content(self.text)
        return mail.as_bytes()

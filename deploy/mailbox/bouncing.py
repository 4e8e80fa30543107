"""Mail to `bounce.example` comes back, so that it can be seen what happens then."""

import asyncio
import smtplib
import sys
from email.message import EmailMessage, Message

from deploy.ports import LOOPBACK

DOMAIN = "bounce.example"
STATUS = "5.1.1"
NOBODY = ("", "<>")
"""The sender of a notification, so that none is ever answered by another."""
PAUSES = (0.5, 1, 2, 5, 10, 30, 60)
"""Seconds before each try to hand a notification over: notify may be starting, or have been killed."""
TIME_LIMIT = 10


def bounces(recipient: str) -> bool:
    """Whether mail to this address comes back."""
    return recipient.lower().endswith((f"@{DOMAIN}", f".{DOMAIN}"))


def notification(sender: str, recipient: str) -> EmailMessage:
    """What a mail server says of an address it does not know (RFC 3464)."""
    report = EmailMessage()
    report["From"] = "MAILER-DAEMON@localhost"
    report["To"] = sender
    report["Subject"] = "Undelivered Mail Returned to Sender"
    report["Auto-Submitted"] = "auto-replied"
    report.set_content(f"{recipient} is not known here.\n")
    report.make_mixed()
    report.replace_header("Content-Type", "multipart/report")
    report.set_param("report-type", "delivery-status")
    about_server, about_recipient = Message(), Message()
    about_server["Reporting-MTA"] = "dns; localhost"
    about_recipient["Final-Recipient"] = f"rfc822; {recipient}"
    about_recipient["Action"] = "failed"
    about_recipient["Status"] = STATUS
    about_recipient["Diagnostic-Code"] = f"smtp; 550 {STATUS} User unknown"
    status = EmailMessage()
    status["Content-Type"] = "message/delivery-status"
    status.set_payload([about_server, about_recipient])
    report.attach(status)
    return report


class Bouncer:
    """Hands notifications over in the background, after the mail itself has been taken."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._under_way: set[asyncio.Task[None]] = set()

    def mail_came(self, sender: str, recipients: list[str]) -> None:
        """Answers a mail to an address that bounces. A mail without a sender is a notification itself."""
        for recipient in recipients:
            if sender not in NOBODY and bounces(recipient):
                task = asyncio.create_task(self._send_back(sender, recipient))
                self._under_way.add(task)
                task.add_done_callback(self._under_way.discard)

    async def _send_back(self, sender: str, recipient: str) -> None:
        for pause in PAUSES:
            await asyncio.sleep(pause)
            try:
                return await asyncio.to_thread(self._hand_over, sender, recipient)
            except smtplib.SMTPResponseException as error:
                print(f"A notification was refused: {error.smtp_code}", file=sys.stderr)
                if error.smtp_code >= 500:  # noqa: PLR2004 - SMTP's own boundary: no further try
                    return None
            except (smtplib.SMTPException, OSError) as error:
                print(f"A notification waits: {type(error).__name__}", file=sys.stderr)
        return None

    def _hand_over(self, sender: str, recipient: str) -> None:
        with smtplib.SMTP(LOOPBACK, self._port, timeout=TIME_LIMIT) as smtp:
            smtp.send_message(notification(sender, recipient), from_addr="", to_addrs=[sender])

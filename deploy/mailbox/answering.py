"""A mail is answered on its page, as a resident's mail program would, so that it can be seen what happens then."""

import smtplib
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import getaddresses, make_msgid, parseaddr

from deploy.ports import LOOPBACK

TIME_LIMIT = 10


class AnswerRefusedError(Exception):
    """The server would not take an answer; `said` is what a mail program would show."""

    def __init__(self, said: str) -> None:
        super().__init__(said)
        self.said = said


class Answerer:
    """Hands answers over to the service that takes them."""

    def __init__(self, port: int) -> None:
        self._port = port

    def address(self, mail: EmailMessage) -> str | None:
        """Where an answer to this mail goes; None where it does not ask for one by its own address."""
        address = parseaddr(str(mail.get("Reply-To", "")))[1]
        return address if address.startswith("svar+") else None

    def answer(self, mail: EmailMessage, words: str) -> None:
        """Answers in the name of who got it, quoting it. Raises AnswerRefusedError."""
        to = self.address(mail)
        if to is None:
            raise AnswerRefusedError("550 This mail has no address for answers")
        reply = EmailMessage()
        reply["From"] = sender = getaddresses([str(mail["To"])])[0][1]
        reply["To"], reply["Subject"] = to, f"SV: {mail['Subject']}"
        reply["Message-ID"], reply["In-Reply-To"] = (
            make_msgid(domain="mailbox.example"),
            str(mail["Message-ID"]),
        )
        body = mail.get_body(("plain",))
        quoted = "".join(f"> {line}\n" for line in (str(body.get_content()) if body else "").splitlines())
        reply.set_content(f"{words}\n\nDen {mail['Date']} skrev {mail['From']}:\n\n{quoted}")
        try:
            with smtplib.SMTP(LOOPBACK, self._port, timeout=TIME_LIMIT) as server:
                server.sendmail(sender, [to], reply.as_bytes(policy=SMTP))
        except smtplib.SMTPResponseException as error:
            raise AnswerRefusedError(f"{error.smtp_code} {_text(error.smtp_error)}") from error
        except smtplib.SMTPRecipientsRefused as error:
            code, said = next(iter(error.recipients.values()))
            raise AnswerRefusedError(f"{code} {_text(said)}") from error
        except (smtplib.SMTPException, OSError) as error:
            raise AnswerRefusedError(f"Nobody takes answers now ({type(error).__name__})") from error


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said

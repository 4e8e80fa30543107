"""One connection to the mail server, and what came of each try to hand over a mail."""

import ssl
import time
from email.message import EmailMessage

import aiosmtplib
from aiosmtplib import (
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPServerDisconnected,
    SMTPTimeoutError,
)

from services.notify.delivery import Delivery, ServerAwayError
from services.notify.settings import NotifySettings

PERMANENT = 500
SERVICE_CLOSING = 421
AUTHENTICATION_REQUIRED = 530
IDLE_LIMIT = 30.0
"""Seconds after which an unused connection is not trusted: something on the way may have dropped it."""


class MailServer:
    """A connection that is kept open between mails and made anew where it was lost."""

    def __init__(self, settings: NotifySettings) -> None:
        self._settings = settings
        self._client: aiosmtplib.SMTP | None = None
        self._used = 0.0

    async def hand_over(self, mail: EmailMessage, *, sender: str | None = None) -> Delivery:
        """Tries once. Raises ServerAwayError where the server did not even get to see the mail.

        `sender` is the envelope's, to which failures are reported; the address mails come from unless said.

        A server that dies in the middle has seen it: that try counts, since a mail that makes a server fall
        over must not stand in the way of all others. Whether it was taken is then unknown, and it is sent
        again with the same Message-ID.
        """
        client = await self._connected()
        self._used = time.monotonic()
        try:
            envelope_sender = sender or self._settings.smtp_from
            await client.send_message(mail, sender=envelope_sender, recipients=str(mail["To"]))
        except (SMTPServerDisconnected, SMTPTimeoutError, OSError) as error:
            self._forget()
            return Delivery(error=_broken_off(error))
        except (SMTPNotSupported, ValueError):
            return Delivery(error="address_not_supported", final=True)
        except SMTPException as error:
            return self._refused(error)
        return Delivery(code=250)

    async def close(self) -> None:
        """Says goodbye, where there is somebody to say it to."""
        client, self._client = self._client, None
        if client and client.is_connected:
            try:
                await client.quit(timeout=2)
            except (SMTPException, OSError):
                client.close()

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client and self._client.is_connected:
            if time.monotonic() - self._used < IDLE_LIMIT:
                return self._client
            await self.close()
        self._forget()
        client = self._new_client()
        try:
            await client.connect()
        except SMTPResponseException as error:
            client.close()
            raise ServerAwayError(f"{type(error).__name__} {error.code}") from None
        except (SMTPException, OSError, ssl.SSLError, ValueError) as error:
            client.close()
            raise ServerAwayError(type(error).__name__) from None
        self._client = client
        return client

    def _new_client(self) -> aiosmtplib.SMTP:
        settings = self._settings
        return aiosmtplib.SMTP(
            hostname=settings.smtp_host,
            port=settings.smtp_port,
            local_hostname=domain_of(settings.smtp_from),
            timeout=settings.smtp_timeout,
            use_tls=settings.smtp_tls == "tls",
            start_tls={"none": False, "offered": None, "starttls": True, "tls": False}[settings.smtp_tls],
            username=settings.smtp_user,
            cert_bundle=str(settings.smtp_ca_file) if settings.smtp_ca_file else None,
            password=settings.smtp_password.get_secret_value() if settings.smtp_password else None,
        )

    def _refused(self, error: SMTPException) -> Delivery:
        match error:
            case SMTPRecipientsRefused():
                code = error.recipients[0].code
                return self._answer("recipient_refused", code, final=code >= PERMANENT)
            case SMTPSenderRefused():
                # A verdict on us, not on the mail: an operator can mend it, so no mail is given up for it.
                return self._answer("sender_refused", error.code, final=False)
            case SMTPDataError():
                return self._answer("content_refused", error.code, final=error.code >= PERMANENT)
            case SMTPResponseException():
                return self._answer("refused", error.code, final=False)
            case _:
                self._forget()
                return Delivery(error="protocol_error")

    def _answer(self, error: str, code: int, *, final: bool) -> Delivery:
        if code in {SERVICE_CLOSING, AUTHENTICATION_REQUIRED}:
            self._forget()
            raise ServerAwayError(f"{error} {code}")
        return Delivery(error=error, code=code, final=final)

    def _forget(self) -> None:
        client, self._client = self._client, None
        if client:
            client.close()


def domain_of(address: str) -> str:
    """What stands after the @."""
    return address.rpartition("@")[2]


def _broken_off(error: Exception) -> str:
    return "timed_out" if isinstance(error, SMTPTimeoutError) else "connection_lost"

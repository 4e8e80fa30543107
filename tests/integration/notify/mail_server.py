"""A real SMTP server that fails where a test tells it to."""

import asyncio
import ssl
import warnings
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

Fault = str
"""A stage (`connect`, `MAIL`, `RCPT`, `DATA`, `after DATA`), with an SMTP answer, `dies`, `hangs` or `waits a moment`."""


@dataclass
class MailServer:
    """What it has taken over, and what it is to do instead: each fault once, then it is well."""

    port: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)
    taken: list[EmailMessage] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    """The envelope's sender of each mail taken over."""
    seen: list[str] = field(default_factory=list)
    """The Message-ID of each content that arrived in whole, taken over or not."""
    connections: int = 0
    certificate: ssl.SSLContext | None = None
    """What it shows over STARTTLS, or at once where `implicit_tls`; without it has no TLS."""
    implicit_tls: bool = False
    password: str | None = None
    """What a client must sign in with, as `svarfrist`; anyone may send where there is none."""
    signed_in: int = 0

    def lets_in(self, sign_in: LoginPassword) -> bool:
        """Whether the name and the password are right."""
        right = (sign_in.login, sign_in.password) == (b"svarfrist", (self.password or "").encode())
        self.signed_in += right
        return right

    def fails(self, stage: str, how: str = "dies", times: int = 1) -> None:
        """At this stage it says `how`, or dies."""
        self.faults += [(stage, how)] * times

    def fault(self, stage: str) -> str | None:
        """What to do at this stage, if not what it should."""
        for fault in self.faults:
            if fault[0] == stage:
                self.faults.remove(fault)
                return fault[1]
        return None

    @property
    def recipients(self) -> list[str]:
        """Whom the taken mails are for."""
        return [str(mail["To"]) for mail in self.taken]


class _Inlet:
    """What aiosmtpd calls at each stage."""

    def __init__(self, server: MailServer) -> None:
        self._server = server

    async def _at(self, stage: str, smtp: SMTP) -> str | None:
        how = self._server.fault(stage)
        if how == "dies":
            smtp.transport.abort()
            await asyncio.sleep(3600)
        if how == "hangs":
            await asyncio.sleep(3600)
        if how == "waits a moment":
            await asyncio.sleep(0.1)
            return None
        return how

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, smtp: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if answer := await self._at("MAIL", smtp):
            return answer
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, smtp: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if answer := await self._at("RCPT", smtp):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, smtp: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        if answer := await self._at("DATA", smtp):
            return answer
        mail = message_from_bytes(envelope.content or b"", policy=policy.default)
        self._server.seen.append(str(mail["Message-ID"]))
        if answer := await self._at("after DATA", smtp):
            return answer
        self._server.taken.append(mail)
        self._server.senders.append(envelope.mail_from or "")
        return "250 OK"


def _authenticator(server: MailServer) -> Callable[..., AuthResult]:
    def authenticate(
        _smtp: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, sign_in: LoginPassword
    ) -> AuthResult:
        return AuthResult(success=server.lets_in(sign_in), handled=False)

    return authenticate


class _Protocol(SMTP):
    """A connection that may be refused at once."""

    def __init__(self, server: MailServer) -> None:
        with warnings.catch_warnings():
            # It does not know that TLS may be there from the first byte.
            warnings.simplefilter("ignore", UserWarning)
            super().__init__(
                _Inlet(server),
                hostname="mail.example",
                enable_SMTPUTF8=True,
                tls_context=None if server.implicit_tls else server.certificate,
                require_starttls=server.certificate is not None and not server.implicit_tls,
                auth_required=server.password is not None,
                auth_require_tls=not server.implicit_tls,
                authenticator=_authenticator(server),
            )
        self._mail_server = server

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._mail_server.connections += 1
        if self._mail_server.fault("connect"):
            transport.abort()  # type: ignore[attr-defined]
            return
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self.transport is not None:
            super().connection_lost(error)


@asynccontextmanager
async def running(server: MailServer) -> AsyncGenerator[MailServer]:
    """Listens on a port of its own, the same again where it has had one."""
    make: Callable[[], asyncio.Protocol] = lambda: _Protocol(server)  # noqa: E731
    listener = await asyncio.get_running_loop().create_server(
        make, "127.0.0.1", server.port, ssl=server.certificate if server.implicit_tls else None
    )
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        # A handshake that failed is taken down a moment later.
        await asyncio.sleep(0.05 if server.implicit_tls else 0)

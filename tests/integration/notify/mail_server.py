"""A real SMTP server that fails where a test tells it to."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, Envelope, Session

Fault = str
"""A stage (`connect`, `MAIL`, `RCPT`, `DATA`, `after DATA`), with an SMTP answer, or `dies`."""


@dataclass
class MailServer:
    """What it has taken over, and what it is to do instead: each fault once, then it is well."""

    port: int = 0
    faults: list[tuple[str, str]] = field(default_factory=list)
    taken: list[EmailMessage] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    """The Message-ID of each content that arrived in whole, taken over or not."""
    connections: int = 0

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
        return "250 OK"


class _Protocol(SMTP):
    """A connection that may be refused at once."""

    def __init__(self, server: MailServer) -> None:
        super().__init__(_Inlet(server), hostname="mail.example", enable_SMTPUTF8=True)
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
    listener = await asyncio.get_running_loop().create_server(make, "127.0.0.1", server.port)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        await asyncio.sleep(0)

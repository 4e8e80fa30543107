"""`python -m deploy.mailbox --folder DIR --smtp-port N --http-port N`: receives mail and SMS, and shows them.

With `--bounces-port N` mail to addresses at `bounce.example` comes back there.
"""

import argparse
import asyncio
from datetime import UTC, datetime
from pathlib import Path

import uvicorn
from aiosmtpd.smtp import SMTP, Envelope, Session

from deploy.mailbox.bouncing import Bouncer
from deploy.mailbox.store import Store
from deploy.mailbox.web import Mailbox
from deploy.ports import LOOPBACK

SIZE_LIMIT = 64 * 1024 * 1024


class Inlet:
    """What aiosmtpd calls for each message."""

    def __init__(self, store: Store, bouncer: Bouncer | None) -> None:
        self._store = store
        self._bouncer = bouncer

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Says 250 only when the message is on the disk; a sender that hears anything else tries again."""
        try:
            await asyncio.to_thread(
                self._store.deliver,
                envelope.original_content or b"",
                sender=envelope.mail_from or "",
                recipients=envelope.rcpt_tos,
                at=datetime.now(UTC),
            )
        except OSError as error:
            return f"452 4.3.1 Could not be stored: {error.strerror}"
        if self._bouncer:
            self._bouncer.mail_came(envelope.mail_from or "", envelope.rcpt_tos)
        return "250 2.0.0 Stored"


async def serve(store: Store, *, smtp_port: int, http_port: int, bounces_port: int | None) -> None:
    """Receives and shows until SIGTERM."""
    inlet = Inlet(store, Bouncer(bounces_port) if bounces_port else None)
    smtp = await asyncio.get_running_loop().create_server(
        lambda: SMTP(inlet, hostname="localhost", enable_SMTPUTF8=True, data_size_limit=SIZE_LIMIT),
        LOOPBACK,
        smtp_port,
    )
    config = uvicorn.Config(
        Mailbox(store),
        host=LOOPBACK,
        port=http_port,
        loop="asyncio",
        http="h11",
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    async with smtp:
        await uvicorn.Server(config).serve()


def main() -> None:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.mailbox", description=__doc__)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--bounces-port", type=int, help="where mail to bounce.example comes back")
    asked = parser.parse_args()
    asyncio.run(
        serve(
            Store(asked.folder),
            smtp_port=asked.smtp_port,
            http_port=asked.http_port,
            bounces_port=asked.bounces_port,
        )
    )


if __name__ == "__main__":
    main()

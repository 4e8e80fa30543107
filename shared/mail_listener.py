"""A port that takes mail from the mail server, one recipient at a time, for what a service makes of it."""

import asyncio
from typing import Any

import structlog
from aiosmtpd.smtp import SMTP

TIME_LIMIT = 60.0
"""Seconds a mail server may be silent."""
ONE_AT_A_TIME = "452 4.5.3 One recipient at a time"

log = structlog.get_logger()


class MailListener:
    """An SMTP server. It does not encrypt: it belongs inside the operator's own network.

    :param handler: aiosmtpd's: `handle_RCPT` and `handle_DATA`, which give the answer, as `250 2.0.0 OK`.
    :param size_limit: bytes of a mail.
    """

    def __init__(self, handler: Any, *, host: str, port: int, size_limit: int) -> None:
        self._handler = handler
        self._host = host
        self._port = port
        self._size_limit = size_limit

    async def run(self) -> None:
        """Listens until cancelled."""
        async with await self.listen() as listener:
            await listener.serve_forever()

    async def listen(self) -> asyncio.Server:
        """Opens the port."""
        listener = await asyncio.get_running_loop().create_server(
            lambda: SMTP(
                self._handler, hostname="svarfrist", data_size_limit=self._size_limit, timeout=TIME_LIMIT
            ),
            self._host,
            self._port,
        )
        log.info("mail.listening", port=self._port, takes=type(self._handler).__name__)
        return listener

"""Is a part ready? Asked of the part itself, the way its clients would come to it."""

import asyncio
import json
import struct
from dataclasses import dataclass
from urllib.parse import urlsplit

TIME_LIMIT = 2.0
POSTGRES_PROTOCOL = 3 << 16
HTTP_OK = 200


@dataclass(frozen=True)
class Readiness:
    """`lag` is how many events wait for a service, `pid` the process that answered; None where a part does not say."""

    ready: bool
    lag: int | None = None
    pid: int | None = None

    def is_of(self, pid: int | None) -> bool:
        """Whether it is this process that is ready, and not another that has taken its port."""
        return self.ready and (self.pid is None or self.pid == pid)


async def probe(address: str) -> Readiness:
    """Asks the part at `address`, whose scheme says how: `http`, `nats` or `postgresql`."""
    url = urlsplit(address)
    ask = {"http": _http, "nats": _nats, "postgresql": _postgresql}[url.scheme]
    try:
        async with asyncio.timeout(TIME_LIMIT):
            reader, writer = await asyncio.open_connection(url.hostname, url.port)
            try:
                return await ask(reader, writer, url.path)
            finally:
                writer.close()
    except (OSError, TimeoutError, EOFError, ValueError):
        return Readiness(ready=False)


async def _http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str) -> Readiness:
    """200 is ready; a JSON body may say the lag and the process, also of a service that is not ready.

    HTTP/1.0, so that the answer ends with the connection and needs no client library.
    """
    writer.write(f"GET {path} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
    head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    status = int(head.split(maxsplit=2)[1]) if head.startswith(b"HTTP/1.") else 0
    try:
        told = json.loads(body)
    except ValueError:
        told = {}
    lag, pid = (told.get(name) if isinstance(told, dict) else None for name in ("lag", "pid"))
    return Readiness(
        ready=status == HTTP_OK,
        lag=lag if isinstance(lag, int) else None,
        pid=pid if isinstance(pid, int) else None,
    )


async def _nats(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter, _path: str) -> Readiness:
    """A server greets with its description, and opens its port only when JetStream is up."""
    greeting = await reader.readline()
    return Readiness(ready=b'"jetstream":true' in greeting)


async def _postgresql(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, _path: str) -> Readiness:
    """As pg_isready: a server that is starting or stopping answers with an error before it asks who we are."""
    parameters = b"user\0postgres\0database\0postgres\0\0"
    writer.write(struct.pack("!II", len(parameters) + 8, POSTGRES_PROTOCOL) + parameters)
    return Readiness(ready=await reader.readexactly(1) == b"R")

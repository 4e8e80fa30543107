"""An open-loop load of HTTP posts over kept-alive connections, cheap enough to share a machine with its target.

Open loop: each post has its instant beforehand, and its latency counts from that instant, so that a server
that stalls is charged for everything that waited (no coordinated omission).
"""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Outcome:
    """What came of a run. Latencies in seconds; `answers` holds (instant answered, body) of each 201."""

    latencies: list[float] = field(default_factory=list)
    answers: list[tuple[float, dict[str, object]]] = field(default_factory=list)
    refused: dict[int, int] = field(default_factory=dict)
    seconds: float = 0.0

    def percentile(self, share: float) -> float:
        """The latency that this share of posts did not exceed, in milliseconds."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000 if ordered else float("nan")


class Connection(asyncio.Protocol):
    """One HTTP/1.1 connection with one post under way at a time."""

    def __init__(self) -> None:
        self._buffer = b""
        self._waiting: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Completes the answer when its last byte is here."""
        self._buffer += data
        head, found, rest = self._buffer.partition(b"\r\n\r\n")
        if not found:
            return
        lines = head.lower().split(b"\r\n")
        length = next((int(line[15:]) for line in lines if line.startswith(b"content-length:")), 0)
        if len(rest) >= length and self._waiting:
            self._buffer = b""
            self._waiting.set_result((int(head[9:12]), rest[:length]))

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells whoever waits."""
        if self._waiting and not self._waiting.done():
            self._waiting.set_exception(exc or ConnectionResetError())

    async def post(self, request: bytes) -> tuple[int, bytes]:
        """Sends a whole request and waits for its answer: status and body."""
        if self._transport is None or self._transport.is_closing():
            raise ConnectionResetError
        self._waiting = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._waiting


class Load:
    """Posts what `body_of(number)` gives, JSON with an Idempotency-Key of its own each."""

    def __init__(self, url: str, body_of: Callable[[int], dict[str, object]], key: str) -> None:
        parts = urlsplit(url)
        self._host, self._port, self._path = parts.hostname or "", parts.port or 80, parts.path
        self._body_of = body_of
        self._key = key
        self._idle: list[Connection] = []
        self._number = 0

    def request(self) -> bytes:
        """The next post, as bytes on the wire."""
        self._number += 1
        body = json.dumps(self._body_of(self._number)).encode()
        head = (
            f"POST {self._path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n"
            f"Content-Type: application/json\r\nIdempotency-Key: {self._key}-{self._number}\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    async def _one(self, outcome: Outcome, began: float) -> None:
        connection = self._idle.pop() if self._idle else await self._connect()
        try:
            status, body = await connection.post(self.request())
        except OSError:
            outcome.refused[0] = outcome.refused.get(0, 0) + 1
            return
        now = time.perf_counter()
        self._idle.append(connection)
        outcome.latencies.append(now - began)
        if status == 201:
            outcome.answers.append((now, json.loads(body)))
        else:
            outcome.refused[status] = outcome.refused.get(status, 0) + 1

    async def _connect(self) -> Connection:
        loop = asyncio.get_running_loop()
        _, connection = await loop.create_connection(Connection, self._host, self._port)
        return connection

    async def at_rate(self, per_second: float, seconds: float) -> Outcome:
        """Open loop: posts at even distances, whether or not the earlier ones have been answered."""
        outcome, began, tasks = Outcome(), time.perf_counter(), []
        for number in range(int(per_second * seconds)):
            due = began + number / per_second
            if (wait := due - time.perf_counter()) > 0:
                await asyncio.sleep(wait)
            tasks.append(asyncio.create_task(self._one(outcome, due)))
        await asyncio.gather(*tasks)
        outcome.seconds = time.perf_counter() - began
        return outcome

    async def at_most(self, connections: int, seconds: float) -> Outcome:
        """Closed loop: so many posts always under way, for the highest rate."""
        outcome, began = Outcome(), time.perf_counter()

        async def one_after_another() -> None:
            while time.perf_counter() - began < seconds:
                await self._one(outcome, time.perf_counter())

        await asyncio.gather(*(one_after_another() for _ in range(connections)))
        outcome.seconds = time.perf_counter() - began
        return outcome

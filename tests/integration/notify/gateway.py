"""A real HTTP server that takes text messages, and fails where a test tells it to."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Gateway:
    """What it was asked, and what it is to answer instead of 201: a status, `dies` or `hangs`, each once."""

    port: int = 0
    faults: list[str] = field(default_factory=list)
    seen: list[dict[str, Any]] = field(default_factory=list)
    """Every request that arrived whole: its headers, its path and its JSON."""
    taken: dict[str, str] = field(default_factory=dict)
    """The texts taken over, by idempotency key."""
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        """Where messages are posted."""
        return f"http://127.0.0.1:{self.port}/xms/v1/plan/batches"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while not self.over.is_set():
                await self._answer(reader, writer)
        writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {
            name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:]) if name
        }
        body = json.loads(await reader.readexactly(int(headers["content-length"])))
        self.seen.append({"request": head[0], "headers": headers, "body": body})
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "dies":
            raise ConnectionError
        key = headers["idempotency-key"]
        if not fault or fault == "takes it and hangs":
            self.taken.setdefault(key, body["body"])
        if fault.endswith("hangs"):
            await self.over.wait()
            return
        status, _, more = (fault or "201").partition(" ")
        answer = json.dumps({"id": key, "text": f"about {body['to']}"}).encode()
        location = "Location: /elsewhere\r\n" if more else ""
        with suppress(ConnectionError):
            writer.write(
                f"HTTP/1.1 {status} X\r\n{location}Content-Length: {len(answer)}\r\n\r\n".encode() + answer
            )
            await writer.drain()


@asynccontextmanager
async def running_gateway(gateway: Gateway) -> AsyncGenerator[Gateway]:
    """Listens on a port of its own, the same again where it has had one."""
    connections: set[asyncio.Task[None]] = set()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task
        connections.add(task)
        await gateway.serve(reader, writer)

    listener = await asyncio.start_server(connected, "127.0.0.1", gateway.port)
    gateway.port = listener.sockets[0].getsockname()[1]
    try:
        yield gateway
    finally:
        listener.close()
        gateway.over.set()
        await asyncio.gather(*connections)

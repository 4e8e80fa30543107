"""A part is ready when its own process says so, and not whoever else answers at its address."""

import http.server
import json
import os
import signal
import sys
import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from deploy.cli_status import states
from deploy.data_folder import PartRecord, StackRecord
from deploy.errors import PartNotReadyError
from deploy.processes import ProcessId
from deploy.supervisor import Part, Supervisor

HEALTH = """
import http.server, json, os, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"ready": True, "pid": os.getpid()}).encode())
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Ready).serve_forever()
"""


class Ready(http.server.BaseHTTPRequestHandler):
    """A service of another stack: it is well, and says so to everybody."""

    def do_GET(self) -> None:
        """Answers."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"ready": True, "pid": os.getpid()}).encode())

    def log_message(self, *_words: object) -> None:
        """Says nothing."""


@pytest.fixture
def another() -> Generator[http.server.HTTPServer]:
    """A server that has a port and says that it is ready."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Ready)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def part_at(port: int) -> Part:
    """A service that listens there."""
    address = f"http://127.0.0.1:{port}"
    return Part(
        name="metrics",
        command=(sys.executable, "-c", HEALTH, str(port)),
        address=address,
        probe=f"{address}/health/ready",
        stop_signal=signal.SIGTERM,
    )


async def test_a_part_whose_port_another_program_has_is_not_ready(
    another: http.server.HTTPServer, tmp_path: Path
) -> None:
    """Else the front door would lead to a service of another stack, which knows none of the pages."""
    told: list[str] = []
    supervisor = Supervisor(lambda name: tmp_path / name, changed=lambda *_: None, told=told.append)
    part = part_at(another.server_port)
    with pytest.raises(PartNotReadyError, match="ended 4 times"):
        await supervisor.start(part, within=30)
    await supervisor.stop(["metrics"])
    assert "Address already in use" in (tmp_path / "metrics").read_text()
    record = PartRecord(part.address, part.probe, ProcessId.of(1))
    assert not (await states(StackRecord("sorum", "sorum", 8080, parts={"metrics": record})))["metrics"][
        "ready"
    ]
    another.shutdown()
    another.server_close()
    await supervisor.start(part, within=30)
    await supervisor.stop(["metrics"])

"""A metrics service that a test answers for, as the commands find it: by a data folder whose stack runs."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from deploy.data_folder import DataFolder, PartRecord, StackRecord


class Silent(BaseHTTPRequestHandler):
    """Answers without a log."""

    def log_message(self, *_: object) -> None:
        """In silence."""


@contextmanager
def running(handler: type[Silent], folder: Path) -> Iterator[None]:
    """Serves, and says so in the folder, for the length of the block."""
    server = HTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    record = StackRecord(
        "sorum", "sorum", 8080, parts={"metrics": PartRecord(address, f"{address}/health/ready")}
    )
    data = DataFolder(folder)
    with data.locked():
        data.remember(record)
        yield
    server.shutdown()
    thread.join()
    server.server_close()

"""The embedded stack with stand-ins for the four services, so that the supervision of parts is tested alone.

NATS, PostgreSQL, Caddy, the mailbox and the provisioning are the real ones.

    python stand_in.py stack DATA PORT [--test-clock] [--municipality FOLDER]
    python stand_in.py service NAME
    python stand_in.py provision STEP
"""

import asyncio
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from deploy import stack
from deploy.data_folder import SERVICES
from deploy.errors import StackError
from deploy.progress import PlainDisplay
from deploy.provision import STEPS, Login, provision_databases

HERE = str(Path(__file__))


def run_stack(words: list[str]) -> None:
    """As `svarfrist up`."""
    options = stack.Options(
        data=Path(words[0]),
        port=int(words[1]),
        test_clock="--test-clock" in words,
        municipality=words[words.index("--municipality") + 1] if "--municipality" in words else None,
        service_command=lambda service: (sys.executable, HERE, "service", service),
        provision_command=(sys.executable, HERE, "provision"),
    )
    try:
        stack.up(options, PlainDisplay(sys.stdout))
    except StackError as error:
        sys.stderr.write(f"{error}\n")
        sys.exit(2)


class Service(BaseHTTPRequestHandler):
    """Says that it is ready, and to every other request who it is and what it was asked."""

    name = ""

    def do_GET(self) -> None:
        """Answers."""
        told = (
            {"ready": True, "lag": 0}
            if self.path == "/health/ready"
            else {"service": self.name, "path": self.path}
        )
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        """Keeps the log of a part empty unless something is wrong."""


def run_service(name: str) -> None:
    """Serves until it is killed."""
    Service.name = name
    ThreadingHTTPServer(("127.0.0.1", int(os.environ["SVARFRIST_HTTP_PORT"])), Service).serve_forever()


async def provision(step: str) -> None:
    """The real provisioning, but for the services' tables."""
    if step == "databases":
        logins = [Login.of(os.environ[f"SVARFRIST_{service.upper()}_DATABASE_URL"]) for service in SERVICES]
        await provision_databases(os.environ["SVARFRIST_ADMIN_DATABASE_URL"], logins)
    else:
        await STEPS[step](os.environ)


if __name__ == "__main__":
    match sys.argv[1]:
        case "stack":
            run_stack(sys.argv[2:])
        case "service":
            run_service(sys.argv[2])
        case "provision":
            asyncio.run(provision(sys.argv[2]))

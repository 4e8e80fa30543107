"""The mailbox as a process of its own, and a letter to send to it."""

import json
import signal
import smtplib
import subprocess
import sys
import time
import urllib.parse
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx

from deploy.ports import assign

ROOT = Path(__file__).parent.parent.parent


class RunningMailbox:
    """The mailbox as a process of its own, on ports that it keeps."""

    def __init__(self, folder: Path, *, bounces_port: int | None = None) -> None:
        self.folder = folder
        self.more = ["--bounces-port", str(bounces_port)] if bounces_port else []
        self.ports = assign(["smtp", "http"], {})
        self.address = f"http://127.0.0.1:{self.ports['http']}"
        self.start()

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        self.process = subprocess.Popen(
            [
                sys.executable, "-m", "deploy.mailbox", "--folder", str(self.folder),
                "--smtp-port", str(self.ports["smtp"]), "--http-port", str(self.ports["http"]),
                *self.more,
            ],
            cwd=ROOT,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while True:
            try:
                assert json.loads(self.get("/health/ready")[0]) == {"ready": True}
            except httpx.TransportError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            else:
                return

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> None:
        """Ends it."""
        self.process.send_signal(with_signal)
        self.process.wait(timeout=60)

    def send(self, *messages: EmailMessage) -> None:
        """Hands messages over as a mail client does; returns when each is acknowledged."""
        with smtplib.SMTP("127.0.0.1", self.ports["smtp"], timeout=60) as smtp:
            for message in messages:
                smtp.send_message(message)

    def send_sms(self, body: object) -> httpx.Response:
        """Hands a text message over as notify does."""
        return httpx.post(f"{self.address}/sms", json=body, timeout=60)

    def get(self, path: str) -> tuple[str, dict[str, str]]:
        """Body and headers of a page."""
        answer = httpx.get(self.address + path, timeout=60)
        return answer.raise_for_status().text, dict(answer.headers)

    def messages(self, words: str = "") -> list[dict[str, Any]]:
        """The list as programs read it."""
        told: list[dict[str, Any]] = json.loads(
            self.get(f"/postkasse/api/messages?{urllib.parse.urlencode({'q': words})}")[0]
        )["messages"]
        return told


def letter(
    number: int = 1, *, to: str = "kari@sorum.example", subject: str = "Vi har mottatt henvendelsen din"
) -> EmailMessage:
    """A message in plain text and HTML."""
    message = EmailMessage()
    message["Message-ID"] = f"<{number}@sorum.example>"
    message["From"] = "Sørum kommune <ikke-svar@sorum.example>"
    message["To"] = to
    message["Subject"] = subject
    message.set_content(f"Hei\n\nDu finner saken på http://localhost:8080/sak/abc{number}.\n")
    message.add_alternative("<p>Hei <a href='/x'>sak</a></p>", subtype="html")
    return message

"""A running stack as the tests handle it."""

import asyncio
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.cli_status import states
from deploy.data_folder import DataFolder
from deploy.errors import StackError
from deploy.movable_clock import offset
from deploy.ports import assign

ROOT = Path(__file__).parent.parent.parent
STAND_IN = Path(__file__).with_name("stand_in.py")


class RunningStack:
    """A stack with stand-in services, as a process beside the test."""

    def __init__(self, data: Path, port: int, *words: str) -> None:
        self.folder = DataFolder(data)
        self.port = port
        self.told = ""
        self.process = subprocess.Popen(
            [sys.executable, *self._command(), *words],
            cwd=ROOT,
            env={
                "PYTHONPATH": str(ROOT),
                "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _command(self) -> list[str]:
        return [str(STAND_IN), "stack", str(self.folder.path), str(self.port)]

    def status(self) -> tuple[int, dict[str, Any]]:
        """Exit code and parts of `svarfrist status --json`."""
        code, out, err = svarfrist("status", "--data", str(self.folder.path), "--json")
        return code, json.loads(out)["parts"] if not err else {}

    def parts(self) -> dict[str, Any]:
        """What `svarfrist status` would tell, without a process for each time it is asked."""
        try:
            record = self.folder.record()
        except StackError:
            return {}
        # A test may have a loop of its own in this thread.
        with ThreadPoolExecutor(1) as aside:
            return aside.submit(asyncio.run, states(record)).result()

    def pid(self, part: str) -> int:
        """The process of a part, as `status` tells it."""
        pid = self.parts()[part]["pid"]
        assert isinstance(pid, int)
        return pid

    def wait_until_ready(self, within: float = 120.0) -> dict[str, Any]:
        """Returns the parts once all are ready."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            parts = self.parts()
            if parts and all(part["ready"] for part in parts.values()):
                return parts
            if self.process.poll() is not None:
                pytest.fail(f"the stack ended: {self.process.communicate()}")
            time.sleep(0.1)
        pytest.fail(f"not ready after {within} s: {self.parts()}")

    def get(self, path: str) -> tuple[int, str, dict[str, str]]:
        """Status, body and headers of a page, by way of the front door."""
        answer = httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=60)
        return answer.status_code, answer.text, dict(answer.headers)

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """Asks the stack to stop and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        try:
            self.told = self.process.communicate(timeout=90)[0] or self.told
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
        return self.process.returncode


class WholeStack(RunningStack):
    """The stack as `svarfrist up` starts it, with its services."""

    def _command(self) -> list[str]:
        return ["-m", "deploy.cli", "up", "--data", str(self.folder.path), "--port", str(self.port)]

    @property
    def address(self) -> str:
        """Where residents come in."""
        return f"http://localhost:{self.port}"

    def wait_until_ready(self, within: float = 180.0) -> dict[str, Any]:
        """Returns the parts once all are ready."""
        return super().wait_until_ready(within)

    def now(self) -> datetime:
        """What time it is in the stack."""
        return datetime.now(UTC) + timedelta(seconds=offset(self.folder))

    def advance_to(self, instant: datetime) -> None:
        """Moves the test clock forward, as an operator does."""
        seconds = round((instant - self.now()).total_seconds())
        code, _, errors = svarfrist("clock", "advance", f"PT{seconds}S", "--data", str(self.folder.path))
        assert (code, errors) == (0, "")

    def mails(self, words: str = "") -> list[dict[str, Any]]:
        """What the mailbox caught, newest first: those with the words in the recipient or the subject."""
        answer = httpx.get(
            f"{self.address}/postkasse/api/messages", params={"q": words, "limit": 5000}, timeout=60
        )
        told: list[dict[str, Any]] = answer.raise_for_status().json()["messages"]
        return told

    def mail(self, name: str) -> dict[str, Any]:
        """One mail, with its headers and text."""
        answer = httpx.get(f"{self.address}/postkasse/api/messages/{name}", timeout=60)
        told: dict[str, Any] = answer.raise_for_status().json()
        return told


def svarfrist(*words: str) -> tuple[int, str, str]:
    """Exit code, output and error output of a command."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.cli", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def free_port() -> int:
    """A port nothing listens on."""
    return assign(["front"], {})["front"]


Starter = Callable[..., RunningStack]
"""The fixture `start`: words for the command line, and `data` and `port` where the default will not do."""

WholeStarter = Callable[..., WholeStack]
"""The fixture `whole_stack`: words for `svarfrist up`, and `data` and `port` to start an old one again."""

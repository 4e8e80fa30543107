"""A running stack as the tests handle it."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from deploy.data_folder import DataFolder
from deploy.ports import assign

ROOT = Path(__file__).parent.parent.parent
STAND_IN = Path(__file__).with_name("stand_in.py")


class RunningStack:
    """A stack with stand-in services, as a process beside the test."""

    def __init__(self, data: Path, port: int, *words: str) -> None:
        self.folder = DataFolder(data)
        self.port = port
        self.process = subprocess.Popen(
            [sys.executable, str(STAND_IN), "stack", str(data), str(port), *words],
            cwd=ROOT,
            env={
                "PYTHONPATH": str(ROOT),
                "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def status(self) -> tuple[int, dict[str, Any]]:
        """Exit code and parts of `svarfrist status --json`."""
        code, out, err = svarfrist("status", "--data", str(self.folder.path), "--json")
        return code, json.loads(out)["parts"] if not err else {}

    def pid(self, part: str) -> int:
        """The process of a part, as `status` tells it."""
        pid = self.status()[1][part]["pid"]
        assert isinstance(pid, int)
        return pid

    def wait_until_ready(self, within: float = 30.0) -> dict[str, Any]:
        """Returns the parts once all are ready."""
        deadline = time.monotonic() + within
        while time.monotonic() < deadline:
            code, parts = self.status()
            if code == 0:
                return parts
            if self.process.poll() is not None:
                pytest.fail(f"the stack ended: {self.process.communicate()}")
            time.sleep(0.1)
        pytest.fail(f"not ready after {within} s: {self.status()}")

    def get(self, path: str) -> tuple[int, str, dict[str, str]]:
        """Status, body and headers of a page, by way of the front door."""
        answer = httpx.get(f"http://127.0.0.1:{self.port}{path}", timeout=15)
        return answer.status_code, answer.text, dict(answer.headers)

    def stop(self, with_signal: signal.Signals = signal.SIGTERM) -> int:
        """Asks the stack to stop and returns its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(with_signal)
        try:
            self.process.communicate(timeout=40)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.communicate()
        return self.process.returncode


def svarfrist(*words: str) -> tuple[int, str, str]:
    """Exit code, output and error output of a command."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.cli", *words],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def free_port() -> int:
    """A port nothing listens on."""
    return assign(["front"], {})["front"]


Starter = Callable[..., RunningStack]
"""The fixture `start`: words for the command line, and `data` and `port` where the default will not do."""

"""What the operating system knows of our processes: which are ours, and what happens to them when we die."""

import contextlib
import ctypes
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from subprocess import DEVNULL, PIPE, run

PR_SET_PDEATHSIG = 1
"""From linux/prctl.h."""


@dataclass(frozen=True)
class ProcessId:
    """A pid together with when it began, so that a number used again is not mistaken for the old process."""

    pid: int
    began: str

    @classmethod
    def of(cls, pid: int) -> "ProcessId | None":
        """The process that has this pid now, or None where there is none (a zombie counts as none)."""
        began = _began(pid)
        return cls(pid, began) if began else None

    def lives(self) -> bool:
        """Whether this very process still runs."""
        return _began(self.pid) == self.began


def _began(pid: int) -> str | None:
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            return None
        # The second field, the name in brackets, may itself hold spaces and brackets. State is field 3, the
        # start time in clock ticks since boot field 22.
        fields = stat.rpartition(")")[2].split()
        return None if fields[0] in {"Z", "X"} else fields[19]
    asking = ("ps", "-o", "lstart=", "-p", str(pid))
    listing = run(asking, stdout=PIPE, stderr=DEVNULL, check=False, text=True)  # noqa: S603 - fixed words
    return listing.stdout.strip() or None


def dies_with_parent(with_signal: signal.Signals, niceness: int = 0) -> Callable[[], None]:
    """What a child runs before it becomes its program: it gets `with_signal` when its parent is gone.

    Linux only; elsewhere the next start ends what was left behind.
    """
    parent = os.getpid()
    libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None

    def prepare() -> None:
        if niceness:
            os.nice(niceness)
        if libc is None:
            return
        libc.prctl(PR_SET_PDEATHSIG, int(with_signal))
        if os.getppid() != parent:
            os._exit(1)  # the parent died before the line above

    return prepare


def end_leftovers(leftovers: Iterable[ProcessId], patience: float = 5.0) -> None:
    """Ends processes that a killed supervisor left behind: they have had their signal, so wait, then kill."""
    alive = [process for process in leftovers if process.lives()]
    for process in alive:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, signal.SIGTERM)
    deadline = time.monotonic() + patience
    while alive and time.monotonic() < deadline:
        time.sleep(0.05)
        alive = [process for process in alive if process.lives()]
    for process in alive:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process.pid, signal.SIGKILL)

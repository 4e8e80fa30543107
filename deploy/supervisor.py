"""Keeps the parts of a stack running: starts them, waits until they are ready, starts again what dies."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from deploy.errors import PartNotReadyError
from deploy.probes import probe
from deploy.processes import ProcessId, dies_with_parent

FIRST_DELAY = 0.1
LONGEST_DELAY = 5.0
WELL_AFTER = 10.0
"""Seconds alive after which a part counts as well, and its next restart waits FIRST_DELAY again."""
TRIES_AT_START = 4
LOG_LIMIT = 10 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Program:
    """What is run, where and as whom."""

    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None
    user: tuple[int, int] | None = None
    """User and group id, where it is not ours."""
    niceness: int = 0
    stop_signal: signal.Signals = signal.SIGTERM
    """How it is asked to end, also by the system where its supervisor is killed."""


@dataclass(frozen=True, kw_only=True)
class Part(Program):
    """A program that the stack keeps running."""

    name: str
    address: str
    """What people and `status` are told."""
    probe: str
    """Where readiness is asked: an http, nats or postgresql address."""
    stop_limit: float = 10.0
    """Seconds it has to end by itself before it is killed."""


class Supervisor:
    """Runs parts. `changed` hears every new process of a part, and None when a part has ended for good."""

    def __init__(
        self,
        log_of: Callable[[str], Path],
        *,
        changed: Callable[[str, ProcessId | None], None],
        told: Callable[[str], None],
    ) -> None:
        self._log_of = log_of
        self._changed = changed
        self._told = told
        self._processes: dict[str, asyncio.subprocess.Process] = {}
        self._keepers: dict[str, asyncio.Task[None]] = {}
        self._parts: dict[str, Part] = {}
        self._deaths: dict[str, int] = {}

    async def start(self, part: Part, *, within: float = 60.0) -> None:
        """Starts a part and returns when it is ready: it and no other program that answers at its address.

        Raises PartNotReadyError where it is not ready `within` seconds, or dies again and again.
        """
        log = self._log_of(part.name)
        self._parts[part.name] = part
        self._deaths[part.name] = 0
        keeper = asyncio.create_task(self._keep(part), name=f"keep {part.name}")
        self._keepers[part.name] = keeper
        deadline = time.monotonic() + within
        pause = 0.02
        while not (await probe(part.probe)).is_of(self._pid(part.name)):
            if keeper.done():
                reason = keeper.exception() or "the program ended"
                raise PartNotReadyError(part.name, f"could not be started ({reason})", log)
            if self._deaths[part.name] >= TRIES_AT_START:
                raise PartNotReadyError(part.name, f"ended {TRIES_AT_START} times while it was starting", log)
            if time.monotonic() > deadline:
                raise PartNotReadyError(part.name, f"was not ready within {within:.0f} seconds", log)
            await asyncio.sleep(pause)
            pause = min(pause * 1.5, 0.25)

    def _pid(self, name: str) -> int | None:
        process = self._processes.get(name)
        return process.pid if process and process.returncode is None else None

    async def stop(self, names: Iterable[str]) -> None:
        """Ends these parts together, each in its own time; returns when all have ended."""
        await asyncio.gather(*(self._stop(name) for name in names if name in self._keepers))

    def kill(self) -> None:
        """Ends everything at once, without asking."""
        for keeper in self._keepers.values():
            keeper.cancel()
        for process in self._processes.values():
            with suppress(ProcessLookupError):
                process.kill()

    async def rotate_logs(self, every: float = 60.0) -> None:
        """Keeps each log from growing without end, until cancelled."""
        while True:
            for name in self._parts:
                rotate(self._log_of(name))
            await asyncio.sleep(every)

    async def _stop(self, name: str) -> None:
        part = self._parts[name]
        keeper = self._keepers.pop(name)
        keeper.cancel()
        with suppress(asyncio.CancelledError, OSError):
            await keeper
        process = self._processes.pop(name, None)
        if process is not None:
            with suppress(ProcessLookupError):
                process.send_signal(part.stop_signal)
            try:
                async with asyncio.timeout(part.stop_limit):
                    await process.wait()
            except TimeoutError:
                self._told(f"{name} did not end within {part.stop_limit:.0f} seconds and was killed")
                with suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
        self._changed(name, None)

    async def _keep(self, part: Part) -> None:
        delay = FIRST_DELAY
        while True:
            began = time.monotonic()
            with self._log_of(part.name).open("ab") as log:
                process = await _spawn(part, log)
            self._processes[part.name] = process
            self._changed(part.name, ProcessId.of(process.pid))
            ended_with = await process.wait()
            self._deaths[part.name] += 1
            if time.monotonic() - began > WELL_AFTER:
                delay = FIRST_DELAY
            self._told(f"{part.name} ended {_in_words(ended_with)}; starting it again in {delay:.1f} s")
            await asyncio.sleep(delay)
            delay = min(delay * 2, LONGEST_DELAY)


async def finished(program: Program, log: Path, heard: Callable[[str], None] | None = None) -> int:
    """Runs a program that ends by itself, and returns its exit code.

    Its output goes to `log`, or line by line to `heard` where that is given. Where the caller is cancelled the
    program is killed.
    """
    with log.open("ab") as output:
        process = await _spawn(program, output, stdout=asyncio.subprocess.PIPE if heard else output)
    try:
        if heard and process.stdout:
            async for line in process.stdout:
                heard(line.decode(errors="replace").rstrip())
        return await process.wait()
    except asyncio.CancelledError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise


async def _spawn(
    program: Program, log: BinaryIO, stdout: BinaryIO | int | None = None
) -> asyncio.subprocess.Process:
    user, group = program.user or (None, None)
    return await asyncio.create_subprocess_exec(
        *program.command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=log if stdout is None else stdout,
        stderr=log,
        cwd=program.directory,
        env={**os.environ, **program.environment},
        user=user,
        group=group,
        extra_groups=[] if program.user else None,
        # A Ctrl-C in the terminal reaches the supervisor alone, which ends the parts in their order.
        start_new_session=True,
        preexec_fn=dies_with_parent(program.stop_signal, program.niceness),
    )


def rotate(log: Path, limit: int = LOG_LIMIT) -> None:
    """Moves what a log holds to `NAME.1` once it is larger than `limit` bytes.

    The programs append, so emptying the file in place needs no word with them; a line written between the
    copy and the emptying is lost.
    """
    with suppress(FileNotFoundError):
        if log.stat().st_size > limit:
            shutil.copyfile(log, log.with_name(f"{log.name}.1"))
            os.truncate(log, 0)


def _in_words(code: int) -> str:
    return f"by signal {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"

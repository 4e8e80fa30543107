"""The folder that holds everything an embedded stack remembers.

`lock` is held while a stack runs; `stack.json` says what runs where (for `status` and for the next start),
`secrets.json` the generated passwords (readable by the owner alone), `clock` the offset of a test clock.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from deploy.errors import FolderDamagedError, FolderInUseError, FolderNotWritableError, NoStackError
from deploy.processes import ProcessId

SERVICES = ("intake", "routing", "notify", "metrics")
PARTS = ("nats", "postgres", "caddy", "mailbox", *SERVICES)


@dataclass(frozen=True)
class PartRecord:
    """Where a part is, as written in `stack.json`; `process` is None while it does not run."""

    address: str
    probe: str
    process: ProcessId | None = None


@dataclass(frozen=True)
class StackRecord:
    """What a stack is and where its parts are; kept when it stops, so that the next start continues it."""

    municipality: str
    municipality_folder: str
    public_port: int
    test_clock: bool = False
    ports: Mapping[str, int] = field(default_factory=dict)
    parts: Mapping[str, PartRecord] = field(default_factory=dict)

    @property
    def public_url(self) -> str:
        """The address residents see, without a slash at the end."""
        return f"http://localhost:{self.public_port}"

    def with_process(self, part: str, process: ProcessId | None) -> "StackRecord":
        """The same stack with another process for one part."""
        return replace(self, parts={**self.parts, part: replace(self.parts[part], process=process)})


@dataclass(frozen=True)
class Secrets:
    """Passwords by user name, and the key that the services share."""

    postgres_admin: str
    postgres: Mapping[str, str]
    nats: Mapping[str, str]
    shared: str

    @classmethod
    def generated(cls) -> "Secrets":
        """New ones, from the system's random source."""
        return cls(
            postgres_admin=secrets.token_urlsafe(24),
            postgres={service: secrets.token_urlsafe(24) for service in SERVICES},
            nats={user: secrets.token_urlsafe(24) for user in (*SERVICES, "operator")},
            shared=secrets.token_hex(32),
        )


class DataFolder:
    """The paths, and the files this program itself reads and writes."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.logs = self.path / "logs"
        self.postgres = self.path / "postgres"
        self.nats = self.path / "nats"
        self.nats_config = self.path / "nats.conf"
        self.caddy = self.path / "caddy"
        self.mailbox = self.path / "mailbox"
        self.clock = self.path / "clock"
        self._lock = self.path / "lock"
        self._record = self.path / "stack.json"
        self._secrets = self.path / "secrets.json"

    def log(self, part: str) -> Path:
        """Where a part's output goes."""
        return self.logs / f"{part}.log"

    @contextmanager
    def locked(self) -> Generator[None]:
        """Makes the folder where it is missing, and keeps other stacks off it.

        Raises FolderNotWritableError or FolderInUseError.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.logs.mkdir(exist_ok=True, mode=0o700)
            lock = self._lock.open("a+", encoding="ascii")
        except OSError as error:
            raise FolderNotWritableError(self.path, error.strerror or str(error)) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                lock.seek(0)
                holder = lock.read().strip()
                raise FolderInUseError(self.path, int(holder) if holder.isdigit() else None) from error
            lock.seek(0)
            lock.truncate()
            lock.write(str(os.getpid()))
            lock.flush()
            yield

    def is_running(self) -> bool:
        """Whether a stack holds the folder now."""
        try:
            with self._lock.open(encoding="ascii") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def record(self) -> StackRecord:
        """What `stack.json` says. Raises NoStackError where the folder has never held a stack."""
        record = self.remembered()
        if record is None:
            raise NoStackError(self.path)
        return record

    def remembered(self) -> StackRecord | None:
        """What `stack.json` says, or None in a new folder."""
        told = self._read(self._record)
        if told is None:
            return None
        try:
            parts = {
                name: PartRecord(
                    part["address"], part["probe"], ProcessId(**part["process"]) if part["process"] else None
                )
                for name, part in told.pop("parts").items()
            }
            return StackRecord(**told, parts=parts)
        except (KeyError, TypeError, AttributeError) as error:
            raise FolderDamagedError(self._record) from error

    def remember(self, record: StackRecord) -> None:
        """Writes `stack.json`, whole or not at all."""
        write_atomically(self._record, json.dumps(asdict(record), indent=1))

    def secrets(self) -> Secrets:
        """The stack's secrets, made at its first start."""
        told = self._read(self._secrets)
        if told is None:
            made = Secrets.generated()
            write_atomically(self._secrets, json.dumps(asdict(made), indent=1))
            return made
        try:
            return Secrets(**told)
        except TypeError as error:
            raise FolderDamagedError(self._secrets) from error

    def _read(self, file: Path) -> dict[str, Any] | None:
        try:
            told = json.loads(file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FolderNotWritableError(self.path, error.strerror or str(error)) from error
        except ValueError as error:
            raise FolderDamagedError(file) from error
        if not isinstance(told, dict):
            raise FolderDamagedError(file)
        return told


def write_atomically(file: Path, text: str, mode: int = 0o600) -> None:
    """Puts `text` in `file` so that a reader, or a power cut, finds the old text or the new, never a part."""
    draft = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with os.fdopen(
            os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8"
        ) as output:
            output.write(text)
            output.flush()
            os.fsync(output.fileno())
        draft.replace(file)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise FolderNotWritableError(file.parent, error.strerror or str(error)) from error

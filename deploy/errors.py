"""What can go wrong for the person at the command line: one sentence that says what, and how to mend it."""

from collections.abc import Iterable, Sequence
from pathlib import Path


class StackError(Exception):
    """Shown as its message alone, without a traceback; the command ends with exit code 2."""


class PortTakenError(StackError):
    """Another program listens on `port`."""

    def __init__(self, port: int) -> None:
        super().__init__(f"Port {port} is taken by another program: stop it, or choose another with --port.")
        self.port = port


class BadPortError(StackError):
    """This user cannot listen on `port` at all; `reason` is the operating system's."""

    def __init__(self, port: int, reason: str) -> None:
        super().__init__(f"Port {port} cannot be used ({reason}): choose another with --port.")
        self.port = port


class BadPortRangeError(StackError):
    """The variable `name` does not say two ports, the lower first."""

    def __init__(self, name: str, given: str) -> None:
        super().__init__(
            f"{name} is {given!r}: write two ports from 1 to 65535, the lower first, as 15000-20000."
        )


class FolderNotWritableError(StackError):
    """The data folder cannot be made or written to; `reason` is the operating system's."""

    def __init__(self, folder: Path, reason: str) -> None:
        super().__init__(
            f"The data folder {folder} cannot be written to ({reason}): choose another with --data, "
            "or change its permissions."
        )
        self.folder = folder


class FolderInUseError(StackError):
    """Another running stack holds the data folder."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        holder = f" (process {pid})" if pid else ""
        super().__init__(
            f"The data folder {folder} is in use by another running stack{holder}: "
            "stop that one, or choose another folder with --data."
        )
        self.folder = folder


class FolderDamagedError(StackError):
    """A file of the data folder is not what this program wrote."""

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"{file} cannot be read: restore it from a backup, or choose another folder with --data."
        )
        self.file = file


class OtherMunicipalityError(StackError):
    """The data folder holds the data of one municipality, and another was asked for."""

    def __init__(self, folder: Path, made_for: str, asked_for: str) -> None:
        super().__init__(
            f"The data folder {folder} belongs to the municipality {made_for}, not {asked_for}: "
            "choose another folder with --data."
        )
        self.folder = folder


class UnknownMunicipalityError(StackError):
    """There is no such configuration folder."""

    def __init__(self, asked_for: str, known: Iterable[str]) -> None:
        names = ", ".join(sorted(known)) or "none"
        super().__init__(
            f"There is no municipality {asked_for}: give the path of a configuration folder, "
            f"or a name that comes with the code ({names})."
        )
        self.asked_for = asked_for


class FaultyMunicipalityError(StackError):
    """A configuration folder has faults; `faults` names each with file and line."""

    def __init__(self, folder: Path, faults: Sequence[str]) -> None:
        count = "a fault" if len(faults) == 1 else f"{len(faults)} faults, the first of them"
        super().__init__(
            f"The configuration in {folder} has {count}: {faults[0]} (all of them: svarfrist check {folder})"
        )
        self.faults = faults


class PartNotReadyError(StackError):
    """A part did not become ready; `log` says why."""

    def __init__(self, part: str, reason: str, log: Path) -> None:
        super().__init__(f"{part} {reason}: see {log}.")
        self.part = part
        self.log = log


class NoStackError(StackError):
    """The folder has never held a stack."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"There is no stack in {folder}: start one with 'svarfrist up', or name its folder with --data."
        )
        self.folder = folder


class NotRunningError(StackError):
    """The folder's stack is stopped, and the command needs it running."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The stack in {folder} is not running: start it with 'svarfrist up --data {folder}'."
        )
        self.folder = folder


class BusAwayError(StackError):
    """The bus stopped answering while a command worked; `reason` is its client's word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"The bus stopped answering ({reason}): see 'svarfrist status', and run the same command again."
        )


class DatabaseAwayError(StackError):
    """A database refused or stopped answering while a command worked; `reason` is its client's word for it."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"A database stopped answering, or refused ({reason}): see 'svarfrist status' and postgres.log in the "
            "data folder's logs, and run the same command again."
        )


class ClockNotMovableError(StackError):
    """The stack runs on real time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"The stack in {folder} runs on real time: only one that was started with "
            "'svarfrist up --test-clock' can have its clock moved."
        )
        self.folder = folder


class BadDurationError(StackError):
    """`text` is no ISO 8601 duration that a clock can be moved by."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text} is not a duration: write days and hours as in P8D, PT2H or P1DT30M.")
        self.text = text


class NoProgramError(StackError):
    """A program of the stack is not installed."""

    def __init__(self, program: str) -> None:
        super().__init__(f"The program {program} is not installed: run 'make setup'.")
        self.program = program


class NoSystemUserError(StackError):
    """PostgreSQL does not run as root, and the user it should run as cannot be made."""

    def __init__(self, user: str) -> None:
        super().__init__(
            f"PostgreSQL does not run as root and the system user {user} could not be made: "
            f"make it with 'useradd --system {user}', or start as an ordinary user."
        )
        self.user = user


class ProvisioningError(StackError):
    """Something that provisioning needs was not answered; `reason` says what."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"Provisioning failed: {reason}.")


class StillRunningError(ProvisioningError):
    """A service's database is to be changed, and has `connections` of the service's role."""

    def __init__(self, service: str, connections: int) -> None:
        super().__init__(
            f"the database of {service} is to be changed, and {service} is still running (its role has "
            f"{connections} connections): stop every copy of it, and whatever else signs in as it, and try again"
        )

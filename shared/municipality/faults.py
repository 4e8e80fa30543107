"""What can be wrong with a configuration folder, and where."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, order=True, slots=True)
class Fault:
    """One thing to mend: the file (relative to the folder), the line (from 1), and what to do about it."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        """As editors and terminals link it: `organisation.yaml:41: ...`."""
        return f"{self.file}:{self.line}: {self.message}"


class ConfigurationError(Exception):
    """A municipality that cannot be loaded; `faults` says why."""

    def __init__(self, folder: Path, faults: Sequence[Fault]) -> None:
        super().__init__(folder, faults)
        self.folder = folder
        self.faults = tuple(faults)

    def __str__(self) -> str:
        """Every fault on a line of its own."""
        return "\n".join([f"the configuration in {self.folder} has faults:", *map(str, self.faults)])


class NoSuchMunicipalityError(ConfigurationError):
    """There is no such folder, and no municipality of that name among those that come with the code."""

    def __init__(self, folder: Path, shipped: Sequence[str]) -> None:
        super().__init__(folder, ())
        self.shipped = tuple(shipped)

    def __str__(self) -> str:
        """One sentence for the terminal."""
        names = " and ".join(self.shipped)
        return (
            f"There is no folder {self.folder}; give the path of a configuration folder, or one of {names}."
        )

"""The map of an import: which column of the file is what, and in which zone its times are.

timezone = "Europe/Oslo"
system = "gammelt-arkiv"          # the name of the map's file unless said

[columns]
reference = "Saksnr"
received = "Mottatt"
kind = { value = "complaint" }
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from deploy.errors import StackError

FIELDS = ("reference", "received", "due", "answered", "kind", "topic", "unit", "area", "channel")
ALWAYS_COLUMNS = ("reference", "received")
"""What differs from row to row, so that one value for all of them makes no sense."""
NEVER_VALUES = (*ALWAYS_COLUMNS, "due", "answered")


class MapError(StackError):
    """The map cannot be used; `what` says why, and how to mend it."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"The map {path} cannot be used: {what}.")


class MissingColumnsError(StackError):
    """The map names columns that the file does not have."""

    def __init__(self, missing: Mapping[str, str], present: Iterable[str]) -> None:
        named = ", ".join(f"{column!r} (for {field})" for field, column in missing.items())
        super().__init__(
            f"The file has no column {named}. It has: {', '.join(present)}. Correct the map's [columns]."
        )


@dataclass(frozen=True)
class ImportMap:
    """`columns`: the column of each field that has one; `values`: what holds for every row of the others."""

    zone: ZoneInfo
    system: str
    columns: Mapping[str, str]
    values: Mapping[str, str]

    def columns_in(self, present: list[str]) -> Mapping[str, str]:
        """The columns, every one of which the file has, once. Raises MissingColumnsError."""
        missing = {field: name for field, name in self.columns.items() if present.count(name) != 1}
        if missing:
            raise MissingColumnsError(missing, present)
        return self.columns


def read(path: Path) -> ImportMap:
    """The map in a file. Raises MapError."""
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise MapError(path, f"it cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise MapError(path, "it is not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise MapError(path, f"it is not TOML ({error})") from error
    unknown = set(told) - {"timezone", "system", "columns"}
    if unknown:
        raise MapError(
            path, f"it has {', '.join(sorted(unknown))}; it may have timezone, system and [columns]"
        )
    zone, system = _zone(path, told.get("timezone")), _system(path, told)
    columns, values = _columns(path, told.get("columns"))
    return ImportMap(zone, system, columns, values)


def _zone(path: Path, name: Any) -> ZoneInfo:
    if not isinstance(name, str):
        raise MapError(path, 'it needs the zone of the times, such as timezone = "Europe/Oslo"')
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:  # not found, no name of a zone, a folder of zones
        raise MapError(path, f"there is no time zone {name!r}") from error


def _system(path: Path, told: Mapping[str, Any]) -> str:
    name = told.get("system", path.stem)
    if not isinstance(name, str) or not name.strip():
        raise MapError(path, "system is the name of where the cases come from, a text")
    return name.strip()


def _columns(path: Path, told: Any) -> tuple[dict[str, str], dict[str, str]]:
    if not isinstance(told, dict):
        raise MapError(path, "it needs a table [columns]")
    unknown = [field for field in told if field not in FIELDS]
    if unknown:
        raise MapError(path, f"[columns] has {', '.join(unknown)}; it may have {', '.join(FIELDS)}")
    columns: dict[str, str] = {}
    values: dict[str, str] = {}
    for field, what in told.items():
        match what:
            case str():
                columns[field] = what
            case {"value": str() as value, **others} if not others and field not in NEVER_VALUES:
                values[field] = value
            case _ if field in NEVER_VALUES:
                raise MapError(path, f"{field} must be the name of a column")
            case _:
                raise MapError(path, f'{field} must be the name of a column, or {{ value = "..." }}')
    missing = [field for field in ALWAYS_COLUMNS if field not in columns]
    if missing:
        raise MapError(path, f"[columns] must name {' and '.join(missing)}")
    return columns, values

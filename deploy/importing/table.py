"""The rows of a file of cases: CSV (also .gz) in whatever encoding and with whatever separator, or Parquet.

Rows have the number that a spreadsheet shows: the header is row 1.
"""

import csv
import gzip
import io
import zlib
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from deploy.errors import StackError
from deploy.importing.map_file import ImportMap

SEPARATORS = (";", ",", "\t", "|")
LARGEST_FIELD = 16 * 1024 * 1024
_PARQUET = b"PAR1"
_GZIP = b"\x1f\x8b"
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}

Fields = Mapping[str, str]
"""A row's fields by what they are; one without a value is empty."""


class BadFileError(StackError):
    """The file cannot be read as a table of cases."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path} cannot be imported: {what}.")


class Table:
    """A file's rows as the map sees them. Raises BadFileError or MissingColumnsError."""

    def __init__(self, path: Path, mapping: ImportMap) -> None:
        content = _content(path)
        if content.startswith(_PARQUET):
            self.encoding, self.separator = "Parquet", ""
            self._rows = _parquet(path, content, mapping)
        else:
            text, self.encoding = decoded(content)
            self.separator = separator_of(text)
            self._rows = _csv(path, text, self.separator, mapping)
        self.count = len(self._rows)

    def __iter__(self) -> Iterator[tuple[int, Fields | None]]:
        """Row number and fields; None for a row that has not as many fields as the header."""
        return enumerate(self._rows, start=2)


def decoded(content: bytes) -> tuple[str, str]:
    """The text, and the encoding it was in: by its mark, else UTF-8 where it is that, else Windows-1252.

    Windows-1252 is Latin-1 with letters where that has control codes; a byte it does not know is Latin-1's.
    """
    for mark, encoding in _MARKS.items():
        if content.startswith(mark):
            return content.decode(encoding, "replace"), encoding
    try:
        return content.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), "windows-1252"
    except UnicodeDecodeError:
        return content.decode("latin-1"), "latin-1"


def separator_of(text: str) -> str:
    """The one that gives the header most columns."""
    first = text.lstrip("\r\n").partition("\n")[0]
    return max(SEPARATORS, key=lambda separator: len(next(csv.reader([first], delimiter=separator), [])))


def _content(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise BadFileError(path, "it is compressed, and damaged or cut off") from error
    except OSError as error:
        raise BadFileError(path, error.strerror or "it cannot be read") from error
    if not content.strip():
        raise BadFileError(path, "it is empty")
    return content


def _csv(path: Path, text: str, separator: str, mapping: ImportMap) -> list[Fields | None]:
    csv.field_size_limit(LARGEST_FIELD)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        header = [name.strip() for name in next(lines, [])]
        place = {field: header.index(name) for field, name in mapping.columns_in(header).items()}
        return [_fields(line, place, len(header), mapping.values) for line in lines if line]
    except csv.Error as error:
        raise BadFileError(path, f"line {lines.line_num} is not CSV ({error})") from error


def _fields(line: list[str], place: Mapping[str, int], width: int, values: Fields) -> Fields | None:
    if len(line) != width:
        return None
    return {**values, **{field: line[index].strip() for field, index in place.items()}}


def _parquet(path: Path, content: bytes, mapping: ImportMap) -> list[Fields | None]:
    import polars as pl

    try:
        present = list(pl.read_parquet_schema(io.BytesIO(content)))
        columns = mapping.columns_in(present)
        frame = pl.read_parquet(io.BytesIO(content), columns=list(dict.fromkeys(columns.values())))
    except pl.exceptions.PolarsError as error:
        raise BadFileError(path, f"it is not Parquet that can be read ({type(error).__name__})") from error
    return [
        {**mapping.values, **{field: _as_text(row[name]) for field, name in columns.items()}}
        for row in frame.iter_rows(named=True)
    ]


def _as_text(value: Any) -> str:
    match value:
        case None:
            return ""
        case datetime():
            return value.isoformat(" ")
        case date():
            return value.isoformat()
        case _:
            return str(value).strip()

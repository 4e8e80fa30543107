"""Results of bedrekommune and other surveys, read from a CSV file: what is used, and what is refused and why.

The columns are in docs/operations.md. A row is known by source, year, service and question: the same file once
more changes nothing, a corrected one corrects.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation

from sqlalchemy import or_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.suppression import FEWEST
from services.metrics.surveys.store import ImportedResult
from shared.web.i18n import Message

DEFAULT_SOURCE = "bedrekommune.no"
MOST_BYTES = 5_000_000
_COLUMNS = {
    "question": ("question", "theme", "spørsmål", "tema"),
    "mean": ("mean", "snitt", "gjennomsnitt"),
    "n": ("n", "answers", "antall", "antal", "svar", "antall svar", "antal svar"),
    "scale": ("scale", "skala"),
    "year": ("year", "år"),
    "service": ("service", "tjeneste", "teneste"),
    "comparison": ("comparison", "sammenlikning", "sammenligning", "samanlikning", "landet"),
}
_NEEDED = {
    "question": "spørsmål (question)",
    "mean": "snitt (mean)",
    "n": "antall (n)",
    "scale": "skala (scale)",
    "year": "år (year)",
}
"""What a file must have, and how we name it to whoever lacks it: whatever language she reads, hers is among them."""
_FIRST_YEAR = 2000
_MOST_OF_A_SCALE = 10
_LONGEST = 300


class UnreadableFileError(ValueError):
    """The file as a whole cannot be used; `message` says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.key)
        self.message = message


@dataclass(frozen=True)
class ResultRow:
    """A row that can be used."""

    question: str
    mean: Decimal
    n: int
    scale: int
    year: int
    service: str = ""
    comparison: Decimal | None = None


@dataclass(frozen=True)
class Refused:
    """A row that cannot be used: its line in the file, and why."""

    line: int
    reason: Message


@dataclass
class Outcome:
    """What an import did."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: Sequence[Refused] = field(default_factory=list)


def read(content: bytes, today: date) -> tuple[list[ResultRow], list[Refused]]:
    """The rows of a file, comma or semicolon, UTF-8 or Windows. Raises UnreadableFileError."""
    if len(content) > MOST_BYTES:
        raise UnreadableFileError(Message("survey.import.too_large"))
    if b"\0" in content:  # a spreadsheet or a PDF: to name the columns it lacks would lead astray
        raise UnreadableFileError(Message("survey.import.unreadable"))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    header = text.split("\n", 1)[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=max(";,\t", key=header.count))
    try:
        lines = [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error:
        raise UnreadableFileError(Message("survey.import.unreadable")) from None
    if not lines:
        raise UnreadableFileError(Message("survey.import.empty"))
    places = _places(lines[0][1])
    if len(lines) == 1:
        raise UnreadableFileError(Message("survey.import.no_rows"))
    rows: list[ResultRow] = []
    refused: list[Refused] = []
    seen: set[tuple[int, str, str]] = set()
    for line, cells in lines[1:]:
        typed = {name: cells[place].strip() if place < len(cells) else "" for name, place in places.items()}
        try:
            found = _row(typed, today)
        except _UnusableError as error:
            refused.append(Refused(line, error.reason))
            continue
        if (key := (found.year, found.service, found.question)) in seen:
            refused.append(Refused(line, Message("survey.import.twice", {"question": found.question})))
        else:
            seen.add(key)
            rows.append(found)
    return rows, refused


async def keep(
    session: AsyncSession, rows: Sequence[ResultRow], *, source: str, today: date, by: str
) -> Outcome:
    """Writes rows; those that say what is known already are left as they are, with their first date."""
    outcome = Outcome()
    for row in rows:
        known = await session.get(ImportedResult, (source, row.year, row.service, row.question))
        said = {"mean": row.mean, "n": row.n, "scale": row.scale, "comparison": row.comparison}
        new = insert(ImportedResult).values(
            source=source,
            year=row.year,
            service=row.service,
            question=row.question,
            imported_on=today,
            imported_by=by,
            **said,
        )
        written = await session.scalar(
            new.on_conflict_do_update(
                index_elements=list(ImportedResult.__table__.primary_key),
                set_={**said, "imported_on": today, "imported_by": by},
                where=or_(
                    *(getattr(ImportedResult, name).is_distinct_from(value) for name, value in said.items())
                ),
            ).returning(ImportedResult.year)
        )
        if written is None:
            outcome.unchanged += 1
        elif known is None:
            outcome.new += 1
        else:
            outcome.changed += 1
    return outcome


def _places(header: Sequence[str]) -> dict[str, int]:
    names = [cell.strip().lower() for cell in header]
    places = {
        column: next(place for place, name in enumerate(names) if name in known)
        for column, known in _COLUMNS.items()
        if set(known) & set(names)
    }
    missing = [name for column, name in _NEEDED.items() if column not in places]
    if missing:
        raise UnreadableFileError(Message("survey.import.columns", {"columns": ", ".join(missing)}))
    return places


class _UnusableError(ValueError):
    """A row that is refused."""

    def __init__(self, key: str, **placeholders: object) -> None:
        super().__init__(key)
        self.reason = Message(key, placeholders)


def _row(typed: dict[str, str], today: date) -> ResultRow:
    """Raises _UnusableError."""
    question, service = typed["question"], typed.get("service", "")
    if not question or len(question) > _LONGEST or len(service) > _LONGEST:
        raise _UnusableError("survey.import.question")
    scale = _whole(re.sub(r"^1\s*[-–]\s*", "", typed["scale"]))
    if scale is None or not 1 < scale <= _MOST_OF_A_SCALE:
        raise _UnusableError("survey.import.scale", typed=typed["scale"])
    n = _whole(typed["n"])
    if n is None:
        raise _UnusableError("survey.import.n", typed=typed["n"])
    if n < FEWEST:
        raise _UnusableError("survey.import.few")
    year = _whole(typed["year"])
    if year is None or not _FIRST_YEAR <= year <= today.year:
        raise _UnusableError("survey.import.year", typed=typed["year"], first=_FIRST_YEAR, last=today.year)
    beside = typed.get("comparison", "")
    return ResultRow(
        question,
        _on_scale("mean", typed["mean"], scale),
        n,
        scale,
        year,
        service,
        _on_scale("comparison", beside, scale) if beside else None,
    )


def _on_scale(column: str, typed: str, scale: int) -> Decimal:
    """With a comma or a point, to hundredths. Raises _UnusableError."""
    try:
        number = Decimal(typed.replace(",", "."))
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite() or not 1 <= number <= scale:
        raise _UnusableError(f"survey.import.{column}", typed=typed, scale=scale)
    return round(number, 2)


def _whole(typed: str) -> int | None:
    tidied = re.sub(r"[\s\u00a0]", "", typed)
    return int(tidied) if re.fullmatch(r"[0-9]{1,9}", tidied) else None

"""What somebody typed, or a line of a CSV, as a value; or what is wrong with it, field by field."""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import isfinite

from services.metrics.manual.store import Scope
from services.metrics.measures import MEASURES, Source, Unit
from services.metrics.typed import as_day
from shared.web.i18n import Message

FIELDS = ("measure", "place", "first", "last", "value", "n", "of", "source", "as_of", "note")
"""Of the form, and the columns of a CSV."""
NEEDED = ("measure", "place", "first", "last", "source", "as_of")
LONGEST = 200
MOST_BYTES = 1_000_000
_FIRST_YEAR = 1970
_MOST = 1_000_000_000
_HALF_A_PERCENT = 0.0051

ENTERED = tuple(measure for measure in MEASURES.values() if measure.source == Source.MANUAL)
"""The measures that values are entered for."""

FindPlace = Callable[[str], Scope | None]


@dataclass(frozen=True)
class Entry:
    """A value as it is stored; None takes an earlier one back."""

    measure: str
    scope: Scope
    first: date
    last: date
    value: float | None
    n: int | None
    of: int | None
    source: str
    as_of: date
    note: str | None


def entry_of(typed: Mapping[str, str], place: FindPlace, today: date) -> Entry | dict[str, Message]:
    """The entry, or its faults by field."""
    reading = _Reading({name: (typed.get(name) or "").strip() for name in FIELDS})
    measure = next((one for one in ENTERED if one.id == reading.typed["measure"]), None)
    if measure is None:
        reading.faults["measure"] = Message("values.fault.measure")
    scope = place(reading.typed["place"])
    if scope is None:
        reading.faults["place"] = Message("values.fault.place")
    first, last = reading.day("first"), reading.day("last")
    if first and last and last < first:
        reading.faults["last"] = Message("values.fault.ends_first")
    as_of = reading.day("as_of")
    if as_of and as_of > today:
        reading.faults["as_of"] = Message("values.fault.future")
    n, of = reading.count("n"), reading.count("of")
    if n is not None and of is not None and n > of:
        reading.faults["n"] = Message("values.fault.part")
    value = reading.amount(measure.unit, n, of) if measure else None
    source, note = reading.words("source"), reading.words("note")
    if not source:
        reading.faults.setdefault("source", Message("values.fault.source"))
    if reading.faults or not (measure and scope is not None and first and last and as_of):
        return reading.faults
    return Entry(measure.id, scope, first, last, value, n, of, source, as_of, note or None)


@dataclass
class _Reading:
    typed: Mapping[str, str]

    def __post_init__(self) -> None:
        self.faults: dict[str, Message] = {}

    def day(self, name: str) -> date | None:
        found = as_day(self.typed[name])
        if found is None or found.year < _FIRST_YEAR:
            self.faults[name] = Message(f"values.fault.{name}")
            return None
        return found

    def count(self, name: str) -> int | None:
        text = self.typed[name].replace("\N{NO-BREAK SPACE}", "").replace(" ", "")
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,10}", text) or int(text) > _MOST:
            self.faults[name] = Message("values.fault.count")
            return None
        return int(text)

    def amount(self, unit: Unit, n: int | None, of: int | None) -> float | None:
        """The value; of a share that was left out, from what it is made of."""
        text = self.typed["value"].replace("\N{NO-BREAK SPACE}", "").replace(" ", "").replace(",", ".")
        made_of = n / of if unit == Unit.SHARE and n is not None and of and n <= of else None
        if not text:
            return made_of
        per_cent = text.endswith("%")
        try:
            value = float(text.removesuffix("%"))
        except ValueError:
            value = float("nan")
        if not isfinite(value) or abs(value) > _MOST or value < 0:
            self.faults["value"] = Message("values.fault.number")
            return None
        if unit == Unit.SHARE:
            return self._share(value, per_cent=per_cent, made_of=made_of)
        if per_cent or (unit == Unit.COUNT and not value.is_integer()):
            self.faults["value"] = Message("values.fault.number" if per_cent else "values.fault.count")
            return None
        return value

    def _share(self, value: float, *, per_cent: bool, made_of: float | None) -> float | None:
        share = round(value / 100, 10)
        if not per_cent or share > 1:
            self.faults["value"] = Message("values.fault.share")
            return None
        if made_of is not None and abs(made_of - share) > _HALF_A_PERCENT:
            self.faults["value"] = Message("values.fault.agree")
            return None
        # What it is made of says it to more decimals than anybody types.
        return share if made_of is None else made_of

    def words(self, name: str) -> str:
        text = self.typed[name]
        if len(text) > LONGEST:
            self.faults[name] = Message("values.fault.long", {"most": LONGEST})
        return text


@dataclass(frozen=True)
class LineFault:
    """What is wrong in a line of a file (the header is line 1)."""

    line: int
    column: str
    fault: Message


def entries_of(
    content: bytes, place: FindPlace, today: date
) -> tuple[Sequence[Entry], Sequence[LineFault], Message | None]:
    """The entries of a CSV; or what is wrong with its lines; or with the file itself."""
    if not content or len(content) > MOST_BYTES:
        return (), (), Message("values.fault.file")
    try:
        text = content.decode("utf-8-sig")
        header = text.splitlines()[0] if text.strip() else ""
        reader = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in header else ",", strict=True)
        # The reader passes over empty lines: only it knows which line a row stands in.
        rows = [(reader.line_num, row) for row in reader]
    except (UnicodeDecodeError, csv.Error):
        return (), (), Message("values.fault.file")
    columns = {name.strip() for name in reader.fieldnames or () if name}
    missing = [name for name in NEEDED if name not in columns]
    if not rows or missing:
        return (), (), Message("values.fault.columns", {"columns": ", ".join(missing or NEEDED)})
    entries: list[Entry] = []
    faults: list[LineFault] = []
    for number, row in rows:
        typed = {(name or "").strip(): value for name, value in row.items() if isinstance(value, str)}
        entry = entry_of(typed, place, today)
        if isinstance(entry, Entry):
            entries.append(entry)
        else:
            faults += [LineFault(number, column, fault) for column, fault in entry.items()]
    return (entries if not faults else ()), faults, None

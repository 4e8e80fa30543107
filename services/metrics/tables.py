"""Tables that are shown on a page and downloaded as CSV, from the same figures."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from math import floor

from markupsafe import Markup

from services.metrics.measures import Unit
from shared.web.i18n import Wording


class Shows(StrEnum):
    """What a column holds."""

    WORDS = "words"
    COUNT = "count"
    SHARE = "share"
    DAYS = "days"


class TooFew:
    """In place of a share of so few cases that comparing it would mislead."""


TOO_FEW = TooFew()
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Cell = str | int | float | TooFew | None


@dataclass(frozen=True)
class Row:
    """A row and, where there is one, the page that tells more of it; `links` are those of other cells."""

    cells: Sequence[Cell]
    address: str | None = None
    links: Mapping[int, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """`name` is that of its file; the first column holds words."""

    name: str
    title: str
    columns: Sequence[tuple[str, Shows]]
    rows: Sequence[Row]

    def headings(self) -> list[str | tuple[str, str]]:
        """As `components.html` wants them."""
        return [title if shows == Shows.WORDS else (title, "number") for title, shows in self.columns]

    def shown(self, say: Wording) -> list[list[str]]:
        """The rows in words, the first cell a link where there is more to see."""
        return [
            [
                _linked(_shown(say, cell, shows), row.address if place == 0 else row.links.get(place))
                for place, (cell, (_, shows)) in enumerate(zip(row.cells, self.columns, strict=True))
            ]
            for row in self.rows
        ]

    def as_csv(self, say: Wording, *, invented: bool = False) -> bytes:
        """As a spreadsheet in the visitor's language opens it: UTF-8 with its mark, and the local comma.

        Figures that are invented have a column more, in which every row says so.
        """
        more = [say.text("layout.invented.title")] if invented else []
        english = say.language == "en"
        file = io.StringIO()
        writer = csv.writer(file, delimiter="," if english else ";")
        writer.writerow([*(title for title, _ in self.columns), *more])
        for row in self.rows:
            cells = [_plain(cell) for cell in row.cells]
            local = [
                harmless(cell) if shows == Shows.WORDS else cell if english else cell.replace(".", ",")
                for cell, (_, shows) in zip(cells, self.columns, strict=True)
            ]
            writer.writerow([*local, *more])
        return file.getvalue().encode("utf-8-sig")


def harmless(words: str) -> str:
    """Words that a spreadsheet would take for a formula, kept as words."""
    return f"'{words}" if words.startswith(_FORMULA) else words


def percent(say: Wording, share: float | None) -> str:
    """A share in whole per cent, never rounded to all or nothing where it is neither."""
    if share is not None and 0.995 <= share < 1:  # noqa: PLR2004 - what rounds to 100 %
        return say.text("insight.over_99")
    if share is not None and 0 < share < 0.005:  # noqa: PLR2004 - what rounds to 0 %
        return say.text("insight.under_1")
    return say.pct(share)


def percent_at_least(say: Wording, share: float) -> str:
    """A share that something is at least: in whole per cent, rounded down, so that it is true as it is shown."""
    return say.pct(floor(round(100 * share, 6)) / 100)


def points_between(before: float, now: float) -> int:
    """How many percentage points a share rose, as its reader reckons it from the two that are shown."""
    return _whole_percent(now) - _whole_percent(before)


def _whole_percent(share: float) -> int:
    """As Babel rounds it: half to even, of the decimals that are written."""
    return round(100 * Decimal(repr(share)))


def days(say: Wording, length: float | None) -> str:
    """A length of time with its unit, to a tenth of a day."""
    return "–" if length is None else say.text("insight.days", count=round(length, 1))


def amount(say: Wording, unit: Unit, value: float | None) -> str:
    """A measured value with its unit, rounded alike wherever it is shown."""
    if value is None:
        return say.n(None)
    match unit:
        case Unit.SHARE:
            return percent(say, value)
        case Unit.DAYS:
            return days(say, value)
        case Unit.MONTHS:
            return say.text("report.in_months", count=round(value))
        case _:
            return say.n(value, _DECIMALS[unit])


_DECIMALS = {Unit.COUNT: 0, Unit.RATIO: 2, Unit.SCORE: 1, Unit.PER_THOUSAND: 1}


def _shown(say: Wording, cell: Cell, shows: Shows) -> str:
    match cell:
        case TooFew():
            return say.text("insight.too_few")
        case str() | None:
            return cell or "–"
        case _ if shows == Shows.SHARE:
            return percent(say, cell)
        case _ if shows == Shows.DAYS:
            return say.n(cell)
        case _:
            return say.n(cell, 0)


def _linked(words: str, address: str | None) -> str:
    return Markup('<a class="ds-link" href="{}">{}</a>').format(address, words) if address else words


def _plain(cell: Cell) -> str:
    match cell:
        case TooFew() | None:
            return ""
        case float():
            return str(round(cell, 4))
        case _:
            return str(cell)

"""The open data as a spreadsheet: who opens the CSV in a Norwegian Excel gets one column and wrong letters."""

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from services.metrics.open_data import COLUMNS, LICENCE, Record
from services.metrics.tables import harmless

_WIDTH, _WIDEST = 14, 90
Cell = str | float | date | bool | None


def as_xlsx(records: Iterable[Record], title: str, words: Mapping[str, tuple[str, str]]) -> bytes:
    """The rows as they are in the CSV, dates and numbers as such; the second sheet says what the columns mean.

    :param words: title and meaning by column.
    """
    book = Workbook()
    data, columns = book.active, book.create_sheet("kolonner")
    assert isinstance(data, Worksheet)  # noqa: S101 - a new workbook has one
    data.title = "data"
    names = [column.name for column in COLUMNS]
    _fill(data, names, ([_cell(name, record[name]) for name in names] for record in records))
    data.auto_filter.ref = data.dimensions
    meanings = [[name, *words[name]] for name in names]
    _fill(columns, ["kolonne", "tittel", "betydning"], [*meanings, [], [title], [LICENCE]])
    columns.column_dimensions["C"].width = _WIDEST
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _fill(sheet: Worksheet, headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    sheet.append(list(headings))
    for place, cell in enumerate(sheet[1], 1):
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(place)].width = _WIDTH
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append(list(row))


def _cell(name: str, value: Cell) -> Cell:
    if isinstance(value, str):
        return date.fromisoformat(value) if name in {"fra", "til"} else harmless(value)
    return value

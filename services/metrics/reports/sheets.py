"""The report's figures as a spreadsheet and as CSV: one row an indicator, numbers as numbers."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from services.metrics.invented import notice
from services.metrics.manual.store import ScopeKind
from services.metrics.measures import Unit
from services.metrics.reports.figures_in_words import FigureWords
from services.metrics.reports.model import Figure, Report
from services.metrics.reports.seen import COMPARED, FIRST, RECEIVED
from services.metrics.reports.tables_in_words import begun, period_name, title_of
from services.metrics.reports.words import told
from services.metrics.tables import harmless, percent_at_least
from shared.web.i18n import Wording

Cell = str | float | int | None
_PERCENT, _ONE_DECIMAL, _TWO_DECIMALS, _WHOLE = "0.0%", "0.0", "0.00", "0"
_FORMATS = {
    Unit.SHARE: _PERCENT,
    Unit.DAYS: _ONE_DECIMAL,
    Unit.COUNT: _WHOLE,
    Unit.RATIO: _TWO_DECIMALS,
    Unit.SCORE: _ONE_DECIMAL,
    Unit.MONTHS: _WHOLE,
    Unit.PER_THOUSAND: _ONE_DECIMAL,
}
_WIDE, _WIDEST, _NARROWEST = 100, 60, 10
COLUMNS = (
    "capital", "place", "indicator", "unit", "start", "target", "tolerance", "before", "last_year", "now",
    "at_least", "n", "of", "status", "source", "as_of", "why", "action",
)  # fmt: skip
"""Of the indicators' sheet, and of the CSV, whose headings they are in every language."""
INVENTED = "invented"
"""The last column of the CSV: `true` where the figures are of a simulated year."""
_AMOUNTS = ("start", "target", "tolerance", "before", "last_year", "now", "at_least")
_WRITTEN = ("why", "action")


def rows(report: Report, say: Wording) -> list[dict[str, Cell]]:
    """The indicators in the balance sheet's order, by column. A hidden figure is empty."""
    language, words = say.language, FigureWords(report, say)
    return [
        {
            "capital": capital.capital,
            "place": say.text("report.whole") if place.kind == ScopeKind.MUNICIPALITY else place.name,
            "indicator": report.measures[line.measure].name[language],
            "unit": report.measures[line.measure].unit.value,
            "start": line.start,
            "target": line.target,
            "tolerance": line.tolerance if line.target is not None else None,
            "before": line.before.value,
            "last_year": line.last_year.value,
            "now": line.now.value,
            "at_least": line.now.at_least,
            "n": line.now.n,
            "of": line.now.of,
            "status": words.light(line).words,
            "source": line.now.given_by,
            "as_of": line.now.as_of.isoformat() if line.now.as_of else None,
            "why": line.explanation.why if line.explanation else None,
            "action": line.explanation.action if line.explanation else None,
        }
        for capital in report.capitals
        for place in capital.places
        for line in place.lines
    ]


def as_csv(report: Report, say: Wording) -> bytes:
    """For programs: UTF-8, commas, points, shares from 0 to 1, the columns' names in English."""
    file = io.StringIO()
    writer = csv.DictWriter(file, (*COLUMNS, INVENTED), lineterminator="\r\n")
    writer.writeheader()
    for row in rows(report, say):
        told = {name: _harmless(value) for name, value in row.items()}
        writer.writerow(told | {INVENTED: str(report.invented).lower()})
    return file.getvalue().encode()


def as_xlsx(report: Report, say: Wording) -> bytes:
    """For people: what the first page says, the indicators, the development and the comparison, each on a sheet."""
    book = Workbook()
    book.properties.title = f"{title_of(say, report.period)}: {report.place_name}"
    book.properties.creator = report.municipality_name
    at = report.issued_at or report.made_at
    book.properties.created = book.properties.modified = _plain(at)
    first = book.active
    assert isinstance(first, Worksheet)  # noqa: S101 - a new workbook has one
    _first_page(first, report, say)
    _indicators(book.create_sheet(), report, say)
    _points(book.create_sheet(say.text("report.trend")), report, say)
    if report.compared:
        _compared(book.create_sheet(), report, say)
    if report.invented:
        for sheet in book.worksheets:
            _marked(sheet, notice(say))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _first_page(sheet: Worksheet, report: Report, say: Wording) -> None:
    """What report it is, how it stands, and its conclusion: a file is read without its page."""
    words = told(report, say)
    sheet.title = say.text("report.label.conclusion")
    _header(sheet, [f"{words.title}: {words.subtitle}"])
    more = [words.where_targets] if words.where_targets else []
    for line in (words.municipality, words.standing, words.audience, *words.conclusion, *more):
        sheet.append([_harmless(line)])
    for (cell,) in sheet.iter_rows(min_row=2):
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.column_dimensions["A"].width = _WIDE


def _indicators(sheet: Worksheet, report: Report, say: Wording) -> None:
    sheet.title = say.text("report.label.indicator")
    _header(sheet, [say.text(f"report.column.{name}") for name in COLUMNS])
    for row in rows(report, say):
        unit = Unit(str(row["unit"]))
        # The CSV is for programs and has the codes; here people read.
        words = {
            "capital": say.text(f"report.capital.{row['capital']}"),
            "unit": say.text(f"report.unit.{unit.value}"),
        }
        sheet.append([_harmless({**row, **words}[name]) for name in COLUMNS])
        for name in _WRITTEN:
            cell = sheet.cell(sheet.max_row, COLUMNS.index(name) + 1)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        for name in _AMOUNTS:
            sheet.cell(sheet.max_row, COLUMNS.index(name) + 1).number_format = _FORMATS[unit]
    _widths(sheet)


def _points(sheet: Worksheet, report: Report, say: Wording) -> None:
    measures = COMPARED[:2]
    _header(sheet, [say.text("report.period"), *_headings(report, say, measures)])
    for point in begun(report.trend):
        figures = [point.figures[name] for name in (RECEIVED, *measures)]
        _figures(sheet, period_name(say, point.period), figures, say)
        _formats(sheet, measures, report)
    _widths(sheet)


def _compared(sheet: Worksheet, report: Report, say: Wording) -> None:
    of = "units" if report.place_kind == ScopeKind.SECTION else "sections"
    sheet.title = say.text(f"report.compared.{of}")
    first = f"{report.measures[FIRST].name[say.language]}: {say.text('report.same_last_year')}"
    _header(sheet, [say.text(f"report.compared.column.{of}"), *_headings(report, say, COMPARED), first])
    for one in report.compared:
        figures = [one.figures[name] for name in (RECEIVED, *COMPARED)]
        _figures(sheet, one.name, [*figures, one.last_year[FIRST]], say)
        _formats(sheet, (*COMPARED, FIRST), report)
    _widths(sheet)


def _headings(report: Report, say: Wording, measures: Sequence[str]) -> list[str]:
    return [say.text("report.received"), *(report.measures[name].name[say.language] for name in measures)]


def _figures(sheet: Worksheet, name: str, figures: Sequence[Figure], say: Wording) -> None:
    sheet.append([_harmless(name), *(_told(figure, say) for figure in figures)])


def _told(figure: Figure, say: Wording) -> Cell:
    if figure.at_least is not None:
        return say.text("report.at_least", share=percent_at_least(say, figure.at_least))
    return say.text("report.hidden") if figure.hidden else figure.value


def _formats(sheet: Worksheet, measures: Sequence[str], report: Report) -> None:
    for column, name in enumerate(measures, 3):
        sheet.cell(sheet.max_row, column).number_format = _FORMATS[report.measures[name].unit]


def _header(sheet: Worksheet, headings: Sequence[str]) -> None:
    sheet.append(list(headings))
    for cell in sheet[1]:
        cell.font = Font(bold=True)
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "B2"


def _marked(sheet: Worksheet, words: str) -> None:
    """A first line of its own, and the head of every page that is printed."""
    sheet.insert_rows(1)
    sheet.cell(1, 1, words).font = Font(bold=True, color="A11D1D")
    sheet.freeze_panes = "B3"
    header = sheet.oddHeader
    assert header is not None  # noqa: S101 - every sheet has one
    header.center.text = words


def _widths(sheet: Worksheet) -> None:
    for number, column in enumerate(sheet.iter_cols(min_row=2), 1):
        longest = max((len(str(cell.value or "")) for cell in column), default=0)
        width = min(_WIDEST, max(_NARROWEST, longest + 2))
        sheet.column_dimensions[get_column_letter(number)].width = width


def _harmless(value: Cell) -> Cell:
    return harmless(value) if isinstance(value, str) else value


def _plain(instant: datetime) -> datetime:
    return instant.astimezone(UTC).replace(tzinfo=None, microsecond=0)

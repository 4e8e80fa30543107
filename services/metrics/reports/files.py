"""A report as a file, in each format."""

import asyncio
from enum import StrEnum

from litestar import Response

from services.metrics.reports.model import Report
from services.metrics.reports.words import told
from shared.web.i18n import Wording


class Format(StrEnum):
    """What a report can be had as, beside the page."""

    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


MEDIA_TYPES = {
    Format.PDF: "application/pdf",
    Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Format.CSV: "text/csv",
    Format.JSON: "application/json",
}


async def rendered(report: Report, format: Format, say: Wording) -> bytes:  # noqa: A002 - the reader's word
    """The file's content. What takes long is done in a thread, and what takes room is loaded when asked for."""
    from services.metrics.reports import sheets
    from services.metrics.reports.pdf import pdf

    match format:
        case Format.PDF:
            at = report.issued_at or report.made_at
            return await asyncio.to_thread(lambda: pdf(told(report, say), at=at))
        case Format.XLSX:
            return await asyncio.to_thread(sheets.as_xlsx, report, say)
        case Format.CSV:
            return sheets.as_csv(report, say)
        case Format.JSON:
            return report.model_dump_json().encode()


async def download(report: Report, format: Format, say: Wording) -> Response[bytes]:  # noqa: A002 - as above
    """The file as a download, named after what it is."""
    parts = [report.municipality, report.place, report.kind.value, report.period.code]
    if report.version:
        parts.append(f"v{report.version}")
    name = "_".join(part for part in parts if part)
    headers = {
        "Content-Disposition": f'attachment; filename="{name}.{format.value}"',
        "Cache-Control": "public, max-age=300" if report.is_public else "private, no-cache",
        # In the reader's language.
        "Vary": "Accept-Language, Cookie",
    }
    content = await rendered(report, format, say)
    return Response(content, media_type=MEDIA_TYPES[format], headers=headers)

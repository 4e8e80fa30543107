"""`svarfrist report`: a report as the council gets it, asked of the running metrics service."""

import sys
from enum import StrEnum
from http import HTTPStatus
from pathlib import Path
from typing import Annotated
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin
from urllib.request import Request, urlopen

import typer

from deploy.data_folder import DataFolder
from deploy.errors import NotRunningError, StackError

PATH = "/internal/report"
TIME_LIMIT = 120.0
_EXAMPLES = {"monthly": "2026-11", "tertial": "2026-T2", "annual": "2026"}

app = typer.Typer(add_completion=False)


class Kind(StrEnum):
    """Which report."""

    MONTHLY = "monthly"
    TERTIAL = "tertial"
    ANNUAL = "annual"


class Format(StrEnum):
    """What it is written as."""

    HTML = "html"
    PDF = "pdf"
    XLSX = "xlsx"
    CSV = "csv"
    JSON = "json"


class Language(StrEnum):
    """What it is written in."""

    NB = "nb"
    NN = "nn"
    EN = "en"


class NoSuchReportError(StackError):
    """There is no such period, unit, section or committee."""

    def __init__(self, kind: str, period: str, place: str | None) -> None:
        of = f" of {place}" if place else ""
        super().__init__(
            f"There is no {kind} report of {period!r}{of}: a period is such as {_EXAMPLES[kind]}; a unit or "
            "section is known by its id in organisation.yaml, a committee by its id in targets.yaml."
        )


class NoReportError(StackError):
    """The metrics service does not answer, though the stack runs."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The metrics service did not make the report ({reason}): see 'svarfrist status'.")


class NotWrittenError(StackError):
    """The file cannot be written."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file} cannot be written: {reason}. Choose another file with -o.")


class OnePlaceError(StackError):
    """More than one of unit, section and committee."""

    def __init__(self) -> None:
        super().__init__("Choose one of --unit, --section and --committee: a report is of one place.")


@app.command()
def report(
    kind: Annotated[Kind, typer.Argument(help="Which report.")],
    period: Annotated[str, typer.Option(help="2026-11, 2026-T2 or 2026, as the report is.")],
    format_: Annotated[Format, typer.Option("--format", help="What to write it as.")] = Format.HTML,
    unit: Annotated[str | None, typer.Option(help="The id of a unit; else the whole municipality.")] = None,
    section: Annotated[str | None, typer.Option(help="The id of a section.")] = None,
    committee: Annotated[
        str | None, typer.Option(help="The id of a committee: a report of its sections together.")
    ] = None,
    language: Annotated[Language, typer.Option(help="What to write it in.")] = Language.NB,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file; else a name made of the report's.")
    ] = None,
    data: Annotated[Path, typer.Option(help="The stack's data folder.")] = Path("data"),
) -> None:
    """Write a report to a file: the newest issued version, or a draft of today where none is issued.

    `-o -` writes to standard output.
    """
    places = {"unit": unit, "section": section, "committee": committee}
    chosen = {name: identity for name, identity in places.items() if identity}
    if len(chosen) > 1:
        raise OnePlaceError
    place = next(iter(chosen.values()), None)
    asked = {"kind": kind.value, "period": period, "format": format_.value, "lang": language.value, **chosen}
    content = ask(DataFolder(data), asked, NoSuchReportError(kind.value, period, place))
    if output == Path("-"):
        sys.stdout.buffer.write(content)
        return
    file = output or Path(
        "-".join(part for part in ("report", place, kind.value, period) if part)
    ).with_suffix(f".{format_.value}")
    try:
        file.write_bytes(content)
    except OSError as error:
        raise NotWrittenError(file, error.strerror or str(error)) from error
    print(f"{file}: {len(content)} bytes")


def ask(folder: DataFolder, asked: dict[str, str], missing: NoSuchReportError) -> bytes:
    """The report as the metrics service makes it.

    Raises NoStackError, NotRunningError, NoReportError or `missing`.
    """
    part = folder.record().parts.get("metrics")
    if part is None or not folder.is_running():
        raise NotRunningError(folder.path)
    address = f"{urljoin(part.probe, PATH)}?{urlencode(asked)}"
    try:
        with urlopen(Request(address), timeout=TIME_LIMIT) as response:  # noqa: S310 - our own service
            content: bytes = response.read()
    except HTTPError as error:
        error.close()
        if error.code == HTTPStatus.NOT_FOUND:
            raise missing from error
        raise NoReportError(f"status {HTTPStatus(error.code).value}") from error
    except (URLError, TimeoutError) as error:
        raise NoReportError(type(error).__name__) from error
    return content

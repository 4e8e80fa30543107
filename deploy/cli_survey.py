"""`svarfrist survey`: brings results of surveys that others made into the running metrics service."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin
from urllib.request import Request, urlopen

import typer

from deploy.data_folder import DataFolder
from deploy.errors import NotRunningError, StackError

PATH = "/internal/surveys/import"
TIME_LIMIT = 60.0

app = typer.Typer(add_completion=False)


@app.callback()
def survey() -> None:
    """Surveys of residents."""


class NotImportedError(StackError):
    """The file could not be brought in."""

    def __init__(self, file: Path, reason: str) -> None:
        super().__init__(f"{file} was not imported: {reason}")


@app.command("import")
def bring_in(
    file: Annotated[Path, typer.Argument(help="A CSV file; its columns are in docs/operations.md.")],
    source: Annotated[str, typer.Option(help="Where the results come from.")] = "bedrekommune.no",
    data: Annotated[Path, typer.Option(help="The stack's data folder.")] = Path("data"),
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002 - a flag
) -> None:
    """Import results; exit 1 where rows were refused, each named with its line and why."""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise NotImportedError(file, error.strerror or type(error).__name__) from error
    told = send(DataFolder(data), file, content, source)
    if as_json:
        print(json.dumps(told, indent=2, ensure_ascii=False))
    else:
        print(f"new {told['new']}, changed {told['changed']}, unchanged {told['unchanged']}")
        for refused in told["refused"]:
            print(f"{file}:{refused['line']}: {refused['reason']}")
    if told["refused"]:
        raise typer.Exit(1)


def send(folder: DataFolder, file: Path, content: bytes, source: str) -> Mapping[str, Any]:
    """What the metrics service says it did. Raises NoStackError, NotRunningError or NotImportedError."""
    part = folder.record().parts.get("metrics")
    if part is None or not folder.is_running():
        raise NotRunningError(folder.path)
    address = f"{urljoin(part.probe, PATH)}?{urlencode({'source': source, 'lang': 'en'})}"
    request = Request(address, content, {"Content-Type": "text/csv"}, method="POST")  # noqa: S310 - our own service
    try:
        with urlopen(request, timeout=TIME_LIMIT) as response:  # noqa: S310 - our own service
            told: Mapping[str, Any] = json.load(response)
    except HTTPError as error:
        raise NotImportedError(file, _reason(error)) from error
    except (URLError, TimeoutError, ValueError) as error:
        reason = f"the metrics service did not answer ({type(error).__name__}): see 'svarfrist status'"
        raise NotImportedError(file, reason) from error
    return told


def _reason(error: HTTPError) -> str:
    with error:
        if error.code == HTTPStatus.UNPROCESSABLE_ENTITY:
            return str(json.load(error)["error"])
        return f"the metrics service answered with status {error.code}: see 'svarfrist status'"

"""`svarfrist indicators`: the figures of a period, asked of the running metrics service."""

import json
from datetime import date, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Annotated, Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode, urljoin
from urllib.request import urlopen

import typer

from deploy.data_folder import DataFolder
from deploy.errors import NotRunningError, StackError

PATH = "/internal/indicators"
TIME_LIMIT = 60.0
DIMENSIONS = ("section", "unit", "kind", "topic", "area", "channel")
ORGANISATIONS = ("then", "now")

app = typer.Typer(add_completion=False)


class BadQuestionError(StackError):
    """The period or the grouping cannot be used."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what}.")


class NoFiguresError(StackError):
    """The metrics service does not answer, though the stack runs."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"The metrics service did not give the figures ({reason}): see 'svarfrist status'.")


@app.command()
def indicators(
    first: Annotated[
        datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day.", show_default=False)
    ],
    last: Annotated[
        datetime,
        typer.Option("--to", formats=["%Y-%m-%d"], help="The last day, which belongs to the period."),
    ],
    by: Annotated[str, typer.Option(help=f"Groups: some of {', '.join(DIMENSIONS)}, with commas.")] = "",
    organisation: Annotated[
        str, typer.Option(help="'then': by the units that had the cases; 'now': by those that took over.")
    ] = "then",
    as_json: Annotated[bool, typer.Option("--json", help="For programs.")] = False,  # noqa: FBT002 - a flag
    data: Annotated[Path, typer.Option(help="The stack's data folder.")] = Path("data"),
) -> None:
    """Tell what was promised and what was held in a period, unabridged."""
    grouping = _checked(first.date(), last.date(), by)
    if organisation not in ORGANISATIONS:
        raise BadQuestionError(f"Figures are by the organisation of then or of now, not of {organisation!r}")
    told = ask(DataFolder(data), first.date(), last.date(), grouping, organisation)
    if as_json:
        print(json.dumps(told, indent=2, ensure_ascii=False))
        return
    if told.get("invented"):
        print("Invented figures: a simulated year, none of them real.")
    print(_lines(told))
    for group in told.get("groups", []):
        print()
        print(" / ".join(str(value or "-") for value in group["key"].values()))
        print(_lines(group))


def ask(
    folder: DataFolder, first: date, last: date, by: str = "", organisation: str = "then"
) -> dict[str, Any]:
    """The figures as the metrics service tells them.

    Raises NoStackError, NotRunningError or NoFiguresError.
    """
    part = folder.record().parts.get("metrics")
    if part is None or not folder.is_running():
        raise NotRunningError(folder.path)
    query = urlencode({"from": first, "to": last, "by": by, "organisation": organisation})
    try:
        with urlopen(f"{urljoin(part.probe, PATH)}?{query}", timeout=TIME_LIMIT) as response:  # noqa: S310 - our own service
            told: dict[str, Any] = json.load(response)
    except HTTPError as error:
        error.close()
        raise NoFiguresError(f"status {HTTPStatus(error.code).value}") from error
    except (URLError, TimeoutError, ValueError) as error:
        raise NoFiguresError(type(error).__name__) from error
    return told


def _checked(first: date, last: date, by: str) -> str:
    if last < first:
        raise BadQuestionError(f"The period ends ({last}) before it begins ({first})")
    names = [name.strip() for name in by.split(",") if name.strip()]
    for name in names:
        if name not in DIMENSIONS:
            raise BadQuestionError(f"Figures cannot be grouped by {name}, only by {', '.join(DIMENSIONS)}")
    return ",".join(names)


def _lines(told: dict[str, Any]) -> str:
    promise, response, backlog = told["promise"], told["response_days"], told["backlog"]
    rows = {
        "promises kept": f"{_percent(promise['share'])}  ({promise['kept']} of {promise['due']})",
        "response": f"median {_days(response['median'])}, 90 % within {_days(response['p90'])}",
        "received": ", ".join(f"{count} {kind}" for kind, count in told["received"].items()),
        "interim": f"{_percent(told['interim']['share'])} in time  ({told['interim']['in_time']} of "
        f"{told['interim']['needed']})",
        "backlog": f"{backlog['open']} open, {backlog['overdue']} overdue, {backlog['due_soon']} due soon",
    }
    return "\n".join(f"{name:<15}{figure}" for name, figure in rows.items())


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.1%}"


def _days(days: float | None) -> str:
    return "-" if days is None else f"{days:.1f} days"

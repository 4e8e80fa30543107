"""`svarfrist promises`: what the configuration as it is now makes of the open promises."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.exc import SQLAlchemyError

from deploy.data_folder import DataFolder
from deploy.errors import NotRunningError, StackError
from deploy.movable_clock import clock_of
from deploy.postgres import service_url
from services.notify import recompute
from services.notify.recompute import Looked, Proposal, Why
from shared import municipality
from shared.database import Database
from shared.municipality import ConfigurationError, Municipality

EXAMPLES = 3
"""How many references of each group are shown."""

app = typer.Typer(add_completion=False, no_args_is_help=True)
Data = Annotated[Path, typer.Option(help="The stack's data folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="For programs.")]
Work = Callable[[Database, Municipality, datetime, Looked], AsyncIterator[Proposal]]


@dataclass(slots=True)
class Group:
    """Promises that change for the same reason."""

    promise: str
    why: Why
    rule_before: str
    rule_after: str
    count: int = 0
    later: int = 0
    earlier: int = 0
    examples: list[dict[str, str]] = field(default_factory=list)

    def add(self, proposal: Proposal) -> None:
        """Count one more, and show it if few have been."""
        before, after = proposal.before.terms.due_on, proposal.after.terms.due_on
        self.count += 1
        self.later += after > before
        self.earlier += after < before
        if len(self.examples) < EXAMPLES:
            self.examples.append(
                {"reference": proposal.reference, "due_on": str(before), "new_due_on": str(after)}
            )


@app.callback()
def promises() -> None:
    """See and make what a changed rule, calendar or closed day means for promises that are open."""


@app.command("preview")
def preview(
    data: Data = Path("data"),
    folder: Annotated[
        Path | None,
        typer.Option("--municipality", help="Another folder than the stack's own: a copy with the changes."),
    ] = None,
    as_json: AsJson = False,  # noqa: FBT002 - a flag
) -> None:
    """Show which open promises the configuration would change; change none."""
    _tell(*_worked(data, recompute.preview, folder), as_json=as_json, has_moved=False)


@app.command("apply")
def apply(data: Data = Path("data"), as_json: AsJson = False) -> None:  # noqa: FBT002 - a flag
    """Move them, as events; residents are told of later days."""
    _tell(*_worked(data, recompute.apply), as_json=as_json, has_moved=True)


def grouped(proposals: Sequence[Proposal]) -> list[Group]:
    """The changes by what makes them, most first."""
    groups: dict[tuple[str, Why, str, str], Group] = {}
    for proposal in proposals:
        before, after = proposal.before.terms, proposal.after.terms
        key = before.promise_id, proposal.why, before.rule, after.rule
        groups.setdefault(key, Group(*key)).add(proposal)
    return sorted(groups.values(), key=lambda group: (-group.count, group.promise))


def _worked(data: Path, work: Work, other: Path | None = None) -> tuple[list[Group], Looked]:
    folder = DataFolder(data)
    record, secrets = folder.record(), folder.secrets()
    configuration = _configuration(other or Path(record.municipality_folder))
    if configuration.id != record.municipality:
        raise StackError(f"{other} is of {configuration.id}, and the stack of {record.municipality}")
    clock = clock_of(folder)
    url = service_url("notify", record.ports["postgres"], secrets.postgres["notify"])

    async def run() -> tuple[list[Group], Looked]:
        database, looked = Database(url, clock, pool=1), Looked()
        try:
            found = [proposal async for proposal in work(database, configuration, clock(), looked)]
        except (OSError, SQLAlchemyError) as error:
            raise NotRunningError(folder.path) from error
        finally:
            await database.close()
        return grouped(found), looked

    return asyncio.run(run())


def _configuration(folder: Path) -> Municipality:
    try:
        return municipality.load(folder)
    except ConfigurationError as error:
        raise StackError(f"{error}\nMend the configuration first: svarfrist check {folder}") from None


def in_words(groups: Sequence[Group], looked: int, *, has_moved: bool) -> Iterator[str]:
    """The changes as lines that an operator reads."""
    count = sum(group.count for group in groups)
    if not count:
        yield f"No open promise changes ({looked} looked at)."
        return
    yield f"{count} of {looked} open promises {'were moved' if has_moved else 'would change'}."
    for group in groups:
        days = f"{group.later} later, {group.earlier} earlier"
        yield f"{group.promise}: {_reason(group)}: {group.count} ({days})"
        for example in group.examples:
            yield "  {reference}  {due_on} -> {new_due_on}".format(**example)


def for_programs(groups: Sequence[Group], looked: int, *, has_moved: bool) -> dict[str, Any]:
    """The same for a program."""
    return {
        "open": looked,
        "changed": sum(group.count for group in groups),
        "applied": has_moved,
        "groups": [
            {
                "promise": group.promise,
                "why": group.why.value,
                "rule": group.rule_before,
                "new_rule": group.rule_after,
                "count": group.count,
                "later": group.later,
                "earlier": group.earlier,
                "examples": group.examples,
            }
            for group in groups
        ],
    }


def _tell(groups: Sequence[Group], looked: Looked, *, as_json: bool, has_moved: bool) -> None:
    if as_json:
        print(json.dumps(for_programs(groups, looked.promises, has_moved=has_moved), indent=2))
        return
    for line in in_words(groups, looked.promises, has_moved=has_moved):
        print(line)


def _reason(group: Group) -> str:
    if group.why is Why.RULE:
        return f"the rule is {group.rule_after}, was {group.rule_before}"
    if group.why is Why.CALENDAR:
        return f"{group.rule_after} ends on another day by the calendar"
    return "the declaration has other words, the days stay"

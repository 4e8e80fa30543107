"""`svarfrist simulate`: a municipality's year, made up, so that every page of figures has something to show."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from time import monotonic
from typing import Annotated

import typer
from nats.js import JetStreamContext

from deploy import stream
from deploy.bus import connected
from deploy.data_folder import DataFolder, StackRecord
from deploy.errors import StackError
from deploy.long_work import LongWork, long_work
from deploy.movable_clock import clock_of
from deploy.postgres import service_url
from deploy.simulation.duplicates import lives
from deploy.simulation.issuing import write_and_issue
from deploy.simulation.season import residents_of
from deploy.simulation.telling import told
from services.metrics.removing import remove_invented
from shared import municipality
from shared.clock import SystemClock
from shared.database import Database
from shared.events import INVENTED, SUBJECT_ROOT, CaseImported, Event, SubmissionReceived
from shared.relay import STREAM
from shared.workdays import FIRST_YEAR, LAST_YEAR

app = typer.Typer(add_completion=False)


class RealCasesError(StackError):
    """The stack has cases that are not invented."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"This stack has {count} real or imported cases, and invented ones must never be mixed with them: "
            "simulate in a data folder of its own ('svarfrist up --data FOLDER')."
        )


class OtherYearError(StackError):
    """The stack has the same year already, made with another seed or another number of residents."""

    def __init__(self, year: int) -> None:
        super().__init__(
            f"This stack has another simulated {year} already (another seed, number of residents or "
            "configuration): remove it first with 'svarfrist simulate --remove'."
        )


class StillCountingError(StackError):
    """Metrics has events to count, and does not get on with it."""

    def __init__(self) -> None:
        super().__init__(
            "The metrics service does not count its events: see 'svarfrist status', and run the command again."
        )


class NothingToDoError(StackError):
    """Neither a year to make nor a wish to remove."""

    def __init__(self) -> None:
        super().__init__(
            f"Say which year to simulate with --year ({FIRST_YEAR} to {LAST_YEAR - 1}), or --remove what is."
        )


@app.command()
def simulate(
    year: Annotated[int | None, typer.Option(help="The year, such as 2026.", show_default=False)] = None,
    seed: Annotated[int, typer.Option(help="Another seed is another year; the same is the same.")] = 1,
    residents: Annotated[
        int | None,
        typer.Option(
            min=100,
            max=1_000_000,
            help="How many people live there; what the municipality says (look.yaml), else 15,000.",
            show_default=False,
        ),
    ] = None,
    remove: Annotated[bool, typer.Option("--remove", help="Take everything invented away again.")] = False,  # noqa: FBT002 - a flag
    data: Annotated[Path, typer.Option(help="The stack's data folder.")] = Path("data"),
) -> None:
    """Make up a municipality's year: figures, reports and open data show it, and say that it is invented.

    No case comes onto a desk, and nobody is reminded or written to. Of a year that is not over, what would have
    happened until now is told; the same command later goes on from there. Refused where there are real cases.
    """
    folder = DataFolder(data)
    began = monotonic()
    if remove:
        print(asyncio.run(_removed(folder)))
        return
    if year is None or not FIRST_YEAR <= year < LAST_YEAR:
        raise NothingToDoError
    with long_work() as work:
        lines = asyncio.run(_simulated(folder, year, residents, seed, work))
    print(*lines, sep="\n")
    print(f"All of it is invented, and every page of figures says so ({monotonic() - began:.0f} s).")


async def _simulated(
    folder: DataFolder, year: int, asked: int | None, seed: int, work: LongWork
) -> Sequence[str]:
    record = folder.record()
    residents = asked or residents_of(municipality.load(record.municipality_folder), year)
    async with connected(folder) as nc:
        js = nc.jetstream(timeout=30)
        if count := await _real_cases(js, record):
            raise RealCasesError(count)
        work.began(f"Making up {year}")
        events = _year(record, year, residents, seed)
        said = await _said_before(js, record, events, year)
        now = clock_of(folder)()
        happened = sorted((event for event in events if event.at <= now), key=_place)
        new = [event for event in happened if str(event.id) not in said]
        work.began("Publishing", len(new))
        await stream.begin(js, record.municipality)
        last = await stream.publish(js, new, work.reached, run=f"/{token_hex(4)}")
        work.began("Counting", len(new))
        counted = not last or await stream.heard_by(
            js, "metrics", last, lambda left: work.reached(max(0, len(new) - left))
        )
        reports = 0
        if counted:
            work.began("Issuing reports")
            place = municipality.load(record.municipality_folder)
            url = _metrics_url(folder, record)
            reports = await write_and_issue(url, place, year, residents, seed, now)
    cases = sum(isinstance(event, SubmissionReceived) for event in happened)
    lines = [f"{cases:,} submissions of {residents:,} residents in {year}: {len(happened):,} events."]
    if len(happened) < len(events):
        lines.append(f"{year} is not over: told is what would have happened until {now:%-d %B %Y}.")
    if reports:
        lines.append(
            f"{reports} reports on it are issued, with invented explanations, values and improvements."
        )
    if not counted:
        lines.append("The figures do not have all of it yet: see 'svarfrist status'.")
    return lines


def _metrics_url(folder: DataFolder, record: StackRecord) -> str:
    return service_url("metrics", record.ports["postgres"], folder.secrets().postgres["metrics"])


def _place(event: Event) -> tuple[datetime, str]:
    return event.at, str(event.case_id)


def _year(record: StackRecord, year: int, residents: int, seed: int) -> list[Event]:
    place = municipality.load(record.municipality_folder)
    return [event for life in lives(place, year, residents, seed) for event in told(life, place, year, seed)]


async def _real_cases(js: JetStreamContext, record: StackRecord) -> int:
    names = (SubmissionReceived, CaseImported)
    subjects = [f"{SUBJECT_ROOT}.{record.municipality}.{one.NAME}.v{one.VERSION}" for one in names]
    return sum([await stream.count(js, subject) for subject in subjects])


async def _said_before(
    js: JetStreamContext, record: StackRecord, events: Sequence[Event], year: int
) -> set[str]:
    """The ids of invented events on the stream.

    Raises OtherYearError where submissions of that year are none of these.
    """
    ours = {str(event.id): event.at for event in events if isinstance(event, SubmissionReceived)}
    first, last = min(ours.values()), max(ours.values())
    said: set[str] = set()
    others = 0
    async for message in stream.messages(js, f"{SUBJECT_ROOT}.{record.municipality}.{INVENTED}.>"):
        headers = message.headers or {}
        said.add(headers["ce-id"])
        is_of_year = first <= datetime.fromisoformat(headers["ce-time"]) <= last
        others += (
            is_of_year
            and headers["ce-type"] == SubmissionReceived.type_name()
            and headers["ce-id"] not in ours
        )
    if others:
        raise OtherYearError(year)
    return said


async def _removed(folder: DataFolder) -> str:
    """First off the stream, so that no rebuilding brings them back; then out of the figures."""
    record = folder.record()
    everything = f"{SUBJECT_ROOT}.{record.municipality}.{INVENTED}.>"
    async with connected(folder) as nc:
        js = nc.jetstream(timeout=30)
        count = await stream.count(js, everything)
        await js.purge_stream(STREAM, subject=everything)
        last = (await js.stream_info(STREAM)).state.last_seq
        if not await stream.heard_by(js, "metrics", last, lambda _: None):
            raise StillCountingError
    database = Database(_metrics_url(folder, record), SystemClock())
    try:
        async with database.transaction() as tx:
            cases = await remove_invented(tx.session)
    finally:
        await database.close()
    return f"{count:,} invented events and {cases:,} invented cases are removed."

"""The schedule: asks for explanations, reminds, issues and sends reports, each exactly once.

Every process looks; the ledger (`report_schedule`) decides who does it, in the transaction that does it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from uuid import UUID

import structlog
from prometheus_client import Counter

from services.metrics.manual.store import Scope
from services.metrics.reading import Reader
from services.metrics.reports import freezing, readers, store
from services.metrics.reports.building import Builder, off_target
from services.metrics.reports.control import DeadLetters
from services.metrics.reports.model import Report
from services.metrics.reports.periods import ReportKind, ReportPeriod
from services.metrics.reports.store import report_id
from shared.catalogue import Catalogue
from shared.clock import OSLO, Clock, oslo_day
from shared.database import Database, Transaction
from shared.events import ReportExplanationWanted
from shared.identity import derived_id
from shared.municipality import Municipality, Schedule

CaughtUp = Callable[[], Awaitable[bool]]
"""Whether everything that was said on the bus has been counted."""

LOOKED_BACK = 3
"""Periods of a kind that are looked at: a service that was away so long has more to mend than reports."""

log = structlog.get_logger()
steps_total = Counter("svarfrist_report_steps_total", "Steps of the reports' schedule done", ["kind", "step"])


class Step(StrEnum):
    """What the schedule does about a period."""

    ASK = "ask"
    """Leaders are asked to explain what is off target: the first working day after the period."""
    REMIND = "remind"
    """They are reminded, the working day before explanations are due."""
    ISSUE = "issue"


@dataclass(frozen=True)
class Due:
    """A step with its day; it is done when the office opens on it."""

    period: ReportPeriod
    step: Step
    on: date


def explain_by(municipality: Municipality, period: ReportPeriod) -> date | None:
    """The last day for explanations; None where the kind has no schedule."""
    schedule = readers.schedule_of(municipality, period.kind)
    if schedule is None:
        return None
    return municipality.calendar.add_working_days(period.days.last, schedule.explain_by)


def steps(municipality: Municipality, period: ReportPeriod, schedule: Schedule) -> Iterator[Due]:
    """What is done about a period, in working days after its last day."""
    calendar, last = municipality.calendar, period.days.last
    if schedule.explain_by:
        yield Due(period, Step.ASK, calendar.add_working_days(last, 1))
        if schedule.explain_by > 2:  # noqa: PLR2004 - else the reminder would come with the request
            yield Due(period, Step.REMIND, calendar.add_working_days(last, schedule.explain_by - 1))
    yield Due(period, Step.ISSUE, calendar.add_working_days(last, schedule.issue))


def _is_overtaken(one: Due, due: Sequence[Due]) -> bool:
    """Whether a later step of the same period is due too, so that leaders get one mail and not two."""
    return one.step != Step.ISSUE and any(other.period == one.period and other.on > one.on for other in due)


class Scheduler:
    """Looks now and then for steps that are due."""

    def __init__(
        self,
        database: Database,
        reader: Reader,
        municipality: Municipality,
        catalogue: Catalogue,
        clock: Clock,
        *,
        caught_up: CaughtUp,
        dead_letters: DeadLetters,
        issued_by: str,
        every: float = 30.0,
    ) -> None:
        self._database = database
        self._reader = reader
        self._municipality = municipality
        self._catalogue = catalogue
        self._clock = clock
        self._caught_up = caught_up
        self._dead_letters = dead_letters
        self._issued_by = issued_by
        self._every = every

    async def run(self) -> None:
        """Looks until cancelled; what fails is tried again."""
        while True:
            try:
                await self.work()
            except Exception as error:  # the schedule outlives every fault
                log.warning("reports.failed", error=type(error).__name__, exc_info=error)
            await asyncio.sleep(self._every)

    async def work(self) -> int:
        """Does what is due; returns how many steps."""
        now = self._clock()
        async with self._database.transaction() as tx:
            began = await store.began(tx.session, oslo_day(now), now)
            done = await store.done(tx.session)
        due = [
            one
            for one in self._due(now)
            if one.on > began and (one.period.kind.value, one.period.code, one.step.value) not in done
        ]
        if not due or not await self._caught_up():
            return 0
        return sum([await self._do(one, overtaken=_is_overtaken(one, due)) for one in due])

    def _due(self, now: datetime) -> list[Due]:
        found: list[Due] = []
        for kind in ReportKind:
            schedule = readers.schedule_of(self._municipality, kind)
            period = ReportPeriod.with_day(kind, oslo_day(now))
            for _ in range(LOOKED_BACK if schedule else 0):
                period = period.before()
                if schedule:
                    found += steps(self._municipality, period, schedule)
        return sorted((one for one in found if self._opens(one.on) <= now), key=lambda one: one.on)

    def _opens(self, day: date) -> datetime:
        hours = self._municipality.reminders.office_hours
        return datetime.combine(day, hours.opens, OSLO).astimezone(UTC)

    async def _do(self, due: Due, *, overtaken: bool) -> int:
        """One step, with its line in the ledger, in one transaction."""
        async with self._reader.reading() as reading:
            builder = Builder(
                reading,
                self._municipality,
                self._catalogue,
                due.period,
                now=self._clock(),
                dead_letters=self._dead_letters,
            )
            await builder.read(to_issue=due.step == Step.ISSUE)
        async with self._database.transaction() as tx:
            if not await store.claim(tx.session, due.period, due.step.value, due.on, tx.now):
                return 0
            # A period in which there was nothing is no report; the ledger says that somebody looked.
            if not builder.is_empty and not overtaken:
                reports = [builder.report(scope) for scope in builder.scopes()]
                await self._take(tx, due, [report for report in reports if report.capitals])
        steps_total.labels(due.period.kind.value, due.step.value).inc()
        log.info("reports.step", kind=due.period.kind.value, period=due.period.code, step=due.step.value)
        return 1

    async def _take(self, tx: Transaction, due: Due, reports: Sequence[Report]) -> None:
        if due.step == Step.ISSUE:
            for report in reports:
                if not await store.versions(tx.session, self._id(report)):
                    await freezing.issue(tx, self._municipality, report, by=self._issued_by)
            return
        if not await self._is_issued(tx, reports):
            self._ask(tx, due, reports)

    def _ask(self, tx: Transaction, due: Due, reports: Sequence[Report]) -> None:
        """Asks each place's leader, once for all that misses its target; not about invented figures."""
        reports = [report for report in reports if not report.invented]
        unexplained: dict[Scope, set[str]] = {}
        for report in reports:
            for place, line in off_target(report):
                if line.explanation is None:
                    # A section's line may be in its own report and in the municipality's.
                    unexplained.setdefault(place.scope, set()).add(line.measure)
        by = explain_by(self._municipality, due.period)
        if by is None or by < oslo_day(tx.now):
            return
        for scope, measures in unexplained.items():
            identity = report_id(self._municipality.id, due.period, scope)
            tx.publish(
                ReportExplanationWanted(
                    id=derived_id(identity, due.step),
                    at=tx.now,
                    case_id=identity,
                    municipality=self._municipality.id,
                    report=due.period.kind.value,
                    period=due.period.code,
                    **freezing.place_fields(scope),
                    readers=(readers.leader(self._municipality, scope),),
                    count=len(measures),
                    due_on=by,
                    again=due.step == Step.REMIND,
                )
            )

    async def _is_issued(self, tx: Transaction, reports: Sequence[Report]) -> bool:
        """Whether somebody has issued them already: then it is too late to ask."""
        return bool(reports) and bool(await store.versions(tx.session, self._id(reports[0])))

    def _id(self, report: Report) -> UUID:
        return report_id(self._municipality.id, report.period, report.scope)

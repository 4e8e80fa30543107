"""The reports of a simulated year: explained and issued as on the schedule's days, and sent to nobody."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

from deploy.simulation.people import People, Tertial
from services.metrics.app import catalogue_of
from services.metrics.invented import author_of
from services.metrics.reading import Reader
from services.metrics.removing import remove_written
from services.metrics.reports import freezing, readers, store
from services.metrics.reports.building import Builder
from services.metrics.reports.periods import ReportKind, ReportPeriod
from services.metrics.reports.store import report_id
from shared.clock import OSLO, oslo_day
from shared.database import Database
from shared.municipality import Municipality


class _Clock:
    """Stands at a moment of the simulated year."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


async def write_and_issue(
    url: str, municipality: Municipality, year: int, residents: int, seed: int, now: datetime
) -> int:
    """Writes what people would have written by now, and issues what was due; returns how many reports.

    Metrics must have counted the year. A report that is issued already stays as it is.
    """
    clock = _Clock(now)
    database = Database(url, clock)
    try:
        return await _Issuing(database, clock, municipality, year).run(
            People(municipality, year, residents, seed, oslo_day(now))
        )
    finally:
        await database.close()


class _Issuing:
    def __init__(self, database: Database, clock: _Clock, municipality: Municipality, year: int) -> None:
        self._database = database
        self._clock = clock
        self._municipality = municipality
        self._year = year
        self._catalogue = catalogue_of(municipality)
        self._reader = Reader(database, clock, municipality.calendar, municipality)
        self._now = clock.now

    async def run(self, people: People) -> int:
        tertials = [await self._tertial(period) for period in self._tertials() if self._is_over(period)]
        async with self._database.transaction() as tx:
            await remove_written(tx.session, author_of(self._year))
            people.write(tx.session, tertials)
        return sum([await self._issue(period, on, people) for on, period in sorted(self._due(), key=_by_day)])

    def _is_over(self, period: ReportPeriod) -> bool:
        return period.days.last < oslo_day(self._now)

    def _tertials(self) -> list[ReportPeriod]:
        return [ReportPeriod(ReportKind.TERTIAL, self._year, number) for number in (1, 2, 3)]

    async def _tertial(self, period: ReportPeriod) -> Tertial:
        async with self._reader.reading() as reading:
            of = await reading.total(period.days)
        return Tertial(period.number, period.days.first, period.days.last, of.received.appeal)

    def _due(self) -> Iterator[tuple[date, ReportPeriod]]:
        """Tertials and the year, and the last month alone: twelve of each unit would be many to no use."""
        months = [ReportPeriod(ReportKind.MONTHLY, self._year, number) for number in range(1, 13)]
        over = [
            (on, period)
            for period in (*months, *self._tertials(), ReportPeriod(ReportKind.ANNUAL, self._year))
            if (on := self._issued_on(period)) and on <= oslo_day(self._now)
        ]
        monthly = [one for one in over if one[1].kind == ReportKind.MONTHLY]
        yield from monthly[-1:]
        yield from (one for one in over if one[1].kind != ReportKind.MONTHLY)

    def _issued_on(self, period: ReportPeriod) -> date | None:
        schedule = readers.schedule_of(self._municipality, period.kind)
        if schedule is None:
            return None
        return self._municipality.calendar.add_working_days(period.days.last, schedule.issue)

    async def _issue(self, period: ReportPeriod, on: date, people: People) -> int:
        hours = self._municipality.reminders.office_hours
        self._clock.now = min(self._now, datetime.combine(on, hours.opens, OSLO).astimezone(UTC))
        drafts = await self._built(period)
        async with self._database.transaction() as tx:
            whole = drafts.report(drafts.scopes()[0])
            identity = report_id(whole.municipality, period, whole.scope)
            if drafts.is_empty or await store.versions(tx.session, identity):
                return 0
            people.explain(tx.session, whole, on)
        drafts = await self._built(period)
        reports = [report for scope in drafts.scopes() if (report := drafts.report(scope)).capitals]
        async with self._database.transaction() as tx:
            for report in reports:
                await freezing.issue(tx, self._municipality, report, by=author_of(self._year))
        return len(reports)

    async def _built(self, period: ReportPeriod) -> Builder:
        async with self._reader.reading() as reading:
            builder = Builder(
                reading,
                self._municipality,
                self._catalogue,
                period,
                now=self._clock(),
                dead_letters=_nobody_asks,
            )
            await builder.read(to_issue=True)
        return builder


def _by_day(one: tuple[date, ReportPeriod]) -> date:
    return one[0]


async def _nobody_asks() -> int | None:
    """A simulated year says nothing of the bus."""
    return None

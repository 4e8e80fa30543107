"""Where reports are fetched from: drafts made now, and the versions that were issued."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from services.metrics.manual.store import Scope
from services.metrics.reading import Reader
from services.metrics.reports import freezing, store
from services.metrics.reports.building import Builder
from services.metrics.reports.control import DeadLetters
from services.metrics.reports.model import Report
from services.metrics.reports.periods import ReportKind, ReportPeriod
from services.metrics.reports.store import ReportVersion, report_id
from shared.catalogue import Catalogue
from shared.clock import Clock
from shared.database import Database
from shared.municipality import Municipality


@dataclass(frozen=True)
class Found:
    """A report, and every version of it that was issued, the newest first."""

    report: Report
    versions: Sequence[ReportVersion] = field(default_factory=tuple)

    @property
    def newer(self) -> int | None:
        """The newest version, where this is an older one."""
        newest = self.versions[0].version if self.versions else 0
        return newest if 0 < self.report.version < newest else None


class Shelf:
    """The reports of a municipality."""

    def __init__(
        self,
        database: Database,
        reader: Reader,
        municipality: Municipality,
        catalogue: Catalogue,
        clock: Clock,
        *,
        dead_letters: DeadLetters,
    ) -> None:
        self.database = database
        self.municipality = municipality
        self.reader = reader
        self._catalogue = catalogue
        self._clock = clock
        self._dead_letters = dead_letters

    async def find(self, period: ReportPeriod, scope: Scope, version: int | None = None) -> Found | None:
        """An issued version, by default the newest; where none is issued, or for version 0, a draft.

        None where there is no such version.
        """
        async with self.reader.reading() as reading:
            identity = report_id(self.municipality.id, period, scope)
            versions = await store.versions(reading.session, identity)
            if version is None:
                version = versions[0].version if versions else 0
            if version == 0:
                builder = Builder(
                    reading,
                    self.municipality,
                    self._catalogue,
                    period,
                    now=self._clock(),
                    dead_letters=self._dead_letters,
                )
                await builder.read()
                return Found(builder.report(scope), versions)
        row = next((one for one in versions if one.version == version), None)
        return Found(freezing.read(row), versions) if row else None

    async def issued(
        self, kinds: Sequence[ReportKind], most: int, of: Collection[Scope]
    ) -> Sequence[ReportVersion]:
        """The newest version of each report of these places, the newest period first."""
        async with self.reader.reading() as reading:
            return await store.issued(reading.session, kinds, most, of=of)

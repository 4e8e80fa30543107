"""Where reports are fetched from: drafts made now, and the versions that were issued."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from services.metrics.manual.store import WHOLE, Scope
from services.metrics.reading import Reader
from services.metrics.reports import freezing, store
from services.metrics.reports.building import Builder
from services.metrics.reports.committees import public_of_committee
from services.metrics.reports.control import DeadLetters
from services.metrics.reports.model import Report
from services.metrics.reports.periods import ReportKind, ReportPeriod
from services.metrics.reports.public import public
from services.metrics.reports.readers import has_public
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

    async def find(
        self, period: ReportPeriod, scope: Scope, version: int | None = None, *, to_issue: bool = False
    ) -> Found | None:
        """An issued version, by default the newest; where none is issued, or for version 0, a draft.

        None where there is no such version. A draft that is to be issued has what its public edition needs.
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
                await builder.read(to_issue=to_issue)
                return Found(builder.report(scope), versions)
        row = next((one for one in versions if one.version == version), None)
        return Found(freezing.read(row), versions) if row else None

    async def public(self, period: ReportPeriod, scope: Scope, version: int | None = None) -> Found | None:
        """An issued version as it may be told to everybody, by default the newest.

        Of the municipality's tertials and years; and of a committee's tertial once the municipality's is issued,
        whose public edition it is taken from.
        """
        if version == 0 or not has_public(period, scope):
            return None
        found = await self._frozen(period, scope, version)
        if found is None or scope == WHOLE:
            return found and replace(found, report=public(found.report))
        told = await self._told(period, found)
        return replace(found, report=public_of_committee(found.report, told)) if period in told else None

    async def is_public(self, period: ReportPeriod, scope: Scope) -> bool:
        """Whether an issued report of this place has its public edition now."""
        return has_public(period, scope) and bool(await self._versions(period, WHOLE))

    async def _frozen(self, period: ReportPeriod, scope: Scope, version: int | None) -> Found | None:
        versions = await self._versions(period, scope)
        row = next((one for one in versions if version in {None, one.version}), None)
        return Found(freezing.read(row), versions) if row else None

    async def _versions(self, period: ReportPeriod, scope: Scope) -> Sequence[ReportVersion]:
        async with self.reader.reading() as reading:
            return await store.versions(reading.session, report_id(self.municipality.id, period, scope))

    async def _told(self, period: ReportPeriod, found: Found) -> Mapping[ReportPeriod, Report]:
        """The municipality's public reports of a committee's development.

        Of its own tertial the version that stood when the committee's was issued, so that both tell the same.
        """
        told = {}
        for one in period.development():
            versions = await self._versions(one, WHOLE)
            at = found.report.issued_at
            stood = [row for row in versions if one != period or at is None or row.issued_at <= at]
            if row := (stood[:1] or versions[-1:]):
                told[one] = public(freezing.read(row[0]))
        return told

    async def issued(
        self, kinds: Sequence[ReportKind], most: int, of: Collection[Scope]
    ) -> Sequence[ReportVersion]:
        """The newest version of each report of these places, the newest period first."""
        async with self.reader.reading() as reading:
            return await store.issued(reading.session, kinds, most, of=of)

"""Reports in addresses: `/innsikt/rapporter/tertial/2026-T2?seksjon=skole&versjon=1`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from litestar import Request

from services.metrics.manual.store import WHOLE, Scope, ScopeKind
from services.metrics.reports.periods import ReportKind, ReportPeriod, ReportPeriodError
from services.metrics.reports.told import Told
from services.metrics.tables import percent
from shared.municipality import Municipality
from shared.web.charts import Chart, bar
from shared.web.errors import NotFoundProblem
from shared.web.i18n import Wording

INSIDE = "/innsikt/rapporter"
OUTSIDE = "/resultater/rapporter"
SECTION, UNIT, COMMITTEE, VERSION = "seksjon", "enhet", "utvalg", "versjon"
_PARAMETERS = {ScopeKind.SECTION: SECTION, ScopeKind.UNIT: UNIT, ScopeKind.COMMITTEE: COMMITTEE}
KINDS: Mapping[str, ReportKind] = {
    "maned": ReportKind.MONTHLY,
    "tertial": ReportKind.TERTIAL,
    "ar": ReportKind.ANNUAL,
}
"""The kinds as they stand in addresses."""
_NAMES = {kind: name for name, kind in KINDS.items()}
AnyRequest = Request[Any, Any, Any]


@dataclass(frozen=True)
class Address:
    """Which report, and which version of it: none is the newest, 0 a draft."""

    period: ReportPeriod
    scope: Scope = WHOLE
    version: int | None = None

    @classmethod
    def read(cls, kind: str, code: str, request: AnyRequest, municipality: Municipality) -> "Address":
        """As it came in. Raises NotFoundProblem."""
        try:
            period = ReportPeriod.parse(KINDS[kind], code)
        except (KeyError, ReportPeriodError):
            raise NotFoundProblem from None
        query = request.query_params
        scope = scope_of(
            municipality, section=query.get(SECTION), unit=query.get(UNIT), committee=query.get(COMMITTEE)
        )
        version = query.get(VERSION)
        if scope is None or (version is not None and not (version.isascii() and version.isdigit())):
            raise NotFoundProblem
        return cls(period, scope, int(version[:6]) if version else None)

    def path(self, base: str = INSIDE, more: str = "", **others: object) -> str:
        """The page, or a page below it."""
        query: dict[str, object] = {}
        if self.scope != WHOLE:
            query[_PARAMETERS[self.scope.kind]] = self.scope.id
        if self.version is not None:
            query[VERSION] = self.version
        query |= others
        path = f"{base}/{_NAMES[self.period.kind]}/{self.period.code}{more}"
        return f"{path}?{urlencode(query)}" if query else path


def scope_of(
    municipality: Municipality, *, section: str | None, unit: str | None, committee: str | None = None
) -> Scope | None:
    """The place meant; None where there is no such place."""
    if committee:
        return Scope.committee(committee) if municipality.balance.reports.committee(committee) else None
    if unit:
        return Scope.unit(unit) if unit in municipality.units else None
    if section:
        return Scope.section(section) if section in municipality.sections else None
    return WHOLE


def chart_of(told: Told, say: Wording) -> Chart | None:
    """The promise over time; None where it was measured in fewer than two periods."""
    points = [
        (row[0], share)
        for row, share in zip(told.trend.rows, told.trend_shares, strict=True)
        if share is not None
    ]
    if len(points) <= 1:
        return None
    return bar(
        f"{told.trend.title}: {told.trend.headings[2]}",
        [name for name, _ in points],
        [share for _, share in points],
        shown=lambda share: percent(say, share),
        column=(told.trend.headings[0], told.trend.headings[2]),
        most=1,
    )

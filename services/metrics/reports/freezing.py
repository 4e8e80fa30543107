"""Issuing a report: a version is stored whole, never changed, and corrected by the next."""

from hashlib import sha256
from uuid import UUID

from sqlalchemy import func, select

from services.metrics.manual.store import Scope, ScopeKind
from services.metrics.reports import readers, store
from services.metrics.reports.model import Report
from services.metrics.reports.store import ReportVersion, report_id
from shared.clock import oslo_day
from shared.database import Transaction
from shared.events import ReportFrozen
from shared.identity import derived_id
from shared.municipality import Municipality

_OF_THE_VERSION = {"made_at", "seen_on", "version", "issued_at", "issued_by", "reason", "withheld"}
_LOCKS = 1 << 63


class NotOverError(Exception):
    """The period has not ended."""


class ReasonMissingError(Exception):
    """A correction without saying why."""


class UnchangedError(Exception):
    """The figures and words are those of the version before."""


async def issue(
    tx: Transaction, municipality: Municipality, draft: Report, *, by: str, reason: str | None = None
) -> ReportVersion:
    """Freezes a draft as the next version, and says so on the bus; of invented figures nobody is told.

    `by` is the name that stands in the report. Raises NotOverError, ReasonMissingError or UnchangedError.
    """
    today = oslo_day(tx.now)
    if draft.days.last >= today:
        raise NotOverError
    identity = report_id(draft.municipality, draft.period, draft.scope)
    await _alone(tx, identity)
    earlier = await store.versions(tx.session, identity)
    if earlier:
        if not reason:
            raise ReasonMissingError
        if _said(read(earlier[0])) == _said(draft):
            raise UnchangedError
    version = 1 + (earlier[0].version if earlier else 0)
    frozen = draft.model_copy(
        update={
            "version": version,
            "issued_at": tx.now,
            "issued_by": by,
            "reason": reason if earlier else None,
        }
    )
    document = frozen.model_dump_json()
    row = ReportVersion(
        report_id=identity,
        version=version,
        kind=frozen.kind.value,
        code=frozen.period.code,
        last=frozen.days.last,
        scope_kind=frozen.place_kind.value,
        scope=frozen.place,
        document=document,
        sha256=sha256(document.encode()).hexdigest(),
        issued_by=by,
        issued_at=tx.now,
        reason=frozen.reason,
    )
    tx.session.add(row)
    if frozen.invented:
        return row
    tx.publish(
        ReportFrozen(
            id=derived_id(identity, version, "frozen"),
            at=tx.now,
            case_id=identity,
            municipality=municipality.id,
            report=frozen.kind.value,
            period=frozen.period.code,
            **place_fields(frozen.scope),
            committee=frozen.place if frozen.place_kind == ScopeKind.COMMITTEE else None,
            version=version,
            readers=readers.of(municipality, frozen.kind, frozen.scope, today),
        )
    )
    return row


def read(row: ReportVersion) -> Report:
    """The frozen report."""
    return Report.model_validate_json(row.document)


def place_fields(scope: Scope) -> dict[str, str | None]:
    """A place as events tell it."""
    return {
        "section": scope.id if scope.kind == ScopeKind.SECTION else None,
        "unit": scope.id if scope.kind == ScopeKind.UNIT else None,
    }


def _said(report: Report) -> dict[str, object]:
    return report.model_dump(exclude=_OF_THE_VERSION)


async def _alone(tx: Transaction, identity: UUID) -> None:
    """Two who issue the same report at once take turns: each version has one number."""
    await tx.session.execute(select(func.pg_advisory_xact_lock(identity.int % _LOCKS)))

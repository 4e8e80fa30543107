"""Named queries about cases as they stand."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notify.case import Case
from services.notify.tables import CaseRow


async def lock(session: AsyncSession, case_ids: Collection[UUID]) -> None:
    """Locks the rows of these cases, in an order that all follow; those there are none of yet are made.

    Two processes may hear events of one case at once: the second reads its history after the first commits.
    """
    unknown = [{"case_id": case_id, "municipality": "", "has_email": False} for case_id in sorted(case_ids)]
    await session.execute(insert(CaseRow).on_conflict_do_nothing(), unknown)
    await session.execute(
        select(CaseRow.case_id)
        .where(CaseRow.case_id.in_(case_ids))
        .order_by(CaseRow.case_id)
        .with_for_update()
    )


async def save(session: AsyncSession, cases: Sequence[Case]) -> None:
    """Writes down cases as they stand; their rows exist."""
    columns = [column for column in CaseRow.__table__.columns.keys() if column != "case_id"]  # noqa: SIM118 - no mapping
    statement = (
        update(CaseRow.__table__)  # type: ignore[arg-type]
        .where(CaseRow.case_id == bindparam("of_case"))
        .values({column: bindparam(f"new_{column}") for column in columns})
    )
    await session.execute(
        statement,
        [
            {"of_case": case.case_id, **{f"new_{name}": value for name, value in _columns(case).items()}}
            for case in cases
        ],
    )


def _columns(case: Case) -> Mapping[str, Any]:
    received, assigned = case.received, case.assigned
    pause = case.pauses[-1] if case.pauses else None
    return {
        "municipality": case.municipality,
        "reference": received and received.reference,
        "kind": case.kind and case.kind.value,
        "topic": case.topic,
        "area": case.area,
        "has_email": bool(received and received.has_email),
        "has_phone": bool(received and received.has_phone),
        "received_at": received and received.at,
        "unit": assigned and assigned.unit,
        "section": assigned and assigned.section,
        "person": assigned and assigned.person,
        "answered_at": case.answered_at,
        "closed_at": case.closed_at,
        "expected_on": case.expected_on,
        "waits_from": pause and pause.start,
        "waits_until": pause and pause.end,
    }

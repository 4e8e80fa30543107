"""Named queries about the ledger of waits."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notify.waits import Planned, Wait, WaitOutcome


async def plan(session: AsyncSession, planned: Sequence[Planned], now: datetime) -> None:
    """Writes waits into the ledger as they stand; those of these cases that no pause has any more are over."""
    if not planned:
        return
    await session.execute(
        _PLAN,
        {
            "case_ids": [wait.case_id for wait in planned],
            "causes": [wait.paused_by for wait in planned],
            "instants": [wait.due_at for wait in planned],
            "outcomes": [wait.outcome.value if wait.outcome else None for wait in planned],
            "now": now,
        },
    )
    await session.execute(
        _ASKED_AGAIN,
        {
            "case_ids": list({wait.case_id for wait in planned}),
            "causes": [wait.paused_by for wait in planned],
            "outcome": WaitOutcome.ASKED_AGAIN.value,
            "now": now,
        },
    )


_PLAN = text(
    """
    INSERT INTO wait (case_id, paused_by, due_at, done_at, outcome)
    SELECT v.case_id, v.paused_by, v.due_at,
        CASE WHEN v.outcome IS NOT NULL THEN CAST(:now AS timestamptz) END, v.outcome
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:causes AS uuid[]), CAST(:instants AS timestamptz[]),
        CAST(:outcomes AS text[])) AS v(case_id, paused_by, due_at, outcome)
    ON CONFLICT (case_id, paused_by) DO UPDATE
    SET due_at = excluded.due_at, done_at = excluded.done_at, outcome = excluded.outcome
    WHERE wait.outcome IS NULL OR wait.outcome = 'asked_again'
    """
)
_ASKED_AGAIN = text(
    """
    UPDATE wait SET done_at = :now, outcome = :outcome
    WHERE case_id = ANY(CAST(:case_ids AS uuid[])) AND NOT paused_by = ANY(CAST(:causes AS uuid[]))
        AND done_at IS NULL
    """
)


async def claim_due(session: AsyncSession, until: datetime, most: int) -> list[UUID]:
    """Locks the cases of the waits longest over, but for those that another process is deciding about."""
    claimed = await session.scalars(_CLAIM_DUE, {"until": until, "most": most})
    return list(dict.fromkeys(claimed.all()))


_CLAIM_DUE = text(
    """
    SELECT case_file.case_id FROM wait JOIN case_file USING (case_id)
    WHERE wait.done_at IS NULL AND wait.due_at <= :until
    ORDER BY wait.due_at LIMIT :most
    FOR UPDATE OF case_file SKIP LOCKED
    """
)


async def due(session: AsyncSession, case_ids: Collection[UUID], until: datetime) -> list[Wait]:
    """The waits of locked cases that are over, read after the lock."""
    rows = await session.execute(_DUE, {"case_ids": list(case_ids), "until": until})
    return [
        Wait(
            case_id=row.case_id,
            municipality=row.municipality,
            paused_by=row.paused_by,
            has_email=row.has_email,
            has_phone=row.has_phone,
            is_settled=row.answered_at is not None or row.closed_at is not None,
        )
        for row in rows
    ]


_DUE = text(
    """
    SELECT wait.case_id, wait.paused_by, case_file.municipality, case_file.has_email, case_file.has_phone,
        case_file.answered_at, case_file.closed_at
    FROM wait JOIN case_file USING (case_id)
    WHERE wait.case_id = ANY(CAST(:case_ids AS uuid[])) AND wait.done_at IS NULL AND wait.due_at <= :until
    ORDER BY wait.due_at, wait.case_id
    """
)


async def finish(session: AsyncSession, outcomes: Sequence[tuple[Wait, WaitOutcome]], now: datetime) -> None:
    """Marks waits as done, with what was done about them."""
    if outcomes:
        await session.execute(
            _FINISH,
            {
                "case_ids": [wait.case_id for wait, _ in outcomes],
                "causes": [wait.paused_by for wait, _ in outcomes],
                "outcomes": [outcome.value for _, outcome in outcomes],
                "now": now,
            },
        )


_FINISH = text(
    """
    UPDATE wait SET done_at = :now, outcome = v.outcome
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:causes AS uuid[]), CAST(:outcomes AS text[]))
        AS v(case_id, paused_by, outcome)
    WHERE wait.case_id = v.case_id AND wait.paused_by = v.paused_by AND wait.done_at IS NULL
    """
)


async def postpone(session: AsyncSession, waits: Sequence[Wait], opens: datetime) -> None:
    """Lets waits that are over wait until the office opens."""
    if waits:
        await session.execute(
            _POSTPONE,
            {
                "case_ids": [wait.case_id for wait in waits],
                "causes": [wait.paused_by for wait in waits],
                "opens": opens,
            },
        )


_POSTPONE = text(
    """
    UPDATE wait SET due_at = :opens, tries = 0, error = NULL
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:causes AS uuid[])) AS v(case_id, paused_by)
    WHERE wait.case_id = v.case_id AND wait.paused_by = v.paused_by AND wait.done_at IS NULL
    """
)

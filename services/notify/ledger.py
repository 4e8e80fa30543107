"""Named queries about the ledger of the ladder: what is planned, due and done."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notify.case import Lapse, PromiseState
from services.notify.ladder import JUDGE, Outcome, PromiseAtHand, Step
from shared.events import LapseReason

Version = tuple[UUID, int]
"""A case, and a version of one of its promises."""


async def plan(
    session: AsyncSession,
    planned: Sequence[tuple[UUID, int, Step]],
    ended: Collection[Version],
    now: datetime,
) -> None:
    """Writes new steps into the ledger; those of what has ended as done, so that any order gives the same."""
    if not planned:
        return
    await session.execute(
        _PLAN,
        {
            "case_ids": [case_id for case_id, _, _ in planned],
            "versions": [version for _, version, _ in planned],
            "steps": [step.step for _, _, step in planned],
            "instants": [step.due_at for _, _, step in planned],
            "settled": [(case, version) in ended and step.step != JUDGE for case, version, step in planned],
            "outcome": Outcome.SETTLED.value,
            "now": now,
        },
    )


_PLAN = text(
    """
    INSERT INTO step (case_id, version, step, due_at, planned_at, done_at, outcome)
    SELECT v.case_id, v.version, v.step, v.due_at, v.due_at,
        CASE WHEN v.settled THEN CAST(:now AS timestamptz) END,
        CASE WHEN v.settled THEN CAST(:outcome AS text) END
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:versions AS smallint[]), CAST(:steps AS text[]),
        CAST(:instants AS timestamptz[]), CAST(:settled AS boolean[]))
        AS v(case_id, version, step, due_at, settled)
    ON CONFLICT DO NOTHING
    """
)


async def settle(session: AsyncSession, ended: Collection[Version], now: datetime) -> None:
    """Ends the ladders of what has been answered, closed or merged. The verdict is still to be given."""
    if ended:
        await session.execute(
            _SETTLE,
            {
                "case_ids": [case_id for case_id, _ in ended],
                "versions": [version for _, version in ended],
                "outcome": Outcome.SETTLED.value,
                "now": now,
            },
        )


_SETTLE = text(
    """
    UPDATE step SET done_at = :now, outcome = :outcome
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:versions AS smallint[])) AS v(case_id, version)
    WHERE step.case_id = v.case_id AND step.version = v.version AND step.step <> 'judge'
        AND step.done_at IS NULL
    """
)


async def retire(session: AsyncSession, case_ids: Collection[UUID], now: datetime) -> None:
    """Ends the ladders of versions that have been moved: what is not done belongs to the next version's."""
    if case_ids:
        await session.execute(
            _RETIRE, {"case_ids": list(case_ids), "outcome": Outcome.MOVED.value, "now": now}
        )


_RETIRE = text(
    """
    UPDATE step SET done_at = :now, outcome = :outcome FROM promise
    WHERE step.case_id = ANY(CAST(:case_ids AS uuid[])) AND step.done_at IS NULL
        AND promise.case_id = step.case_id AND promise.version = step.version AND promise.state = 'moved'
    """
)


async def taken(session: AsyncSession, case_ids: Collection[UUID]) -> set[tuple[UUID, int, str, datetime]]:
    """The rungs climbed under any version: case, the promise's number, the step, and when it was planned for.

    A promise that comes back to a day it had before does not remind of it a second time.
    """
    rows = await session.execute(
        _TAKEN, {"case_ids": list(case_ids), "not_taken": [Outcome.MOVED.value, Outcome.SETTLED.value]}
    )
    return {(row.case_id, row.number, row.step, row.planned_at) for row in rows}


_TAKEN = text(
    """
    SELECT step.case_id, promise.number, step.step, step.planned_at FROM step
    JOIN promise USING (case_id, version)
    WHERE step.case_id = ANY(CAST(:case_ids AS uuid[])) AND step.step <> 'judge'
        AND step.done_at IS NOT NULL AND NOT step.outcome = ANY(CAST(:not_taken AS text[]))
    """
)


async def hasten_verdicts(session: AsyncSession, decided: Mapping[Version, datetime]) -> None:
    """Makes the verdicts of what is decided due: not at midnight, but from the answer or the merging on."""
    if decided:
        await session.execute(
            _HASTEN_VERDICTS,
            {
                "case_ids": [case_id for case_id, _ in decided],
                "versions": [version for _, version in decided],
                "instants": list(decided.values()),
            },
        )


_HASTEN_VERDICTS = text(
    """
    UPDATE step SET due_at = v.decided_at
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:versions AS smallint[]), CAST(:instants AS timestamptz[]))
        AS v(case_id, version, decided_at)
    WHERE step.case_id = v.case_id AND step.version = v.version AND step.step = 'judge'
        AND step.done_at IS NULL AND step.due_at > v.decided_at
    """
)


class Share(StrEnum):
    """What a scheduler takes on at a time: verdicts, strictly in the order of their days, or all the rest."""

    VERDICTS = "step.step = 'judge'"
    RUNGS = "step.step <> 'judge'"


@dataclass(frozen=True, slots=True)
class Earliest:
    """When the next of each falls due; None where none is planned."""

    verdict: datetime | None
    rung: datetime | None
    wait: datetime | None


async def earliest_due(session: AsyncSession) -> Earliest:
    """When something next falls due: one look at each index, however much is planned."""
    row = (await session.execute(_EARLIEST_DUE)).one()
    return Earliest(row.verdict, row.rung, row.wait)


_EARLIEST_DUE = text(
    """
    SELECT
        (SELECT due_at FROM step WHERE done_at IS NULL AND step = 'judge' ORDER BY due_at LIMIT 1) AS verdict,
        (SELECT due_at FROM step WHERE done_at IS NULL AND step <> 'judge' ORDER BY due_at LIMIT 1) AS rung,
        (SELECT due_at FROM wait WHERE done_at IS NULL ORDER BY due_at LIMIT 1) AS wait
    """
)


def _for_each_share(query: str) -> Mapping[Share, TextClause]:
    """The query once for each share: its index is used only where the query says the same as the index."""
    return {share: text(query.replace("{share}", share)) for share in Share}


async def claim_due(session: AsyncSession, until: datetime, most: int, *, share: Share) -> list[UUID]:
    """Locks the cases of the steps longest due, but for those that another process is deciding about."""
    claimed = await session.scalars(_CLAIM_DUE[share], {"until": until, "most": most})
    return list(dict.fromkeys(claimed.all()))


_CLAIM_DUE = _for_each_share(
    """
    SELECT case_file.case_id FROM step JOIN case_file USING (case_id)
    WHERE step.done_at IS NULL AND {share} AND step.due_at <= :until
    ORDER BY step.due_at LIMIT :most
    FOR UPDATE OF case_file SKIP LOCKED
    """
)


async def due_steps(
    session: AsyncSession, share: Share, case_ids: Sequence[UUID], until: datetime
) -> dict[PromiseAtHand, list[Step]]:
    """The promises of locked cases with their due steps, read after the lock: the claim may be stale."""
    rows = await session.execute(_DUE_STEPS[share], {"case_ids": case_ids, "until": until})
    found: dict[tuple[UUID, int], tuple[PromiseAtHand, list[Step]]] = {}
    for row in rows:
        at_hand_and_steps = found.get((row.case_id, row.version))
        if at_hand_and_steps is None:
            at_hand = PromiseAtHand(
                case_id=row.case_id,
                municipality=row.municipality,
                version=row.version,
                number=row.number,
                is_moved=row.is_moved,
                due_on=row.due_on,
                due_without_pauses_on=row.due_without_pauses_on,
                state=PromiseState(row.state),
                answered_at=row.answered_at,
                lapse=Lapse(LapseReason(row.lapse), row.lapsed_at) if row.lapse else None,
                is_ended=row.is_ended,
                unit=row.unit,
                person=row.person,
                has_email=row.has_email,
                has_phone=row.has_phone,
                expected_on=row.expected_on,
                waits_from=row.waits_from,
                waits_until=row.waits_until,
            )
            at_hand_and_steps = found[row.case_id, row.version] = at_hand, []
        at_hand_and_steps[1].append(Step(row.step, row.due_at))
    return dict(found.values())


_DUE_STEPS = _for_each_share(
    """
    SELECT step.case_id, step.version, step.step, step.due_at, promise.number,
        promise.reason IS NOT NULL AS is_moved, promise.due_on, promise.due_without_pauses_on, promise.state,
        promise.answered_at, promise.lapse, promise.lapsed_at, promise.is_ended,
        case_file.municipality, case_file.unit, case_file.person, case_file.has_email, case_file.has_phone,
        case_file.expected_on, case_file.waits_from, case_file.waits_until
    FROM step JOIN promise USING (case_id, version) JOIN case_file USING (case_id)
    WHERE step.case_id = ANY(CAST(:case_ids AS uuid[])) AND step.done_at IS NULL AND {share}
        AND step.due_at <= :until
    ORDER BY step.due_at, step.planned_at, step.case_id, step.step
    """
)


async def finish_steps(
    session: AsyncSession, outcomes: Sequence[tuple[UUID, int, str, Outcome]], now: datetime
) -> None:
    """Marks steps as done, with what was done about them."""
    if not outcomes:
        return
    await session.execute(
        _FINISH_STEPS,
        {
            "case_ids": [case_id for case_id, _, _, _ in outcomes],
            "versions": [version for _, version, _, _ in outcomes],
            "steps": [step for _, _, step, _ in outcomes],
            "outcomes": [outcome.value for _, _, _, outcome in outcomes],
            "now": now,
        },
    )


_FINISH_STEPS = text(
    """
    UPDATE step SET done_at = :now, outcome = v.outcome
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:versions AS smallint[]), CAST(:steps AS text[]),
        CAST(:outcomes AS text[])) AS v(case_id, version, step, outcome)
    WHERE step.case_id = v.case_id AND step.version = v.version AND step.step = v.step
        AND step.done_at IS NULL
    """
)


async def postpone_steps(session: AsyncSession, until: Sequence[tuple[UUID, int, str, datetime]]) -> None:
    """Lets due steps wait until the office opens; the decision to wait succeeded, so none is set aside."""
    if not until:
        return
    await session.execute(
        _POSTPONE_STEPS,
        {
            "case_ids": [case_id for case_id, _, _, _ in until],
            "versions": [version for _, version, _, _ in until],
            "steps": [step for _, _, step, _ in until],
            "instants": [instant for _, _, _, instant in until],
        },
    )


_POSTPONE_STEPS = text(
    """
    UPDATE step SET due_at = v.due_at, tries = 0, error = NULL
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:versions AS smallint[]), CAST(:steps AS text[]),
        CAST(:instants AS timestamptz[])) AS v(case_id, version, step, due_at)
    WHERE step.case_id = v.case_id AND step.version = v.version AND step.step = v.step
        AND step.done_at IS NULL
    """
)

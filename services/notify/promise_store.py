"""Named queries about promises: their versions, and the verdicts on them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from services.notify.case import Lapse, PromiseState, Verdict
from services.notify.promises import Recorded
from services.notify.tables import PromiseRow
from services.notify.terms import Terms
from shared.events import LapseReason, MoveReason


async def recorded(session: AsyncSession, case_ids: Collection[UUID]) -> dict[UUID, list[Recorded]]:
    """Every version of these cases' promises."""
    found: dict[UUID, list[Recorded]] = {case_id: [] for case_id in case_ids}
    table = PromiseRow.__table__
    rows = await session.execute(select(table).where(table.c.case_id.in_(case_ids)))
    for row in rows:
        found[row.case_id].append(_recorded(row))
    return found


def _recorded(row: Any) -> Recorded:
    return Recorded(
        case_id=row.case_id,
        version=row.version,
        number=row.number,
        state=PromiseState(row.state),
        terms=Terms(
            promise_id=row.promise_id,
            rule=row.rule,
            rule_version=row.rule_version,
            counted_from=row.started_at,
            due_on=row.due_on,
            due_without_pauses_on=row.due_without_pauses_on,
            reason=MoveReason(row.reason) if row.reason else None,
            cause=row.cause,
            root=row.root,
            is_day_given=row.is_day_given,
            basis=row.basis,
        ),
        answered_at=row.answered_at,
        lapse=Lapse(LapseReason(row.lapse), row.lapsed_at) if row.lapse else None,
        is_ended=row.is_ended,
    )


def _columns(known: Recorded) -> dict[str, Any]:
    terms, lapse = known.terms, known.lapse
    return {
        "number": known.number,
        "promise_id": terms.promise_id,
        "rule": terms.rule,
        "rule_version": terms.rule_version,
        "started_at": terms.counted_from,
        "due_on": terms.due_on,
        "due_without_pauses_on": terms.due_without_pauses_on,
        "reason": terms.reason.value if terms.reason else None,
        "cause": terms.cause,
        "root": terms.root,
        "is_day_given": terms.is_day_given,
        "basis": terms.basis,
        "answered_at": known.answered_at,
        "lapsed_at": lapse.at if lapse else None,
        "lapse": lapse.reason.value if lapse else None,
        "is_ended": known.is_ended,
    }


async def add(session: AsyncSession, versions: Sequence[Recorded]) -> None:
    """Writes down new versions; earlier ones of the same promises are moved by them."""
    if not versions:
        return
    await session.execute(
        insert(PromiseRow),
        [
            {"case_id": new.case_id, "version": new.version, "state": new.state.value, **_columns(new)}
            for new in versions
        ],
    )
    later = [new for new in versions if new.version > 1]
    if later:
        await session.execute(
            _MOVE,
            {
                "case_ids": [new.case_id for new in later],
                "numbers": [new.number for new in later],
                "versions": [new.version for new in later],
            },
        )


_MOVE = text(
    """
    UPDATE promise SET state = 'moved'
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:numbers AS smallint[]), CAST(:versions AS smallint[]))
        AS v(case_id, number, version)
    WHERE promise.case_id = v.case_id AND promise.number = v.number AND promise.version < v.version
        AND promise.state = 'open'
    """
)


async def save(session: AsyncSession, versions: Sequence[Recorded]) -> None:
    """Writes down what has changed about versions that stand: what they rest on, and what ends them."""
    if not versions:
        return
    columns = [_columns(known) for known in versions]
    await session.execute(
        _SAVE,
        {
            "case_ids": [known.case_id for known in versions],
            "versions": [known.version for known in versions],
            **{name: [values[name] for values in columns] for name in _CHANGING},
        },
    )
    judged = [known for known in versions if known.state is not PromiseState.OPEN]
    if judged:
        await session.execute(
            _SAVE_ENDS,
            {
                "case_ids": [known.case_id for known in judged],
                "versions": [known.version for known in judged],
                "is_ended": [known.is_ended for known in judged],
            },
        )


_CHANGING = (
    "answered_at", "lapsed_at", "lapse", "is_ended", "started_at", "cause", "root", "is_day_given", "basis",
)  # fmt: skip
_SAVE = text(
    """
    UPDATE promise SET answered_at = v.answered_at, lapsed_at = v.lapsed_at, lapse = v.lapse,
        is_ended = v.is_ended, started_at = v.started_at, cause = v.cause, root = v.root,
        is_day_given = v.is_day_given, basis = v.basis
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:versions AS smallint[]),
        CAST(:answered_at AS timestamptz[]), CAST(:lapsed_at AS timestamptz[]), CAST(:lapse AS text[]),
        CAST(:is_ended AS boolean[]), CAST(:started_at AS timestamptz[]), CAST(:cause AS uuid[]),
        CAST(:root AS uuid[]), CAST(:is_day_given AS boolean[]), CAST(:basis AS text[]))
        AS v(case_id, version, answered_at, lapsed_at, lapse, is_ended, started_at, cause, root,
            is_day_given, basis)
    WHERE promise.case_id = v.case_id AND promise.version = v.version AND promise.state = 'open'
    """
)
_SAVE_ENDS = text(
    """
    UPDATE promise SET is_ended = v.is_ended
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:versions AS smallint[]), CAST(:is_ended AS boolean[]))
        AS v(case_id, version, is_ended)
    WHERE promise.case_id = v.case_id AND promise.version = v.version AND promise.state <> 'open'
    """
)


async def record_verdicts(
    session: AsyncSession, verdicts: Mapping[tuple[UUID, int], Verdict], now: datetime
) -> None:
    """Records verdicts on open versions of promises. One that has been given stands."""
    if not verdicts:
        return
    await session.execute(
        _RECORD_VERDICTS,
        {
            "case_ids": [case_id for case_id, _ in verdicts],
            "versions": [version for _, version in verdicts],
            "states": [verdict.state.value for verdict in verdicts.values()],
            "days": [verdict.judged_on for verdict in verdicts.values()],
            "now": now,
        },
    )


_RECORD_VERDICTS = text(
    """
    UPDATE promise SET state = v.state, judged_on = v.judged_on, judged_at = :now
    FROM unnest(CAST(:case_ids AS uuid[]), CAST(:versions AS smallint[]), CAST(:states AS text[]),
        CAST(:days AS date[])) AS v(case_id, version, state, judged_on)
    WHERE promise.case_id = v.case_id AND promise.version = v.version AND promise.state = 'open'
    """
)


async def open_cases(session: AsyncSession, after: UUID, most: int) -> list[UUID]:
    """Cases with an open promise that nothing has put an end to, in the order of their ids."""
    found = await session.scalars(
        select(PromiseRow.case_id)
        .where(
            PromiseRow.state == PromiseState.OPEN.value,
            ~PromiseRow.is_ended,
            PromiseRow.case_id > after,
        )
        .distinct()
        .order_by(PromiseRow.case_id)
        .limit(most)
    )
    return list(found)

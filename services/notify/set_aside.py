"""Named queries about what could not be decided: set aside, so that it holds up nothing else, and tried again.

It stays in its ledger with its tries and the error, is due again after a growing delay, and is no longer set
aside once a decision has succeeded or is not needed any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.notify.ledger import Share
from services.notify.tables import SET_ASIDE
from shared.logs import in_words

DELAYS: Sequence[float] = (60, 300, 1800, 7200, 21600)
"""Seconds before each new try; the last of them before every later one."""
WAITS = "wait"
"""What a wait is called where steps of the ladder have names."""
_LONGEST_ERROR = 1000


@dataclass(frozen=True, slots=True)
class SetAside:
    """A step or a wait that could not be decided about."""

    case_id: UUID
    reference: str | None
    step: str
    version: int | None
    """None for a wait, which is of no promise."""
    tries: int
    due_at: datetime
    """When it is tried again."""
    error: str


async def steps(
    session: AsyncSession, case_id: UUID, until: datetime, now: datetime, error: Exception, *, share: Share
) -> int:
    """Sets aside the due steps of a locked case; returns how many. None where somebody has just done so."""
    done = await session.scalars(_SET_ASIDE_STEPS[share], _told(case_id, until, now, error))
    return len(done.all())


async def waits(
    session: AsyncSession, case_id: UUID, until: datetime, now: datetime, error: Exception
) -> int:
    """Sets aside the waits of a locked case that are over; returns how many."""
    done = await session.scalars(_SET_ASIDE_WAITS, _told(case_id, until, now, error))
    return len(done.all())


def _told(case_id: UUID, until: datetime, now: datetime, error: Exception) -> dict[str, object]:
    told = {"error": in_words(error)[:_LONGEST_ERROR], "delays": list(DELAYS), "last": len(DELAYS)}
    return {"case_id": case_id, "until": until, "now": now, **told}


_UPDATE = """
    UPDATE {table} SET tries = tries + 1, error = :error,
        due_at = CAST(:now AS timestamptz)
            + make_interval(secs => (CAST(:delays AS float8[]))[LEAST(tries + 1, CAST(:last AS integer))])
    WHERE case_id = :case_id AND done_at IS NULL AND due_at <= :until AND {which}
    RETURNING case_id
"""
_SET_ASIDE_STEPS = {share: text(_UPDATE.format(table="step", which=share)) for share in Share}
_SET_ASIDE_WAITS = text(_UPDATE.format(table="wait", which="true"))


async def count(session: AsyncSession) -> int:
    """How many steps and waits are set aside now: a look at two small indexes."""
    return await session.scalar(_COUNT) or 0


_COUNT = text(
    f"""
    SELECT (SELECT count(*) FROM step WHERE {SET_ASIDE}) + (SELECT count(*) FROM wait WHERE {SET_ASIDE})
    """  # noqa: S608 - the condition is our own
)


async def listed(session: AsyncSession) -> list[SetAside]:
    """Everything that is set aside, what is tried again first before the rest."""
    rows = await session.execute(_LISTED)
    return [SetAside(**row) for row in rows.mappings()]


_LISTED = text(
    f"""
    SELECT case_id, reference, step, version, tries, due_at, error
    FROM step JOIN case_file USING (case_id) WHERE {SET_ASIDE}
    UNION ALL
    SELECT case_id, reference, '{WAITS}', CAST(NULL AS smallint), tries, due_at, error
    FROM wait JOIN case_file USING (case_id) WHERE {SET_ASIDE}
    ORDER BY due_at, case_id, step
    """  # noqa: S608 - the condition is our own
)


async def retry(session: AsyncSession, now: datetime, case_id: UUID | None = None) -> int:
    """Makes everything that is set aside, or what is of one case, due at once; returns how much it was."""
    count = 0
    for query in _RETRY:
        done = await session.scalars(query, {"now": now, "of_case": case_id})
        count += len(done.all())
    return count


_RETRY = [
    text(
        f"""
        UPDATE {table} SET due_at = LEAST(due_at, CAST(:now AS timestamptz))
        WHERE {SET_ASIDE} AND case_id = COALESCE(CAST(:of_case AS uuid), case_id)
        RETURNING case_id
        """  # noqa: S608 - the condition is our own
    )
    for table in ("step", "wait")
]

"""Takes a simulated year away again: its facts, what it added to the cells, that it was ever heard of, its reports."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.counting import WRITER, make_cells, make_rungs
from services.metrics.invented import AUTHOR

_INVENTED = "SELECT case_id FROM case_fact WHERE invented"
_WRITTEN = {
    "manual_value": "entered_by",
    "improvement_version": "saved_by",
    "survey": "made_by",
    "compass_assessment": "begun_by",
}
"""The tables of what people write, each with the column of who did."""


async def remove_invented(session: AsyncSession) -> int:
    """Removes every invented case, in the caller's transaction; returns how many there were.

    Its events must be gone from the stream before, or be heard no more.
    """
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITER})
    for table in ("promise_fact", "inbox"):
        await session.execute(text(f"DELETE FROM {table} WHERE case_id IN ({_INVENTED})"))  # noqa: S608 - our own names
    gone = await session.execute(text("DELETE FROM case_fact WHERE invented RETURNING case_id"))
    count = len(gone.all())
    if count:
        for table in ("cell", "cell_key", "rung"):
            await session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own names
        await make_cells(session)
        await make_rungs(session)
    by = f"{AUTHOR} %"
    await remove_written(session, by)
    await session.execute(text("DELETE FROM report_explanation WHERE written_by LIKE :by"), {"by": by})
    # What a person has issued of invented figures stays, and says that they are.
    await session.execute(text("DELETE FROM report_version WHERE issued_by LIKE :by"), {"by": by})
    return count


async def remove_written(session: AsyncSession, by: str) -> None:
    """Removes values, improvements, surveys and assessments by authors like this.

    Explanations stay: they are in issued reports.
    """
    for table, author in _WRITTEN.items():
        await session.execute(text(f"DELETE FROM {table} WHERE {author} LIKE :by"), {"by": by})  # noqa: S608 - our own names

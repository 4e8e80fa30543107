"""Takes a simulated year away again: its facts, what it added to the cells, and that it was ever heard of."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.counting import WRITER, make_cells, make_rungs

_INVENTED = "SELECT case_id FROM case_fact WHERE invented"


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
    return count

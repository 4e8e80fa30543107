"""Counts events: merges what they say into the facts, and brings the cells along, in one statement."""

from collections.abc import Collection, Mapping
from typing import Any, Final

import pydantic_core
from sqlalchemy import Table, TextClause, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.cells import COLUMNS, DIMENSIONS, adding, contributions, sums
from services.metrics.facts import Facts
from services.metrics.ladder import climbing, measured
from services.metrics.periods import Period
from services.metrics.shapes import CASE, PROMISE, Shape
from services.metrics.store import case_fact, promise_fact

WRITER: Final = 0x7376617266
"""The advisory lock of whoever changes the cells: they are many rows that everybody changes."""
_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def _merging(table: Table, shape: Shape, parameter: str) -> str:
    """The statement that merges a batch of facts into a table, put together from its shape."""
    types = {column.name: column.type.compile(dialect=_DIALECT) for column in table.columns}
    key = [column.name for column in table.primary_key]
    said = [*key, *shape.columns]
    changes = [f"{column} = LEAST(fact.{column}, excluded.{column})" for column in shape.earliest]
    changes += [f"{column} = fact.{column} + excluded.{column}" for column in shape.counted]
    changes += [f"{column} = {_united(column)}" for column in shape.united]
    for group in shape.decided:
        better, chosen = ("<", "LEAST") if group.by_first else (">", "GREATEST")
        wins = f"fact.{group.rank} IS NULL OR excluded.{group.rank} {better} fact.{group.rank}"
        changes += [
            f"{column} = CASE WHEN {wins} THEN excluded.{column} ELSE fact.{column} END"
            for column in group.columns
        ]
        changes.append(f"{group.rank} = {chosen}(fact.{group.rank}, excluded.{group.rank})")
    if shape.replaced_by:
        changes = [_replacing(shape.replaced_by, *change.split(" = ", 1)) for change in changes]
    values = [f"COALESCE({column}, 0)" if column in shape.counted else column for column in said]
    # In the order of the ids, so that two processes never wait for each other's rows crosswise.
    return f"""
        INSERT INTO {table.name} AS fact ({", ".join(said)})
        SELECT {", ".join(values)}
        FROM json_to_recordset(CAST(:{parameter} AS json))
            AS said ({", ".join(f"{column} {types[column]}" for column in said)})
        ORDER BY {", ".join(key)}
        ON CONFLICT ({", ".join(key)}) DO UPDATE SET {", ".join(changes)}
        RETURNING fact.*
    """  # noqa: S608 - of column names alone


def _replacing(rank: str, column: str, merged: str) -> str:
    return (
        f"{column} = CASE WHEN excluded.{rank} > fact.{rank} THEN excluded.{column} "
        f"WHEN excluded.{rank} < fact.{rank} THEN fact.{column} ELSE {merged} END"
    )


def _united(column: str) -> str:
    return (
        f"CASE WHEN excluded.{column} IS NULL THEN fact.{column} "
        f"WHEN fact.{column} IS NULL THEN excluded.{column} "
        f"ELSE ARRAY(SELECT DISTINCT unnest(fact.{column} || excluded.{column}) ORDER BY 1) END"
    )


_NAMES = ", ".join(DIMENSIONS)
_CASES = _merging(case_fact, CASE, "cases")
_PROMISES = _merging(promise_fact, PROMISE, "promises")

_MOVED = """
    SELECT 1 AS sign, * FROM (TABLE measured EXCEPT ALL TABLE known_measured) AS new
    UNION ALL
    SELECT -1, * FROM (TABLE known_measured EXCEPT ALL TABLE measured) AS old
"""

# All parts of one statement see the tables as they were before it: what the cases counted for until now is
# reckoned from these, what they count for from now on from the rows the merge gives back.
_COUNTING = text(f"""
    WITH changed_case AS ({_CASES}),
    changed_promise AS ({_PROMISES}),
    known_case AS MATERIALIZED (SELECT * FROM case_fact WHERE case_id = ANY(CAST(:ids AS uuid[]))),
    known_promise AS MATERIALIZED (SELECT * FROM promise_fact WHERE case_id = ANY(CAST(:ids AS uuid[]))),
    promise AS (
        SELECT * FROM changed_promise
        UNION ALL
        SELECT * FROM known_promise AS p WHERE NOT EXISTS (
            SELECT FROM changed_promise AS q WHERE (q.case_id, q.number) = (p.case_id, p.number)
        )
    ),
    net AS (
        SELECT day, {_NAMES}, {sums()} FROM (
            SELECT day, {_NAMES}, {", ".join(COLUMNS)}
            FROM ({contributions("true", cases="changed_case", promises="promise")}) AS now
            UNION ALL
            SELECT day, {_NAMES}, {", ".join(f"-{column}" for column in COLUMNS)}
            FROM ({contributions("true", cases="known_case", promises="known_promise")}) AS before
        ) AS both_ways
        GROUP BY day, {_NAMES}
        HAVING ({", ".join(f"sum({column})" for column in COLUMNS)}) <> ({", ".join("0" for _ in COLUMNS)})
    ),
    {adding("SELECT * FROM net")},
    measured AS MATERIALIZED ({measured("true", cases="changed_case")}),
    known_measured AS MATERIALIZED ({measured("true", cases="known_case")}),
    {climbing(_MOVED)}
    SELECT 1
""")  # noqa: S608 - of column names alone
_MERGING = text(f"WITH changed_case AS ({_CASES}), changed_promise AS ({_PROMISES}) SELECT 1")
_ITS_DAYS = "{day} BETWEEN :first AND :last"
_A_MONTHS_CELLS = text(f"WITH {adding(contributions(_ITS_DAYS))} SELECT 1")
_ITS_LENGTHS = f"SELECT 1 AS sign, * FROM ({measured(_ITS_DAYS)}) AS of_its_days"  # noqa: S608 - our own names
_A_MONTHS_RUNGS = text(f"WITH {climbing(_ITS_LENGTHS)} SELECT 1")
_SPAN = text("""
    SELECT LEAST(min(received_on), min(opened_on), min(answered_on), (SELECT min(due_on) FROM promise_fact)),
        GREATEST(max(received_on), max(opened_on), max(answered_on), max(interim_due_on),
            (SELECT max(due_on) FROM promise_fact))
    FROM case_fact
""")


_ANY_CELL = text("SELECT EXISTS (SELECT FROM cell)")
"""None: nothing has been counted yet, or the facts are from before there were cells."""


def _parameters(facts: Facts) -> dict[str, str]:
    cases: Collection[Mapping[str, Any]] = [
        {"case_id": case_id, **fact} for case_id, fact in facts.cases.items()
    ]
    promises: Collection[Mapping[str, Any]] = [
        {"case_id": case_id, "number": number, **fact} for (case_id, number), fact in facts.promises.items()
    ]
    return {
        "cases": pydantic_core.to_json(cases).decode(),
        "promises": pydantic_core.to_json(promises).decode(),
    }


async def count(session: AsyncSession, facts: Facts) -> None:
    """Merges what a batch of new events says into the facts, and moves what the cells say by the difference."""
    if not facts.cases:
        return
    await session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITER})
    if not await session.scalar(_ANY_CELL):
        await make_cells(session)
        await make_rungs(session)
    await session.execute(_COUNTING, {**_parameters(facts), "ids": list(facts.cases)})


async def merge(session: AsyncSession, facts: Facts) -> None:
    """Merges without the cells, where all of them are made afterwards."""
    if facts.cases:
        await session.execute(_MERGING, _parameters(facts))


async def make_cells(session: AsyncSession) -> None:
    """Makes the cells of all facts where there are none."""
    await _month_by_month(session, _A_MONTHS_CELLS)


async def make_rungs(session: AsyncSession) -> None:
    """Makes the rungs of all facts where there are none."""
    await _month_by_month(session, _A_MONTHS_RUNGS)


async def _month_by_month(session: AsyncSession, statement: TextClause) -> None:
    """So that each month fits in memory."""
    await session.execute(text("SET LOCAL work_mem = '128MB'"))
    first, last = (await session.execute(_SPAN)).one()
    if first is None:
        return
    for month in Period(first, last).by_month():
        await session.execute(statement, {"first": month.first, "last": month.last})

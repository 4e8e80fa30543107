"""Reads lengths of time: how many stand on each rung of the ladder, which they are, and those of the facts."""

from array import array
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.asking import Asked, Cells, Grouping
from services.metrics.indicators import Key
from services.metrics.ladder import DAYS, Measure
from services.metrics.periods import Period, runs_of

Run = Sequence[int]
"""Lengths in order. Those of rungs are as they are kept there: times `ladder.DAYS`."""
Rungs = tuple[Sequence[int], Sequence[int]]
"""Heights, and how many lengths stand on each."""
_LAST_DAY = DAYS - 1


@dataclass(frozen=True)
class Group:
    """The cases of a key in a period. One that is read has a month, or days of one."""

    grouping: Grouping
    key: Key
    period: Period


_PIECES = """
    unnest(CAST(:parts AS int[]), CAST(:keys AS uuid[]), CAST(:months AS date[]),
        CAST(:begins AS int[]), CAST(:ends AS int[])) AS piece (part, key, month, begins, ends)
"""
_OF_ITS_DAYS = (
    f"(SELECT count(*) FROM unnest({{}}) AS length WHERE length & {_LAST_DAY} BETWEEN begins AND ends)"  # noqa: S608
)
_RUNGS = text(f"""
    SELECT part, span, array_agg(height), array_agg(count) FROM (
        SELECT piece.part, rung.span, rung.height::int AS height, sum(
            CASE WHEN begins = 0 THEN rung.count
            ELSE {_OF_ITS_DAYS.format("rung.lengths")} - {_OF_ITS_DAYS.format("rung.gone")} END
        )::int AS count
        FROM {_PIECES} JOIN rung ON rung.key = piece.key AND rung.first = piece.month
            AND rung.span = ANY(CAST(:spans AS smallint[]))
        GROUP BY piece.part, rung.span, rung.height
    ) AS rungs
    GROUP BY part, span
""")  # noqa: S608 - of our own names alone
_LENGTHS = text(f"""
    SELECT piece.part, rung.span, rung.height, rung.lengths, rung.gone, piece.begins, piece.ends FROM {_PIECES}
    JOIN unnest(CAST(:of_parts AS int[]), CAST(:of_spans AS int[]), CAST(:heights AS int[]))
        AS wanted (part, span, height) ON wanted.part = piece.part
    JOIN rung ON rung.key = piece.key AND rung.span = wanted.span AND rung.first = piece.month
        AND rung.height = wanted.height
""")  # noqa: S608 - of our own names alone


async def rungs_of(
    session: AsyncSession, asked: Asked, wanted: Collection[tuple[Group, int]]
) -> dict[tuple[Group, int], Rungs]:
    """The rungs of each group's span that have lengths."""
    parts = list(dict.fromkeys(group for group, _ in wanted))
    given = await _pieces(session, asked, parts)
    rows = await session.execute(_RUNGS, {**given, "spans": sorted({span for _, span in wanted})})
    return {
        (parts[part], span): (array("i", heights), array("i", counts)) for part, span, heights, counts in rows
    }


async def runs_of_rungs(
    session: AsyncSession, asked: Asked, wanted: Collection[tuple[Group, int, int]]
) -> dict[tuple[Group, int, int], Run]:
    """The lengths on each group's rung of a span, by its height."""
    numbers = {group: number for number, group in enumerate(dict.fromkeys(group for group, _, _ in wanted))}
    parts = list(numbers)
    given = {
        **await _pieces(session, asked, parts),
        "of_parts": [numbers[group] for group, _, _ in wanted],
        "of_spans": [span for _, span, _ in wanted],
        "heights": [height for _, _, height in wanted],
    }
    lengths: dict[tuple[Group, int, int], list[int]] = {}
    for part, span, height, there, gone, begins, ends in await session.execute(_LENGTHS, given):
        lengths.setdefault((parts[part], span, height), []).extend(_left(there, gone, begins, ends))
    return {what: array("q", sorted(of)) for what, of in lengths.items()}


def _left(there: Sequence[int], gone: Sequence[int], begins: int, ends: int) -> Sequence[int]:
    """Those of the days between that have not gone."""
    if gone:
        there = list((Counter(there) - Counter(gone)).elements())
    if begins:
        there = [length for length in there if begins <= length & _LAST_DAY <= ends]
    return there


async def _pieces(session: AsyncSession, asked: Asked, parts: Sequence[Group]) -> dict[str, Any]:
    """The cells that each consists of, with the days of the month that are meant: none for all."""
    keys = await _keys(session, asked, parts)
    pieces = [
        (number, group, key)
        for number, group in enumerate(parts)
        for key in keys.get((group.grouping, group.key), ())
    ]
    some = [group.period.whole_months is None for _, group, _ in pieces]
    return {
        "parts": [number for number, _, _ in pieces],
        "keys": [key for _, _, key in pieces],
        "months": [group.period.first.replace(day=1) for _, group, _ in pieces],
        "begins": [
            group.period.first.day if of_days else 0
            for (_, group, _), of_days in zip(pieces, some, strict=True)
        ],
        "ends": [group.period.last.day for _, group, _ in pieces],
    }


async def _keys(session: AsyncSession, asked: Asked, groups: Collection[Group]) -> Cells:
    """The cells of each grouping's keys."""
    unknown: dict[Grouping, set[Key]] = {}
    for group in groups:
        if (group.grouping, group.key) not in asked.cells:
            asked.cells[group.grouping, group.key] = []
            unknown.setdefault(group.grouping, set()).add(group.key)
    for grouping, keys in unknown.items():
        among, given = _among(asked, grouping, keys, "k")
        values = "".join(f", {asked.value(dimension, 'k')}" for dimension in grouping)
        statement = f"""
            SELECT k.key {values} FROM cell_key AS k {asked.places("k")}
            WHERE k.by = {asked.cells_for(grouping).by} AND {asked.chosen("k")} AND {among}
        """  # noqa: S608 - of our own names alone
        for cell, *named in await session.execute(text(statement), asked.parameters(**given)):
            if tuple(named) in keys:
                asked.cells[grouping, tuple(named)].append(cell)
    return asked.cells


def _among(asked: Asked, grouping: Grouping, keys: Collection[Key], alias: str) -> tuple[str, dict[str, Any]]:
    """The condition that a case or cell may be in one of the groups of these keys, and its parameters."""
    conditions, given = ["true"], {}
    for at, dimension in enumerate(grouping):
        values = {key[at] for key in keys}
        value = asked.value(dimension, alias)
        given[f"among_{at}"] = sorted(value for value in values if value is not None)
        nothing = f" OR {value} IS NULL" if None in values else ""
        conditions.append(f"({value} = ANY(CAST(:among_{at} AS text[])){nothing})")
    return " AND ".join(conditions), given


async def runs_of_facts(
    session: AsyncSession, asked: Asked, wanted: Collection[tuple[Group, Measure]]
) -> dict[tuple[Group, Measure], Run]:
    """The same lengths of each group's cases themselves, in microseconds."""
    runs: dict[tuple[Group, Measure], Run] = {}
    for grouping, day in dict.fromkeys((group.grouping, measure.day) for group, measure in wanted):
        here = {
            (group, measure) for group, measure in wanted if (group.grouping, measure.day) == (grouping, day)
        }
        measures = list(dict.fromkeys(measure for _, measure in here))
        periods = list(dict.fromkeys(group.period for group, _ in here))
        among, given = _among(asked, grouping, {group.key for group, _ in here}, "c")
        named = "".join(f", {asked.value(name, 'c')} AS {name}" for name in grouping)
        names = "".join(f", {name}" for name in grouping)
        lengths = "".join(f", {measure.length} AS length_{at}" for at, measure in enumerate(measures))
        ordered = "".join(f", array_agg(length_{at} ORDER BY length_{at})" for at in range(len(measures)))
        # Days that stand in the condition itself are found by their index; those of a joined list are not.
        sources: list[str] = []
        labels: list[Period] = []
        wholes = [([period], period) for period in periods if period.days > 1]
        days = runs_of(period.first for period in periods if period.days == 1)
        for parts, together in [
            *wholes,
            *(([Period(one, one) for one in run.by_day()], run) for run in days),
        ]:
            first, last = f"first_{len(sources)}", f"last_{len(sources)}"
            given |= {first: together.first, last: together.last}
            label = f"{len(labels)}"
            if len(parts) > 1:
                label += f" + {day} - CAST(:{first} AS date)"
            sources.append(
                f"SELECT {label} AS label{named}{lengths} FROM case_fact AS c {asked.places('c')}"  # noqa: S608
                f" WHERE {day} BETWEEN CAST(:{first} AS date) AND CAST(:{last} AS date)"
                f" AND c.received_at IS NOT NULL AND {asked.chosen('c')} AND {among}"
            )
            labels += parts
        statement = f"""
            SELECT label{names}{ordered} FROM ({" UNION ALL ".join(sources)}) AS c GROUP BY label{names}
        """  # noqa: S608 - of our own names alone
        for row in await session.execute(text(statement), asked.parameters(**given)):
            group = Group(grouping, tuple(row[1 : 1 + len(grouping)]), labels[row[0]])
            for measure, of in zip(measures, row[1 + len(grouping) :], strict=True):
                if (group, measure) in here:
                    runs[group, measure] = array("q", of)
    return runs

"""Which length of time stands at a place, were all of a group's put in order: found on the rungs of the ladder."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate, chain
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.asking import Asked
from services.metrics.cells import DIMENSIONS
from services.metrics.indicators import Dimension, Key, Question
from services.metrics.ladder import DAYS, Measure
from services.metrics.periods import Period

Grouping = tuple[Dimension, ...]
_LAST_DAY = DAYS - 1


@dataclass(frozen=True)
class Group:
    """The cases of a key in a period."""

    grouping: Grouping
    key: Key
    period: Period


@dataclass(frozen=True)
class Sought:
    """The lengths at these places among a group's `count`: the shortest is at place 0."""

    group: Group
    measure: Measure
    count: int
    places: tuple[int, ...]


Found = list[dict[int, int]]
"""For each that was sought, the length at each place."""


async def at_places(session: AsyncSession, question: Question, sought: Sequence[Sought]) -> Found:
    """What stands at the places, in microseconds, of all that are sought together."""
    asked = Asked(question)
    found: Found = [{} for _ in sought]
    on_rungs = [number for number, one in enumerate(sought) if asked.cells_for(one.group.grouping).by_day]
    if on_rungs:
        looked = await _on_rungs(session, asked, [sought[number] for number in on_rungs])
        for number, lengths in zip(on_rungs, looked, strict=True):
            found[number] = lengths
    others: dict[tuple[Grouping, str], dict[int, Sought]] = {}
    for number, one in enumerate(sought):
        if not found[number]:
            others.setdefault((one.group.grouping, one.measure.day), {})[number] = one
    for (grouping, day), rest in others.items():
        await _among_facts(session, asked, grouping, day, rest, found)
    return found


@dataclass(frozen=True)
class _Piece:
    """Whole months of a cell, or some days of one month."""

    group: int
    key: UUID
    first: date
    last: date
    begins: int = 0
    ends: int = _LAST_DAY


_PIECES = """
    unnest(CAST(:groups AS int[]), CAST(:keys AS uuid[]), CAST(:firsts AS date[]), CAST(:lasts AS date[]),
        CAST(:begins AS int[]), CAST(:ends AS int[]))
"""
_OF_ITS_DAYS = (
    f"(SELECT count(*) FROM unnest({{}}) AS length WHERE length & {_LAST_DAY} BETWEEN begins AND ends)"  # noqa: S608
)
_SPANS = "rung.span = ANY(CAST(:spans AS smallint[]))"
_RUNGS = text(f"""
    WITH piece AS MATERIALIZED (SELECT * FROM {_PIECES} AS piece (number, key, first, last, begins, ends))
    SELECT number, span, height, sum(count)::int FROM (
        SELECT piece.number, rung.span, rung.height, rung.count FROM piece
        JOIN rung ON rung.key = piece.key AND {_SPANS} AND rung.first BETWEEN piece.first AND piece.last
        WHERE begins = 0
        UNION ALL
        SELECT piece.number, rung.span, rung.height,
            {_OF_ITS_DAYS.format("rung.lengths")} - {_OF_ITS_DAYS.format("rung.gone")}
        FROM piece JOIN rung ON rung.key = piece.key AND {_SPANS} AND rung.first = piece.first
        WHERE begins > 0
    ) AS rungs
    GROUP BY number, span, height
""")  # noqa: S608 - of our own names alone
_LENGTHS = text(f"""
    SELECT piece.number, rung.span, rung.height, rung.lengths, rung.gone, piece.begins, piece.ends
    FROM {_PIECES} AS piece (number, key, first, last, begins, ends)
    JOIN unnest(CAST(:months AS date[])) AS month ON month BETWEEN piece.first AND piece.last
    JOIN unnest(CAST(:of_groups AS int[]), CAST(:of_spans AS int[]), CAST(:heights AS int[]))
        AS wanted (number, span, height) ON wanted.number = piece.number
    JOIN rung ON rung.key = piece.key AND rung.span = wanted.span AND rung.first = month
        AND rung.height = wanted.height
""")  # noqa: S608 - of our own names alone


async def _on_rungs(session: AsyncSession, asked: Asked, sought: Sequence[Sought]) -> Found:
    groups = list(dict.fromkeys(one.group for one in sought))
    numbers = {group: number for number, group in enumerate(groups)}
    keys = await _keys(session, asked, {group.grouping for group in groups})
    pieces = [piece for group in groups for piece in _pieces(numbers[group], group, keys)]
    spans = sorted({span for one in sought for span in one.measure.numbers})
    counts: dict[tuple[int, int], dict[int, int]] = {}
    for group, span, height, count in await session.execute(_RUNGS, {**_drawn(pieces), "spans": spans}):
        counts.setdefault((group, span), {})[height] = count
    rungs = [
        (of, height, below)
        for of, one in enumerate(sought)
        for height, below in _standing(
            one, [counts.get((numbers[one.group], span), {}) for span in one.measure.numbers]
        )
    ]
    return await _picked(session, sought, numbers, pieces, rungs)


def _standing(one: Sought, counts: Sequence[Mapping[int, int]]) -> Iterator[tuple[int, int]]:
    """The rungs that the places are on, each with how many lengths lie below it.

    None where the rungs do not have all lengths: an older version of the service counts without them.
    """
    heights = sorted({height for of_span in counts for height in of_span})
    reached = list(accumulate(sum(of_span.get(height, 0) for of_span in counts) for height in heights))
    if not reached or reached[-1] != one.count:
        return
    for at in sorted({bisect_right(reached, place) for place in one.places}):
        yield heights[at], reached[at - 1] if at else 0


async def _picked(
    session: AsyncSession,
    sought: Sequence[Sought],
    numbers: Mapping[Group, int],
    pieces: Sequence[_Piece],
    rungs: Sequence[tuple[int, int, int]],
) -> Found:
    """The lengths at the places, from those on the rungs where these are: of which, which and how many are below."""
    # Several measures often want the same rung of the same span.
    places = {
        (numbers[sought[of].group], span, height): None
        for of, height, _ in rungs
        for span in sought[of].measure.numbers
    }
    given = {
        "months": sorted(
            {month.first for piece in pieces for month in Period(piece.first, piece.last).by_month()}
        ),
        "of_groups": [group for group, _, _ in places],
        "of_spans": [span for _, span, _ in places],
        "heights": [height for _, _, height in places],
    }
    lengths: dict[tuple[int, int, int], list[int]] = {place: [] for place in places}
    rows = (await session.execute(_LENGTHS, {**_drawn(pieces), **given})).all()
    for group, span, height, there, gone, begins, ends in rows:
        lengths[group, span, height] += _left(there, gone, begins, ends)
    # Each by itself first: what measures share is then put in order once, and merged where it is needed again.
    for run in lengths.values():
        run.sort()
    found: Found = [{} for _ in sought]
    for of, height, below in rungs:
        one = sought[of]
        runs = (lengths[numbers[one.group], span, height] for span in one.measure.numbers)
        ordered = sorted(chain.from_iterable(runs))
        for place in one.places:
            if below <= place < below + len(ordered):
                found[of][place] = ordered[place - below] // DAYS
    return found


def _left(there: Sequence[int], gone: Sequence[int], begins: int, ends: int) -> Sequence[int]:
    """Those of the days between that have not gone."""
    if gone:
        there = list((Counter(there) - Counter(gone)).elements())
    if begins:
        there = [length for length in there if begins <= length & _LAST_DAY <= ends]
    return there


async def _keys(
    session: AsyncSession, asked: Asked, groupings: Collection[Grouping]
) -> Mapping[tuple[Grouping, Key], list[UUID]]:
    """The cells that each group consists of."""
    sets = {grouping: asked.cells_for(grouping).by for grouping in groupings}
    values = ", ".join(asked.value(dimension, "k") for dimension in DIMENSIONS)
    statement = f"""
        SELECT k.key, k.by, {values} FROM cell_key AS k {asked.places("k")}
        WHERE k.by = ANY(CAST(:sets AS int[])) AND {asked.chosen("k")}
    """  # noqa: S608 - of our own names alone
    rows = await session.execute(text(statement), asked.parameters(sets=sorted(set(sets.values()))))
    keys: dict[tuple[Grouping, Key], list[UUID]] = {}
    for key, by, *named in rows.all():
        value = dict(zip(DIMENSIONS, named, strict=True))
        for grouping, wanted in sets.items():
            if wanted == by:
                keys.setdefault((grouping, tuple(value[name] for name in grouping)), []).append(key)
    return keys


def _pieces(number: int, group: Group, keys: Mapping[tuple[Grouping, Key], list[UUID]]) -> Iterator[_Piece]:
    for grain, period in group.period.months_and_days():
        for part in [period] if grain == "m" else period.cut():
            days = () if grain == "m" else (part.first.day, part.last.day)
            for key in keys[group.grouping, group.key]:
                yield _Piece(number, key, part.first.replace(day=1), part.last, *days)


def _drawn(pieces: Sequence[_Piece]) -> dict[str, Any]:
    return {
        "groups": [piece.group for piece in pieces],
        "keys": [piece.key for piece in pieces],
        "firsts": [piece.first for piece in pieces],
        "lasts": [piece.last for piece in pieces],
        "begins": [piece.begins for piece in pieces],
        "ends": [piece.ends for piece in pieces],
    }


async def _among_facts(
    session: AsyncSession,
    asked: Asked,
    grouping: Grouping,
    day: str,
    sought: Mapping[int, Sought],
    found: Found,
) -> None:
    """The same where no rungs have the groups: these cases' lengths are put in order, those of a day together."""
    measures = list(dict.fromkeys(one.measure for one in sought.values()))
    periods = list(dict.fromkeys(one.group.period for one in sought.values()))
    wanted = [(number, place, one) for number, one in sought.items() for place in one.places]
    given = {
        "numbers": [number for number, _, _ in wanted],
        "places": [place for _, place, _ in wanted],
        "measures": [measures.index(one.measure) for _, _, one in wanted],
        "labels": [periods.index(one.group.period) for _, _, one in wanted],
        **{f"of_{name}": [one.group.key[at] for _, _, one in wanted] for at, name in enumerate(grouping)},
        **{f"first_{label}": period.first for label, period in enumerate(periods)},
        **{f"last_{label}": period.last for label, period in enumerate(periods)},
    }
    named = "".join(f", {asked.value(name, 'c')} AS {name}" for name in grouping)
    names = "".join(f", {name}" for name in grouping)
    lengths = ", ".join(f"{measure.length} AS length_{at}" for at, measure in enumerate(measures))
    ordered = ", ".join(
        f"array_agg(length_{at} ORDER BY length_{at}) AS ordered_{at}" for at in range(len(measures))
    )
    # Days that stand in the condition itself are found by their index; those of a joined list are not.
    cases = " UNION ALL ".join(
        f"SELECT {label} AS label{named}, {lengths} FROM case_fact AS c {asked.places('c')}"  # noqa: S608 - our own names
        f" WHERE {day} BETWEEN CAST(:first_{label} AS date) AND CAST(:last_{label} AS date)"
        f" AND c.received_at IS NOT NULL AND {asked.chosen('c')}"
        for label in range(len(periods))
    )
    statement = f"""
        WITH groups AS MATERIALIZED (SELECT label{names}, {ordered} FROM ({cases}) AS c GROUP BY label{names})
        SELECT wanted.number, wanted.place, CASE measure
            {" ".join(f"WHEN {at} THEN ordered_{at}[place + 1]" for at in range(len(measures)))} END
        FROM unnest(
            CAST(:numbers AS int[]), CAST(:places AS int[]), CAST(:measures AS int[]), CAST(:labels AS int[])
            {"".join(f", CAST(:of_{name} AS text[])" for name in grouping)}
        ) AS wanted (number, place, measure, label{names})
        JOIN groups ON wanted.label = groups.label
            {"".join(f" AND wanted.{name} IS NOT DISTINCT FROM groups.{name}" for name in grouping)}
    """  # noqa: S608 - of our own names alone
    for number, place, length in (await session.execute(text(statement), asked.parameters(**given))).all():
        if length is not None:
            found[number][place] = length

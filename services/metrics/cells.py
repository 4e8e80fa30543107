"""What a case adds to the figures, and on which day: the one definition of everything that is counted.

`contributions` is a question that gives a row for each thing that happened to a case: its receipt, each promise's
due day, its answer, its first opening, the end of the month in which it needed an interim answer. The cells are
sums of these rows by day and month; so are the figures of days and choices that no cell has.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.metrics.indicators import Dimension
from shared.events import Kind

RATINGS = range(1, 6)
DIMENSIONS = tuple(Dimension)
_BITS = {dimension: 1 << place for place, dimension in enumerate(DIMENSIONS)}
_PRINT = "((1::bigint << 40) - 1)"
"""Fingerprints have 40 bits, so that the sum of eight million of them is a bigint."""

# A promise of a reopened case is answered by the first answer after its own reopening. That is the latest
# reopening before notify took the promise over.
STAGED = """
    {promises} AS p JOIN {cases} AS c ON c.case_id = p.case_id
    CROSS JOIN LATERAL (
        SELECT COALESCE((SELECT max(r) FROM unnest(c.reopened_at) AS r WHERE r <= p.made_at), p.made_at) AS begun
    ) AS opening
    CROSS JOIN LATERAL (
        SELECT
            CASE WHEN p.number = 1 THEN c.answered_on ELSE (
                (SELECT min(a) FROM unnest(c.answers_at) AS a WHERE a > begun) AT TIME ZONE 'Europe/Oslo'
            )::date END AS answered_on,
            CASE WHEN p.number = 1 THEN c.finished_on ELSE (
                (SELECT min(e) FROM unnest(c.answers_at || c.endings_at) AS e WHERE e > begun)
                AT TIME ZONE 'Europe/Oslo'
            )::date END AS finished_on
    ) AS stage
"""
"""Each promise with its case, and the days on which its own stage of the case was answered and finished."""


@dataclass(frozen=True)
class Branch:
    """One thing that happens to a case: on which day, and what it adds to."""

    day: str
    columns: Mapping[str, str]
    source: str = "{cases} AS c"


def _when(condition: str) -> str:
    return f"COALESCE(({condition})::int, 0)"


def _hash(values: str) -> str:
    return f"hash_record_extended(ROW({values}), 0) & {_PRINT}"


_PLACED = ", ".join(f"c.{dimension}" for dimension in DIMENSIONS)
_STILL_OPEN_THEN = _when("c.finished_on IS NULL OR c.finished_on > c.interim_due_on")


BRANCHES = (
    Branch(
        "c.received_on",
        {
            "received": "1",
            **{kind.value: _when(f"c.kind = '{kind.value}'") for kind in Kind},
            "handovers": "c.handovers",
            "bounced": "c.messages_bounced",
            "backlog_print": _hash("c.case_id, c.open_days, c.reopened_at, " + _PLACED),
        },
    ),
    # What the backlog depends on beside the case itself, on the same day as the case's.
    Branch(
        "c.received_on",
        {"backlog_print": _hash("p.case_id, p.number, p.due_on, p.made_at")},
        "{promises} AS p JOIN {cases} AS c ON c.case_id = p.case_id",
    ),
    Branch(
        "p.due_on",
        {
            "promised": "1",
            "kept": _when("stage.answered_on <= p.due_on"),
            "kept_without_pauses": _when("stage.answered_on <= COALESCE(p.due_without_pauses_on, p.due_on)"),
            "waiting": _when("stage.finished_on IS NULL"),
            "early": _when("stage.answered_on IS NOT NULL"),
        },
        STAGED,
    ),
    Branch(
        "c.answered_on",
        {
            "answered": "1",
            "helped": _when("c.helped"),
            "not_helped": _when("NOT c.helped"),
            **{
                f"{what}_{rating}": _when(f"c.{what} = {rating}")
                for what in ("process", "outcome")
                for rating in RATINGS
            },
            "response_print": f"hashint8extended(c.response, COALESCE(c.waited, 0)) & {_PRINT}",
        },
    ),
    Branch(
        "c.opened_on",
        {"opened": "1", "handover_print": f"hashint8extended(c.handover, 0) & {_PRINT}"},
    ),
    Branch(
        "c.interim_due_on",
        {
            "interim_needed": _STILL_OPEN_THEN,
            "interim_in_time": f"{_when('c.interim_on <= c.interim_due_on')} * {_STILL_OPEN_THEN}",
        },
    ),
)
COLUMNS = tuple(dict.fromkeys(column for branch in BRANCHES for column in branch.columns))
"""The columns of a cell. A print changes whenever one of the lengths of time does, or what a backlog depends on, so
that nobody need compute again what is known already."""


PRINTS = frozenset({"response_print", "handover_print", "backlog_print"})
TOLD = tuple(column for column in COLUMNS if column != "backlog_print")
"""Those that figures are told from; the backlog's print is for those who count it (`backlog`)."""


@dataclass(frozen=True)
class Set:
    """Cells by some of the dimensions."""

    dimensions: tuple[Dimension, ...]
    by_day: bool = True

    @property
    def by(self) -> int:
        """Its number in the tables: a bit for each dimension, in their order."""
        return sum(_BITS[dimension] for dimension in self.dimensions)

    def has(self, dimensions: Iterable[Dimension]) -> bool:
        """Whether it can tell of these."""
        return set(dimensions) <= set(self.dimensions)


SETS = (
    Set(()),
    Set((Dimension.KIND,)),
    Set((Dimension.CHANNEL,)),
    Set((Dimension.AREA,)),
    Set((Dimension.TOPIC,)),
    Set((Dimension.SECTION, Dimension.UNIT)),
    # All at once by month alone: by day there would be as many cells as cases.
    Set(DIMENSIONS, by_day=False),
)
"""From the smallest on. A unit has its section beside it, so that each can be asked for with the other."""


def set_for(dimensions: Iterable[Dimension]) -> Set:
    """The smallest set that can tell of these dimensions."""
    wanted = list(dimensions)
    return next(some for some in SETS if some.has(wanted))


def contributions(
    narrowed: str,
    *,
    lead: str = "",
    joined: str = "",
    columns: Sequence[str] = COLUMNS,
    cases: str = "case_fact",
    promises: str = "promise_fact",
) -> str:
    """The question: a row for everything that happened, with its day, the dimensions and columns.

    :param narrowed: a condition on `{day}` and the case `c`.
    :param lead: columns to put first, with a comma after each.
    :param joined: further joins, which may speak of `{day}` and `c`.
    :param cases: where the facts of cases are; `promises` likewise.
    """
    questions = []
    for branch in BRANCHES:
        if branch.columns.keys().isdisjoint(columns):
            continue
        values = (f"{branch.columns.get(column, '0')} AS {column}" for column in columns)
        source = branch.source.format(cases=cases, promises=promises)
        condition = narrowed.format(day=branch.day)
        dimensions = ", ".join(f"c.{dimension}" for dimension in DIMENSIONS)
        questions.append(
            f"SELECT {lead} {branch.day} AS day, {dimensions}, {', '.join(values)}"  # noqa: S608 - our own names
            f" FROM {source} {joined.format(day=branch.day)}"
            f" WHERE c.received_at IS NOT NULL AND {branch.day} IS NOT NULL AND {condition}"
        )
    return "\nUNION ALL ".join(questions)


def sql_type(column: str) -> str:
    """What a column is in the database: small numbers add up much faster than large ones."""
    return "bigint" if column in PRINTS else "integer"


def sums(columns: Sequence[str] = COLUMNS) -> str:
    """The sums of the columns, under their own names."""
    return ", ".join(f"sum({column})::{sql_type(column)} AS {column}" for column in columns)


def shown(by: str) -> list[str]:
    """Each dimension in the cells of the set of this number: nothing where the set does not have it."""
    return [f"CASE WHEN {by} & {bit} <> 0 THEN {dimension} END" for dimension, bit in _BITS.items()]


def key_of(by: str, values: Sequence[str]) -> str:
    """The key of the cell with these values of the dimensions."""
    return f"md5((ROW({by}, {', '.join(values)}))::text)::uuid"


def spread(rows: str) -> str:
    """CTEs that end with `spread_out`: what rows with a day, the dimensions and the columns add to each cell.

    Months of a few dimensions add up days of them, which are far fewer than the rows.
    """
    sets = ", ".join(f"({some.by})" for some in SETS if some.by_day)
    finest = SETS[-1].by
    names = ", ".join(DIMENSIONS)
    month = "date_trunc('month', day)::date"
    groups = ", ".join(str(3 + place) for place in range(len(DIMENSIONS)))
    named = ", ".join(f"{value} AS {name}" for name, value in zip(DIMENSIONS, shown("a.by"), strict=True))
    return f"""
        source AS MATERIALIZED ({rows}),
        by_day AS MATERIALIZED (
            SELECT a.by, day, {named}, {sums()}
            FROM source CROSS JOIN (VALUES {sets}) AS a (by) GROUP BY a.by, day, {groups}
        ),
        spread_out AS MATERIALIZED (
            SELECT {key_of("by", DIMENSIONS)} AS key, * FROM (
                SELECT by, 'd' AS grain, day AS first, {names}, {", ".join(COLUMNS)} FROM by_day
                UNION ALL
                SELECT by, 'm', {month}, {names}, {sums()} FROM by_day GROUP BY by, {month}, {names}
                UNION ALL
                SELECT {finest}, 'm', {month}, {names}, {sums()} FROM source GROUP BY {month}, {names}
            ) AS all_grains
        )
    """  # noqa: S608 - of our own names alone


def adding(rows: str) -> str:
    """CTEs that add rows of contributions to the cells; to be followed by a SELECT."""
    names = ", ".join(DIMENSIONS)
    columns = ", ".join(COLUMNS)
    return f"""
        {spread(rows)},
        known AS (
            INSERT INTO cell_key (key, by, {names}) SELECT DISTINCT key, by, {names} FROM spread_out
            ON CONFLICT DO NOTHING
        ),
        added AS (
            INSERT INTO cell AS known_cell (key, grain, first, {columns})
            SELECT key, grain, first, {columns} FROM spread_out ORDER BY key, grain, first
            ON CONFLICT (key, grain, first) DO UPDATE SET
                {", ".join(f"{column} = known_cell.{column} + excluded.{column}" for column in COLUMNS)}
        )
    """  # noqa: S608 - of our own names alone

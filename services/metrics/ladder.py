"""The ladder: how many lengths of time of each size there are, and which; percentiles are found on it.

Percentiles do not add up over cells, but how many lengths lie between two rungs does. The rungs say between which
two a percentile lies, and only the lengths between these are looked at: so a percentile is exact to the last
digit, and costs rungs times months, not cases. Each length has the day of the month it belongs to beside it, so
that parts of a month can be told of as well.
"""

from dataclasses import dataclass
from typing import Final

from services.metrics.cells import DIMENSIONS, SETS, key_of, shown

STEPS: Final = 16
"""Rungs from one length to twice as much."""
_SHORTEST: Final = 60_000_000
_DOUBLINGS: Final = 21
HEIGHTS: Final = tuple(
    _SHORTEST * 2**doubling * (STEPS + step) // STEPS
    for doubling in range(_DOUBLINGS)
    for step in range(STEPS)
)
"""The lengths in microseconds at which the rungs begin: from a minute to almost four years."""
DAYS: Final = 32
"""A length is kept as itself times this, and the day of the month it belongs to added."""


@dataclass(frozen=True, eq=False)
class Span:
    """Lengths that stand on rungs together: the day they belong to, and which cases have one."""

    day: str
    length: str
    condition: str = "true"


STRAIGHT = Span("c.answered_on", "c.response", "COALESCE(c.waited, 0) = 0")
PAUSED = Span("c.answered_on", "c.response", "c.waited <> 0")
WITHOUT_PAUSES = Span("c.answered_on", "c.response - c.waited", "c.waited <> 0")
OPENED = Span("c.opened_on", "c.handover")
SPANS = (STRAIGHT, PAUSED, WITHOUT_PAUSES, OPENED)
"""In the order of their numbers in the table. Most cases never wait: their one length serves with and without."""


@dataclass(frozen=True, eq=False)
class Measure:
    """What is measured: the spans it consists of, and the same as a column of the facts with its day."""

    spans: tuple[Span, ...]
    day: str
    length: str

    @property
    def numbers(self) -> tuple[int, ...]:
        """Its spans in the table."""
        return tuple(SPANS.index(span) for span in self.spans)


RESPONSE = Measure((STRAIGHT, PAUSED), "c.answered_on", "c.response")
RESPONSE_WITHOUT_PAUSES = Measure(
    (STRAIGHT, WITHOUT_PAUSES), "c.answered_on", "c.response - COALESCE(c.waited, 0)"
)
HANDOVER = Measure((OPENED,), "c.opened_on", "c.handover")

_NAMES = ", ".join(DIMENSIONS)
_SETS = ", ".join(f"({some.by})" for some in SETS if some.by_day)


def measured(narrowed: str, *, cases: str = "case_fact") -> str:
    """The question: a row for each length, with its span, month, dimensions and rung.

    :param narrowed: a condition on `{day}` and the case `c`.
    """
    placed = ", ".join(f"c.{dimension}" for dimension in DIMENSIONS)
    heights = f"CAST('{{{','.join(map(str, HEIGHTS))}}}' AS bigint[])"
    return "\nUNION ALL ".join(
        f"SELECT {number}::smallint AS span, date_trunc('month', {span.day})::date AS first, {placed},"  # noqa: S608
        f" width_bucket({span.length}, {heights})::smallint AS height,"
        f" ({span.length}) * {DAYS} + EXTRACT(day FROM {span.day})::int AS length"
        f" FROM {cases} AS c WHERE c.received_at IS NOT NULL AND {span.day} IS NOT NULL AND {span.condition}"
        f" AND {narrowed.format(day=span.day)}"
        for number, span in enumerate(SPANS)
    )


def climbing(moved: str) -> str:
    """The CTE that puts lengths on the rungs of all their cells, and takes them away.

    :param moved: rows as of `measured`, with a `sign`: below nought, the length is no more.
    """
    return f"""
        climbed AS (
            INSERT INTO rung AS known_rung (key, span, first, height, count, lengths, gone)
            SELECT {key_of("a.by", shown("a.by"))} AS key, span, first, height, sum(sign),
                COALESCE(array_agg(length) FILTER (WHERE sign > 0), '{{}}'),
                COALESCE(array_agg(length) FILTER (WHERE sign < 0), '{{}}')
            FROM ({moved}) AS moved CROSS JOIN (VALUES {_SETS}) AS a (by)
            GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4
            ON CONFLICT (key, span, first, height) DO UPDATE SET
                count = known_rung.count + excluded.count,
                lengths = known_rung.lengths || excluded.lengths,
                gone = known_rung.gone || excluded.gone
        )
    """  # noqa: S608 - of our own names alone

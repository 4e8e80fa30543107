"""How facts merge: every column by a rule that is commutative and associative.

By the earliest, by the sum over distinct events, by the union of instants, or by which event comes first or
last; of an imported case the last import holds as a whole. So any order of the events, over any number of
batches and processes, gives the same rows; `counting` does the same merge in SQL, from the same lists.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from shared.events import Event

Fact = dict[str, Any]


@dataclass(frozen=True)
class Decided:
    """Columns that come together from one event: the one with the lowest rank, or the highest."""

    rank: str
    columns: tuple[str, ...]
    by_first: bool = False

    def merge(self, known: Fact, said: Fact, rank: str) -> None:
        """Takes these columns from `said`, which has the rank, where its event is the one that decides."""
        if rank in known and (said[rank] < known[rank]) != self.by_first:
            return
        known[rank] = said[rank]
        for column in self.columns:
            known[column] = said[column]


def _earliest(known: Fact, said: Fact, column: str) -> None:
    if column not in known or said[column] < known[column]:
        known[column] = said[column]


def _counted(known: Fact, said: Fact, column: str) -> None:
    known[column] = known.get(column, 0) + said[column]


def _united(known: Fact, said: Fact, column: str) -> None:
    known[column] = sorted({*said[column], *known.get(column, ())})


@dataclass(frozen=True)
class Shape:
    """Which columns a fact has, by how they merge."""

    earliest: tuple[str, ...] = ()
    counted: tuple[str, ...] = ()
    united: tuple[str, ...] = ()
    decided: tuple[Decided, ...] = ()
    replaced_by: str | None = None
    """A rank: where two facts have it, the higher one takes the place of the other in all columns."""

    @property
    def columns(self) -> tuple[str, ...]:
        """All of them."""
        ranked = (name for group in self.decided for name in (group.rank, *group.columns))
        return (*self.earliest, *self.counted, *self.united, *ranked)

    def merge(self, known: Fact, said: Fact) -> None:
        """Takes into `known` what `said` adds to it."""
        if self.replaced_by in said and self.replaced_by in known:
            self._replace(known, said)
        else:
            self._add(known, said)

    def _replace(self, known: Fact, said: Fact) -> None:
        if said[str(self.replaced_by)] > known[str(self.replaced_by)]:
            known.clear()
            known.update(said)

    def _add(self, known: Fact, said: Fact) -> None:
        if not known:
            known.update(said)
            return
        rules = self._rules
        for column in said:
            if rule := rules.get(column):
                rule(known, said, column)

    @cached_property
    def _rules(self) -> Mapping[str, Callable[[Fact, Fact, str], None]]:
        """How each column merges; those that are decided together do so under their rank."""
        return {
            **dict.fromkeys(self.earliest, _earliest),
            **dict.fromkeys(self.counted, _counted),
            **dict.fromkeys(self.united, _united),
            **{group.rank: group.merge for group in self.decided},
        }


CASE = Shape(
    earliest=("received_at", "opened_at", "interim_at", "answered_at", "closed_at", "merged_at"),
    counted=("handovers", "messages_failed", "messages_bounced"),
    united=("answers_at", "endings_at", "reopened_at"),
    decided=(
        Decided(
            "received_rank",
            ("reference", "channel", "reply_wanted", "interim_due_on", "system", "invented"),
            by_first=True,
        ),
        Decided("classified_rank", ("kind", "topic", "area")),
        Decided("assigned_rank", ("unit", "section")),
        Decided("answered_rank", ("waited",), by_first=True),
        Decided("feedback_rank", ("helped", "process", "outcome")),
        Decided("imported_rank", ("zone",)),
    ),
    replaced_by="imported_rank",
)  # fmt: skip
PROMISE = Shape(
    earliest=("made_at",),
    decided=(
        Decided("due_rank", ("promise_id", "rule", "due_on", "due_without_pauses_on", "lapsed")),
        Decided("judged_rank", ("kept", "judged_on")),
    ),
)


_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def rank(event: Event, version: int = 0) -> UUID:
    """Where an event stands among others that decide the same: by version, then time, then id.

    The three in one comparable value of 12, 56 and 60 bits, which PostgreSQL compares as Python does.
    """
    microseconds = (event.at - _BEGINNING) // _MICROSECOND
    return UUID(int=(version << 116) | (microseconds << 60) | (event.id.int & ((1 << 60) - 1)))

"""How facts merge: every column by a rule that is commutative and associative.

By the earliest, by the sum over distinct events, by the union of instants, or by which event comes first or
last; of an imported case the last import holds as a whole. So any order of the events, over any number of batches and processes, gives the same rows; `counting` does
the same merge in SQL, from the same lists.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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

    def wins(self, said: Fact, known: Fact) -> bool:
        """Whether these columns of `said` take the place of those of `known`."""
        if self.rank not in said:
            return False
        if self.rank not in known:
            return True
        return bool((said[self.rank] < known[self.rank]) == self.by_first)


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
        for column in self.earliest:
            if column in said:
                known[column] = min(said[column], known.get(column, said[column]))
        for column in self.counted:
            if column in said:
                known[column] = known.get(column, 0) + said[column]
        for column in self.united:
            if column in said:
                known[column] = sorted({*said[column], *known.get(column, ())})
        for group in self.decided:
            if group.wins(said, known):
                known[group.rank] = said[group.rank]
                known.update({column: said[column] for column in group.columns})


CASE = Shape(
    earliest=(
        "received_at", "assigned_at", "opened_at", "interim_at", "answered_at", "closed_at", "merged_at"
    ),
    counted=(
        "handovers", "answers", "supplements", "reminders", "pauses", "extensions", "restarts",
        "messages_sent", "messages_failed", "messages_bounced",
    ),
    united=("answers_at", "endings_at", "reopened_at"),
    decided=(
        Decided(
            "received_rank",
            ("reference", "channel", "reply_wanted", "interim_due_on", "system", "invented"),
            by_first=True,
        ),
        Decided("classified_rank", ("kind", "topic", "area")),
        Decided("first_assigned_rank", ("first_unit", "first_section"), by_first=True),
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

"""The indicators: what each figure is made of. Their definitions in words are in the texts, `definition.*`.

A case counts from when it was received. Days are Norway's; a period includes its first day and its last.
Percentiles are interpolated linearly between the two nearest cases (PostgreSQL's `percentile_cont`, the usual
choice of numpy and pandas).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from services.metrics.periods import Period
from shared.workdays import WorkCalendar

DAY = 24 * 3600 * 1_000_000
"""A day in microseconds."""
SOON = 2
"""Working days ahead that count as soon: when the caseworker is reminded."""


class Dimension(StrEnum):
    """What figures can be grouped by, and cases chosen by."""

    SECTION = "section"
    UNIT = "unit"
    KIND = "kind"
    TOPIC = "topic"
    AREA = "area"
    CHANNEL = "channel"


class Organisation(StrEnum):
    """Whose figures a case is in: its unit's of then, or that unit's successor's of now."""

    THEN = "then"
    NOW = "now"


@dataclass(frozen=True)
class Place:
    """A unit in its section."""

    unit: str
    section: str


@dataclass(frozen=True)
class Declarations:
    """Service declarations in force on the day the figures are seen, and those not past their review date."""

    current: int = 0
    all: int = 0

    @property
    def share(self) -> float | None:
        """Current, of all."""
        return share(self.current, self.all)


@dataclass(frozen=True)
class Question:
    """Which cases, in which period, seen on which day.

    `chosen` are the values that a case must have one of: a unit that has teams is asked for with all of them.
    `now` is where each unit's cases belong today; without it they belong where they were. `declarations` and
    `residents` are the municipality's on the day the figures are seen.
    """

    period: Period
    today: date
    calendar: WorkCalendar
    chosen: Mapping[Dimension, tuple[str, ...]] = field(default_factory=dict)
    now: Mapping[str, Place] | None = None
    declarations: Declarations = field(default_factory=Declarations)
    residents: int | None = None

    @property
    def seen_on(self) -> date:
        """The day at whose end the backlog is seen: the period's last, or today where it has not ended."""
        return min(self.period.last, self.today)

    @property
    def not_overdue_from(self) -> date:
        """The first due day that has not passed when the backlog is seen."""
        return min(self.period.last + timedelta(days=1), self.today)

    @property
    def soon_until(self) -> date:
        """The last due day that is soon when the backlog is seen."""
        return self.calendar.add_working_days(self.not_overdue_from, SOON)


@dataclass(frozen=True)
class Promise:
    """Promises whose due day is in the period and has passed.

    Kept: the first final answer came on the due day or before. Everything else due is broken: answered later,
    not answered, or closed without an answer. `open_overdue` are those of them that still wait.
    `not_yet_due` have a due day in the period that has not passed, and are in no other figure; `early` of
    them are answered already.
    """

    due: int = 0
    kept: int = 0
    open_overdue: int = 0
    not_yet_due: int = 0
    early: int = 0
    kept_without_pauses: int = 0
    """Kept even had the clock never stood still while the resident was asked something."""

    @property
    def broken(self) -> int:
        """Due, and not kept."""
        return self.due - self.kept

    @property
    def share(self) -> float | None:
        """Kept, of those due."""
        return share(self.kept, self.due)

    @property
    def share_without_pauses(self) -> float | None:
        """Kept without pauses, of those due."""
        return share(self.kept_without_pauses, self.due)


@dataclass(frozen=True)
class Response:
    """Cases whose first final answer was given in the period: days from receipt to that answer.

    Without pauses: less the time the case stood still because the resident had been asked something.
    """

    n: int = 0
    median: float | None = None
    p90: float | None = None
    median_without_pauses: float | None = None
    p90_without_pauses: float | None = None
    print: int = field(default=0, repr=False, compare=False)
    """Changes whenever one of the lengths does."""


@dataclass(frozen=True)
class Received:
    """Cases received in the period, by kind; `other` are those of another system that are of no such kind."""

    praise: int = 0
    complaint: int = 0
    question: int = 0
    appeal: int = 0
    other: int = 0

    @property
    def total(self) -> int:
        """All kinds."""
        return self.praise + self.complaint + self.question + self.appeal + self.other

    @property
    def praise_to_complaints(self) -> float | None:
        """How many praised for each who complained."""
        return share(self.praise, self.complaint)


@dataclass(frozen=True)
class Backlog:
    """Cases neither answered, closed nor merged at the end of the period, or now where it has not ended.

    A reopened case is open again until its next answer.

    Overdue: the due day has passed by then. Due soon: it is that day or one of the next two working days.
    `oldest_days` is how long ago the oldest was received.
    """

    seen_on: date
    open: int = 0
    overdue: int = 0
    due_soon: int = 0
    oldest_days: int | None = None


@dataclass(frozen=True)
class Handover:
    """Cases a caseworker opened for the first time in the period: days from receipt to that.

    `handovers`: how often cases received in the period have been handed over to another unit or person.
    """

    n: int = 0
    median: float | None = None
    handovers: int = 0


@dataclass(frozen=True)
class Interim:
    """Cases that needed an interim answer: not answered or closed a month after receipt.

    The month (P1M, forvaltningsloven 1967 § 11 a and 2025 § 17) ends in the period, and has passed. All that
    want an answer count, as in the act of 2025. `in_time`: an interim answer was given in that month.
    """

    needed: int = 0
    in_time: int = 0

    @property
    def share(self) -> float | None:
        """In time, of those that needed one."""
        return share(self.in_time, self.needed)


@dataclass(frozen=True)
class Ratings:
    """How many residents gave each rating from 1 to 5."""

    counts: tuple[int, int, int, int, int] = (0, 0, 0, 0, 0)

    @property
    def n(self) -> int:
        """How many gave one."""
        return sum(self.counts)

    @property
    def mean(self) -> float | None:
        """The mean rating."""
        return share(sum(rating * count for rating, count in enumerate(self.counts, 1)), self.n)


@dataclass(frozen=True)
class Satisfaction:
    """Cases first answered in the period: what their residents said last about whether the answer helped."""

    answered: int = 0
    helped: int = 0
    not_helped: int = 0
    process: Ratings = field(default_factory=Ratings)
    outcome: Ratings = field(default_factory=Ratings)

    @property
    def share(self) -> float | None:
        """Helped, of those who said anything."""
        return share(self.helped, self.helped + self.not_helped)

    @property
    def answer_rate(self) -> float | None:
        """Those who said anything, of those who were answered."""
        return share(self.helped + self.not_helped, self.answered)


@dataclass(frozen=True)
class Messages:
    """Messages about cases received in the period that did not reach their reader."""

    bounced: int = 0


@dataclass(frozen=True)
class Indicators:
    """All indicators of the same cases and period.

    `declarations` and `residents` are the municipality's: groups of cases have none.
    """

    promise: Promise
    response: Response
    received: Received
    backlog: Backlog
    handover: Handover
    satisfaction: Satisfaction
    interim: Interim = field(default_factory=Interim)
    messages: Messages = field(default_factory=Messages)
    declarations: Declarations = field(default_factory=Declarations)
    residents: int | None = None

    @property
    def enquiries_per_1000(self) -> float | None:
        """Cases received for every thousand residents."""
        return share(1000 * self.received.total, self.residents or 0)


@dataclass(frozen=True)
class Trend:
    """What can be told of one part of a period."""

    part: Period
    promise: Promise
    response: Response
    received: Received


Key = tuple[str | None, ...]
"""A group: its value in each dimension grouped by; None where a case has none."""


def share(part: int, whole: int) -> float | None:
    """A part of a whole; None of nothing."""
    return part / whole if whole else None


def in_days(microseconds: float | None) -> float | None:
    """A length of time in days."""
    return None if microseconds is None else microseconds / DAY

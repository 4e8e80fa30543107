"""What a report says: figures, targets, explanations and names, whole, so that it can be stored and read later.

It holds its words in every language and needs neither configuration nor catalogue to be shown: what was
frozen says the same when a unit has another name, a target another value or an indicator another definition.
Nothing in it is rounded or worded; that is for those who show it.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict

from services.metrics.manual.store import Scope, ScopeKind
from services.metrics.measures import Better, Source, Unit
from services.metrics.periods import Period
from services.metrics.published import Family
from services.metrics.reports.periods import ReportKind, ReportPeriod
from services.metrics.targets import Light

InWords = Mapping[str, str]
"""A text by language."""


class Part(BaseModel):
    """Immutable, and nothing in it is unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Figure(Part):
    """A value as it was measured; `n` of `of` is what it is made of.

    `given_by` and `as_of` say where a value that was entered or assessed comes from. In public a figure that
    tells of fewer than five cases is `hidden`; `at_least` is then what a share of `of` is whatever it hides.
    """

    value: float | None = None
    n: int | None = None
    of: int | None = None
    source: Source = Source.SYSTEM
    given_by: str | None = None
    as_of: date | None = None
    hidden: bool = False
    at_least: float | None = None
    kinds: Mapping[str, int] | None = None
    """Of a figure of some kinds, how many came in of each: in public it is told only where these may be."""


class Explanation(Part):
    """Why a target was missed, and what is done about it (forklaring, tiltak)."""

    why: str
    action: str
    by: str
    at: datetime


class Line(Part):
    """One indicator of one place, with its target where it has one.

    `target`, `tolerance` and `start` are the period's, in the measure's unit; `parts` are the tertials of the year before
    and of the year in an annual report.
    """

    measure: str
    target_id: str | None = None
    focus: InWords | None = None
    ambition: InWords | None = None
    how: InWords | None = None
    start: float | None = None
    target: float | None = None
    tolerance: float = 0.0
    year_target: float | None = None
    """The year's, where the target is the period's share of it."""
    now: Figure
    before: Figure
    last_year: Figure
    parts: tuple[Figure, ...] = ()
    light: Light
    explanation: Explanation | None = None


class Place(Part):
    """A section, a unit or the whole municipality, with its indicators."""

    kind: ScopeKind
    id: str
    name: str
    lines: tuple[Line, ...]

    @property
    def scope(self) -> Scope:
        """Which place it is."""
        return Scope(self.kind, self.id)


class CapitalPart(Part):
    """A capital of the balance sheet: its goal for four years, then the whole, then the places under it."""

    capital: str
    purpose: InWords | None = None
    goal: InWords | None = None
    years: tuple[int, int] | None = None
    places: tuple[Place, ...]


class Compared(Part):
    """A place beside the others, with the same figures for each: by measure, and `received`.

    `parts` as those of a line.
    """

    kind: ScopeKind
    id: str
    name: str
    figures: Mapping[str, Figure]
    last_year: Mapping[str, Figure]
    parts: tuple[Mapping[str, Figure], ...] = ()


class Point(Part):
    """A period of the trend."""

    kind: ReportKind
    year: int
    number: int
    figures: Mapping[str, Figure]

    @property
    def period(self) -> ReportPeriod:
        """Which one it is."""
        return ReportPeriod(self.kind, self.year, self.number)


class InternalControl(Part):
    """What a yearly report on internal control tells (kommuneloven § 25-2).

    `dead_letters` are events that could not be handled and lie waiting when the report is made; None where
    the bus could not be asked. `undelivered`: cases received in the period with a message that did not reach
    its reader.
    """

    due: int
    broken: int
    open_overdue: int
    undelivered: int
    dead_letters: int | None
    declarations_outdated: int | None
    corrections: int


class Improvement(Part):
    """Something that was changed because of what residents said."""

    text: str
    said: str
    changed: str
    place: str
    done_on: date


class MeasureWords(Part):
    """A measure as it is called and defined when the report is made."""

    name: InWords
    definition: InWords
    unit: Unit
    better: Better
    source: Source


class Report(Part):
    """The whole report; `version` 0 is a draft, which changes with the figures."""

    format: Literal[1] = 1
    """Another one where an older document would be read wrongly."""
    municipality: str
    municipality_name: str
    kind: ReportKind
    year: int
    number: int
    place_kind: ScopeKind
    place: str
    place_name: str
    made_at: datetime
    seen_on: date
    version: int = 0
    issued_at: datetime | None = None
    issued_by: str | None = None
    reason: str | None = None
    """Why this version takes the place of the one before."""
    is_public: bool = False
    withheld: Mapping[str, Mapping[str, tuple[Family, ...]]] = {}
    """What the results page hid, by tertial and section, when the report was made: its public edition hides it."""
    invented: bool = False
    """Its figures are of a simulated year: it says so in every format, also when they are long removed."""
    capitals: tuple[CapitalPart, ...]
    compared: tuple[Compared, ...] = ()
    trend: tuple[Point, ...] = ()
    internal_control: InternalControl | None = None
    improvements: tuple[Improvement, ...] = ()
    measures: Mapping[str, MeasureWords]

    @property
    def period(self) -> ReportPeriod:
        """The month, tertial or year it is about."""
        return ReportPeriod(self.kind, self.year, self.number)

    @property
    def days(self) -> Period:
        """From the first day to the last."""
        return self.period.days

    @property
    def scope(self) -> Scope:
        """What it is about."""
        return Scope(self.place_kind, self.place)

    @property
    def own_lines(self) -> list[Line]:
        """The indicators of the place it is about, not of the places under that."""
        return [line for place, line in self.lines if place.scope == self.scope]

    @property
    def lines(self) -> list[tuple[Place, Line]]:
        """Every indicator, in the balance sheet's order."""
        return [
            (place, line) for capital in self.capitals for place in capital.places for line in place.lines
        ]

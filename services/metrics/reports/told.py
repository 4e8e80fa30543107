"""A report in words: what the page and the printed report show, already said in one language."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class LightInWords:
    """A traffic light: `name` chooses the shape and colour, the words say the same."""

    name: str
    words: str


@dataclass(frozen=True)
class KeyFigure:
    """One of the first page's figures."""

    name: str
    value: str
    basis: str
    target: str
    before: str
    light: LightInWords


@dataclass(frozen=True)
class LineInWords:
    """An indicator with its target; `measure` and `place` are ids, for links."""

    measure: str
    name: str
    focus: str
    ambition: str
    how: str
    start: str
    target: str
    rule: str
    before: str
    last_year: str
    now: str
    basis: str
    source: str
    light: LightInWords


@dataclass(frozen=True)
class Explained:
    """Why something is off target, and what is done; without words where nobody has written any."""

    scope_kind: str
    scope: str
    measure: str
    title: str
    value: str
    light: LightInWords
    why: str
    action: str
    by: str


@dataclass(frozen=True)
class PlaceInWords:
    """A place's indicators, and the explanations of those off target."""

    name: str
    is_whole: bool
    lines: Sequence[LineInWords]
    explained: Sequence[Explained]


@dataclass(frozen=True)
class CapitalInWords:
    """A capital, in the order of the balance sheet."""

    title: str
    goal: str
    purpose: str
    years: str
    places: Sequence[PlaceInWords]


@dataclass(frozen=True)
class TableInWords:
    """Headings (the first of words, the others of figures), and rows."""

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str = ""


@dataclass(frozen=True)
class DefinitionInWords:
    """What a measure means, and what its target does; `said` is heading and text."""

    name: str
    said: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Told:
    """The whole report in one language."""

    language: str
    municipality: str
    title: str
    subtitle: str
    standing: str
    audience: str
    """Whether it tells of fewer than five cases, and so for whom it is."""
    invented: str
    """The notice that the figures are, or nothing."""
    is_draft: bool
    conclusion: Sequence[str]
    key_figures: Sequence[KeyFigure]
    actions: Sequence[Explained]
    where_targets: str
    """Where targets are set, where there are none; nothing else."""
    is_judged: bool
    """Whether anything the first page answers for was measured and has a target."""
    all_reached: bool
    """Whether everything the first page answers for, that was measured, is on target."""
    below: Sequence[Explained]
    """What is far off target in the places under the whole."""
    capitals: Sequence[CapitalInWords]
    columns: Sequence[str]
    """The columns of their tables, by the names of fields and labels: the period before a year is the last year."""
    trend: TableInWords
    trend_shares: Sequence[float | None]
    compared: TableInWords | None
    internal_control: TableInWords | None
    improvements: TableInWords | None
    definitions: Sequence[DefinitionInWords]
    labels: Mapping[str, str]

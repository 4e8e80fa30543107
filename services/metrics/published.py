"""What is published of a tertial: its months and service sections, topics and areas, as far as it may be told.

The results page and the open data read the same, so that neither tells what the other hides. A tertial's
months and sections are one table with its sums (`protection`). Topics stand within their section, and are told
only where it is. Areas divide the whole by themselves. A tertial is told once: none overlaps another, and no
year is summed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, get_args

from services.metrics.indicators import Dimension, Indicators, Promise, Response
from services.metrics.periods import Period
from services.metrics.protection import hidden_cells
from services.metrics.reading import Reading
from services.metrics.suppression import hidden, is_small, share_at_least

WHOLE = "*"
"""In place of a section: all of them together. No id has this form."""

Groups = Mapping[str | None, Indicators]
Count = Callable[[Indicators], int]
Line = tuple[bool, ...]
"""Which families of one row are hidden: received, due, verdict, answered."""

_FAMILIES: Sequence[Sequence[Count]] = (
    (lambda of: of.received.total,),
    (lambda of: of.promise.due,),
    (lambda of: of.promise.kept, lambda of: of.promise.broken),
    (lambda of: of.response.n,),
)
_DUE, _VERDICT = 1, 2
Family = Literal["received", "due", "verdict", "answered"]
"""Figures that are told or hidden together."""
_DECIMALS = 4


@dataclass(frozen=True)
class Told:
    """The figures of one row; None is not told, or nothing to compute it from.

    `share_at_least` stands in place of a share where fewer than five promises were broken.
    """

    received: int | None
    due: int | None
    kept: int | None
    share: float | None
    share_at_least: float | None
    answered: int | None
    median: float | None


@dataclass(frozen=True)
class Published:
    """A tertial; rows are by month and section, `WHOLE` for all sections, None for cases not given to any."""

    tertial: Period
    months: Sequence[Period]
    sections: Sequence[str | None]
    by_month: Mapping[tuple[Period, str | None], Told]
    by_section: Mapping[str | None, Told]
    by_topic: Mapping[tuple[str | None, str | None], Told]
    by_area: Mapping[str | None, Told]
    invented: bool = False
    """Of a simulated year."""

    @property
    def withheld(self) -> Mapping[str, Sequence[Family]]:
        """What is not told of the tertial's sections, and of all of them (`WHOLE`)."""
        return {
            section: tuple(
                family for family, hides in zip(get_args(Family), _untold(told), strict=True) if hides
            )
            for section, told in self.by_section.items()
            if section is not None and any(_untold(told))
        }


async def read(reading: Reading, tertial: Period) -> Published:
    """All that is published of a tertial; the month it is now counts among those that must not be reckoned."""
    whole, sections, topics, areas = await reading.grouped(
        [(), (Dimension.SECTION,), (Dimension.SECTION, Dimension.TOPIC), (Dimension.AREA,)], tertial
    )
    months = [month for month in _months(tertial) if month.first <= reading.today]
    by_month: list[Groups] = []
    for month in months:
        total, grouped = await reading.grouped([(), (Dimension.SECTION,)], month)
        by_month.append({key[0]: of for key, of in grouped.items()} | {WHOLE: total[()]})
    topics_in: dict[str | None, dict[str | None, Indicators]] = {}
    for (section, topic), of in topics.items():
        topics_in.setdefault(section, {})[topic] = of
    by_section = {key[0]: of for key, of in sections.items()} | {WHOLE: whole[()]}
    told = publish(
        tertial, months, by_month, by_section, topics_in, {key[0]: of for key, of in areas.items()}
    )
    return replace(told, invented=await reading.is_invented())


def publish(
    tertial: Period,
    months: Sequence[Period],
    by_month: Sequence[Groups],
    by_section: Groups,
    topics: Mapping[str | None, Groups],
    areas: Groups,
) -> Published:
    """What may be told of these figures; those by month and by section have all of them under `WHOLE`."""
    sections = sorted(
        {section for groups in (by_section, *by_month) for section in groups} - {WHOLE},
        key=lambda section: (section is None, section or ""),
    )
    columns = [*sections, WHOLE]
    lines = _lines(by_month, sections)
    sums = dict(zip(columns, lines[-1], strict=True))
    topics_told = {
        (section, topic): told
        for section, groups in topics.items()
        for topic, told in _divided(groups, sums[section]).items()
    }
    return Published(
        tertial,
        months,
        sections,
        {
            (month, section): _told(groups.get(section), hides)
            for month, groups, line in zip(months, by_month, lines, strict=False)
            for section, hides in zip(columns, line, strict=True)
        },
        {section: _told(by_section.get(section), sums[section]) for section in columns},
        topics_told,
        _divided(areas, sums[WHOLE]),
    )


def _months(tertial: Period) -> list[Period]:
    return [Period.months(tertial.first.year, tertial.first.month + number) for number in range(4)]


Row = tuple[str | None, Told]
"""A group's value in the dimension asked for, and what is told of it."""


def silences(every: Iterable[Published], period: Period, dimension: Dimension) -> Mapping[str | None, Line]:
    """Which families these tertials hide of each group in a period of whole months.

    The period is put together of tertials and of months that tertials do not fill. Where one of these pieces hides
    a figure, their sum would tell it to whoever subtracts the others. Months are not published by topic or area.
    """
    found: dict[str | None, Line] = {}
    for one in every:
        for value, told in _rows_of(one, period, dimension):
            hides = _untold(told)
            known = found.get(value, (False,) * len(hides))
            found[value] = tuple(map(any, zip(known, hides, strict=True)))
    return found


def _rows_of(one: Published, period: Period, dimension: Dimension) -> Iterator[Row]:
    if period.first <= one.tertial.first and one.tertial.last <= period.last:
        match dimension:
            case Dimension.SECTION:
                yield from one.by_section.items()
            case Dimension.TOPIC:
                yield from ((topic, told) for (_, topic), told in one.by_topic.items())
            case Dimension.AREA:
                yield from one.by_area.items()
    elif dimension == Dimension.SECTION:
        for (month, section), told in one.by_month.items():
            if period.first <= month.first and month.last <= period.last:
                yield section, told


def last_published_month(today: date) -> date:
    """The last day of the newest month that open data tells of: a month is told once it is over."""
    return Period.months(today.year, today.month - 1).last


def _lines(by_month: Sequence[Groups], sections: Sequence[str | None]) -> list[list[Line]]:
    """Which families are hidden in each row of months and sections, the sums at the ends of it."""
    answers: list[list[list[bool]]] = []
    for family in _FAMILIES:
        tables = [
            [[count(month[section]) if section in month else 0 for section in sections] for month in by_month]
            for count in family
        ]
        answers.append(hidden_cells(*tables, besides=answers[_DUE] if len(answers) == _VERDICT else None))
    return [list(zip(*(answer[row] for answer in answers), strict=True)) for row in range(len(by_month) + 1)]


def _divided(groups: Groups, above: Line) -> dict[str | None, Told]:
    """Groups that add up to one row above them: nothing where it is hidden, else what subtraction leaves."""
    values = list(groups)
    hides: list[list[bool]] = []
    for place, family in enumerate(_FAMILIES):
        columns = [[count(groups[value]) for value in values] for count in family]
        chosen = hidden(*columns, besides=hides[_DUE] if place == _VERDICT else None)
        hides.append([above[place] or one for one in chosen])
    lines = zip(*hides, strict=True)
    return {value: _told(groups[value], line) for value, line in zip(values, lines, strict=True)}


def _told(of: Indicators | None, hides: Line) -> Told:
    received, due, verdict, answered = hides
    promise = of.promise if of else Promise()
    response = of.response if of else Response()
    few_broken = verdict and not due and is_small(promise.broken)
    return Told(
        received=None if received else (of.received.total if of else 0),
        due=None if due else promise.due,
        kept=None if verdict else promise.kept,
        share=None if verdict else _rounded(promise.share),
        share_at_least=share_at_least(promise.due) if few_broken else None,
        answered=None if answered else response.n,
        median=None if answered else _rounded(response.median),
    )


def _untold(told: Told) -> Line:
    return (told.received is None, told.due is None, told.kept is None, told.answered is None)


def _rounded(figure: float | None) -> float | None:
    return None if figure is None else round(figure, _DECIMALS)

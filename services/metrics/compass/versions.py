"""The Kommunekompass's versions: areas, criteria and most points, each version a file in `versions/`.

Source of 2010: the evaluators' published scheme, with Lillehammer's report of 2010 as the worked example.
"""

from collections.abc import Mapping
from decimal import Decimal
from functools import cache, cached_property
from pathlib import Path
from types import MappingProxyType

import yaml
from pydantic import BaseModel, ConfigDict

FOLDER = Path(__file__).parent / "versions"
Words = Mapping[str, str]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _CriterionEntry(_Part):
    most: int
    name: dict[str, str]


class _AreaEntry(_Part):
    name: dict[str, str]
    short: dict[str, str]
    criteria: list[_CriterionEntry]


class Criterion(_Part):
    """`id` is the number people use, such as 1.4; `most` is its most points."""

    id: str
    most: int
    name: dict[str, str]

    @property
    def field(self) -> str:
        """The number as part of a form field's name."""
        return f"k{self.id.replace('.', '_')}"


class Area(_Part):
    """One of the eight areas; `short` is its name beside a bar."""

    number: int
    name: dict[str, str]
    short: dict[str, str]
    criteria: tuple[Criterion, ...]

    @property
    def most(self) -> int:
        """Most points of its criteria together."""
        return sum(criterion.most for criterion in self.criteria)


class Example(_Part):
    """A published result; points by criterion's id."""

    name: str
    year: int
    points: dict[str, Decimal]


class Mean(_Part):
    """The mean total of a group of municipalities."""

    municipalities: int
    total: Decimal
    group: dict[str, str]


class Version(_Part):
    """A version of the Kommunekompass."""

    version: str
    areas: tuple[Area, ...]
    examples: tuple[Example, ...]
    means: tuple[Mean, ...]

    @cached_property
    def criteria(self) -> Mapping[str, Criterion]:
        """All criteria by id, in order."""
        return MappingProxyType({one.id: one for area in self.areas for one in area.criteria})

    @property
    def most(self) -> int:
        """Most points in all."""
        return sum(area.most for area in self.areas)


class _ExampleEntry(_Part):
    name: str
    year: int
    points: list[Decimal]


class _File(_Part):
    version: str
    areas: list[_AreaEntry]
    examples: list[_ExampleEntry] = []
    means: list[Mean] = []


@cache
def versions() -> Mapping[str, Version]:
    """All versions by name, the newest first."""
    found = [_read(path) for path in sorted(FOLDER.glob("*.yaml"), reverse=True)]
    return MappingProxyType({version.version: version for version in found})


def _read(path: Path) -> Version:
    # The base loader keeps 6.0 as it is written, so that a score is never a binary fraction.
    file = _File.model_validate(yaml.load(path.read_text("utf-8"), Loader=yaml.BaseLoader))
    areas = tuple(
        Area(
            number=number,
            name=area.name,
            short=area.short,
            criteria=tuple(
                Criterion(id=f"{number}.{place}", most=criterion.most, name=criterion.name)
                for place, criterion in enumerate(area.criteria, 1)
            ),
        )
        for number, area in enumerate(file.areas, 1)
    )
    ids = [criterion.id for area in areas for criterion in area.criteria]
    examples = tuple(
        Example(name=one.name, year=one.year, points=dict(zip(ids, one.points, strict=True)))
        for one in file.examples
    )
    return Version(version=file.version, areas=areas, examples=examples, means=tuple(file.means))

"""How a criterion is judged and points add up: pure rules, stated in decision 16.

A self-assessment judges each criterion from four sides, each 0 to 10. All four weigh alike, and together they
give their share of the criterion's most points, rounded to a tenth. An assessment by others gives points
outright. Only what is in force and documented scores.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from services.metrics.compass.versions import Area, Criterion, Version

SIDES = ("system", "extent", "result", "evaluation")
MOST_OF_A_SIDE = 10
_TENTH = Decimal("0.1")


class Method(StrEnum):
    """Who judges: the municipality itself, from four sides, or others, whose points are entered."""

    SELF = "self"
    EXTERNAL = "external"


class Evidence(BaseModel):
    """A document; it counts from the day it is in force. `from_system`: found by Svarfrist itself."""

    model_config = ConfigDict(frozen=True)

    title: str
    link: str = ""
    in_force: date
    from_system: bool = False


class Judgement(BaseModel):
    """How one criterion was judged: None is not judged yet."""

    model_config = ConfigDict(frozen=True)

    system: int | None = None
    extent: int | None = None
    result: int | None = None
    evaluation: int | None = None
    points: Decimal | None = None
    note: str = ""
    evidence: tuple[Evidence, ...] = ()

    def sides(self) -> tuple[int | None, ...]:
        """The four sides in order."""
        return self.system, self.extent, self.result, self.evaluation

    def is_documented(self, on: date) -> bool:
        """Whether anything that is in force on this day documents it."""
        return any(evidence.in_force <= on for evidence in self.evidence)


Judgements = Mapping[str, Judgement]
"""By criterion's id."""


def points_of(judgement: Judgement, criterion: Criterion, method: Method) -> Decimal | None:
    """The criterion's points, to a tenth; None where it is not judged whole."""
    if method is Method.EXTERNAL:
        return judgement.points
    sides = judgement.sides()
    given = [side for side in sides if side is not None]
    if len(given) < len(sides):
        return None
    whole = Decimal(sum(given) * criterion.most) / (MOST_OF_A_SIDE * len(sides))
    return whole.quantize(_TENTH, ROUND_HALF_UP)


def total(points: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of raw points, never of rounded ones; None where nothing is judged."""
    given = [one for one in points if one is not None]
    return sum(given, Decimal(0)) if given else None


@dataclass(frozen=True)
class AreaSheet:
    """An area with its points by criterion."""

    area: Area
    points: Mapping[str, Decimal | None]

    @property
    def sum(self) -> Decimal | None:
        """The area's points."""
        return total(self.points.values())

    @property
    def missing(self) -> Sequence[Criterion]:
        """What has not been judged."""
        return [one for one in self.area.criteria if self.points[one.id] is None]


@dataclass(frozen=True)
class Sheet:
    """A whole assessment in points."""

    version: Version
    areas: tuple[AreaSheet, ...]

    @classmethod
    def of(cls, version: Version, points: Mapping[str, Decimal | None]) -> "Sheet":
        """From points by criterion."""
        return cls(
            version,
            tuple(
                AreaSheet(area, {one.id: points.get(one.id) for one in area.criteria})
                for area in version.areas
            ),
        )

    @classmethod
    def judged(cls, version: Version, judgements: Judgements, method: Method) -> "Sheet":
        """From judgements."""
        return cls.of(
            version,
            {
                id_: points_of(judgements[id_], criterion, method)
                for id_, criterion in version.criteria.items()
                if id_ in judgements
            },
        )

    @property
    def points(self) -> Mapping[str, Decimal | None]:
        """By criterion's id."""
        return {id_: points for area in self.areas for id_, points in area.points.items()}

    @property
    def total(self) -> Decimal | None:
        """All areas together."""
        return total(area.sum for area in self.areas)

    @property
    def missing(self) -> Sequence[Criterion]:
        """What has not been judged."""
        return [one for area in self.areas for one in area.missing]

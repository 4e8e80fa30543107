"""Targets and their traffic light: the rule that says green, amber or red, and says itself."""

from dataclasses import dataclass
from enum import StrEnum
from math import isclose

from services.metrics.measures import MEASURES, Better, Measure
from shared.municipality import Municipality, Target


class Light(StrEnum):
    """How a value stands to its target. Shown with a shape and a word, never by its colour alone."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    NO_VALUE = "no_value"
    """There is a target and nothing was measured."""
    NO_TARGET = "no_target"

    @property
    def is_off(self) -> bool:
        """Whether the target was missed, near or far: somebody should say why."""
        return self in {Light.AMBER, Light.RED}


@dataclass(frozen=True)
class Rule:
    """At `green` or better is green, else at `amber` or better is amber, else red.

    Better is higher or lower; a measure where neither is better has no rule.
    """

    green: float
    amber: float
    higher: bool

    @classmethod
    def of(cls, measure: Measure, target: float | None, tolerance: float) -> "Rule | None":
        """The rule of a target; None without one."""
        if target is None or measure.better == Better.NEITHER:
            return None
        higher = measure.better == Better.HIGHER
        amber = target - tolerance if higher else target + tolerance
        # Written in decimals, so 0.9 - 0.1 is meant to be 0.8 and nothing beside it.
        return cls(target, round(amber, 10), higher)

    def light(self, value: float | None) -> Light:
        """What a value gets."""
        if value is None:
            return Light.NO_VALUE
        if self._reaches(value, self.green):
            return Light.GREEN
        return Light.AMBER if self._reaches(value, self.amber) else Light.RED

    def _reaches(self, value: float, limit: float) -> bool:
        if isclose(value, limit, rel_tol=1e-9, abs_tol=1e-12):
            return True
        return value > limit if self.higher else value < limit


def targets_of(municipality: Municipality, year: int, section: str | None) -> list[Target]:
    """The targets of a year: a section's own, or the whole municipality's, in the order of the balance sheet."""
    order = {measure: place for place, measure in enumerate(MEASURES)}
    found = [
        target
        for target in municipality.balance.targets
        if year in target.years and target.section == section
    ]
    return sorted(found, key=lambda target: order[target.measure.value])

"""What a visitor has chosen to see, as it stands in the address of a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlencode

from services.metrics.api import period_of
from services.metrics.indicators import Dimension, Organisation
from services.metrics.periods import Period, Preset
from shared.web.errors import InvalidProblem
from shared.web.i18n import Message

PARAMETERS = {
    Dimension.SECTION: "seksjon",
    Dimension.UNIT: "enhet",
    Dimension.TOPIC: "tema",
    Dimension.AREA: "sted",
    Dimension.KIND: "slag",
    Dimension.CHANNEL: "kanal",
}
"""The dimensions that cases can be chosen by on the pages, and their names in addresses."""
NEXT = (Dimension.SECTION, Dimension.UNIT, Dimension.TOPIC, Dimension.KIND)
"""The way down from the municipality."""
LONGEST_ID = 100
MOST_YEARS = 50
"""A longer period would be compared with one of before there was a calendar."""
NOW = "na"
"""The organisation of now, in addresses; without it, that of then."""


@dataclass(frozen=True)
class Selection:
    """A period, by name or by its days, and what is chosen of each dimension.

    `by` is what the figures are divided by, `organisation` whose a case is: the unit's that had it then, or of what
    that unit is now. `typed` is what the visitor wrote as days where that is a fault.
    """

    period: Period
    preset: Preset | None = None
    chosen: Mapping[Dimension, str] = field(default_factory=dict)
    by: Dimension = Dimension.SECTION
    organisation: Organisation = Organisation.THEN
    faults: Mapping[str, Message] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, query: Mapping[str, str], today: date, default: Preset) -> "Selection":
        """What an address says. A wrong day or period is a fault, and the default is shown meanwhile."""
        chosen = {
            dimension: query[name][:LONGEST_ID] for dimension, name in PARAMETERS.items() if query.get(name)
        }
        by = next((one for one, name in PARAMETERS.items() if name == query.get("etter")), below(chosen))
        organisation = Organisation.NOW if query.get("organisasjon") == NOW else Organisation.THEN
        asked = cls(Period.of(default, today), None, chosen, by, organisation)
        if query.get("fra") or query.get("til"):
            typed = {name: query.get(name, "") for name in ("fra", "til")}
            try:
                period = period_of(typed["fra"], typed["til"], names=("fra", "til"))
            except InvalidProblem as problem:
                return replace(asked, faults=problem.fields, typed=typed)
            if period.days > MOST_YEARS * 366:
                fault = Message("insight.too_long", {"most": MOST_YEARS})
                return replace(asked, faults={"til": fault}, typed=typed)
            return replace(asked, period=period)
        name = query.get("periode", "")
        if named := Period.named(name):
            return replace(asked, period=named)
        preset = next((preset for preset in Preset if preset == name), None)
        if name and preset is None:
            fault = Message("insight.no_such_period", {"name": name[:LONGEST_ID]})
            return replace(asked, faults={"fra": fault})
        return replace(asked, period=Period.of(preset or default, today), preset=preset or default)

    def query(self) -> str:
        """The selection as the query of an address that always means the same."""
        chosen = {PARAMETERS[one]: value for one, value in self.chosen.items()}
        divided = {} if self.by == below(self.chosen) else {"etter": PARAMETERS[self.by]}
        organisation = {"organisasjon": NOW} if self.organisation == Organisation.NOW else {}
        return urlencode({**self._when(), **chosen, **divided, **organisation})

    def _when(self) -> dict[str, str]:
        if self.preset:
            return {"periode": self.preset.value}
        if self.period.name:
            return {"periode": self.period.name}
        return {"fra": self.period.first.isoformat(), "til": self.period.last.isoformat()}

    def with_preset(self, preset: Preset) -> "Selection":
        """The same cases in another period."""
        return replace(self, preset=preset)

    def in_period(self, period: Period) -> "Selection":
        """The same cases in another period, that of an address which always means the same days."""
        return replace(self, period=period, preset=None)

    def narrowed(self, dimension: Dimension, value: str) -> "Selection":
        """The same, of one value of a dimension, divided by what comes below it."""
        return self._of({**self.chosen, dimension: value})

    def without(self, *dimensions: Dimension) -> "Selection":
        """The same, of all values of these dimensions."""
        return self._of({one: value for one, value in self.chosen.items() if one not in dimensions})

    def divided(self, by: Dimension) -> "Selection":
        """The same cases, divided by another dimension."""
        return replace(self, by=by)

    def widened(self) -> "Selection":
        """The same period, of all cases."""
        return self._of({})

    def _of(self, chosen: Mapping[Dimension, str]) -> "Selection":
        return replace(self, chosen=chosen, by=below(chosen))


def below(chosen: Mapping[Dimension, str]) -> Dimension:
    """What figures are divided by next on the way down: section, unit, topic, kind."""
    depth = max((NEXT.index(one) + 1 for one in chosen if one in NEXT), default=0)
    return NEXT[min(depth, len(NEXT) - 1)]

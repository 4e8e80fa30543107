"""What a visitor has chosen to see, as it stands in the address of a page."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlencode

from services.metrics.api import period_of
from services.metrics.indicators import Dimension
from services.metrics.periods import Period, Preset
from shared.web.errors import InvalidProblem
from shared.web.i18n import Message

PARAMETERS = {
    Dimension.SECTION: "seksjon",
    Dimension.UNIT: "enhet",
    Dimension.TOPIC: "tema",
    Dimension.AREA: "sted",
    Dimension.KIND: "slag",
}
"""The dimensions that cases can be chosen by on the pages, and their names in addresses."""
LONGEST_ID = 100


@dataclass(frozen=True)
class Selection:
    """A period, by name or by its days, and what is chosen of each dimension.

    `typed` is what the visitor wrote as days where that is a fault.
    """

    period: Period
    preset: Preset | None = None
    chosen: Mapping[Dimension, str] = field(default_factory=dict)
    faults: Mapping[str, Message] = field(default_factory=dict)
    typed: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, query: Mapping[str, str], today: date, default: Preset) -> "Selection":
        """What an address says. A wrong day is a fault, and the default is shown meanwhile."""
        chosen = {
            dimension: query[name][:LONGEST_ID] for dimension, name in PARAMETERS.items() if query.get(name)
        }
        if query.get("fra") or query.get("til"):
            try:
                period = period_of(query.get("fra", ""), query.get("til", ""), names=("fra", "til"))
            except InvalidProblem as problem:
                typed = {name: query.get(name, "") for name in ("fra", "til")}
                return cls(Period.of(default, today), None, chosen, problem.fields, typed)
            return cls(period, None, chosen)
        preset = next((preset for preset in Preset if preset == query.get("periode")), default)
        return cls(Period.of(preset, today), preset, chosen)

    def query(self) -> str:
        """The selection as the query of an address that always means the same."""
        period = (
            {"periode": self.preset.value}
            if self.preset
            else {"fra": self.period.first.isoformat(), "til": self.period.last.isoformat()}
        )
        return urlencode({**period, **{PARAMETERS[name]: value for name, value in self.chosen.items()}})

    def with_preset(self, preset: Preset) -> "Selection":
        """The same cases in another period."""
        return replace(self, preset=preset)

    def narrowed(self, dimension: Dimension, value: str) -> "Selection":
        """The same, of one value of a dimension."""
        return replace(self, chosen={**self.chosen, dimension: value})

    def widened(self) -> "Selection":
        """The same period, of all cases."""
        return replace(self, chosen={})

"""What the ids in the facts are called, and in which order they are shown."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from services.metrics.indicators import Dimension
from services.metrics.organisation import successor
from shared.events import Channel, Kind
from shared.municipality import Municipality
from shared.municipality.organisation import Area, Section, Unit
from shared.web.i18n import Wording


class Names:
    """The municipality's names in one language. An id it no longer knows is its own name."""

    def __init__(self, municipality: Municipality, say: Wording) -> None:
        self._municipality = municipality
        self._say = say

    @property
    def municipality(self) -> str:
        """What the municipality is called."""
        return self._municipality.look.name

    def name(self, dimension: Dimension, value: str | None) -> str:
        """What a value of a dimension is called; in words where a case has none."""
        known = self._municipality
        if value is None:
            return self._say.text(f"insight.none.{dimension}")
        match dimension:
            case Dimension.TOPIC:
                return known.topics[value].name(self._say.language) if value in known.topics else value
            case Dimension.KIND | Dimension.CHANNEL:
                # Cases imported from another system may have kinds and channels of its own.
                ours = value in {*Kind, *Channel}
                return self._say.text(f"insight.{dimension}.{value}") if ours else value
            case _:
                parts: Mapping[Dimension, Mapping[str, Section | Unit | Area]] = {
                    Dimension.SECTION: known.sections,
                    Dimension.UNIT: known.units,
                    Dimension.AREA: known.areas,
                }
                part = parts[dimension].get(value)
                return part.name if part else value

    def successor(self, unit_id: str | None, today: date) -> str | None:
        """The unit that has taken over from one that has ended, by its id."""
        return successor(self._municipality, unit_id, today)

    def teams(self, unit_id: str) -> Sequence[str]:
        """The units that are part of a unit, by their ids."""
        return [team for team in self._municipality.with_teams(unit_id) if team != unit_id]

    def in_order(self, dimension: Dimension, values: Iterable[str | None]) -> list[str | None]:
        """In the order of the municipality's files, which ranks nobody; unknown ones and none last."""
        order = {value: place for place, value in enumerate(self.values(dimension))}
        return sorted(
            values, key=lambda value: (value is None, order.get(value or "", len(order)), value or "")
        )

    def values(self, dimension: Dimension) -> Sequence[str]:
        """All there are now."""
        known = self._municipality
        match dimension:
            case Dimension.SECTION:
                return tuple(known.sections)
            case Dimension.UNIT:
                return tuple(known.units)
            case Dimension.TOPIC:
                return tuple(known.topics)
            case Dimension.AREA:
                return tuple(known.areas)
            case Dimension.KIND:
                return tuple(Kind)
            case Dimension.CHANNEL:
                return tuple(Channel)

    def choices(self, dimension: Dimension) -> list[tuple[str, str]]:
        """Values and names to choose from."""
        return [(value, self.name(dimension, value)) for value in self.values(dimension)]

    def units_by_section(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Units to choose from, under their sections."""
        known = self._municipality
        return [
            (
                section.name,
                [(unit.id, unit.name) for unit in known.units.values() if unit.section == section.id],
            )
            for section in known.sections.values()
        ]

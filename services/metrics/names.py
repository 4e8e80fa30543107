"""What the ids in the facts are called, and in which order they are shown."""

from collections.abc import Iterable, Sequence

from services.metrics.indicators import Dimension
from shared.events import Channel, Kind
from shared.municipality import Municipality
from shared.web.i18n import Wording


class Names:
    """The municipality's names in one language. An id it no longer knows is its own name."""

    def __init__(self, municipality: Municipality, say: Wording) -> None:
        self._municipality = municipality
        self._say = say

    def name(self, dimension: Dimension, value: str | None) -> str:
        """What a value of a dimension is called; in words where a case has none."""
        known = self._municipality
        if value is None:
            return self._say.text(f"insight.none.{dimension}")
        match dimension:
            case Dimension.SECTION:
                return known.sections[value].name if value in known.sections else value
            case Dimension.UNIT:
                return known.units[value].name if value in known.units else value
            case Dimension.TOPIC:
                return known.topics[value].name(self._say.language) if value in known.topics else value
            case Dimension.AREA:
                return known.areas[value].name if value in known.areas else value
            case Dimension.KIND | Dimension.CHANNEL:
                ours = {*Kind, *Channel}  # what another system calls its own stays what it is
                return self._say.text(f"insight.{dimension}.{value}") if value in ours else value

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
            case _:
                return tuple(Kind)

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

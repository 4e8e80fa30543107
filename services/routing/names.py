"""What units, people, topics and areas are called; an id that the configuration no longer has, names itself."""

from dataclasses import dataclass

from shared.municipality import Municipality, Topic


@dataclass(frozen=True)
class Names:
    """The names of one municipality."""

    municipality: Municipality

    def unit(self, unit_id: str | None) -> str:
        """The unit's name; nothing where there is none."""
        unit = self.municipality.units.get(unit_id or "")
        return unit.name if unit else unit_id or ""

    def person(self, person_id: str | None) -> str:
        """The person's name; nothing where there is nobody."""
        person = self.municipality.people.get(person_id or "")
        return person.name if person else person_id or ""

    def topic(self, topic_id: str | None, language: str) -> str:
        """The topic's name; nothing where there is none."""
        topic: Topic | None = self.municipality.topics.get(topic_id or "")
        return topic.name(language) if topic else topic_id or ""

    def area(self, area_id: str | None) -> str:
        """The area's name; nothing where there is none."""
        area = self.municipality.areas.get(area_id or "")
        return area.name if area else area_id or ""

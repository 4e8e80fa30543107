"""A municipality as the services see it: who owns what, who is at work, what is promised."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from shared.events import AssignmentReason
from shared.law import Law
from shared.municipality.declarations import (
    CalendarOptions,
    LawOptions,
    Messages,
    Pauses,
    PromiseRule,
    Reminders,
    Rung,
)
from shared.municipality.look import Look
from shared.municipality.organisation import Area, Person, Role, Section, Unit
from shared.municipality.parts import Id, Language, Part
from shared.municipality.targets import BalanceSheet
from shared.municipality.topic_search import Indexed, search
from shared.municipality.topics import Topic
from shared.workdays import WorkCalendar


@dataclass(frozen=True, slots=True)
class Ownership:
    """Which unit a submission belongs to, and why; the words for the reason are in the catalogue."""

    unit_id: str
    reason: AssignmentReason


class Municipality(Part):
    """A configuration folder, loaded and free of faults. Everything in it is known by its id.

    Days are arguments: the organisation is the one of that day. An id that is not in the configuration raises
    KeyError, but for `owner`, which takes whatever a resident or another system sent.
    """

    id: Id
    version: str
    """Twelve hex digits that change when any file of the folder does."""
    folder: Path
    look: Look
    sections: dict[str, Section]
    units: dict[str, Unit]
    people: dict[str, Person]
    areas: dict[str, Area]
    topics: dict[str, Topic]
    front_desk: Id
    director: Id
    promises: tuple[PromiseRule, ...]
    reminders: Reminders
    pauses: Pauses
    calendar_options: CalendarOptions
    law_options: LawOptions
    balance: BalanceSheet = BalanceSheet()
    messages: Messages = Messages()

    @property
    def languages(self) -> tuple[Language, ...]:
        """The languages its pages come in, the usual one first."""
        return self.look.languages

    @property
    def ladder(self) -> tuple[Rung, ...]:
        """The reminder ladder, in the order in which its rungs come."""
        return self.reminders.ladder

    @cached_property
    def calendar(self) -> WorkCalendar:
        """Its working days, closed days of its own included."""
        return WorkCalendar.closing(
            self.calendar_options.closed_days,
            christmas_eve_closed=self.calendar_options.christmas_eve_closed,
            new_years_eve_closed=self.calendar_options.new_years_eve_closed,
        )

    @cached_property
    def law(self) -> Law:
        """The law's deadlines as they stand here."""
        return Law.standing(
            fvl2025_from=self.law_options.fvl2025_from, access_topics=self.law_options.access_topics
        )

    @property
    def logo(self) -> Path:
        """The SVG file with its logo."""
        return self.folder / self.look.logo

    @property
    def texts_folder(self) -> Path | None:
        """Its own wording, None where it uses ours throughout."""
        folder = self.folder / "texts"
        return folder if folder.is_dir() else None

    def owner(self, topic: str | None, area: str | None, on: date) -> Ownership:
        """The unit that a submission about this, from there, belongs to on this day.

        Never fails: what nobody owns goes to the front desk, and the reason says so. A unit that has ended
        is followed to the one that replaced it.
        """
        if topic is None:
            return Ownership(self.front_desk, AssignmentReason.NO_TOPIC)
        if topic not in self.topics:
            return Ownership(self.front_desk, AssignmentReason.UNKNOWN_TOPIC)
        owners = self.topics[topic].owners
        if area in owners:
            unit = self._successor(owners[area], on)
            if unit:
                return Ownership(unit, AssignmentReason.TOPIC_AND_AREA)
        unit = self._successor(self.topics[topic].owner, on)
        if unit:
            return Ownership(unit, AssignmentReason.TOPIC)
        return Ownership(self.front_desk, AssignmentReason.NO_OWNER)

    def caseworkers(self, unit_id: str, on: date) -> tuple[Person, ...]:
        """The unit's caseworkers who are at work on this day, by id; those on leave are left out."""
        return tuple(person for person in self._caseworkers[unit_id] if person.at_work(on))

    def members(self, unit_id: str) -> tuple[Person, ...]:
        """Everyone in the unit, whatever their role and wherever they are today, by id."""
        return self._members[unit_id]

    def at_work(self, person_id: str, on: date) -> bool:
        """Employed on this day, and not away."""
        return self.people[person_id].at_work(on)

    def leader_of(self, unit_id: str) -> Person:
        """The unit's leader."""
        return self.people[self.units[unit_id].leader]

    def section_leader_of(self, unit_id: str) -> Person:
        """The leader of the section the unit is in."""
        return self.people[self.section_of(unit_id).leader]

    def section_of(self, unit_id: str) -> Section:
        """The section the unit is in."""
        return self.sections[self.units[unit_id].section]

    def with_teams(self, unit_id: str) -> tuple[str, ...]:
        """A unit and all units that are part of it, or of those; in the order of the file."""
        return self._with_teams.get(unit_id, (unit_id,))

    def units_led_by(self, person_id: str) -> tuple[Unit, ...]:
        """The units whose work someone answers for: her own with their teams, a section leader's, or all.

        In the order of the file; empty for those who lead nothing.
        """
        return tuple(unit for unit in self.units.values() if person_id in self._leaders[unit.id])

    def substitute_for(self, person_id: str, on: date) -> Person | None:
        """Who stands in for someone who is away: the first at work in the chain of substitutes.

        None for a person who is at work, and where there is nobody.
        """
        person, seen = self.people[person_id], set[str]()
        if person.at_work(on):
            return None
        while person.substitute and person.id not in seen:
            seen.add(person.id)
            person = self.people[person.substitute]
            if person.at_work(on):
                return person
        return None

    def promise_for(
        self, kind: str, topic: str | None, area: str | None, channel: str, on: date
    ) -> PromiseRule | None:
        """What a submission like this is promised on this day; None where nothing is.

        The most specific promise wins: the one with the most keys under `match`; among as many keys topic
        weighs more than area, area more than kind, kind more than channel. `check` refuses two that are equal
        on the same day, so the answer does not depend on their order in the file.
        """
        fitting = (
            rule
            for rule in self.promises
            if rule.in_force(on) and rule.match.fits(kind, topic, area, channel)
        )
        return max(fitting, key=lambda rule: rule.match.specificity, default=None)

    def promise(self, promise_id: str) -> PromiseRule:
        """The promise of this id, in force or not."""
        return next(rule for rule in self.promises if rule.id == promise_id)

    def search_topics(self, words: str, language: str) -> list[Topic]:
        """The topics a resident may mean, best first; all of them, by name, where nothing is typed."""
        return search(self._topic_index, words, language)

    @cached_property
    def _topic_index(self) -> tuple[Indexed, ...]:
        return tuple(Indexed.of(topic, position) for position, topic in enumerate(self.topics.values()))

    @cached_property
    def _members(self) -> Mapping[str, tuple[Person, ...]]:
        members = defaultdict[str, list[Person]](list)
        for person in sorted(self.people.values(), key=lambda person: person.id):
            if person.unit:
                members[person.unit].append(person)
        return {unit: tuple(members[unit]) for unit in self.units}

    @cached_property
    def _caseworkers(self) -> Mapping[str, tuple[Person, ...]]:
        return {
            unit: tuple(person for person in members if Role.CASEWORKER in person.roles)
            for unit, members in self._members.items()
        }

    @cached_property
    def _leaders(self) -> Mapping[str, frozenset[str]]:
        """Everyone above each unit: its leader, those it is part of, its section's, the director."""
        leaders = {}
        for unit in self.units.values():
            above = {self.director, self.sections[unit.section].leader}
            level: Unit | None = unit
            while level:
                above.add(level.leader)
                level = self.units[level.part_of] if level.part_of else None
            leaders[unit.id] = frozenset(above)
        return leaders

    @cached_property
    def _with_teams(self) -> Mapping[str, tuple[str, ...]]:
        found = defaultdict[str, list[str]](list)
        for unit in self.units.values():
            level: Unit | None = unit
            while level:
                found[level.id].append(unit.id)
                level = self.units[level.part_of] if level.part_of else None
        return {unit: tuple(parts) for unit, parts in found.items()}

    def _successor(self, unit_id: str, on: date) -> str | None:
        """The unit itself while it is in force, else the one that replaced it; None where none is."""
        followed = set[str]()
        unit: Unit | None = self.units[unit_id]
        while unit and unit.id not in followed:
            if unit.in_force(on):
                return unit.id
            followed.add(unit.id)
            ended = unit.valid_to is not None and unit.valid_to < on
            unit = self.units[unit.replaced_by] if ended and unit.replaced_by else None
        return None

"""What no single item can know: that everything it points to is there, and makes sense together."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from shared.colour import READABLE, WHITE, contrast, parse
from shared.municipality.declarations import LawOptions, PromiseRule, Reminders
from shared.municipality.look import Look
from shared.municipality.organisation import Area, Person, Role, Section, Unit
from shared.municipality.parts import Part, Words
from shared.municipality.targets import IN_PER_CENT, Goal, Reports, Target
from shared.municipality.topics import Topic
from shared.municipality.yaml_document import Document, Entry, Place, closest


@dataclass(frozen=True, slots=True)
class Parts:
    """The folder's files with what could be read of them; items with faults of their own are left out."""

    organisation: Document
    topic_file: Document
    promise_file: Document
    look_file: Document
    balance_file: Document
    areas: Sequence[Entry[Area]]
    sections: Sequence[Entry[Section]]
    units: Sequence[Entry[Unit]]
    people: Sequence[Entry[Person]]
    topics: Sequence[Entry[Topic]]
    promises: Sequence[Entry[PromiseRule]]
    goals: Sequence[Entry[Goal]]
    targets: Sequence[Entry[Target]]
    reports: Reports
    look: Look | None
    reminders: Reminders | None
    law: LawOptions | None


def check_references(parts: Parts, folder: Path) -> None:
    """Add what is wrong between the items to the faults of the document it stands in."""
    _Checks(parts, folder).run()


class _Checks:
    def __init__(self, parts: Parts, folder: Path) -> None:
        self.parts = parts
        self.folder = folder
        self.organisation = parts.organisation
        self.people = {entry.value.id: entry.value for entry in reversed(parts.people)}
        self.units = {entry.value.id: entry.value for entry in reversed(parts.units)}
        self.staffed = {person.unit for person in self.people.values() if Role.CASEWORKER in person.roles}

    def run(self) -> None:
        self._ids_are_unique()
        self._offices_are_filled()
        for section in self.parts.sections:
            self._person(section.path, "leader", section.value.leader, Role.LEADER)
        for unit in self.parts.units:
            self._unit(unit)
        for person in self.parts.people:
            self._member(person)
        for topic in self.parts.topics:
            self._topic(topic)
        for promise in self.parts.promises:
            self._promise(promise)
        self._promises_differ()
        self._balance_sheet()
        self._access_topics(self.parts.law.access_topics if self.parts.law else ())
        if self.parts.look:
            self._look(self.parts.look)
            self._languages(self.parts.look)

    def _ids_are_unique(self) -> None:
        lists = (
            (self.organisation, "areas"),
            (self.organisation, "sections"),
            (self.organisation, "units"),
            (self.organisation, "people"),
            (self.parts.topic_file, "topics"),
            (self.parts.promise_file, "promises"),
            (self.parts.balance_file, "goals"),
            (self.parts.balance_file, "targets"),
        )
        for document, key in lists:
            first = document.ids(key)
            for index, item in enumerate(document.data.get(key) or []):
                identity = item.get("id") if isinstance(item, dict) else None
                if isinstance(identity, str) and first[identity] != index:
                    line = document.line((key, first[identity], "id"))
                    message = f"the id {identity!r} is already used in line {line}; ids must be unique"
                    document.fault((key, index, "id"), message)
        emails: dict[str, Entry[Person]] = {}
        for person in self.parts.people:
            earlier = emails.setdefault(person.value.email.casefold(), person)
            if earlier is not person:
                message = (
                    f"{earlier.value.id!r} has the same e-mail address; each person needs one of their own"
                )
                self.organisation.fault((*person.path, "email"), message)
        rungs: set[str] = set()
        for index, rung in enumerate(self.parts.reminders.ladder if self.parts.reminders else ()):
            if rung.id in rungs:
                message = f"the id {rung.id!r} is used twice in the ladder; ids must be unique"
                self.parts.promise_file.fault(("reminders", "ladder", index, "id"), message)
            rungs.add(rung.id)

    def _offices_are_filled(self) -> None:
        data = self.organisation.data
        if isinstance(data.get("director"), str):
            self._person((), "director", data["director"], Role.DIRECTOR)
        desk = data.get("front_desk")
        if isinstance(desk, str) and self._known((), "front_desk", desk, "unit") and desk in self.units:
            staff = (person.roles for person in self.people.values() if person.unit == desk)
            if not any(Role.FRONT_DESK in roles for roles in staff):
                message = (
                    f"nobody in the unit {desk!r} has the role front_desk; give it to at least one person"
                )
                self.organisation.fault(("front_desk",), message)

    def _unit(self, entry: Entry[Unit]) -> None:
        unit, path = entry.value, entry.path
        self._known(path, "section", unit.section, "section")
        self._person(path, "leader", unit.leader, Role.LEADER)
        for index, area in enumerate(unit.areas):
            self._known((*path, "areas"), index, area, "area")
        if unit.part_of and self._known(path, "part_of", unit.part_of, "unit"):
            parent = self.units.get(unit.part_of)
            if parent and parent.section != unit.section:
                message = f"the unit it is part of is in the section {parent.section!r}; use the same"
                self.organisation.fault((*path, "section"), message)
        if unit.replaced_by:
            self._known(path, "replaced_by", unit.replaced_by, "unit")
            if unit.valid_to is None:
                message = "a unit that is replaced needs the last day it exists; add 'to'"
                self.organisation.fault((*path, "replaced_by"), message)
        for key in ("part_of", "replaced_by"):
            if self._runs_in_a_circle(unit, key):
                message = f"{key!r} leads from {unit.id!r} back to itself; break the circle"
                self.organisation.fault((*path, key), message)
        if unit.id not in self.staffed:
            message = (
                f"the unit {unit.id!r} has no caseworker; add a person with this unit and the role caseworker"
            )
            self.organisation.fault((*path, "id"), message)

    def _runs_in_a_circle(self, start: Unit, key: str) -> bool:
        seen: set[str] = set()
        following: Unit | None = start
        while following and following.id not in seen:
            seen.add(following.id)
            following = self.units.get(getattr(following, key) or "")
        return following is start

    def _member(self, entry: Entry[Person]) -> None:
        person, path = entry.value, entry.path
        if person.unit:
            self._known(path, "unit", person.unit, "unit")
        elif {Role.CASEWORKER, Role.FRONT_DESK} & set(person.roles):
            self.organisation.fault(path, f"{person.id!r} is a caseworker and needs a unit; add 'unit'")
        if person.substitute == person.id:
            message = f"{person.id!r} is their own substitute; name somebody else"
            self.organisation.fault((*path, "substitute"), message)
        elif person.substitute:
            self._known(path, "substitute", person.substitute, "person")

    def _topic(self, entry: Entry[Topic]) -> None:
        topic, path, document = entry.value, entry.path, self.parts.topic_file
        self._owner(topic, (*path, "owner"), topic.owner, None)
        for area, unit in topic.owners.items():
            if self._known((*path, "owners"), area, area, "area", document):
                self._owner(topic, (*path, "owners", area), unit, area)
        owner = self.units.get(topic.owner)
        for area_entry in self.parts.areas:
            area = area_entry.value.id
            if owner and area not in topic.owners and not owner.covers(area):
                message = f"{owner.id!r} does not cover {area!r}: add an owner for it to 'owners'"
                document.fault((*path, "owner"), message)

    def _owner(self, topic: Topic, path: Place, unit_id: str, area: str | None) -> None:
        document = self.parts.topic_file
        if not self._known(path[:-1], path[-1], unit_id, "unit", document):
            return
        unit = self.units.get(unit_id)
        if unit and not unit.covers(area):
            message = (
                f"the unit {unit_id!r} does not cover {area!r}; add the area to the unit, or choose another"
            )
            document.fault(path, message)
        if unit and unit.valid_to and not unit.replaced_by:
            message = (
                f"the unit {unit_id!r} ends on {unit.valid_to} and nobody owns {topic.id!r} after that; "
                "give the unit 'replaced_by', or the topic another owner"
            )
            document.fault(path, message)

    def _promise(self, entry: Entry[PromiseRule]) -> None:
        match, path, document = entry.value.match, (*entry.path, "match"), self.parts.promise_file
        if match.topic:
            self._known(path, "topic", match.topic, "topic", document)
        if match.area:
            self._known(path, "area", match.area, "area", document)

    def _promises_differ(self) -> None:
        for one, other in combinations(self.parts.promises, 2):
            if one.value.match == other.value.match and one.value.overlaps(other.value):
                message = (
                    f"{other.value.id!r} and {one.value.id!r} are for the same submissions on the same days; "
                    "end one before the other begins, or make one more specific under 'match'"
                )
                self.parts.promise_file.fault((*other.path, "id"), message)

    def _balance_sheet(self) -> None:
        document = self.parts.balance_file
        for one, other in combinations(self.parts.goals, 2):
            if one.value.capital == other.value.capital and one.value.overlaps(other.value):
                message = (
                    f"{other.value.id!r} and {one.value.id!r} are goals of the same capital on the same days; "
                    "end one before the other begins"
                )
                document.fault((*other.path, "id"), message)
        goals = {entry.value.id: entry.value for entry in self.parts.goals}
        first: dict[tuple[object, ...], Target] = {}
        for entry in self.parts.targets:
            target = entry.value
            if self._known(entry.path, "goal", target.goal, "goal", document) and target.goal in goals:
                self._years_of(entry, goals[target.goal])
            if target.section:
                self._known(entry.path, "section", target.section, "section", document)
            self._in_per_cent(entry)
            for year in target.years:
                earlier = first.setdefault((year, target.section, target.measure), target)
                if earlier is not target:
                    message = f"{earlier.id!r} is a target for the same measure in {year} already; end one"
                    document.fault((*entry.path, "measure"), message)
        for kind in ("monthly", "tertial", "annual"):
            schedule = getattr(self.parts.reports, kind)
            for index, unit in enumerate(schedule.offices if schedule else ()):
                self._known(("reports", kind, "offices"), index, unit, "unit", document)
        self._committees()

    def _committees(self) -> None:
        document, reports = self.parts.balance_file, self.parts.reports
        first: set[str] = set()
        for number, committee in enumerate(reports.committees):
            path = ("reports", "committees", number)
            for index, section in enumerate(committee.sections):
                self._known((*path, "sections"), index, section, "section", document)
            for index, unit in enumerate(committee.offices):
                self._known((*path, "offices"), index, unit, "unit", document)
            if committee.id in first:
                document.fault((*path, "id"), f"the committee {committee.id!r} is here twice; remove one")
            first.add(committee.id)
        if reports.committees and reports.tertial is None:
            message = "committees get tertial reports; add 'tertial', which says when they are issued"
            document.fault(("reports", "committees"), message)

    def _years_of(self, entry: Entry[Target], goal: Goal) -> None:
        begins, ends = goal.valid_from, goal.valid_to
        for index, year in enumerate(entry.value.years):
            if begins and ends and not begins.year <= year <= ends.year:
                message = f"the goal {goal.id!r} is for {begins.year} to {ends.year}, not {year}"
                self.parts.balance_file.fault((*entry.path, "years", index), message)

    def _in_per_cent(self, entry: Entry[Target]) -> None:
        if entry.value.measure not in IN_PER_CENT:
            return
        for key in ("start", "target", "tolerance"):
            amount = getattr(entry.value, key)
            if amount is not None and not 0 <= amount <= 1:
                message = f"{entry.value.measure.value} is a share; write {key!r} in per cent, such as 90 %"
                self.parts.balance_file.fault((*entry.path, key), message)

    def _access_topics(self, topics: Sequence[str]) -> None:
        for index, topic in enumerate(topics):
            self._known(("law", "access_topics"), index, topic, "topic", self.parts.promise_file)

    def _look(self, look: Look) -> None:
        document = self.parts.look_file
        if not (self.folder / look.logo).is_file() or not look.logo.endswith(".svg"):
            document.fault(
                ("logo",), f"there is no SVG file {look.logo!r} in the folder; add it, or mend the name"
            )
        found = contrast(parse(look.colours.primary), WHITE)
        if found < READABLE:
            message = (
                f"white text on {look.colours.primary} has a contrast of {found:.1f}:1 and needs "
                f"{READABLE}:1 (WCAG 2.2); choose a darker colour"
            )
            document.fault(("colours", "primary"), message)
        for index, language in enumerate(look.languages):
            if language in look.languages[:index]:
                document.fault(("languages", index), f"the language {language!r} is here twice; remove one")

    def _languages(self, look: Look) -> None:
        documents = (
            (self.parts.topic_file, [*_with_words(self.parts.topics)]),
            (self.parts.promise_file, [*_with_words(self.parts.promises)]),
            (self.parts.look_file, [(("appeals", "words"), look.appeals.words)]),
            (
                self.parts.balance_file,
                [*_with_words(self.parts.goals), *_with_words(self.parts.targets)],
            ),
        )
        for document, texts in documents:
            for path, words in texts:
                for language in look.languages:
                    if language not in words.given:
                        document.fault(path, f"{path[-1]!r} lacks the language {language!r}; add it")

    def _person(self, path: Place, key: str, person_id: str, role: Role) -> None:
        person = self.people.get(person_id)
        if self._known(path, key, person_id, "person") and person and role not in person.roles:
            message = f"{person_id!r} does not have the role {role.value}; add it to the person's roles"
            self.organisation.fault((*path, key), message)

    def _known(
        self, path: Place, key: int | str, wanted: str, what: str, document: Document | None = None
    ) -> bool:
        """Whether an id exists; if not, that is a fault where it stands: in the organisation unless told."""
        source, name = {
            "person": (self.organisation, "people"),
            "unit": (self.organisation, "units"),
            "section": (self.organisation, "sections"),
            "area": (self.organisation, "areas"),
            "topic": (self.parts.topic_file, "topics"),
            "goal": (self.parts.balance_file, "goals"),
        }[what]
        if source.root is None:
            return False
        known = source.ids(name)
        if wanted in known:
            return True
        message = f"there is no {what} {wanted!r} in {source.name}{closest(wanted, list(known))}"
        (document or self.organisation).fault((*path, key), message)
        return False


def _with_words(
    entries: Sequence[Entry[Topic]]
    | Sequence[Entry[PromiseRule]]
    | Sequence[Entry[Goal]]
    | Sequence[Entry[Target]],
) -> Iterator[tuple[Place, Words]]:
    for entry in entries:
        item: Part = entry.value
        for key in type(item).model_fields:
            words = getattr(item, key)
            if isinstance(words, Words):
                yield (*entry.path, key), words

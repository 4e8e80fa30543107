"""The parts of a municipality's configuration, each as its YAML file spells it."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date, time
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from shared.events import Channel, Kind

Language = Literal["nb", "nn", "en"]


class Role(StrEnum):
    """What a person may do; one person may have several."""

    CASEWORKER = "caseworker"
    LEADER = "leader"
    FRONT_DESK = "front_desk"
    DIRECTOR = "director"
    ADMINISTRATOR = "administrator"


class Recipient(StrEnum):
    """Who a rung of the reminder ladder reaches, seen from the case."""

    RESIDENT = "resident"
    CASEWORKER = "caseworker"
    UNIT_LEADER = "unit_leader"
    SECTION_LEADER = "section_leader"
    DIRECTOR = "director"


def _matching(pattern: str, wish: str) -> AfterValidator:
    expression = re.compile(pattern)

    def checked(value: str) -> str:
        if not expression.fullmatch(value):
            message = f"{value!r} {wish}"
            raise ValueError(message)
        return value

    return AfterValidator(checked)


Id = Annotated[
    str,
    _matching(
        r"[a-z0-9]+(-[a-z0-9]+)*",
        "is no valid id; use small letters a-z, digits and single hyphens, such as 'vei-og-vinterdrift'",
    ),
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Email = Annotated[
    str, _matching(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", "is no e-mail address; write one such as post@sorum.example")
]
Colour = Annotated[str, _matching(r"#[0-9a-fA-F]{6}", "is no colour; write six hex digits such as '#0b5394'")]
WebAddress = Annotated[str, _matching(r"https?://[^\s/]+\S*", "is no web address; begin it with https://")]
Kostra = Annotated[str, _matching(r"\d{3}", "is no KOSTRA function code; these have three digits, such as 332")]
Rule = Annotated[
    str,
    _matching(
        r"P[1-9]\d{0,2}(D|WD|W|M|Y)",
        "is no promise rule; write P5D (days), P10WD (working days), P1W (weeks), P1M (months) or P1Y (years)",
    ),
]


class Part(BaseModel):
    """Immutable, and strict about keys: a misspelt one is a fault, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Words(Part):
    """The same text in each language; `words["nn"]` falls back to bokmål where nynorsk or English is missing."""

    nb: Text | None = None
    nn: Text | None = None
    en: Text | None = None

    def __getitem__(self, language: str) -> str:
        """The text in this language, else in the first language there is; empty where there is none."""
        return self.given.get(language) or next(iter(self.given.values()), "")

    @property
    def given(self) -> Mapping[str, str]:
        """The languages that have a text, with it."""
        texts = (("nb", self.nb), ("nn", self.nn), ("en", self.en))
        return {language: text for language, text in texts if text}


class Dated(Part):
    """Holds from one day to another, both included; without a day it has always held, or goes on."""

    valid_from: date | None = Field(default=None, alias="from")
    valid_to: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            message = f"'from' ({self.valid_from}) is after 'to' ({self.valid_to}); swap them or mend one"
            raise ValueError(message)
        return self

    def in_force(self, on: date) -> bool:
        """Whether it holds on this day."""
        return (self.valid_from or date.min) <= on <= (self.valid_to or date.max)

    def overlaps(self, other: "Dated") -> bool:
        """Whether there is a day on which both hold."""
        starts = max(self.valid_from or date.min, other.valid_from or date.min)
        return starts <= min(self.valid_to or date.max, other.valid_to or date.max)


class Area(Part):
    """A place with a service centre of its own (lokalsenter)."""

    id: Id
    name: Text


class Section(Dated):
    """The upper level (seksjon, tjenesteområde), or a municipal enterprise, which is a legal entity of its own."""

    id: Id
    name: Text
    leader: Id
    kind: Literal["section", "enterprise", "staff", "intermunicipal"] = "section"


class Unit(Dated):
    """What owns topics and cases (virksomhet); `part_of` makes it a team of another unit.

    `areas` are the areas it covers: none means all of them. `replaced_by` takes over its topics once it has
    ended.
    """

    id: Id
    name: Text
    section: Id
    leader: Id
    areas: tuple[Id, ...] = ()
    part_of: Id | None = None
    replaced_by: Id | None = None

    def covers(self, area: str | None) -> bool:
        """Whether it serves this area; every unit serves a case without one."""
        return area is None or not self.areas or area in self.areas


class Absence(Part):
    """Days away from work, both included."""

    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.first > self.last:
            message = f"'from' ({self.first}) is after 'to' ({self.last}); swap them or mend one"
            raise ValueError(message)
        return self


class Person(Dated):
    """Someone who works for the municipality; section leaders and the director need no unit."""

    id: Id
    name: Text
    email: Email
    roles: Annotated[tuple[Role, ...], Field(min_length=1)]
    unit: Id | None = None
    absences: tuple[Absence, ...] = ()
    substitute: Id | None = None

    def at_work(self, on: date) -> bool:
        """Employed on this day, and not away. Weekends and holidays are the calendar's business."""
        return self.in_force(on) and not any(absence.first <= on <= absence.last for absence in self.absences)


class Keywords(Part):
    """The words residents use for a topic, by language."""

    nb: Annotated[tuple[Text, ...], Field(min_length=1)]
    nn: Annotated[tuple[Text, ...], Field(min_length=1)]
    en: tuple[Text, ...] = ()


class Topic(Part):
    """What a submission is about; `owner` has it everywhere but in the areas that `owners` names."""

    id: Id
    names: Words
    description: Words
    keywords: Keywords
    kostra: tuple[Kostra, ...] = ()
    sensitive: bool = False
    owner: Id
    owners: dict[Id, Id] = Field(default_factory=dict)

    def name(self, language: str) -> str:
        """Its name in this language."""
        return self.names[language]


class PromiseMatch(Part):
    """What a promise is for; a key left out matches everything."""

    kind: Kind | None = None
    topic: Id | None = None
    area: Id | None = None
    channel: Channel | None = None

    @property
    def specificity(self) -> tuple[int, bool, bool, bool, bool]:
        """The more keys the more specific; among as many keys topic weighs most, then area, kind, channel."""
        keys = (self.topic is not None, self.area is not None, self.kind is not None, self.channel is not None)
        return sum(keys), *keys

    def fits(self, kind: str, topic: str | None, area: str | None, channel: str) -> bool:
        """Whether a submission like this is promised something by it."""
        pairs = ((self.kind, kind), (self.topic, topic), (self.area, area), (self.channel, channel))
        return all(wanted is None or wanted == given for wanted, given in pairs)


class PromiseRule(Dated):
    """A service declaration: when those it matches are answered, in the words residents see."""

    id: Id
    rule: Rule
    match: PromiseMatch = PromiseMatch()
    words: Words
    review_by: date | None = None

    @property
    def version(self) -> str:
        """Changes when anything about the rule does: what the resident was promised, and under which text."""
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()[:12]


class Rung(Part):
    """One step of the reminder ladder: so many working days before the due day, or after the breach.

    `before: 0` is the due day itself, `after: 0` the first working day on which the promise is broken.
    """

    id: Id
    before: Annotated[int, Field(ge=0)] | None = None
    after: Annotated[int, Field(ge=0)] | None = None
    to: Annotated[tuple[Recipient, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_before_or_after(self) -> Self:
        if (self.before is None) == (self.after is None):
            message = "give either 'before' (working days before the due day) or 'after' (after the breach)"
            raise ValueError(message)
        return self


class OfficeHours(Part):
    """When reminders may go out, local time on working days."""

    opens: time = Field(alias="from")
    closes: time = Field(alias="to")

    @model_validator(mode="after")
    def _opens_before_it_closes(self) -> Self:
        if self.opens >= self.closes:
            message = "office hours must open before they close"
            raise ValueError(message)
        return self


class Reminders(Part):
    """When and to whom reminders go; `ladder` in the order in which they come."""

    office_hours: OfficeHours
    ladder: Annotated[tuple[Rung, ...], Field(min_length=1)]


class CalendarOptions(Part):
    """Where this municipality's working days differ from the law's."""

    closed_christmas_eve: bool = False
    closed_new_years_eve: bool = False
    closed_days: dict[date, Text] = Field(default_factory=dict)
    """Own closed days, each with its reason."""


class Colours(Part):
    """`primary` carries white text (buttons, the header), `accent` is decoration only."""

    primary: Colour
    accent: Colour


class Address(Part):
    """Where to send a letter."""

    street: Text
    postcode: Annotated[str, _matching(r"\d{4}", "is no Norwegian postcode; these have four digits")]
    place: Text


class Appeals(Part):
    """Where to turn with an appeal on a decision (klage på vedtak), which is a scheme of its own."""

    words: Words
    email: Email | None = None
    url: WebAddress | None = None


class Look(Part):
    """How the municipality presents itself; the first language is the one pages begin with."""

    name: Text
    short_name: Text
    website: WebAddress
    email: Email
    phone: Text
    address: Address
    colours: Colours
    logo: Text
    """An SVG file in the folder."""
    appeals: Appeals
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]

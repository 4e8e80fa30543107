"""What residents are promised, who is reminded of it, and which days count (`promises.yaml`)."""

import hashlib
from datetime import date, time
from enum import StrEnum
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from shared import promise
from shared.events import Channel, Kind
from shared.municipality.parts import Dated, Id, Part, Text, Words, matching


def _checked_rule(text: str) -> str:
    try:
        promise.Rule.parse(text)
    except promise.RuleError as error:
        raise ValueError(str(error).removeprefix("the rule ")) from None
    return text


Rule = Annotated[str, AfterValidator(_checked_rule)]

LONGEST_PAUSES = {
    promise.Unit.DAYS: 92,
    promise.Unit.WORKING_DAYS: 65,
    promise.Unit.WEEKS: 13,
    promise.Unit.MONTHS: 3,
    promise.Unit.YEARS: 0,
}
"""Three months, in whatever unit: a question left for longer is a case that nobody works on."""


def _checked_pause(text: str) -> str:
    rule = promise.Rule.parse(text)
    if rule.count > LONGEST_PAUSES[rule.unit]:
        message = (
            f"{text!r} stops the clock for more than three months; write at most P3M, P13W, P92D or P65WD, "
            "and ask again where an answer is still needed"
        )
        raise ValueError(message)
    return text


class Recipient(StrEnum):
    """Who a rung of the reminder ladder reaches, seen from the case."""

    RESIDENT = "resident"
    CASEWORKER = "caseworker"
    UNIT_LEADER = "unit_leader"
    SECTION_LEADER = "section_leader"
    DIRECTOR = "director"


class PromiseMatch(Part):
    """What a promise is for; a key left out matches everything."""

    kind: Kind | None = None
    topic: Id | None = None
    area: Id | None = None
    channel: Channel | None = None

    @property
    def specificity(self) -> tuple[int, bool, bool, bool, bool]:
        """The more keys the more specific; among as many keys topic weighs most, then area, kind, channel."""
        keys = (
            self.topic is not None,
            self.area is not None,
            self.kind is not None,
            self.channel is not None,
        )
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

    def outdated(self, on: date) -> bool:
        """Whether it is in force on this day and its last day of review has passed."""
        return self.in_force(on) and self.review_by is not None and self.review_by < on


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


class Digest(Part):
    """Who would get many reminders on a morning gets one mail that lists the cases.

    :param least: how many make a digest; 0 for never.
    :param at: when it goes out, local time; as soon as the office opens where nothing is said.
    """

    least: Annotated[int, Field(alias="from", ge=0)] = 5
    at: time | None = None

    @model_validator(mode="after")
    def _is_of_several(self) -> Self:
        if self.least == 1:
            message = "a digest is of two reminders at least; write 'from: 2' or more, or 'from: 0' for never"
            raise ValueError(message)
        return self


class Reminders(Part):
    """When and to whom reminders go; `ladder` in the order in which they come."""

    office_hours: OfficeHours
    ladder: Annotated[tuple[Rung, ...], Field(min_length=1)]
    digest: Digest = Digest()

    @model_validator(mode="after")
    def _digests_go_out_in_office_hours(self) -> Self:
        hours, at = self.office_hours, self.digest.at
        if at is not None and not hours.opens <= at < hours.closes:
            message = "the digest's 'at' must lie within the office hours"
            raise ValueError(message)
        return self


class Messages(Part):
    """How residents are reached beside e-mail.

    :param sms: whether those who left a phone number and no e-mail get text messages.
    :param sms_sender: whom these come from, as phones show it.
    """

    sms: bool = False
    sms_sender: (
        Annotated[
            str,
            matching(
                r"(?=.{3,11}$)[A-Za-z][A-Za-z0-9 ]*[A-Za-z0-9]",
                "is no sender that phones show; write 3 to 11 letters a-z, digits and spaces, such as 'Sorum'",
            ),
        ]
        | None
    ) = None

    @model_validator(mode="after")
    def _has_a_sender(self) -> Self:
        if self.sms and self.sms_sender is None:
            message = "text messages need a sender; add 'sms_sender: NAME', or write 'sms: false'"
            raise ValueError(message)
        return self


class Pauses(Part):
    """Whether a promise's clock may stand still while the resident is asked something (`shared.pauses`)."""

    allowed: bool = True
    longest: Annotated[Rule, AfterValidator(_checked_pause)] = "P5WD"
    """For how long at most, as a rule is written, counted from the question; three months or less."""


class CalendarOptions(Part):
    """Where this municipality's working days differ from the law's."""

    christmas_eve_closed: bool = False
    new_years_eve_closed: bool = False
    closed_days: dict[date, Text] = Field(default_factory=dict)
    """Own closed days, each with its reason."""


class LawOptions(Part):
    """What the law's deadlines (`shared.law`) need to know of this municipality."""

    fvl2025_from: date | None = None
    """The day from which the Public Administration Act of 2025 is in force; none until the King has decided it."""
    access_topics: tuple[Id, ...] = ()
    """A question about one of these is taken as a request for access to documents."""

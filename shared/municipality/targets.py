"""The balance sheet's goals and targets, and the reports on them (`targets.yaml`).

The complete balance sheet (det fullstendige balanseregnskapet): one four-year goal per capital, and under it,
for each year, targets for the municipality as a whole or for a section, each measured by an indicator.
"""

from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from shared.municipality.parts import Dated, Id, Part, Words

Capital = Literal["user", "human"]
"""Brukerkapital and menneskelig kapital: the two of the six that Svarfrist has indicators for."""

YEARS_OF_A_GOAL = 4


class MeasureId(StrEnum):
    """The indicators a target can be set for. What each is, is said in the metrics service (`measures`)."""

    PROMISE_KEPT = "promise_kept"
    INTERIM_IN_TIME = "interim_in_time"
    RESPONSE_MEDIAN = "response_median"
    RESPONSE_P90 = "response_p90"
    RESPONSE_MEDIAN_WITHOUT_PAUSES = "response_median_without_pauses"
    RESPONSE_P90_WITHOUT_PAUSES = "response_p90_without_pauses"
    HANDOVER_MEDIAN = "handover_median"
    HANDOVERS = "handovers"
    BACKLOG_OPEN = "backlog_open"
    BACKLOG_OVERDUE = "backlog_overdue"
    BACKLOG_OLDEST = "backlog_oldest"
    PRAISE_TO_COMPLAINTS = "praise_to_complaints"
    APPEALS_RECEIVED = "appeals_received"
    APPEALS_UPHELD = "appeals_upheld"
    APPEALS_UPHELD_BY_BODY = "appeals_upheld_by_body"
    APPEALS_DISMISSED = "appeals_dismissed"
    APPEALS_UPHELD_SHARE = "appeals_upheld_share"
    SATISFACTION_PROCESS = "satisfaction_process"
    SATISFACTION_OUTCOME = "satisfaction_outcome"
    SATISFACTION_ANSWER_RATE = "satisfaction_answer_rate"
    IMPROVEMENTS_CLOSED_SHARE = "improvements_closed_share"
    ARENAS_SHARE = "arenas_share"
    ARENA_ACTIVITY = "arena_activity"
    DECLARATIONS_CURRENT_SHARE = "declarations_current_share"
    SURVEY_AGE_MONTHS = "survey_age_months"
    COMPASS_1_4 = "compass_1_4"
    COMPASS_2_2 = "compass_2_2"
    COMPASS_2_5 = "compass_2_5"
    COMPASS_2_6 = "compass_2_6"
    ENQUIRIES_PER_1000 = "enquiries_per_1000"
    SUGGESTIONS_RECEIVED = "suggestions_received"
    SUGGESTIONS_IMPLEMENTED_SHARE = "suggestions_implemented_share"
    SUGGESTIONS_PER_EMPLOYEE = "suggestions_per_employee"
    ROSES_GIVEN = "roses_given"


def _amount(text: object) -> object:
    """`90 %` is 0.9, `2,5` is 2.5. What is no number is left for Pydantic to refuse."""
    if not isinstance(text, str):
        return text
    figure = text.strip().replace("\N{NO-BREAK SPACE}", " ").replace(",", ".")
    share = figure.endswith("%")
    try:
        number = float(figure.removesuffix("%").strip())
    except ValueError:
        message = f"{text!r} is no number; write one such as 90 % or 2.5"
        raise ValueError(message) from None
    # Through the decimals as written, so that 57 % is 0.57 and not 0.5699999999999999.
    return round(number / 100, 10) if share else number


def _finite(number: float) -> float:
    if not abs(number) < float("inf"):
        message = f"{number} is no number that can be reached"
        raise ValueError(message)
    return number


Amount = Annotated[float, BeforeValidator(_amount), AfterValidator(_finite)]
Tolerance = Annotated[Amount, Field(ge=0)]


class Goal(Dated):
    """What a capital is to come to in four years (mål), and why (hensikt)."""

    id: Id
    capital: Capital
    purpose: Words
    goal: Words

    @model_validator(mode="after")
    def _lasts_four_years(self) -> Self:
        if self.valid_from is None or self.valid_to is None:
            message = f"the goal {self.id!r} needs its first and last day; add 'from' and 'to'"
            raise ValueError(message)
        if (self.valid_to - self.valid_from).days > YEARS_OF_A_GOAL * 366:
            message = f"the goal {self.id!r} is for more than four years; end it, and begin another"
            raise ValueError(message)
        return self


class Target(Part):
    """A target for an indicator, in one year or several: of the whole municipality, or of a section.

    `start` is the value when the goal began, `tolerance` how far from the target is still amber. All three are
    in the indicator's own unit: shares in per cent, lengths of time in days.
    """

    id: Id
    goal: Id
    years: Annotated[tuple[int, ...], Field(min_length=1)]
    section: Id | None = None
    measure: MeasureId
    focus: Words
    """The year's focus (fokus): what is done in particular."""
    ambition: Words
    how: Words
    """How it is measured, in the words of whoever set the target."""
    start: Amount | None = None
    target: Amount
    tolerance: Tolerance = 0.0


class Reader(StrEnum):
    """Who a report is sent to, seen from what it is about."""

    UNIT_LEADER = "unit_leader"
    SECTION_LEADER = "section_leader"
    DIRECTOR = "director"
    ADMINISTRATOR = "administrator"


class Schedule(Part):
    """When a kind of report is issued, and to whom it is sent.

    `issue` and `explain_by` count working days after the period's last day. `offices` are units whose leaders
    get the report too: the political secretariat, which lays it before the committees and the council.
    """

    issue: Annotated[int, Field(ge=0)]
    explain_by: Annotated[int, Field(ge=0)]
    readers: tuple[Reader, ...] = ()
    offices: tuple[Id, ...] = ()

    @model_validator(mode="after")
    def _explained_before_issued(self) -> Self:
        if self.explain_by >= self.issue:
            message = "'explain_by' must come before 'issue', so that what is written is in the report"
            raise ValueError(message)
        return self


class Committee(Part):
    """A political committee (utvalg) with the sections it answers for, together in one tertial report.

    `offices` are the units whose leaders lay the report before it.
    """

    id: Id
    name: Annotated[str, Field(min_length=1)]
    sections: Annotated[tuple[Id, ...], Field(min_length=1)]
    offices: Annotated[tuple[Id, ...], Field(min_length=1)]


class Reports(Part):
    """The schedules; a kind left out is made only when somebody asks for it (all of them left out: `USUAL`).

    `committees` get a tertial report each, of all their sections, issued with the municipality's.
    """

    monthly: Schedule | None = None
    tertial: Schedule | None = None
    annual: Schedule | None = None
    committees: tuple[Committee, ...] = ()

    def committee(self, committee_id: str) -> Committee | None:
        """The committee of this id; None where there is none."""
        return next((one for one in self.committees if one.id == committee_id), None)


USUAL = Reports(
    monthly=Schedule(
        explain_by=4, issue=6, readers=(Reader.UNIT_LEADER, Reader.SECTION_LEADER, Reader.DIRECTOR)
    ),
    tertial=Schedule(explain_by=8, issue=12, readers=(Reader.SECTION_LEADER, Reader.DIRECTOR)),
    annual=Schedule(
        explain_by=15, issue=25, readers=(Reader.SECTION_LEADER, Reader.DIRECTOR, Reader.ADMINISTRATOR)
    ),
)
"""The schedule of a municipality that has written none: its leaders get reports before any target is set."""


class BalanceSheet(Part):
    """The file as a whole; a municipality without it has no targets, and reports on the usual schedule."""

    goals: tuple[Goal, ...] = ()
    targets: tuple[Target, ...] = ()
    reports: Reports = USUAL

    def goal(self, goal_id: str) -> Goal:
        """The goal of this id."""
        return next(goal for goal in self.goals if goal.id == goal_id)


IN_PER_CENT = frozenset(
    {
        MeasureId.PROMISE_KEPT,
        MeasureId.INTERIM_IN_TIME,
        MeasureId.APPEALS_UPHELD_SHARE,
        MeasureId.SATISFACTION_ANSWER_RATE,
        MeasureId.IMPROVEMENTS_CLOSED_SHARE,
        MeasureId.ARENAS_SHARE,
        MeasureId.DECLARATIONS_CURRENT_SHARE,
        MeasureId.SUGGESTIONS_IMPLEMENTED_SHARE,
    }
)
"""Measures whose targets are shares: more than 100 % of them is a slip of the pen."""

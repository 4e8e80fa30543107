"""The reminder ladder of one promise: when each step is due, and what is to be done about those that are.

Pure: the scheduler brings the steps that are due and carries out what is decided here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.notify import people
from services.notify.case import Lapse, PromiseState, Verdict, judge
from services.notify.messages import MessageKind, Priority, Word, is_reachable
from services.notify.office_hours import next_office_time, opening
from services.notify.promises import said_by
from shared import promise
from shared.clock import oslo_day
from shared.events import Event, LapseReason, PromiseBroken, PromiseKept, PromiseLapsed, PromiseReminded
from shared.identity import derived_id
from shared.municipality import Municipality, Recipient, Rung
from shared.workdays import WorkCalendar

JUDGE = "judge"
"""The step that gives the verdict: when it was answered in time, else at midnight after the due day."""
LONGEST_DELAY = 5
"""Working days until the new day a resident is given; decision 0006."""
_VERDICTS: Mapping[PromiseState, type[PromiseKept | PromiseBroken]] = {
    PromiseState.KEPT: PromiseKept,
    PromiseState.BROKEN: PromiseBroken,
}


class Outcome(StrEnum):
    """What was done about a step; written in the ledger, once."""

    JUDGED = "judged"
    SENT = "sent"
    DIGEST = "digest"
    """Said, to one of its recipients at least, by a digest that lists many cases."""
    MERGED = "merged"
    """Its recipients were told by a later step that fell due at the same time."""
    SUPERSEDED = "superseded"
    """It would have reminded of a day that has passed."""
    SETTLED = "settled"
    """The case was answered or closed before."""
    TOLD = "told"
    """The resident had been given a later day already, by an interim answer."""
    REMOVED = "removed"
    """The municipality's ladder has no such rung any more."""
    MOVED = "moved"
    """The promise has another due day, and the step its place in the ladder of that day."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the ladder with the instant, in UTC, from which it is due."""

    step: str
    due_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class PromiseAtHand:
    """A promise with the case as it stands, for a decision about its steps."""

    case_id: UUID
    municipality: str
    version: int
    number: int
    is_moved: bool
    due_on: date
    due_without_pauses_on: date
    state: PromiseState
    answered_at: datetime | None
    lapse: Lapse | None
    is_ended: bool
    """Nobody needs reminding: the case is answered, closed, merged, or under another promise."""
    unit: str | None
    person: str | None
    has_email: bool
    expected_on: date | None
    waits_from: datetime | None = None
    """When the case's latest pause began, and when it ends or ended."""
    waits_until: datetime | None = None
    has_phone: bool = False

    @property
    def said_by(self) -> UUID:
        """The event that said this version of the promise."""
        return said_by(self.case_id, self.version, is_moved=self.is_moved)

    def is_waiting(self, at: datetime) -> bool:
        """Whether the clock stands still at an instant."""
        return bool(self.waits_from and self.waits_until and self.waits_from <= at < self.waits_until)


@dataclass(slots=True)
class Decision:
    """What is to be done about the due steps of one promise."""

    outcomes: dict[str, Outcome] = field(default_factory=dict)
    postponed: dict[str, datetime] = field(default_factory=dict)
    words: list[Word] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    verdict: Verdict | None = None


def steps(due_on: date, municipality: Municipality) -> list[Step]:
    """Every step of a promise's ladder, the verdict's included."""
    rungs = [
        Step(rung.id, opening(rung_day(rung, due_on, municipality.calendar), municipality))
        for rung in municipality.ladder
    ]
    return [*rungs, Step(JUDGE, promise.broken_from(due_on))]


def rung_day(rung: Rung, due_on: date, calendar: WorkCalendar) -> date:
    """The day a rung is for: so many working days before the due day, or after the first day of the breach."""
    if rung.before is not None:
        return calendar.add_working_days(due_on, -rung.before)
    first = calendar.next_working_day(due_on)
    return calendar.add_working_days(first, rung.after or 0)


def new_day(at_hand: PromiseAtHand, today: date, calendar: WorkCalendar) -> date:
    """The day a resident is told to expect an answer instead of the due day."""
    return calendar.add_working_days(max(at_hand.due_on, today), LONGEST_DELAY)


def verdict_event(at_hand: PromiseAtHand, verdict: Verdict, *, at: datetime) -> Event:
    """The event that records a verdict. All share one id, so that a version of a promise can have but one."""
    envelope: dict[str, Any] = {
        "id": derived_id(at_hand.case_id, at_hand.version, "verdict"),
        "at": at,
        "case_id": at_hand.case_id,
        "municipality": at_hand.municipality,
        "caused_by": at_hand.said_by,
        "version": at_hand.version,
        "number": at_hand.number,
    }
    if verdict.state is PromiseState.LAPSED:
        # The newest version of a promise says how it stands, so its end is a version too.
        envelope["version"] = at_hand.version + 1
        return PromiseLapsed(reason=verdict.reason or LapseReason.CLOSED, **envelope)
    return _VERDICTS[verdict.state](
        due_on=at_hand.due_on,
        judged_on=verdict.judged_on,
        due_without_pauses_on=at_hand.due_without_pauses_on,
        **envelope,
    )


def decide(
    at_hand: PromiseAtHand, due: Sequence[Step], municipality: Municipality, now: datetime
) -> Decision:
    """Decide about the due steps of one promise; each gets an outcome, or waits until the office opens."""
    decision = Decision()
    if any(step.step == JUDGE for step in due):
        _give_verdict(at_hand, decision, now)
        if len(due) == 1:
            return decision
    rungs = {rung.id: rung for rung in municipality.ladder}
    opens = next_office_time(now, municipality)
    climbed: list[Rung] = []
    for step in sorted(due, key=lambda step: step.due_at):
        if step.step == JUDGE:
            continue
        rung = rungs.get(step.step)
        unneeded = _unneeded(at_hand, rung, oslo_day(now))
        if unneeded or rung is None:
            decision.outcomes[step.step] = unneeded or Outcome.REMOVED
        elif Recipient.RESIDENT in rung.to and at_hand.waits_until and at_hand.is_waiting(now):
            # We wait for them: a word about delay would be about theirs.
            decision.postponed[step.step] = next_office_time(at_hand.waits_until, municipality)
        elif opens > now:
            decision.postponed[step.step] = opens
        else:
            climbed.append(rung)
    _climb(at_hand, climbed, decision, municipality, now)
    return decision


def _give_verdict(at_hand: PromiseAtHand, decision: Decision, now: datetime) -> None:
    if at_hand.state is PromiseState.OPEN:
        verdict = judge(at_hand.due_on, answered_at=at_hand.answered_at, lapse=at_hand.lapse, now=now)
        if verdict is None:  # what made it due has turned out to belong to another promise of the case
            decision.postponed[JUDGE] = promise.broken_from(at_hand.due_on)
            return
        decision.verdict = verdict
        decision.events.append(verdict_event(at_hand, verdict, at=now))
    decision.outcomes[JUDGE] = Outcome.JUDGED


def _unneeded(at_hand: PromiseAtHand, rung: Rung | None, today: date) -> Outcome | None:
    if at_hand.is_ended:
        return Outcome.SETTLED
    if rung is None:
        return Outcome.REMOVED
    to_resident = Recipient.RESIDENT in rung.to
    if to_resident and at_hand.expected_on and at_hand.expected_on > max(at_hand.due_on, today):
        return Outcome.TOLD
    if rung.before is not None and not to_resident and today > at_hand.due_on:
        return Outcome.SUPERSEDED
    return None


def _climb(
    at_hand: PromiseAtHand,
    rungs: Sequence[Rung],
    decision: Decision,
    municipality: Municipality,
    now: datetime,
) -> None:
    """Tell everyone that these rungs reach, each person once: the last rung that reaches someone says it."""
    today = oslo_day(now)
    told_by: dict[str | None, tuple[Rung, Recipient]] = {}
    for rung in rungs:
        for recipient in rung.to:
            person = people.reached(
                municipality, recipient, unit=at_hand.unit, person=at_hand.person, on=today
            )
            first_words = told_by.get(person)
            if first_words is None or first_words[0] is not rung:
                told_by[person] = rung, recipient
    for rung in rungs:
        mine = {person: recipient for person, (by, recipient) in told_by.items() if by is rung}
        decision.outcomes[rung.id] = Outcome.SENT if mine else Outcome.MERGED
        if not mine:
            continue
        expected_on = new_day(at_hand, today, municipality.calendar) if None in mine else None
        event_id = derived_id(at_hand.case_id, at_hand.version, rung.id)
        if not is_reachable(
            has_email=at_hand.has_email, has_phone=at_hand.has_phone, sms=municipality.messages.sms
        ):
            mine.pop(None, None)
        words = list(_words(at_hand, rung, mine, today, expected_on, event_id))
        decision.words += words
        decision.events.append(
            PromiseReminded(
                id=event_id,
                at=now,
                case_id=at_hand.case_id,
                municipality=at_hand.municipality,
                caused_by=at_hand.said_by,
                version=at_hand.version,
                step=rung.id,
                recipients=len(words),
                expected_on=expected_on,
            )
        )


def _words(
    at_hand: PromiseAtHand,
    rung: Rung,
    recipients: Mapping[str | None, Recipient],
    today: date,
    expected_on: date | None,
    caused_by: UUID,
) -> Iterator[Word]:
    for person, recipient in recipients.items():
        facts = {
            "due_on": at_hand.due_on.isoformat(),
            "role": recipient.value,
            "version": str(at_hand.version),
            "step": rung.id,
        }
        if person is None and expected_on:
            facts["expected_on"] = expected_on.isoformat()
        yield Word(
            key=f"{at_hand.case_id}/{at_hand.version}/{rung.id}/{person or 'resident'}",
            kind=_kind(rung, to_resident=person is None, is_broken=today > at_hand.due_on),
            case_id=at_hand.case_id,
            to_resident=person is None,
            person=person,
            priority=Priority.REMINDER,
            caused_by=caused_by,
            facts=facts,
        )


def _kind(rung: Rung, *, to_resident: bool, is_broken: bool) -> MessageKind:
    if to_resident:
        return MessageKind.DELAYED if is_broken else MessageKind.DELAY
    if rung.before is not None and not is_broken:
        return MessageKind.DUE_SOON
    return MessageKind.STILL_BROKEN if rung.after else MessageKind.BROKEN

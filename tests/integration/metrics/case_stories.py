"""Whole cases as lists of events, plausible or not: what figures are tested with."""

from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseInterimAnswered,
    CaseOpened,
    Channel,
    Event,
    FeedbackGiven,
    Kind,
    MessageFailed,
    MessageSent,
    PromiseBroken,
    Promised,
    PromiseKept,
    PromiseMade,
    PromiseReminded,
    SubmissionReceived,
    SubmissionSupplemented,
)

UNITS = {"kommunalteknikk": "teknisk", "bibliotek": "kultur", "kulturskolen": "kultur"}
BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


def story(random: Random, days: int = 60) -> list[Event]:
    """One case, at whatever times of 2026's first days the random source gives, to the minute."""
    received_at = BEGINNING + timedelta(minutes=random.randrange(days * 1440))
    case_id = _id(random)

    def later() -> datetime:
        return received_at + timedelta(minutes=random.randrange(20 * 1440))

    def say(model: type[Event], **fields: Any) -> Event:
        given = {"id": _id(random), "at": later(), "case_id": case_id, "municipality": "sorum", **fields}
        return model(**given)

    def maybe(chance: float, event: Event) -> list[Event]:
        return [event] if random.random() < chance else []

    unit = random.choice(sorted(UNITS))
    other = random.choice(sorted(UNITS))
    due_on: date = (received_at + timedelta(days=random.randrange(2, 12))).date()
    promised = random.random() < 0.8
    promise = Promised(promise_id="svargaranti", rule="P1W", rule_version="1", due_on=due_on)
    moved = {"promise_id": "svargaranti", "rule": "P1W", "rule_version": "1"}
    assigned = {"person": None, "reason": AssignmentReason.TOPIC}
    events: list[Event] = [
        say(
            SubmissionReceived,
            at=received_at,
            reference="7K3M-92QX",
            kind=random.choice(list(Kind)),
            topic=random.choice([None, "bibliotek", "vei-og-vinterdrift"]),
            area=random.choice([None, "heggedal"]),
            channel=random.choice(list(Channel)),
            language="nb",
            reply_wanted=promised,
            has_email=promised,
            promise=promise if promised else None,
        ),
        *maybe(0.9, say(CaseAssigned, unit=unit, section=UNITS[unit], **assigned)),
        *maybe(
            0.3,
            say(
                CaseAssigned,
                unit=other,
                section=UNITS[other],
                person=None,
                reason=AssignmentReason.HANDED_OVER,
                from_unit=unit,
            ),
        ),
        *maybe(0.8, say(CaseOpened, person="kari", unit=unit)),
        *maybe(0.2, say(CaseInterimAnswered, answer_id=_id(random), person="kari", unit=unit, expected_on=None)),
        *maybe(0.7, say(CaseAnswered, answer_id=_id(random), person="kari", unit=unit)),
        *maybe(0.2, say(CaseAnswered, answer_id=_id(random), person="kari", unit=unit)),
        *maybe(0.1, say(CaseClosed, person="kari", unit=unit)),
        *maybe(0.3, say(FeedbackGiven, helped=random.random() < 0.7, has_comment=False)),
        *maybe(0.1, say(FeedbackGiven, helped=random.random() < 0.7, has_comment=False)),
        *maybe(0.2, say(SubmissionSupplemented, supplement_id=_id(random))),
        *maybe(0.5, say(MessageSent, message_id=_id(random), message="receipt", to_resident=True, attempts=1)),
        *maybe(
            0.1,
            say(
                MessageFailed, message_id=_id(random), message="receipt", to_resident=True, attempts=9, error="550"
            ),
        ),
    ]  # fmt: skip
    if promised:
        events += [
            *maybe(0.9, say(PromiseMade, version=1, due_on=due_on, **moved)),
            *maybe(0.2, say(PromiseMade, version=2, due_on=due_on + timedelta(days=5), **moved)),
            *maybe(0.2, say(PromiseReminded, version=1, step="before", recipients=1)),
            *maybe(0.4, say(PromiseKept, version=1, due_on=due_on, judged_on=due_on)),
            *maybe(0.2, say(PromiseBroken, version=1, due_on=due_on, judged_on=due_on + timedelta(days=1))),
        ]
    return events


def stories(seed: int, cases: int, days: int = 60) -> list[Event]:
    """Many cases; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - invented cases
    return [event for _ in range(cases) for event in story(random, days)]


def _id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)

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
    CaseExtended,
    CaseImported,
    CaseInterimAnswered,
    CaseMerged,
    CaseOpened,
    CasePaused,
    CaseReclassified,
    CaseReopened,
    CaseRestarted,
    CaseResumed,
    Channel,
    Event,
    FeedbackGiven,
    Kind,
    LapseReason,
    MessageBounced,
    MessageFailed,
    MessageSent,
    MoveReason,
    PromiseBroken,
    Promised,
    PromiseKept,
    PromiseLapsed,
    PromiseMade,
    PromiseMoved,
    PromiseReminded,
    ResumeReason,
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
        *maybe(
            0.3,
            say(
                FeedbackGiven,
                helped=random.random() < 0.7,
                has_comment=False,
                process=random.choice([None, 1, 4, 5]),
                outcome=random.choice([None, 2, 3]),
            ),
        ),
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


def later_life(random: Random, first: SubmissionReceived) -> list[Event]:
    """What else may become of a case, plausible or not: pauses, another kind, another promise, a reopening."""
    case_id = first.case_id

    def at() -> datetime:
        return first.at + timedelta(minutes=random.randrange(30 * 1440))

    def say(model: type[Event], **fields: Any) -> Event:
        given = {"id": _id(random), "at": at(), "case_id": case_id, "municipality": "sorum", **fields}
        return model(**given)

    def maybe(chance: float, event: Event) -> list[Event]:
        return [event] if random.random() < chance else []

    who = {"person": "kari", "unit": random.choice(sorted(UNITS))}
    terms = {"promise_id": "svargaranti", "rule": "P1W", "rule_version": "1"}
    due_on = (first.at + timedelta(days=random.randrange(2, 40))).date()
    earlier = due_on - timedelta(days=random.randrange(3))
    moved = {"moved_from": earlier, "due_on": due_on, "due_without_pauses_on": earlier, **terms}
    paused = say(CasePaused, question_id=_id(random), until=due_on, **who)
    message = {"message_id": _id(random), "message": "receipt", "to_resident": True}
    events = [
        *maybe(0.2, paused),
        *maybe(0.1, say(CaseResumed, paused_by=paused.id, reason=ResumeReason.BY_CASEWORKER)),
        *maybe(0.1, say(CaseExtended, answer_id=_id(random), due_on=due_on, **who)),
        *maybe(0.1, say(CaseRestarted, answer_id=_id(random), counted_from=at(), **who)),
        *maybe(
            0.2,
            say(
                CaseReclassified,
                kind=random.choice(list(Kind)),
                topic="byggesak",
                area=random.choice([None, "vollen"]),
                promise=None,
                **who,
            ),
        ),
        *maybe(0.05, say(CaseMerged, into=_id(random), **who)),
        *maybe(0.1, say(MessageBounced, status="5.1.1", **message)),
        *maybe(0.2, say(CaseAnswered, answer_id=_id(random), waited_seconds=random.randrange(86400), **who)),
    ]
    if first.promise:
        events += maybe(0.3, say(PromiseMoved, version=3, number=1, reason=MoveReason.RESUMED, **moved))
        events += maybe(0.1, say(PromiseLapsed, version=4, number=1, reason=LapseReason.RECLASSIFIED))
    number = 1
    while random.random() < 0.2:
        number += 1
        reopened = say(CaseReopened, promise=None, **who)
        made_at = reopened.at + timedelta(minutes=random.randrange(3))
        made = say(PromiseMade, at=made_at, version=2 + 3 * number, number=number, due_on=due_on, **terms)
        changed = {**moved, "due_on": due_on + timedelta(days=1)}
        events += [
            reopened,
            *maybe(0.8, made),
            *maybe(0.2, say(PromiseMoved, version=3 + 3 * number, number=number, reason="paused", **changed)),
            *maybe(0.1, say(PromiseLapsed, version=4 + 3 * number, number=number, reason="merged")),
            *maybe(0.6, say(CaseAnswered, answer_id=_id(random), **who)),
        ]
    return events


def imported(random: Random, days: int) -> Event:
    """A case of another system."""
    received_at = BEGINNING + timedelta(minutes=random.randrange(days * 1440))
    answered_at = received_at + timedelta(minutes=random.randrange(20 * 1440))
    return CaseImported(
        id=_id(random),
        at=BEGINNING + timedelta(days=days),
        case_id=_id(random),
        municipality="sorum",
        system="arkivet",
        reference="2026/17",
        received_at=received_at,
        due_on=random.choice([None, (received_at + timedelta(days=7)).date()]),
        answered_at=random.choice([None, answered_at]),
        kind=random.choice([None, "complaint", "Henvendelse"]),
        topic=random.choice([None, "Veg"]),
        unit=random.choice([None, "Teknisk etat", "bibliotek"]),
        area=None,
        channel=random.choice([None, "Constituent Call"]),
    )


def stories(seed: int, cases: int, days: int = 60) -> list[Event]:
    """Many cases; the same for the same seed."""
    random = Random(seed)  # noqa: S311 - invented cases
    events: list[Event] = []
    for _ in range(cases):
        told = story(random, days)
        first = told[0]
        assert isinstance(first, SubmissionReceived)
        events += [*told, *later_life(random, first)]
        if random.random() < 0.1:
            events.append(imported(random, days))
    return events


def _id(random: Random) -> UUID:
    return UUID(int=random.getrandbits(128), version=4)

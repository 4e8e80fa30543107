"""A life as the events that the services would have said about it, each marked as invented.

The promise is reckoned by the same calculus as the real one; when each word about it was said is simplified.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime
from random import Random
from typing import Any, TypeVar

from deploy.simulation.lives import Act, Deed, Life
from shared import pauses
from shared.clock import OSLO, oslo_day
from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseExtended,
    CaseInterimAnswered,
    CaseMerged,
    CaseOpened,
    CasePaused,
    CaseReclassified,
    CaseReopened,
    CaseRestarted,
    CaseResumed,
    Event,
    FeedbackGiven,
    LapseReason,
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
from shared.identity import new_id, new_reference
from shared.municipality import Municipality, Recipient, Rung
from shared.promise import Deadline, Rule, broken_from, deadline, kept

HELPED_FROM = 3
Said = TypeVar("Said", bound=Event)


def told(life: Life, municipality: Municipality, year: int, seed: int) -> list[Event]:
    """Its events, in the order of their time; the same ids for the same seed."""
    teller = _Teller(life, municipality, lambda one: Random(f"{seed}/{year}/{one.number}/told"))  # noqa: S311 - invented
    return sorted(teller.events(), key=lambda event: event.at)


class _Teller:
    """Tells one life, and keeps the promise as it goes."""

    def __init__(self, life: Life, municipality: Municipality, like: Callable[[Life], Random]) -> None:
        random = like(life)
        self._like = like
        self._life = life
        self._municipality = municipality
        self._calendar = municipality.calendar
        self._bytes = random.randbytes
        self._random = random
        self.case_id = new_id(life.received_at, self._bytes)
        self._said: list[Event] = []
        self._kind, self._topic = life.kind, life.topic
        self._unit = municipality.owner(life.topic, life.area, oslo_day(life.received_at)).unit_id
        self._person: str | None = None
        self._version = 0
        self._number = 1
        self._promised: Promised | None = None
        self._base: Deadline | None = None
        self._due_on: date | None = None
        self._settled = False

    def events(self) -> list[Event]:
        """All of them."""
        life = self._life
        if life.reply_wanted:
            self._promised = self._promise(life.received_at)
        self._say(
            SubmissionReceived, life.received_at,
            reference=new_reference(self._bytes), kind=life.kind, topic=life.topic, area=life.area,
            channel=life.channel, language=life.language, reply_wanted=life.reply_wanted,
            has_email=life.has_email, promise=self._promised,
        )  # fmt: skip
        reason = AssignmentReason.TOPIC if life.topic else AssignmentReason.NO_TOPIC
        self._assign(life.received_at, self._unit, reason)
        self._begin_promise(life.received_at)
        self._message("receipt", life.received_at, to_resident=True)
        for deed in life.deeds:
            self._remind_until(deed.at)
            self._acts[deed.act](deed)
        self._settle(None)
        return self._said

    @property
    def _acts(self) -> dict[Act, Any]:
        return {
            Act.OPEN: lambda deed: self._say(CaseOpened, deed.at, **self._worker),
            Act.HAND_OVER: lambda deed: self._assign(deed.at, deed.unit, AssignmentReason.HANDED_OVER),
            Act.RECLASSIFY: self._reclassify,
            Act.ASK: self._ask,
            Act.SUPPLEMENT: self._supplement,
            Act.RESUME: lambda deed: self._resume(deed, ResumeReason.BY_CASEWORKER, **self._by),
            Act.RESTART: self._restart,
            Act.MERGE: self._merge,
            Act.INTERIM: self._interim,
            Act.EXTEND: self._extend,
            Act.ANSWER: self._answer,
            Act.CLOSE: lambda deed: self._say(CaseClosed, deed.at, **self._worker),
            Act.FEEDBACK: self._feedback,
            Act.REOPEN: self._reopen,
        }

    @property
    def _by(self) -> dict[str, str]:
        return {"person": self._worker["person"]}

    @property
    def _worker(self) -> dict[str, str]:
        return {
            "person": self._person or self._municipality.leader_of(self._unit).id,
            "unit": self._unit,
        }

    def _say(self, model: type[Event], at: datetime, **fields: Any) -> Event:
        event = model(
            id=new_id(at, self._bytes), at=at, case_id=self.case_id, municipality=self._municipality.id,
            caused_by=self._said[0].id if self._said else None, invented=True, **fields,
        )  # fmt: skip
        self._said.append(event)
        return event

    def _message(self, message: str, at: datetime, *, to_resident: bool) -> None:
        if not to_resident or self._life.has_email:
            self._say(
                MessageSent, at, message_id=new_id(at, self._bytes), message=message,
                to_resident=to_resident, attempts=1,
            )  # fmt: skip

    def _assign(self, at: datetime, unit: str | None, reason: AssignmentReason) -> None:
        before = {"from_unit": self._unit, "from_person": self._person, "assigned_by": self._person}
        self._unit = unit or self._unit
        people = self._municipality.caseworkers(self._unit, oslo_day(at))
        self._person = self._random.choice(people).id if people else None
        self._say(
            CaseAssigned, at, unit=self._unit, section=self._municipality.section_of(self._unit).id,
            person=self._person, reason=reason,
            **(before if reason is AssignmentReason.HANDED_OVER else {}),
        )  # fmt: skip
        if reason is AssignmentReason.HANDED_OVER:
            self._say(CaseOpened, at, **self._worker)

    def _promise(self, counted_from: datetime) -> Promised | None:
        life = self._life
        rule = self._municipality.promise_for(
            self._kind, self._topic, life.area, life.channel, oslo_day(counted_from)
        )
        if rule is None:
            return None
        self._base = deadline(counted_from, Rule.parse(str(rule.rule)), self._calendar)
        return Promised(
            promise_id=rule.id, rule=str(rule.rule), rule_version=str(rule.version), due_on=self._base.due_on
        )

    def _begin_promise(self, at: datetime) -> None:
        self._settled = self._promised is None
        if self._promised is None:
            return
        self._version += 1
        self._due_on = self._promised.due_on
        self._reminded: set[str] = set()
        self._say(
            PromiseMade, at, version=self._version, number=self._number, **self._promised.model_dump()
        )  # fmt: skip

    def _move(self, at: datetime, due_on: date, reason: MoveReason) -> None:
        if self._settled or self._promised is None or self._base is None or due_on == self._due_on:
            return
        self._version += 1
        self._say(
            PromiseMoved, at, version=self._version, number=self._number, reason=reason,
            promise_id=self._promised.promise_id, rule=self._promised.rule,
            rule_version=self._promised.rule_version, moved_from=self._due_on, due_on=due_on,
            due_without_pauses_on=self._base.due_on,
        )  # fmt: skip
        self._due_on = due_on

    def _lengthened(self) -> date | None:
        if self._base is None:
            return None
        return pauses.lengthened(self._base, pauses.pauses_of(self._said), self._calendar).due_on

    def _reclassify(self, deed: Deed) -> None:
        self._kind, self._topic = deed.kind or self._kind, deed.topic
        promised = self._promise(self._life.received_at)
        self._say(
            CaseReclassified, deed.at, kind=self._kind, topic=self._topic, area=self._life.area,
            promise=promised, **self._worker,
        )  # fmt: skip
        if promised:
            self._promised = promised
            self._move(deed.at, promised.due_on, MoveReason.RECLASSIFIED)
        if deed.unit:
            self._assign(deed.at, deed.unit, AssignmentReason.HANDED_OVER)

    def _ask(self, deed: Deed) -> None:
        self._say(
            CasePaused, deed.at, question_id=new_id(deed.at, self._bytes), until=deed.day, **self._worker
        )
        if due_on := self._lengthened():
            self._move(deed.at, due_on, MoveReason.PAUSED)

    def _supplement(self, deed: Deed) -> None:
        self._say(SubmissionSupplemented, deed.at, supplement_id=new_id(deed.at, self._bytes))
        self._resume(deed, ResumeReason.RESIDENT_ANSWERED)

    def _resume(self, deed: Deed, reason: ResumeReason, **by: str) -> None:
        self._say(CaseResumed, deed.at, paused_by=self._last(CasePaused).id, reason=reason, **by)
        if due_on := self._lengthened():
            self._move(deed.at, due_on, MoveReason.RESUMED)

    def _restart(self, deed: Deed) -> None:
        counted_from = self._last(SubmissionSupplemented).at
        answer = new_id(deed.at, self._bytes)
        self._say(CaseRestarted, deed.at, answer_id=answer, counted_from=counted_from, **self._worker)
        if self._promised:
            self._base = deadline(counted_from, Rule.parse(self._promised.rule), self._calendar)
            self._move(deed.at, self._base.due_on, MoveReason.RESTARTED)

    def _merge(self, deed: Deed) -> None:
        if deed.into is None:
            return
        into = _Teller(deed.into, self._municipality, self._like).case_id
        self._say(CaseMerged, deed.at, into=into, **self._worker)
        if not self._settled:
            self._version += 1
            self._say(
                PromiseLapsed, deed.at, version=self._version, number=self._number, reason=LapseReason.MERGED
            )
            self._settled = True

    def _last(self, model: type[Said]) -> Said:
        return next(event for event in reversed(self._said) if isinstance(event, model))

    def _interim(self, deed: Deed) -> None:
        answer = new_id(deed.at, self._bytes)
        self._say(CaseInterimAnswered, deed.at, answer_id=answer, expected_on=deed.day, **self._worker)

    def _extend(self, deed: Deed) -> None:
        if self._settled or deed.day is None:
            return
        answer = new_id(deed.at, self._bytes)
        self._say(CaseExtended, deed.at, answer_id=answer, due_on=deed.day, **self._worker)
        self._move(deed.at, deed.day, MoveReason.EXTENDED)

    def _answer(self, deed: Deed) -> None:
        waited = pauses.waited(pauses.pauses_of(self._said), deed.at)
        self._settle(deed.at)
        self._say(
            CaseAnswered, deed.at, answer_id=new_id(deed.at, self._bytes),
            waited_seconds=int(waited.total_seconds()), **self._worker,
        )  # fmt: skip
        self._message("answered", deed.at, to_resident=True)

    def _feedback(self, deed: Deed) -> None:
        process, outcome = self._life.process, self._life.outcome
        self._say(
            FeedbackGiven, deed.at, helped=(outcome or 0) >= HELPED_FROM, has_comment=False,
            process=process, outcome=outcome,
        )  # fmt: skip

    def _reopen(self, deed: Deed) -> None:
        self._promised = self._promise(deed.at)
        self._say(CaseReopened, deed.at, promise=self._promised, **self._worker)
        self._number += 1
        self._begin_promise(deed.at)

    def _settle(self, answered_at: datetime | None) -> None:
        """Gives the verdict, where there is a promise to judge; unanswered, the day after the due day."""
        if self._settled or self._promised is None or self._due_on is None or self._base is None:
            return
        self._remind_until(answered_at)
        fields: dict[str, Any] = {
            "version": self._version, "number": self._number, "due_on": self._due_on,
            "due_without_pauses_on": self._base.due_on,
        }  # fmt: skip
        if answered_at and kept(self._due_on, answered_at):
            self._say(PromiseKept, answered_at, judged_on=oslo_day(answered_at), **fields)
        else:
            passed = broken_from(self._due_on)
            self._say(PromiseBroken, passed, judged_on=oslo_day(passed), **fields)
        self._settled = True

    def _remind_until(self, instant: datetime | None) -> None:
        """Says the steps of the ladder that were taken before an instant; all of them without one."""
        if self._settled or self._due_on is None:
            return
        opens = self._municipality.reminders.office_hours.opens
        for rung in self._municipality.ladder:
            day = _rung_day(rung, self._due_on, self._municipality)
            at = datetime.combine(day, opens, OSLO).astimezone(UTC)
            if rung.id in self._reminded or (instant and at >= instant) or at <= self._life.received_at:
                continue
            self._reminded.add(rung.id)
            to_resident = Recipient.RESIDENT in rung.to
            expected = self._calendar.add_working_days(self._due_on, 5) if to_resident else None
            self._say(
                PromiseReminded, at, version=self._version, step=rung.id, recipients=len(rung.to),
                expected_on=expected,
            )  # fmt: skip


def _rung_day(rung: Rung, due_on: date, municipality: Municipality) -> date:
    calendar = municipality.calendar
    if rung.before is not None:
        day = calendar.add_working_days(due_on, -rung.before) if rung.before else due_on
    else:
        day = calendar.add_working_days(calendar.next_working_day(due_on), rung.after or 0)
    return calendar.next_working_day(day, inclusive=True)

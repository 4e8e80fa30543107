"""A case's story in words: what happened, who did it, and why it is where it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.routing.cases import Case
from services.routing.names import Names
from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseInterimAnswered,
    CaseOpened,
    Event,
    FeedbackGiven,
    MessageFailed,
    MessageSent,
    PromiseBroken,
    PromiseKept,
    PromiseReminded,
    SubmissionReceived,
    SubmissionSupplemented,
)
from shared.municipality import Recipient
from shared.web.i18n import Wording

_BY_HAND = frozenset({AssignmentReason.HANDED_OVER, AssignmentReason.TAKEN})
MESSAGES = frozenset({"receipt", "interim_answer", "answer", "delay", "delayed"})


@dataclass(frozen=True, slots=True)
class Entry:
    """A step of the story, as the shared timeline shows it."""

    title: str
    when: str
    by: str | None = None
    text: str | None = None
    kind: str = "done"


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message to the resident: whether it arrived."""

    words: str
    when: str
    arrived: bool


@dataclass(frozen=True)
class Storyteller:
    """Tells one case's events in one language."""

    say: Wording
    names: Names
    now: datetime
    case: Case

    def entries(self, history: Sequence[Event], reasons: Mapping[UUID, str]) -> list[Entry]:
        """The whole story, oldest first. `reasons` are the notes that explain handovers, by their event."""
        return [entry for event in history if (entry := self._entry(event, reasons.get(event.id)))]

    def changes(self, history: Sequence[Event], version: int) -> list[Entry]:
        """What colleagues have done to the case since this version of it."""
        told = [
            event
            for event in history
            if isinstance(event, CaseAssigned | CaseInterimAnswered | CaseAnswered | CaseClosed)
        ]
        return self.entries(told[version:], {})

    def why_here(self, history: Sequence[Event]) -> str:
        """Why the case is with whom it is with."""
        assigned = next((event for event in reversed(history) if isinstance(event, CaseAssigned)), None)
        return self._why(assigned) if assigned else ""

    def deliveries(self, history: Sequence[Event]) -> list[Delivery]:
        """What was sent to the resident."""
        return [
            Delivery(
                words=self.say.t(
                    f"message.{event.message}" if event.message in MESSAGES else "message.other"
                ),
                when=self.say.when(event.at, self.now),
                arrived=isinstance(event, MessageSent),
            )
            for event in history
            if isinstance(event, MessageSent | MessageFailed) and event.to_resident
        ]

    def _entry(self, event: Event, reason: str | None) -> Entry | None:
        say, names = self.say, self.names
        when = say.when(event.at, self.now)
        match event:
            case SubmissionReceived():
                return Entry(say.t("story.received", channel=say.t(f"channel.{event.channel}")), when)
            case CaseAssigned():
                return Entry(self._assigned(event), when, text=reason or self._why(event))
            case CaseOpened():
                return Entry(say.t("story.opened", person=names.person(event.person)), when)
            case CaseInterimAnswered():
                text = event.expected_on and say.t("story.expected", day=say.day(event.expected_on))
                return Entry(
                    say.t("story.interim_answered", person=names.person(event.person)),
                    when,
                    text=text or None,
                )
            case CaseAnswered():
                return Entry(say.t("story.answered", person=names.person(event.person)), when)
            case CaseClosed():
                return Entry(say.t("story.closed", person=names.person(event.person)), when)
            case SubmissionSupplemented():
                return Entry(say.t("story.supplemented"), when)
            case FeedbackGiven():
                return Entry(say.t("story.helped" if event.helped else "story.not_helped"), when)
            case PromiseKept():
                return Entry(say.t("story.kept", day=say.day(event.due_on)), when)
            case PromiseBroken():
                return Entry(say.t("story.broken", day=say.day(event.due_on)), when, kind="late")
            case PromiseReminded():
                return Entry(say.t("story.reminded", who=self._reminded(event)), when)
            case MessageFailed(to_resident=True):
                return Entry(say.t("story.undelivered"), when, kind="late")
            case _:
                return None

    def _assigned(self, event: CaseAssigned) -> str:
        person, unit = self.names.person(event.person), self.names.unit(event.unit)
        by = self.names.person(event.assigned_by)
        if event.reason is AssignmentReason.TAKEN:
            return self.say.t("story.taken", person=person)
        if event.reason is AssignmentReason.HANDED_OVER:
            key = "story.handed_to_person" if event.person else "story.handed_to_unit"
            return self.say.t(key, person=person, unit=unit, by=by)
        key = "story.given_to_person" if event.person else "story.given_to_unit"
        return self.say.t(key, person=person, unit=unit)

    def _why(self, event: CaseAssigned) -> str:
        say, names = self.say, self.names
        if event.reason in _BY_HAND:
            key = f"reason.{event.reason}"
            return say.text(key, by=names.person(event.assigned_by), unit=names.unit(event.from_unit))
        where = say.text(
            f"reason.{event.reason}",
            topic=names.topic(self.case.topic, say.language),
            area=names.area(self.case.area),
            unit=names.unit(event.unit),
        )
        return say.text("reason.chosen" if event.person else "reason.nobody", where=where)

    def _reminded(self, event: PromiseReminded) -> str:
        rung = next((rung for rung in self.names.municipality.ladder if rung.id == event.step), None)
        recipients = rung.to if rung else (Recipient.CASEWORKER,)
        words = [self.say.text(f"recipient.{recipient.value}") for recipient in recipients]
        return self.say.text("story.and", first=words[0], second=words[1]) if len(words) > 1 else words[0]

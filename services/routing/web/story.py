"""A case's story in words: what happened, who did it, and why it is where it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.routing.cases import that_matters
from services.routing.names import Names
from shared.clock import oslo_day
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
    MessageBounced,
    MessageFailed,
    MessageSent,
    PromiseBroken,
    PromiseKept,
    PromiseLapsed,
    PromiseMoved,
    PromiseReminded,
    ResumeReason,
    SubmissionReceived,
    SubmissionSupplemented,
)
from shared.municipality import Recipient
from shared.web.i18n import Wording

_BY_HAND = frozenset({AssignmentReason.HANDED_OVER, AssignmentReason.TAKEN})
_DONE_BY = {
    CaseOpened: "story.opened",
    CaseInterimAnswered: "story.interim_answered",
    CaseAnswered: "story.answered",
    CaseClosed: "story.closed",
    CasePaused: "story.paused",
    CaseExtended: "story.extended",
    CaseRestarted: "story.restarted",
    CaseReclassified: "story.reclassified",
    CaseReopened: "story.reopened",
    CaseMerged: "story.merged",
}
_JUDGED = {PromiseKept: "story.kept", PromiseBroken: "story.broken"}
MESSAGES = frozenset(
    {
        "receipt", "interim_answer", "answer", "delay", "delayed", "question", "wait_ended", "extended",
        "restarted", "reclassified", "reopened", "merged", "recomputed",
    }
)  # fmt: skip


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

    def entries(self, history: Sequence[Event], reasons: Mapping[UUID, str]) -> list[Entry]:
        """The whole story, oldest first. `reasons` are the notes that explain handovers, by their event."""
        came_in = _came_in(history)
        return [entry for event in history if (entry := self._entry(event, reasons.get(event.id), came_in))]

    def changes(self, history: Sequence[Event], version: int) -> list[Entry]:
        """What colleagues have done to the case, or its resident added, since this version of it."""
        came_in = _came_in(history)
        since = that_matters(history)[version:]
        return [entry for event in since if (entry := self._entry(event, None, came_in))]

    def why_here(self, history: Sequence[Event]) -> str:
        """Why the case is with whom it is with."""
        assigned = next((event for event in reversed(history) if isinstance(event, CaseAssigned)), None)
        return self._why(assigned, _came_in(history)) if assigned else ""

    def deliveries(self, history: Sequence[Event]) -> list[Delivery]:
        """What was sent to the resident; what bounced was not delivered, though a server had taken it."""
        bounced = {event.message_id for event in history if isinstance(event, MessageBounced)}
        return [
            Delivery(
                words=self.say.t(
                    f"message.{event.message}" if event.message in MESSAGES else "message.other"
                ),
                when=self.say.when(event.at, self.now),
                arrived=isinstance(event, MessageSent),
            )
            for event in history
            if isinstance(event, MessageSent | MessageFailed | MessageBounced)
            and event.to_resident
            and not (isinstance(event, MessageSent) and event.message_id in bounced)
        ]

    def _entry(self, event: Event, reason: str | None, came_in: SubmissionReceived | None) -> Entry | None:
        title = self._title(event)
        if title is None:
            return None
        when = self.say.when(event.at, self.now)
        kind = "late" if isinstance(event, PromiseBroken | MessageFailed | MessageBounced) else "done"
        more = self._why(event, came_in) if isinstance(event, CaseAssigned) else self._more(event)
        return Entry(title, when, text=reason or more, kind=kind)

    def _title(self, event: Event) -> str | None:  # noqa: PLR0911 - a table of events, one line each
        say = self.say
        match event:
            case SubmissionReceived():
                return say.t("story.received", channel=say.t(f"channel.{event.channel}"))
            case CaseAssigned():
                return self._assigned(event)
            case CaseResumed():
                by_hand = event.reason is ResumeReason.BY_CASEWORKER
                return say.t(
                    f"story.resumed.{event.reason}",
                    **({"person": self.names.person(event.person)} if by_hand else {}),
                )
            case _ if key := _DONE_BY.get(type(event)):
                return say.t(key, person=self.names.person(getattr(event, "person", None)))
            case PromiseMoved():
                return say.t("story.moved", day=say.day(event.due_on))
            case PromiseLapsed():
                return say.t("story.lapsed")
            case PromiseKept() | PromiseBroken():
                return say.t(_JUDGED[type(event)], day=say.day(event.due_on))
            case PromiseReminded() if event.expected_on:
                return say.t("story.told_of_delay")
            case PromiseReminded():
                return say.t("story.reminded", who=self._reminded(event))
            case _:
                return self._of_resident(event)

    def _of_resident(self, event: Event) -> str | None:
        match event:
            case SubmissionSupplemented():
                return self.say.t("story.supplemented")
            case FeedbackGiven():
                return self.say.t("story.helped" if event.helped else "story.not_helped")
            case MessageFailed(to_resident=True) | MessageBounced(to_resident=True):
                return self.say.t("story.undelivered")
            case _:
                return None

    def _more(self, event: Event) -> str | None:  # noqa: PLR0911 - likewise
        say = self.say
        match event:
            case CaseInterimAnswered() if event.expected_on:
                return say.t("story.expected", day=say.day(event.expected_on))
            case CasePaused():
                return say.t("story.until", day=say.day(event.until))
            case CaseExtended():
                return say.t("story.new_day", day=say.day(event.due_on))
            case CaseRestarted():
                return say.t("story.counted_from", day=say.day(oslo_day(event.counted_from)))
            case CaseReclassified():
                return self._now_is(event)
            case PromiseReminded() if event.expected_on:
                return say.t("story.new_day", day=say.day(event.expected_on))
            case PromiseMoved():
                return say.t(f"story.because.{event.reason}")
            case PromiseLapsed():
                return say.t(f"story.lapsed.{event.reason}")
            case _:
                return None

    def _now_is(self, event: CaseReclassified) -> str:
        """What the case was found to be."""
        parts = [
            self.say.text(f"kind.{event.kind}"),
            self.names.topic(event.topic, self.say.language),
            self.names.area(event.area),
        ]
        return ", ".join(part for part in parts if part)

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

    def _why(self, event: CaseAssigned, came_in: SubmissionReceived | None) -> str:
        """Rules place a case by what the resident said it was about, whatever it was found to be later."""
        say, names = self.say, self.names
        if event.reason in _BY_HAND:
            key = f"reason.{event.reason}"
            return say.text(key, by=names.person(event.assigned_by), unit=names.unit(event.from_unit))
        where = say.text(
            f"reason.{event.reason}",
            topic=names.topic(came_in.topic if came_in else None, say.language),
            area=names.area(came_in.area if came_in else None),
            unit=names.unit(event.unit),
        )
        return say.text("reason.chosen" if event.person else "reason.nobody", where=where)

    def _reminded(self, event: PromiseReminded) -> str:
        rung = next((rung for rung in self.names.municipality.ladder if rung.id == event.step), None)
        recipients = rung.to if rung else (Recipient.CASEWORKER,)
        words = [self.say.text(f"recipient.{recipient.value}") for recipient in recipients]
        return self.say.text("story.and", first=words[0], second=words[1]) if len(words) > 1 else words[0]


def _came_in(history: Sequence[Event]) -> SubmissionReceived | None:
    return next((event for event in history if isinstance(event, SubmissionReceived)), None)

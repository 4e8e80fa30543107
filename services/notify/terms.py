"""Which promises a case has, and what each says, as what was said about the case derives them. Pure.

A promise is derived from the whole history each time something is heard; a calendar that has changed meanwhile
is no reason to write anything down (`basis`). Decision 10.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from services.notify.case import Chapter, Lapse, chapters
from shared import promise
from shared.events import (
    CaseAnswered,
    CaseClosed,
    CaseExtended,
    CaseMerged,
    CaseReclassified,
    CaseRestarted,
    Event,
    LapseReason,
    MoveReason,
    Promised,
    PromiseMoved,
)
from shared.pauses import Pause, lengthened, pauses_of
from shared.promise import Deadline, Rule
from shared.workdays import WorkCalendar


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a promise says at a point of its life."""

    promise_id: str
    rule: str
    rule_version: str
    counted_from: datetime
    due_on: date
    due_without_pauses_on: date
    reason: MoveReason | None
    """Why it says so; None where it does as it was made."""
    cause: UUID
    """The event that made it say so."""
    root: UUID
    """The event it is counted from: a recomputed promise is counted from the same one as before."""
    is_day_given: bool
    """The resident was told a day (an extension): no rule gives it, and none moves it."""
    basis: str
    """The same as long as nothing said about the case changes the terms, whatever calendars do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """One promise of a case, by its number: as it was made, as it is, and what puts an end to it."""

    number: int
    made: Terms
    now: Terms
    answered_at: datetime | None
    lapse: Lapse | None
    is_ended: bool
    """Nobody needs reminding: answered, lapsed, or followed by another promise."""


def derive(history: Sequence[Event], calendar: WorkCalendar) -> list[Derived]:
    """Every promise the case was given, in the order of their numbers.

    :param history: in the order of the events' own time.
    """
    pauses = pauses_of(history)
    folded = (_Fold(chapter, pauses, calendar).run() for chapter in chapters(history))
    return [derived for derived in folded if derived]


def says(terms: Terms) -> tuple[object, ...]:
    """What others are told of the terms."""
    return terms.promise_id, terms.rule, terms.rule_version, terms.due_on, terms.due_without_pauses_on


@dataclass(frozen=True, slots=True, kw_only=True)
class _Base:
    """A promise without its pauses."""

    promise_id: str
    rule: str
    rule_version: str
    due_on: date
    counted_from: datetime
    pauses_from: datetime
    """Pauses count from here on: what was waited before is in the due day already."""
    reason: MoveReason | None
    at: datetime
    cause: UUID
    root: UUID
    is_day_given: bool = False


class _Fold:
    """One chapter's events, in order: each finds the promise as those before it left it."""

    def __init__(self, chapter: Chapter, pauses: Sequence[Pause], calendar: WorkCalendar) -> None:
        self._chapter = chapter
        ended = chapter.ended_at
        self._pauses = [pause for pause in pauses if ended is None or pause.start <= ended]
        self._calendar = calendar
        self._base: _Base | None = None
        self._made: Terms | None = None
        self._lapse: Lapse | None = None
        self._answered_at: datetime | None = None
        self._is_ended = ended is not None

    def run(self) -> Derived | None:
        """The chapter's promise, None where nothing was promised."""
        opening = self._chapter.opening
        if opening.promise:
            self._promise(opening, opening.promise, None)
        for event in self._chapter.events:
            self._hear(event)
            if self._answered_at:
                break
        if self._base is None or self._made is None:
            return None
        end = self._answered_at or (self._lapse.at if self._lapse else None)
        pauses = [pause for pause in self._pauses if end is None or pause.start < end]
        return Derived(
            number=self._chapter.number,
            made=self._made,
            now=self._terms(self._base, pauses),
            answered_at=self._answered_at,
            lapse=self._lapse,
            is_ended=self._is_ended or self._lapse is not None,
        )

    def _hear(self, event: Event) -> None:
        match event:
            case CaseAnswered():
                self._is_ended = True
                if self._lapse is None or self._lapse.reason is LapseReason.CLOSED:
                    self._answered_at = event.at
            case CaseClosed():
                self._end(LapseReason.CLOSED, event)
            case CaseMerged():
                self._end(LapseReason.MERGED, event)
            case CaseReclassified():
                self._reclassify(event)
            case CaseExtended() if self._base and self._is_open(event.at):
                self._base = replace(
                    self._base,
                    due_on=event.due_on,
                    pauses_from=event.at,
                    reason=MoveReason.EXTENDED,
                    at=event.at,
                    cause=event.id,
                    is_day_given=True,
                )
            case CaseRestarted() if self._base and self._is_open(event.at):
                rule = Rule.parse(self._base.rule)
                self._base = replace(
                    self._base,
                    due_on=promise.deadline(event.counted_from, rule, self._calendar).due_on,
                    counted_from=event.counted_from,
                    pauses_from=event.counted_from,
                    reason=MoveReason.RESTARTED,
                    at=event.at,
                    cause=event.id,
                    root=event.id,
                    is_day_given=False,
                )
            case PromiseMoved() if self._base and self._is_recomputed_by(event):
                self._base = replace(
                    self._base,
                    promise_id=event.promise_id,
                    rule=event.rule,
                    rule_version=event.rule_version,
                    due_on=event.due_without_pauses_on,
                    reason=MoveReason.RECOMPUTED,
                    at=event.at,
                    cause=event.id,
                )
            case _:
                pass

    def _end(self, reason: LapseReason, event: Event) -> None:
        self._is_ended = True
        if self._is_open(event.at):
            self._lapse = Lapse(reason, event.at)

    def _reclassify(self, event: CaseReclassified) -> None:
        is_waiting = self._lapse is not None and self._lapse.reason is LapseReason.RECLASSIFIED
        if event.promise and (self._base is None or is_waiting or self._is_open(event.at)):
            self._lapse = None
            self._promise(event, event.promise, MoveReason.RECLASSIFIED)
        elif event.promise is None and self._is_open(event.at):
            self._lapse = Lapse(LapseReason.RECLASSIFIED, event.at)

    def _promise(self, event: Event, promised: Promised, reason: MoveReason | None) -> None:
        counted_from = self._chapter.opening.at
        self._base = _Base(
            promise_id=promised.promise_id,
            rule=promised.rule,
            rule_version=promised.rule_version,
            due_on=promised.due_on,
            counted_from=counted_from,
            pauses_from=counted_from,
            reason=reason,
            at=event.at,
            cause=event.id,
            root=event.id,
        )
        self._made = self._made or self._terms(replace(self._base, reason=None), ())

    def _is_open(self, at: datetime) -> bool:
        """Whether the promise was neither over nor ended at an instant, by the pauses begun before it."""
        if self._base is None or self._lapse is not None:
            return False
        begun = [pause for pause in self._pauses if pause.start < at]
        return promise.kept(self._terms(self._base, begun).due_on, at)

    def _is_recomputed_by(self, event: PromiseMoved) -> bool:
        return (
            event.reason is MoveReason.RECOMPUTED
            and event.number == self._chapter.number
            and self._base is not None
            and event.caused_by == self._base.root
            and not self._base.is_day_given
            and self._is_open(event.at)
        )

    def _terms(self, base: _Base, pauses: Sequence[Pause]) -> Terms:
        counted = [pause for pause in pauses if pause.end > base.pauses_from]
        plain = Deadline(base.due_on, (), Rule.parse(base.rule), base.pauses_from)
        due_on = lengthened(plain, counted, self._calendar).due_on
        reason, cause = base.reason, base.cause
        if counted:
            latest = counted[-1]
            if (latest.end if latest.resumed else latest.start) >= base.at:
                reason = MoveReason.RESUMED if latest.resumed else MoveReason.PAUSED
                cause = latest.paused_by
        spans = [f"{pause.start.isoformat()}..{pause.end.isoformat()}" for pause in counted]
        return Terms(
            promise_id=base.promise_id,
            rule=base.rule,
            rule_version=base.rule_version,
            counted_from=base.counted_from,
            due_on=due_on,
            due_without_pauses_on=base.due_on,
            reason=reason,
            cause=cause,
            root=base.root,
            is_day_given=base.is_day_given,
            basis=" ".join([str(base.root), str(base.cause), *spans]),
        )

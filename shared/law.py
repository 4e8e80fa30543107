"""The law's deadlines: which of them an enquiry or an appeal stands under, and their due days.

These are not the municipality's own promise, and are never mixed with it. They come in packs, one for each
act, with the days between which the act is in force; what was received, or decided, stands under the acts in
force on that day in Norway. `clocks` gives what an enquiry stands under, each deadline for itself; until when
a decision can be appealed is reckoned one deadline at a time (`run`), as the desk's calculator is asked.

The days are reckoned by the one calculus of `shared.promise` (domstolloven §§ 148-149) on the law's own
calendar: a day off that a municipality takes moves its promise, but no deadline of the law.

What the packs leave out, since no day can be named for it: under the act of 1967 every enquiry that will take
unreasonably long is owed an interim answer as soon as possible (§ 11 a, second paragraph), and every case is
to be decided without undue delay (first paragraph). The month of the third paragraph is for individual
decisions alone: an appeal stands under it, praise, complaints on service and questions do not.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Self

from shared.clock import oslo_day
from shared.events import Channel, Kind
from shared.promise import Deadline, Rule, deadline
from shared.workdays import WorkCalendar

LEGAL_CALENDAR = WorkCalendar()
"""Saturdays, Sundays and public holidays: neither 24 or 31 December nor a municipality's own closed days."""

_ELECTRONIC = frozenset({Channel.WEB, Channel.API, Channel.EMAIL})
_DAY = timedelta(days=1)


class Asks(StrEnum):
    """What must have been done when a deadline ends."""

    ACKNOWLEDGEMENT = "acknowledgement"
    INTERIM_ANSWER = "interim_answer"
    ANSWER = "answer"
    APPEAL = "appeal"


class From(StrEnum):
    """What a deadline is counted from; the day it happened is not counted."""

    RECEIVED = "received"
    NOTICE_SENT = "notice_sent"
    NOTICE_ARRIVED = "notice_arrived"
    DECIDED = "decided"
    KNOWN = "known"


@dataclass(frozen=True, slots=True)
class Enquiry:
    """What of a submission decides which deadlines it stands under.

    :param access_request: it asks for access to documents.
    :param decision: an individual decision (enkeltvedtak) is to be made.
    """

    received: datetime
    kind: Kind
    channel: Channel
    reply_wanted: bool = True
    access_request: bool = False
    decision: bool = False

    @property
    def electronic(self) -> bool:
        """Whether it came by a form, the API or e-mail."""
        return self.channel in _ELECTRONIC


@dataclass(frozen=True, slots=True)
class LegalDeadline:
    """A deadline of an act; its words are the catalogue's `law.<id>.title`, `.paragraph` and `.asks`.

    :param rule: how long it gives; None: what it asks for is to be done at once.
    """

    id: str
    asks: Asks
    rule: Rule | None
    counted_from: From = From.RECEIVED


@dataclass(frozen=True, slots=True)
class Pack:
    """The deadlines of one act, and the days on which it is in force, both included.

    :param valid_from: None while the act has no date of force: it then never is.
    :param of_enquiry: those an enquiry stands under.
    """

    id: str
    deadlines: tuple[LegalDeadline, ...]
    of_enquiry: Callable[[Enquiry], Iterable[LegalDeadline]]
    valid_from: date | None
    valid_to: date | None = None

    def in_force(self, on: date) -> bool:
        """Whether the act is in force on this day."""
        return self.valid_from is not None and self.valid_from <= on <= (self.valid_to or date.max)


@dataclass(frozen=True, slots=True)
class Clock:
    """A deadline that runs: the last day, and how it was reckoned (None where it is due at once)."""

    deadline: LegalDeadline
    pack: str
    due_on: date
    reckoned: Deadline | None


@dataclass(frozen=True, slots=True)
class Law:
    """The acts as they stand for a municipality.

    :param access_topics: a question about one of these is taken as a request for access to documents.
    """

    packs: tuple[Pack, ...]
    access_topics: frozenset[str] = frozenset()

    @classmethod
    def standing(cls, *, fvl2025_from: date | None = None, access_topics: Iterable[str] = ()) -> Self:
        """Give the acts, with the day from which the Public Administration Act of 2025 replaces that of 1967.

        :param fvl2025_from: None until the King has decided the day.
        """
        return cls(_packs(fvl2025_from), frozenset(access_topics))

    def enquiry(
        self, received: datetime, kind: Kind, topic: str | None, channel: Channel, *, reply_wanted: bool
    ) -> Enquiry:
        """Say what a submission is to the law; of today's kinds only an appeal asks for a decision."""
        access = kind == Kind.QUESTION and topic in self.access_topics
        return Enquiry(
            received, kind, channel, reply_wanted, access_request=access, decision=kind == Kind.APPEAL
        )

    def in_force(self, on: date) -> tuple[Pack, ...]:
        """Give the acts in force on this day."""
        return tuple(pack for pack in self.packs if pack.in_force(on))


def clocks(enquiry: Enquiry, law: Law) -> tuple[Clock, ...]:
    """Give every deadline of the law that an enquiry stands under, the first to end first.

    :raises NaiveInstantError: `received` has no time zone.
    :raises CalendarEndsError: a due day lies outside the calendar's years.
    """
    running = (
        run(wanted, pack.id, enquiry.received)
        for pack in law.in_force(oslo_day(enquiry.received))
        for wanted in pack.of_enquiry(enquiry)
    )
    return tuple(sorted(running, key=lambda clock: clock.due_on))


def run(wanted: LegalDeadline, pack: str, started: datetime) -> Clock:
    """Start a deadline at an instant, whether or not anything stands under it.

    :raises NaiveInstantError: `started` has no time zone.
    :raises CalendarEndsError: the due day lies outside the calendar's years.
    """
    if wanted.rule is None:
        return Clock(wanted, pack, oslo_day(started), None)
    reckoned = deadline(started, wanted.rule, LEGAL_CALENDAR)
    return Clock(wanted, pack, reckoned.due_on, reckoned)


class Standing(StrEnum):
    """How it stands with a clock on a day."""

    RUNNING = "running"
    MET = "met"
    MISSED = "missed"


def standing(clock: Clock, today: date, *, interim_on: date | None, answered_on: date | None) -> Standing:
    """Say how it stands with a deadline of an enquiry.

    A receipt acknowledges every submission when it is accepted. An interim answer can come as the answer
    itself; a request for access is not answered by an interim answer.

    :param interim_on: the day of the first interim answer.
    :param answered_on: the day of the first final answer.
    """
    if clock.deadline.asks is Asks.ACKNOWLEDGEMENT:
        return Standing.MET
    done = [answered_on]
    if clock.deadline.asks is Asks.INTERIM_ANSWER:
        done.append(interim_on)
    if any(day is not None and day <= clock.due_on for day in done):
        return Standing.MET
    return Standing.RUNNING if today <= clock.due_on else Standing.MISSED


_FVL1967_INTERIM = LegalDeadline("fvl1967_interim", Asks.INTERIM_ANSWER, Rule.parse("P1M"))
# Fvl. 1967 §§ 29 and 31.
_FVL1967_APPEAL = LegalDeadline("fvl1967_appeal", Asks.APPEAL, Rule.parse("P3W"), From.NOTICE_ARRIVED)
_FVL1967_CAP = LegalDeadline("fvl1967_appeal_cap", Asks.APPEAL, Rule.parse("P1Y"), From.DECIDED)
_FVL2025_RECEIPT = LegalDeadline("fvl2025_receipt", Asks.ACKNOWLEDGEMENT, None)
_FVL2025_INTERIM = LegalDeadline("fvl2025_interim", Asks.INTERIM_ANSWER, Rule.parse("P1M"))
# Fvl. 2025 §§ 62-68: electronically from when the notice was sent, else from its arrival.
_FVL2025_APPEAL = LegalDeadline("fvl2025_appeal", Asks.APPEAL, Rule.parse("P3W"), From.NOTICE_ARRIVED)
_FVL2025_APPEAL_ELECTRONIC = LegalDeadline(
    "fvl2025_appeal_electronic", Asks.APPEAL, Rule.parse("P3W"), From.NOTICE_SENT
)
_FVL2025_CAP = LegalDeadline("fvl2025_appeal_cap", Asks.APPEAL, Rule.parse("P1Y"), From.DECIDED)
_ACCESS = LegalDeadline("offentleglova_access", Asks.ANSWER, Rule.parse("P5WD"))
# Pasient- og brukerrettighetsloven § 7-5, in place of the others: from when the patient knew, or ought to have known,
# enough to appeal; from the notice's arrival where nothing else is known.
_HEALTH_APPEAL = LegalDeadline("pasientrettigheter_appeal", Asks.APPEAL, Rule.parse("P4W"), From.KNOWN)


def _packs(fvl2025_from: date | None) -> tuple[Pack, ...]:
    return (
        Pack(
            "fvl1967",
            (_FVL1967_INTERIM, _FVL1967_APPEAL, _FVL1967_CAP),
            _fvl1967_enquiry,
            date(1970, 1, 1),
            fvl2025_from and fvl2025_from - _DAY,
        ),
        Pack(
            "fvl2025",
            (_FVL2025_RECEIPT, _FVL2025_INTERIM, _FVL2025_APPEAL_ELECTRONIC, _FVL2025_APPEAL, _FVL2025_CAP),
            _fvl2025_enquiry,
            fvl2025_from,
        ),
        Pack("offentleglova", (_ACCESS,), _access_enquiry, date(2009, 1, 1)),
        Pack("pasientrettigheter", (_HEALTH_APPEAL,), _no_enquiry, date(2001, 1, 1)),
    )


def _fvl1967_enquiry(enquiry: Enquiry) -> Iterable[LegalDeadline]:
    # § 11 a, third paragraph: the month is for individual decisions.
    if enquiry.decision and enquiry.reply_wanted:
        yield _FVL1967_INTERIM


def _fvl2025_enquiry(enquiry: Enquiry) -> Iterable[LegalDeadline]:
    # § 10 is for all that comes electronically, § 17 for all that is to be answered.
    if enquiry.electronic:
        yield _FVL2025_RECEIPT
    if enquiry.reply_wanted:
        yield _FVL2025_INTERIM


def _access_enquiry(enquiry: Enquiry) -> Iterable[LegalDeadline]:
    # § 32: five working days without an answer count as a refusal.
    if enquiry.access_request and enquiry.reply_wanted:
        yield _ACCESS


def _no_enquiry(_: Enquiry) -> Iterable[LegalDeadline]:
    return ()

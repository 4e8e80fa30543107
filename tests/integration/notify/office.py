"""Notify's parts on a real database, at a time of the test's choosing."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select

from services.notify.handlers import Handlers
from services.notify.scheduler import Scheduler
from services.notify.store import MessageRow
from services.notify.tables import PromiseRow, StepRow, WaitRow
from shared.clock import FixedClock
from shared.database import Database, inbox, outbox
from shared.events import (
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseExtended,
    CaseInterimAnswered,
    CaseMerged,
    CasePaused,
    CaseReclassified,
    CaseReopened,
    CaseRestarted,
    CaseResumed,
    Event,
    Kind,
    Promised,
    ResumeReason,
    SubmissionReceived,
    SubmissionSupplemented,
)
from shared.municipality import Municipality

OSLO = ZoneInfo("Europe/Oslo")


def oslo(text: str) -> datetime:
    """An instant as people in Norway would say it: `2026-11-23 08:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=OSLO)


@dataclass
class Office:
    """A notify without its loops: events are heard and steps carried out when a test says so."""

    database: Database
    clock: FixedClock
    municipality: Municipality = field(repr=False)
    heard_until: Callable[[], Awaitable[datetime | None]] | None = None
    handlers: Handlers = field(init=False)

    def __post_init__(self) -> None:
        self.handlers = Handlers(self.municipality)

    async def hears(self, *events: Event, at: str | None = None) -> None:
        """Handles events in one transaction, as the consumer loop does."""
        if at:
            self.clock.set(oslo(at))
        async with self.database.transaction() as tx:
            new = await tx.claim(events, with_bodies=True)
            if new:
                await self.handlers(new, tx)

    def scheduler(self, batch: int = 500) -> Scheduler:
        """One of any number of schedulers."""

        async def everything() -> datetime:
            return self.clock()

        return Scheduler(
            self.database, self.clock, self.municipality, self.heard_until or everything, batch=batch
        )

    async def works(self, at: str | None = None, *, batch: int = 500) -> int:
        """Carries out what is due; returns how many steps that were."""
        if at:
            self.clock.set(oslo(at))
        done, scheduler = 0, self.scheduler(batch)
        while count := await scheduler.work():
            done += count
        return done

    async def promises(self, of_case: UUID | None = None) -> list[PromiseRow]:
        """Every version of every promise, or of a case's."""
        async with self.database.reading() as session:
            asked = select(PromiseRow).order_by(PromiseRow.case_id, PromiseRow.number, PromiseRow.version)
            if of_case:
                asked = asked.where(PromiseRow.case_id == of_case)
            return list(await session.scalars(asked))

    async def promise(self, case_id: UUID, number: int | None = None) -> PromiseRow:
        """A promise of a case, the latest if no number is given, as it stands."""
        return [promise for promise in await self.promises(case_id) if number in {None, promise.number}][-1]

    async def versions(self, case_id: UUID) -> list[tuple[int, int, str, str | None, str]]:
        """Every version of a case's promises: its version, number, due day, why, and state."""
        return [
            (row.version, row.number, f"{row.due_on}", row.reason, row.state)
            for row in await self.promises(case_id)
        ]

    async def waits(self, case_id: UUID) -> list[str | None]:
        """What became of the questions that were asked, in the order of their waits' ends."""
        async with self.database.reading() as session:
            asked = select(WaitRow).where(WaitRow.case_id == case_id).order_by(WaitRow.due_at)
            return [row.outcome for row in await session.scalars(asked)]

    async def steps(self, case_id: UUID | None = None, version: int | None = None) -> dict[str, str | None]:
        """The ledger of a case: what was done about each step, in the last ladder that had it."""
        async with self.database.reading() as session:
            asked = select(StepRow).order_by(StepRow.version, StepRow.planned_at)
            if case_id:
                asked = asked.where(StepRow.case_id == case_id)
            rows = await session.scalars(asked)
            return {row.step: row.outcome for row in rows if version in (None, row.version)}

    async def messages(self, *kinds: str, of_case: UUID | None = None) -> list[MessageRow]:
        """The messages of these kinds, or all."""
        async with self.database.reading() as session:
            asked = select(MessageRow).order_by(MessageRow.created_at, MessageRow.key)
            if of_case:
                asked = asked.where(MessageRow.case_id == of_case)
            rows = await session.scalars(asked)
            return [row for row in rows if not kinds or row.kind in kinds]

    async def told(self, *kinds: str) -> list[tuple[str, str]]:
        """Who is told what, by these kinds of message or all."""
        return sorted(
            (row.kind, "resident" if row.to_resident else row.person or "caseworker")
            for row in await self.messages(*kinds)
        )

    async def said(self, *names: str, of_case: UUID | None = None) -> list[dict[str, Any]]:
        """The bodies of the events with these names that notify has published or heard."""
        async with self.database.reading() as session:
            asked = select(inbox).order_by(inbox.c.at, inbox.c.event_id)
            if of_case:
                asked = asked.where(inbox.c.case_id == of_case)
            rows = (await session.execute(asked)).all()
            return [
                {"name": row.type.split(".", 2)[2].rsplit(".", 1)[0], "at": row.at, **row.body}
                for row in rows
                if any(f".{name}." in row.type for name in names)
            ]

    async def outgoing(self) -> list[dict[str, Any]]:
        """What waits to be published, in the order in which it was said."""
        async with self.database.reading() as session:
            rows = (await session.execute(select(outbox).order_by(outbox.c.id))).all()
        return [
            {"name": row.headers["ce-type"].split(".", 2)[2].rsplit(".", 1)[0], **json.loads(row.body)}
            for row in rows
        ]


def assigned(
    cause: SubmissionReceived, *, at: datetime, person: str | None = "linh-pham", **fields: Any
) -> CaseAssigned:
    """A case comes to someone's desk."""
    given: dict[str, Any] = {
        "unit": "kommunalteknikk-heggedal-dikemark",
        "section": "klima-miljo-teknisk",
        "person": person,
        "reason": AssignmentReason.TOPIC,
    }
    return CaseAssigned.caused(cause, at=at, **{**given, **fields})


def answered(cause: Event, *, at: datetime) -> CaseAnswered:
    """A final answer."""
    return CaseAnswered.caused(
        cause, at=at, answer_id=uuid4(), person="linh-pham", unit="kommunalteknikk-heggedal-dikemark"
    )


def interim(cause: Event, *, at: datetime, **fields: Any) -> CaseInterimAnswered:
    """An interim answer."""
    given = {
        "answer_id": uuid4(),
        "person": "linh-pham",
        "unit": "kommunalteknikk-heggedal-dikemark",
        "expected_on": None,
    }
    return CaseInterimAnswered.caused(cause, at=at, **{**given, **fields})


def closed(cause: Event, *, at: datetime) -> CaseClosed:
    """Closed without an answer."""
    return CaseClosed.caused(cause, at=at, person="linh-pham", unit="kommunalteknikk-heggedal-dikemark")


WHO = {"person": "linh-pham", "unit": "kommunalteknikk-heggedal-dikemark"}


def paused(cause: Event, *, at: datetime, until: date) -> CasePaused:
    """The resident is asked something."""
    return CasePaused.caused(cause, at=at, question_id=uuid4(), until=until, **WHO)


def resumed(pause: Event, *, at: datetime) -> CaseResumed:
    """The clock runs again."""
    return CaseResumed.caused(
        pause, at=at, paused_by=pause.id, reason=ResumeReason.BY_CASEWORKER, person="linh-pham"
    )


def extended(cause: Event, *, at: datetime, due_on: date) -> CaseExtended:
    """The resident was told of a later day."""
    return CaseExtended.caused(cause, at=at, answer_id=uuid4(), due_on=due_on, **WHO)


def restarted(cause: Event, *, at: datetime, counted_from: datetime | None = None) -> CaseRestarted:
    """The clock starts anew."""
    return CaseRestarted.caused(cause, at=at, answer_id=uuid4(), counted_from=counted_from or at, **WHO)


def reclassified(
    cause: Event, *, at: datetime, due_on: date | None, rule: str = "P3WD", **fields: Any
) -> CaseReclassified:
    """The case is of another kind; None where such a case is promised nothing."""
    given = {"kind": Kind.APPEAL, "topic": "vei-og-vinterdrift", "area": "heggedal"}
    promise = Promised(promise_id="annet", rule=rule, rule_version="1", due_on=due_on) if due_on else None
    return CaseReclassified.caused(cause, at=at, **{"promise": promise, **given, **WHO, **fields})


def reopened(cause: Event, *, at: datetime, due_on: date | None) -> CaseReopened:
    """The case is worked on again."""
    promise = (
        Promised(promise_id="svargaranti", rule="P1W", rule_version="1", due_on=due_on) if due_on else None
    )
    return CaseReopened.caused(cause, at=at, promise=promise, **WHO)


def merged(cause: Event, *, at: datetime, into: UUID) -> CaseMerged:
    """The case is handled together with another."""
    return CaseMerged.caused(cause, at=at, into=into, **WHO)


def supplemented(cause: Event, *, at: datetime) -> SubmissionSupplemented:
    """The resident adds something."""
    return SubmissionSupplemented.caused(cause, at=at, supplement_id=uuid4())


def closing(municipality: Municipality, *days: date) -> Municipality:
    """The municipality with closed days of its own."""
    options = municipality.calendar_options.model_copy(update={"closed_days": dict.fromkeys(days, "Stengt")})
    changed = municipality.model_copy(update={"calendar_options": options})
    changed.__dict__.pop("calendar", None)  # reckoned once, and copied with the rest
    return changed

"""Lives through invented lives on a real stack: residents write, caseworkers act, the clock goes on day by day.

What is done on a day is done in four sittings (7, 9, 13 and 18 o'clock), several cases at once; at 8:01 the
services have done what fell due that morning before anybody acts.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from time import monotonic

import asyncpg
import httpx
from nats.errors import Error as NatsError

from bench.year.killing import Asking, Killer
from bench.year.oracle import Record
from deploy import movable_clock
from deploy.data_folder import DataFolder
from deploy.demo import residents
from deploy.demo.browsing import UnexpectedPageError
from deploy.demo.cases import Case, Course
from deploy.demo.desk import Desk
from deploy.demo.residents import Receipt
from deploy.settling import RunningParts, running_parts
from deploy.simulation.lives import Act, Deed, Life
from shared.clock import OSLO, oslo_day
from shared.events import (
    CaseAnswered,
    CaseAssigned,
    CaseClosed,
    CaseInterimAnswered,
    FeedbackGiven,
    SubmissionReceived,
)
from shared.municipality import Municipality

MORNING = time(8, 1)
SITTINGS = ((8, time(7, 0)), (12, time(9, 0)), (16, time(13, 0)), (24, time(18, 0)))
"""Until which hour, and when it is done."""
AT_ONCE = 6
PATIENCE = 120.0
TEXTS = (
    "Gangveien er ikke brøytet.",
    "Når kommer svaret på søknaden?",
    "Takk for god hjelp.",
    "Lyset er borte.",
)
ANSWER = "Takk for at du sa fra. Vi har sett på saken og ordnet det."
INTERIM = "Vi trenger litt mer tid, fordi vi må hente inn opplysninger først."
_FAULTS = (httpx.TransportError, httpx.HTTPStatusError, UnexpectedPageError, LookupError)
_LEAVES = {
    Act.HAND_OVER: ("routing", CaseAssigned, "body ->> 'reason' = 'handed_over'"),
    Act.INTERIM: ("routing", CaseInterimAnswered, "true"),
    Act.ANSWER: ("routing", CaseAnswered, "true"),
    Act.CLOSE: ("routing", CaseClosed, "true"),
    Act.FEEDBACK: ("intake", FeedbackGiven, "true"),
}
"""What an act leaves behind, by which one sees that it was done before a process died."""


DONE_HERE = frozenset({Act.OPEN, *_LEAVES})
Sittings = Mapping[datetime, Sequence[tuple[Life, Deed | None]]]


class TooLongError(Exception):
    """Something could not be done, however often it was tried."""


class Parts:
    """A connection to the stack that is made anew after something has died."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._stack = AsyncExitStack()
        self._parts: RunningParts | None = None

    async def now(self) -> RunningParts:
        """The connection."""
        if self._parts is None:
            self._parts = await self._stack.enter_async_context(running_parts(self._folder))
        return self._parts

    async def forget(self) -> None:
        """Lets go of it."""
        self._parts = None
        with suppress(OSError, NatsError, asyncpg.PostgresError, asyncpg.InterfaceError):
            await self._stack.aclose()
        self._stack = AsyncExitStack()


class Year:
    """A stack, a municipality and the lives that are lived there."""

    def __init__(
        self,
        folder: DataFolder,
        municipality: Municipality,
        lives: Sequence[Life],
        killer: Killer,
        random: Random,
        told: Callable[[str], None],
    ) -> None:
        self._folder = folder
        self._municipality = municipality
        self._lives = {life.number: life for life in lives}
        self._killer = killer
        self._random = random
        self._told = told
        self._address = folder.record().public_url
        self._receipts: dict[int, Receipt] = {}
        self._asking = {service: Asking(folder, service) for service in ("intake", "routing")}
        self._room = asyncio.Semaphore(AT_ONCE)
        self._parts = Parts(folder)
        self.records = {life.number: _record(life) for life in lives}
        self.spent: dict[str, float] = defaultdict(float)
        """Seconds of real time, by what they went to."""

    async def live(self, first: date, last: date) -> None:
        """Every day from the first to the last."""
        sittings = _sittings(self._lives.values())
        async with AsyncExitStack() as stack:
            for asking in self._asking.values():
                stack.push_async_callback(asking.close)
            stack.push_async_callback(self._parts.forget)
            desk = Desk(self._address, self._municipality, self._asking["routing"])
            await stack.enter_async_context(desk)
            for number in range((last - first).days + 1):
                day = first + timedelta(days=number)
                if day.day == 1 or day == first:
                    self._told(
                        f"  {day:%-d %B %Y}: {len(self._receipts)} submissions, "
                        f"{len(self._killer.killed)} processes killed"
                    )
                of_day = {at: what for at, what in sittings.items() if _day_of(at) == day}
                await self._day(day, of_day, self._killer.on(number), desk)

    async def _day(self, day: date, sittings: Sittings, victims: Sequence[str], desk: Desk) -> None:
        """Victims die while the morning's steps are taken, or while people act."""
        morning = _instant(day, MORNING)
        times = sorted({morning, *sittings})
        doomed = [(self._random.choice(times), victim) for victim in victims]
        for at in times:
            dying = [self._killer.kill(victim) for when, victim in doomed if when == at]
            await self._move_to(at)
            with self._timed("kills" if dying else "acts"):
                await asyncio.gather(*dying, self._sit(sittings.get(at, ()), desk))
            if dying:
                await self._parts.forget()
            with self._timed("kills" if dying else "mornings"):
                if at == morning or dying:
                    await self._come_to_rest()
                if dying:  # a mail whose connection broke waits a minute for its next try
                    await self._move_to(at + timedelta(minutes=2))
                    await self._come_to_rest()
        if sittings:
            with self._timed("evenings"):
                await (await self._parts.now()).hear("notify", PATIENCE)

    @contextmanager
    def _timed(self, what: str) -> Generator[None]:
        began = monotonic()
        yield
        self.spent[what] += monotonic() - began

    async def _come_to_rest(self) -> None:
        parts = await self._parts.now()
        await parts.take_steps(PATIENCE)
        await parts.mail(PATIENCE)

    async def _sit(self, deeds: Sequence[tuple[Life, Deed | None]], desk: Desk) -> None:
        """Several cases at once, and what concerns one case in its order."""
        by_case: dict[int, list[Deed | None]] = {}
        for life, deed in deeds:
            by_case.setdefault(life.number, []).append(deed)
        await asyncio.gather(*(self._do_all(number, some, desk) for number, some in by_case.items()))

    async def _do_all(self, number: int, deeds: Sequence[Deed | None], desk: Desk) -> None:
        async with self._room:
            for deed in deeds:
                await self._persist(number, deed, desk)

    async def _persist(self, number: int, deed: Deed | None, desk: Desk) -> None:
        """Does it until it is done, as people do who meet an error page."""
        end = monotonic() + PATIENCE
        while True:
            try:
                await self._do(number, deed, desk)
            except _FAULTS as fault:
                if deed and await self._is_done(number, deed.act):
                    break
                if monotonic() > end:
                    raise TooLongError(f"{deed.act if deed else 'submit'}: {fault}") from fault
                await asyncio.sleep(0.3)
            else:
                break
        self._note(number, deed)

    async def _do(self, number: int, deed: Deed | None, desk: Desk) -> None:
        life = self._lives[number]
        if deed is None:
            self._receipts[number] = await residents.submit(self._address, _case(life, self._municipality))
            return
        receipt = self._receipts[number]
        match deed.act:
            case Act.OPEN:
                await desk.open(receipt.reference)
            case Act.HAND_OVER:
                await desk.hand_over(receipt.reference, deed.unit or "", "Saken hører hjemme her.")
            case Act.INTERIM:
                await desk.interim_answer(receipt.reference, INTERIM, deed.day)
            case Act.ANSWER:
                await desk.answer(receipt.reference, ANSWER)
            case Act.CLOSE:
                await desk.close(receipt.reference)
            case Act.FEEDBACK:
                case = _case(life, self._municipality)
                await residents.say_whether_it_helped(self._address, receipt, case)
            case _:
                raise AssertionError(deed.act)

    async def _is_done(self, number: int, act: Act) -> bool:
        """Whether the act had been done when its answer was lost."""
        if act not in _LEAVES:
            return False
        service, event, also = _LEAVES[act]
        row = await self._asking[service].fetchrow(
            "SELECT 1 FROM inbox JOIN inbox AS received USING (case_id)"  # noqa: S608 - of our own constants
            f" WHERE received.type = '{SubmissionReceived.type_name()}' AND inbox.type = '{event.type_name()}'"
            f" AND received.body ->> 'reference' = $1 AND {also.replace('body', 'inbox.body')}",
            self._receipts[number].reference,
        )
        return row is not None

    def _note(self, number: int, deed: Deed | None) -> None:
        record, today = self.records[number], oslo_day(self._now())
        match deed and deed.act:
            case None:
                record.submitted_on, record.reference = today, self._receipts[number].reference
                record.promised_by = self._receipts[number].promised_by
            case Act.ANSWER:
                record.answered_on = record.answered_on or today
            case Act.INTERIM if deed:
                record.interim_on, record.expected_on = today, deed.day
            case _:
                pass

    def _now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=movable_clock.offset(self._folder))

    async def _move_to(self, instant: datetime) -> None:
        """Forward only; what takes long carries the clock past a moment by itself."""
        ahead = instant - self._now()
        if ahead > timedelta(seconds=1):
            movable_clock.advance(self._folder, ahead, datetime.now(UTC))


def _sittings(lives: Iterable[Life]) -> Sittings:
    """What is done when, in order."""
    acts = [(at, life.number, life, deed) for life in lives for at, deed in _deeds(life)]
    found: dict[datetime, list[tuple[Life, Deed | None]]] = {}
    for at, _, life, deed in sorted(acts, key=lambda act: act[:2]):
        found.setdefault(_sitting(at), []).append((life, deed))
    return found


def _deeds(life: Life) -> Iterable[tuple[datetime, Deed | None]]:
    """The submission (None), and of what becomes of it what people do on pages, until the case is reopened."""
    yield life.received_at, None
    for deed in life.deeds:
        if deed.act is Act.REOPEN:
            return
        if deed.act in DONE_HERE:
            yield deed.at, deed


def _sitting(at: datetime) -> datetime:
    local = at.astimezone(OSLO)
    return _instant(local.date(), next(when for until, when in SITTINGS if local.hour < until))


def _instant(day: date, when: time) -> datetime:
    return datetime.combine(day, when, OSLO).astimezone(UTC)


def _day_of(instant: datetime) -> date:
    return instant.astimezone(OSLO).date()


def _record(life: Life) -> Record:
    return Record(
        number=life.number, kind=life.kind.value, topic=life.topic,
        reply_wanted=life.reply_wanted, has_email=life.has_email,
    )  # fmt: skip


def _case(life: Life, municipality: Municipality) -> Case:
    return Case(
        number=life.number,
        kind=life.kind.value,
        course=Course.KEPT,
        text=f"Prøve nummer {life.number}: {TEXTS[life.number % len(TEXTS)]}",
        place=municipality.look.address.place,
        topic=life.topic,
        area=life.area,
        language=life.language,
        reply=life.reply_wanted,
        helped=(life.outcome or 0) > 2,
    )

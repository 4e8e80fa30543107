"""Lives through invented lives on a real stack: residents write, caseworkers act, the clock goes on day by day.

What is done on a day is done in four sittings (7, 9, 13 and 18 o'clock), several cases at once; at 8:01 the
services have done what fell due that morning before anybody acts. What moves a promise is heard, and what is due
by it then is done, before anything else happens to its case.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, contextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from time import monotonic

import asyncpg
from nats.errors import Error as NatsError

from bench.year.acting import PATIENCE, People
from bench.year.killing import Asking, Killer
from bench.year.oracle import Record, Said
from deploy import movable_clock
from deploy.data_folder import DataFolder
from deploy.demo.desk import Desk
from deploy.settling import RunningParts, running_parts
from deploy.simulation.lives import Act, Deed, Life
from shared.clock import OSLO
from shared.municipality import Municipality

MORNING = time(8, 1)
SITTINGS = ((8, time(7, 0)), (12, time(9, 0)), (16, time(13, 0)), (24, time(18, 0)))
"""Until which hour, and when it is done."""
AT_ONCE = 6
SAID: Mapping[Act, str] = {
    Act.RECLASSIFY: "reclassified", Act.ASK: "asked", Act.SUPPLEMENT: "heard", Act.RESUME: "went_on",
    Act.RESTART: "restarted", Act.EXTEND: "extended", Act.MERGE: "merged", Act.INTERIM: "interim",
    Act.ANSWER: "answered", Act.CLOSE: "closed", Act.REOPEN: "reopened", Act.HAND_OVER: "handed_over",
}  # fmt: skip
"""What the oracle calls an act."""
MOVES = frozenset(
    {Act.RECLASSIFY, Act.ASK, Act.SUPPLEMENT, Act.RESUME, Act.RESTART, Act.EXTEND, Act.MERGE, Act.REOPEN}
)
Sitting = Sequence[tuple[Life, Deed | None]]


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
        self, folder: DataFolder, municipality: Municipality, lives: Sequence[Life], killer: Killer,
        random: Random, told: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._folder = folder
        self._municipality = municipality
        self._lives = {life.number: life for life in lives}
        self._killer = killer
        self._random = random
        self._told = told
        self._room = asyncio.Semaphore(AT_ONCE)
        self._parts = Parts(folder)
        self._followers: dict[int, list[int]] = defaultdict(list)
        self.records = {life.number: _record(life) for life in lives}
        self.faults: list[str] = []
        """Answers with status 500: what is away is to be said to be away."""
        self.spent: dict[str, float] = defaultdict(float)
        """Seconds of real time, by what they went to."""

    async def live(self, first: date, last: date) -> None:
        """Every day from the first to the last."""
        sittings = _sittings(self._lives.values())
        asking = {service: Asking(self._folder, service) for service in ("intake", "routing", "notify")}
        async with AsyncExitStack() as stack:
            for one in asking.values():
                stack.push_async_callback(one.close)
            stack.push_async_callback(self._parts.forget)
            desk = Desk(self._folder.record().public_url, self._municipality, asking["routing"])
            await stack.enter_async_context(desk)
            people = People(
                self._folder, self._municipality, self._lives, desk, asking, self.faults.append
            )  # fmt: skip
            for number in range((last - first).days + 1):
                day = first + timedelta(days=number)
                if day.day == 1 or day == first:
                    self._told(
                        f"  {day:%-d %B %Y}: {len(people.receipts)} submissions, "
                        f"{len(self._killer.killed)} processes killed"
                    )
                of_day = {at: what for at, what in sittings.items() if _day_of(at) == day}
                await self._day(day, of_day, self._killer.on(number), people)

    async def _day(
        self, day: date, sittings: Mapping[datetime, Sitting], victims: Sequence[str], people: People
    ) -> None:
        """Victims die while the morning's steps are taken, or while people act."""
        morning = _instant(day, MORNING)
        times = sorted({morning, *sittings})
        doomed = [(self._random.choice(times), victim) for victim in victims]
        for at in times:
            dying = [self._killer.kill(victim) for when, victim in doomed if when == at]
            self._move_to(at)
            for deeds in _rounds(sittings.get(at, ())) or [{}]:
                with self._timed("kills" if dying else "acts"):
                    await asyncio.gather(*dying, self._sit(deeds, people))
                if dying:
                    await self._parts.forget()
                with self._timed("kills" if dying else "mornings" if at == morning else "moves"):
                    parts = await self._parts.now()
                    if dying or at == morning:
                        await parts.come_to_rest(PATIENCE)
                    elif any(deed and deed.act in MOVES for some in deeds.values() for deed in some):
                        await parts.hear_and_remind(PATIENCE)
                if dying:  # a mail whose connection broke waits a minute for its next try
                    with self._timed("kills"):
                        self._move_to(self._now() + timedelta(minutes=2))
                        await parts.come_to_rest(PATIENCE)
                dying = []
        if sittings:
            with self._timed("evenings"):
                await (await self._parts.now()).hear("notify", PATIENCE)

    @contextmanager
    def _timed(self, what: str) -> Generator[None]:
        began = monotonic()
        yield
        self.spent[what] += monotonic() - began

    async def _sit(self, deeds: Mapping[int, Sequence[Deed | None]], people: People) -> None:
        """Several cases at once, and what concerns one case in its order."""
        await asyncio.gather(*(self._do_all(number, some, people) for number, some in deeds.items()))

    async def _do_all(self, number: int, deeds: Sequence[Deed | None], people: People) -> None:
        async with self._room:
            for deed in deeds:
                if await people.persist(number, deed):
                    self._note(number, deed, people)

    def _note(self, number: int, deed: Deed | None, people: People) -> None:
        record, now = self.records[number], self._now()
        if deed is None:
            receipt = people.receipts[number]
            record.reference, record.promised_by = receipt.reference, receipt.promised_by
            record.said.append(Said(now, "submitted"))
            return
        what = SAID.get(deed.act)
        if what is None:
            return
        kind = deed.kind.value if deed.kind else None
        said = Said(now, what, deed.day, kind, deed.topic, handed_over=deed.unit is not None)
        record.said.append(said)
        if deed.into:
            self._followers[deed.into.number].append(number)
        if deed.act in {Act.ANSWER, Act.INTERIM}:  # those whose cases were merged into this one get it too
            for follower in self._followers[number]:
                self.records[follower].said.append(said)

    def _now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=movable_clock.offset(self._folder))

    def _move_to(self, instant: datetime) -> None:
        """Forward only; what takes long carries the clock past a moment by itself."""
        ahead = instant - self._now()
        if ahead > timedelta(seconds=1):
            movable_clock.advance(self._folder, ahead, datetime.now(UTC))


def _sittings(lives: Iterable[Life]) -> Mapping[datetime, Sitting]:
    """What is done when, in order."""
    acts = [(at, life.number, life, deed) for life in lives for at, deed in _deeds(life)]
    found: dict[datetime, list[tuple[Life, Deed | None]]] = {}
    for at, _, life, deed in sorted(acts, key=lambda act: act[:2]):
        found.setdefault(_sitting(at), []).append((life, deed))
    return found


def _deeds(life: Life) -> Iterator[tuple[datetime, Deed | None]]:
    """The submission (None), and what people do about it; a merged one is answered by the service."""
    yield life.received_at, None
    for deed in life.deeds:
        yield deed.at, deed
        if deed.act is Act.MERGE:
            return


def _rounds(sitting: Sitting) -> list[dict[int, list[Deed | None]]]:
    """By case, and one after the other: with what moves a promise a round of its case is over."""
    rounds: list[dict[int, list[Deed | None]]] = []
    turn = dict[int, int]()
    for life, deed in sitting:
        at = turn.setdefault(life.number, 0)
        while len(rounds) <= at:
            rounds.append({})
        rounds[at].setdefault(life.number, []).append(deed)
        turn[life.number] = at + (deed is not None and deed.act in MOVES)
    return rounds


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

"""What becomes of everything that comes in a year: who does what, and when. Pure, and the same for the same seed.

One unit falls behind from spring on and recovers in autumn; the others differ in how often they keep a promise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from uuid import UUID

from deploy.simulation.season import CHANNELS, HOURS, LANGUAGES, Arrival, arrivals, one_of, topic_of
from shared.clock import OSLO, oslo_day
from shared.events import Channel, Kind
from shared.municipality import Municipality
from shared.pauses import Pause, last_day_of_pause, lengthened
from shared.promise import Deadline, Rule, broken_from, deadline

BEHIND_FROM, BEHIND_TO, RECOVERED = 4, 7, 9
"""The months in which the unit that falls behind does so, stays so until, and is as before."""
BEHIND = ("byggesak", "plan", "renovasjon", "grunnskole")
"""One of these topics' owners falls behind."""
LEAST_KEPT, MOST_KEPT, KEPT_BEHIND = 0.78, 0.97, 0.3
NOON = 12
GETS_ITS_TOPIC = 0.35
"""How often a case without a topic gets one; else it is only handed over."""
OF_ANOTHER_KIND = 0.02
ASKED = 0.07
ANSWERS, BY_MAIL, GOES_ON = 0.65, 0.35, 0.12
"""How often who is asked answers, and by mail; how often the caseworker goes on without. Else the wait runs out."""
CHANGES_THE_MATTER = 0.4
"""How often what the resident answers makes it another matter, so that the promise starts anew."""
REOPENED = 0.02


class Act(StrEnum):
    """What somebody does about a case."""

    OPEN = "open"
    HAND_OVER = "hand_over"
    ASK = "ask"
    SUPPLEMENT = "supplement"
    RESUME = "resume"
    """The caseworker goes on without the resident's answer."""
    RESTART = "restart"
    RECLASSIFY = "reclassify"
    MERGE = "merge"
    """It is handled together with another one, and gets that one's answer."""
    INTERIM = "interim"
    EXTEND = "extend"
    ANSWER = "answer"
    CLOSE = "close"
    FEEDBACK = "feedback"
    REOPEN = "reopen"


@dataclass(frozen=True)
class Deed:
    """Who does what when.

    `day`: the end of a pause, an expected or a new due day; `unit`: where it is handed; `kind` and `topic`: what
    it is found to be; `by_mail`: the resident answers our mail; `into`: the life that leads.
    """

    at: datetime
    act: Act
    day: date | None = None
    unit: str | None = None
    kind: Kind | None = None
    topic: str | None = None
    by_mail: bool = False
    into: "Life | None" = None


@dataclass(frozen=True)
class Life:
    """One submission and what becomes of it; `kind` and `topic` are what the resident said."""

    number: int
    received_at: datetime
    kind: Kind
    topic: str | None
    area: str | None
    channel: Channel
    language: str
    reply_wanted: bool
    has_email: bool
    deeds: tuple[Deed, ...]
    process: int | None = None
    outcome: int | None = None


def apart(municipality: Municipality, year: int, residents: int, seed: int) -> list[Life]:
    """A year of them, in the order in which they came, each a matter of its own: `duplicates.lives` merges some."""
    common = Random(f"{seed}/{year}")  # noqa: S311 - invented
    office = _Office(municipality, common)
    come = arrivals(year, residents, municipality.calendar, common)
    return [
        _Course(arrival, number, office, Random(f"{seed}/{year}/{number}")).life()  # noqa: S311 - invented
        for number, arrival in enumerate(come)
    ]


class _Office:
    """How well each unit keeps up."""

    def __init__(self, municipality: Municipality, random: Random) -> None:
        self.municipality = municipality
        self.calendar = municipality.calendar
        self.topics = list(municipality.topics)
        self.longest_pause = str(municipality.pauses.longest)
        self.areas: list[str | None] = list(municipality.areas) or [None]
        self._kept = {unit: random.uniform(LEAST_KEPT, MOST_KEPT) for unit in sorted(municipality.units)}
        self.behind = random.choice([topic for topic in BEHIND if topic in self.topics] or self.topics)

    def keeps(self, topic: str, unit: str, day: date) -> float:
        """How often a promise is kept for a case that comes on this day."""
        usual = self._kept[unit]
        if topic != self.behind or not BEHIND_FROM <= day.month < RECOVERED:
            return usual
        if day.month < BEHIND_TO:
            return usual - (usual - KEPT_BEHIND) * (day.month - BEHIND_FROM + 1) / (BEHIND_TO - BEHIND_FROM)
        return KEPT_BEHIND + (usual - KEPT_BEHIND) * (day.month - BEHIND_TO) / (RECOVERED - BEHIND_TO)


class _Course:
    """The course of one case."""

    def __init__(self, arrival: Arrival, number: int, office: _Office, random: Random) -> None:
        self._number = number
        self._office = office
        self._random = random
        self._calendar = office.calendar
        self._kind = arrival.kind
        self._topic = topic_of(arrival, office.topics, random)
        self._area = random.choice(office.areas)
        self._known_kind: Kind = Kind.COMPLAINT if self._kind is Kind.APPEAL else self._kind
        self._known_topic = None if self._chance(0.08) else self._topic
        self._is_late = self._speaks = False
        self._received = _local(
            arrival.day, random.choices(range(24), HOURS)[0], random.randrange(60), random.randrange(60)
        )
        self._owner = office.municipality.owner(self._topic, self._area, arrival.day).unit_id

    def life(self) -> Life:
        """The whole of it."""
        is_praise = self._kind is Kind.PRAISE
        channel = Channel(
            one_of({channel.value: weight for channel, weight in CHANNELS.items()}, self._random)
        )
        wanted = self._kind is Kind.APPEAL or self._chance(0.25 if is_praise else 0.95)
        said_kind, said_topic = self._known_kind, self._known_topic
        deeds = tuple(self._answered() if wanted else self._read())
        return Life(
            number=self._number,
            received_at=self._received,
            kind=said_kind,
            topic=said_topic,
            area=self._area,
            channel=channel,
            language=one_of(LANGUAGES, self._random),
            reply_wanted=wanted,
            has_email=wanted,
            deeds=deeds,
            process=self._mark(2.6 if self._is_late else 4.2) if self._speaks else None,
            outcome=self._mark(2.8 if self._kind is Kind.APPEAL else 3.7) if self._speaks else None,
        )

    def _read(self) -> Iterator[Deed]:
        opened = self._opening()
        yield from self._taken_up(opened)
        yield Deed(opened + timedelta(minutes=self._random.randint(30, 240)), Act.CLOSE)

    def _answered(self) -> Iterator[Deed]:
        if self._chance(0.012):
            return
        opened = self._opening()
        yield from self._taken_up(opened)
        yield from self._seen_as_it_is(opened + timedelta(minutes=20))
        begun, due_on = opened + timedelta(minutes=40), self._promised().due_on
        if self._chance(ASKED):
            asked, begun, due_on = self._asked(begun)
            yield from asked
        due_on = max(due_on, oslo_day(begun))
        if self._chance(self._office.keeps(self._topic, self._owner, oslo_day(self._received))):
            done = self._in_time(begun, due_on)
        else:
            self._is_late = True
            done = self._at_work(self._later(due_on, self._random.choice((1, 1, 2, 2, 3, 4, 6, 9))))
            yield from self._told_that_it_takes_time(begun, due_on, oslo_day(done))
        yield Deed(done, Act.ANSWER)
        yield from self._afterwards(done)

    def _taken_up(self, opened: datetime) -> Iterator[Deed]:
        yield Deed(opened, Act.OPEN)
        if self._known_topic:
            return
        sorted_out = opened + timedelta(minutes=8)
        if self._chance(GETS_ITS_TOPIC):
            self._known_topic = self._topic
            elsewhere = self._owner != self._office.municipality.front_desk
            yield self._reclassified(sorted_out, unit=self._owner if elsewhere else None)
        else:
            yield Deed(sorted_out, Act.HAND_OVER, unit=self._owner)

    def _seen_as_it_is(self, at: datetime) -> Iterator[Deed]:
        if self._kind is Kind.APPEAL:
            self._known_kind = Kind.APPEAL
        elif self._chance(OF_ANOTHER_KIND):
            self._known_kind = Kind.QUESTION if self._known_kind is Kind.COMPLAINT else Kind.COMPLAINT
        else:
            return
        yield self._reclassified(at)

    def _reclassified(self, at: datetime, unit: str | None = None) -> Deed:
        return Deed(at, Act.RECLASSIFY, kind=self._known_kind, topic=self._known_topic, unit=unit)

    def _asked(self, asked: datetime) -> tuple[list[Deed], datetime, date]:
        """What comes of a question: the deeds, when the work can go on, and the due day that this gives."""
        until = last_day_of_pause(asked, self._office.longest_pause, self._calendar)
        deeds = [Deed(asked, Act.ASK, day=until)]
        fate, heard = self._random.random(), None
        if fate < ANSWERS:
            heard = asked + timedelta(hours=self._random.randint(3, 90))
            deeds.append(Deed(heard, Act.SUPPLEMENT, by_mail=self._chance(BY_MAIL)))
        elif fate < ANSWERS + GOES_ON:
            heard = self._at_work(self._later(oslo_day(asked), self._random.randint(1, 3)))
            deeds.append(Deed(heard, Act.RESUME))
        pause = Pause(asked, heard or broken_from(until), heard is not None, UUID(int=0))
        promised = self._promised()
        due_on = lengthened(promised, [pause], self._calendar).due_on
        begun = self._at_work(self._later(oslo_day(heard) if heard else until, 1))
        if heard and fate < ANSWERS and self._chance(CHANGES_THE_MATTER):
            anew = deadline(heard, promised.rule, self._calendar).due_on
            if oslo_day(begun) <= due_on < anew:
                deeds.append(Deed(begun, Act.RESTART))
                begun, due_on = begun + timedelta(minutes=30), anew
        return deeds, begun, due_on

    def _told_that_it_takes_time(self, begun: datetime, due_on: date, done: date) -> Iterator[Deed]:
        told = self._at_work(self._calendar.add_working_days(due_on, -1))
        if told <= begun:
            return
        if self._chance(0.12):
            sooner = self._calendar.add_working_days(done, -1)
            too_soon = sooner > due_on and self._chance(0.3)
            yield Deed(told, Act.EXTEND, day=sooner if too_soon else done)
        elif self._chance(0.5):
            yield Deed(told, Act.INTERIM, day=done)

    def _afterwards(self, done: datetime) -> Iterator[Deed]:
        spoke = done + timedelta(hours=self._random.randint(1, 60))
        self._speaks = self._chance(0.3)
        if self._speaks:
            yield Deed(spoke, Act.FEEDBACK)
        if self._chance(REOPENED):
            again = self._at_work(self._later(oslo_day(spoke), 2))
            yield Deed(again, Act.REOPEN)
            yield Deed(self._at_work(self._later(oslo_day(again), self._random.randint(1, 8))), Act.ANSWER)

    def _promised(self) -> Deadline:
        """What is promised a case that is found to be this; without a promise, as if there were one of a week."""
        promised = self._office.municipality.promise_for(
            self._known_kind, self._known_topic, self._area, "web", oslo_day(self._received)
        )
        rule = Rule.parse(str(promised.rule) if promised else "P1W")
        return deadline(self._received, rule, self._calendar)

    def _opening(self) -> datetime:
        """The same day where it comes in the morning of a working day, else the next."""
        local = self._received.astimezone(OSLO)
        if local.hour < NOON and self._calendar.is_working_day(local.date()):
            begun = max(self._received, _local(local.date(), 8, 5))
            return begun + timedelta(minutes=self._random.randint(10, 150))
        return self._at_work(self._later(local.date(), self._random.choice((1, 1, 1, 2))), 8)

    def _in_time(self, begun: datetime, due_on: date) -> datetime:
        first = self._calendar.next_working_day(oslo_day(begun), inclusive=True)
        room = max(0, self._calendar.working_days_between(first, due_on))
        later = min(self._random.randint(0, room), self._random.randint(0, room))
        day = self._later(first, later) if later else first
        return max(self._at_work(day), begun + timedelta(minutes=self._random.randint(10, 90)))

    def _later(self, day: date, working_days: int) -> date:
        return self._calendar.add_working_days(day, working_days)

    def _at_work(self, day: date, earliest: int = 9) -> datetime:
        working_day = self._calendar.next_working_day(day, inclusive=True)
        return _local(working_day, earliest, 5) + timedelta(minutes=self._random.randint(0, 330))

    def _mark(self, mean: float) -> int:
        return max(1, min(5, round(self._random.gauss(mean, 1))))

    def _chance(self, share: float) -> bool:
        return self._random.random() < share


def _local(day: date, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute, second), OSLO).astimezone(UTC)

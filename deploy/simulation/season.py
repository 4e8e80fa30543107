"""How much residents send, when, and about what: per 1,000 residents and year, by season, weekday and hour.

The volumes are those of NORMS: 74 electronic enquiries and 56 fault reports, praise and complaints in 1:3, and
a few appeals; telephone calls are answered on the telephone. The shape over the year is invented.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from shared.events import Channel, Kind
from shared.municipality import Municipality
from shared.workdays import WorkCalendar

USUAL_RESIDENTS = 15_000
"""Of a municipality that does not say how many live there."""
PER_THOUSAND: Mapping[Kind, float] = {
    Kind.QUESTION: 106.0,
    Kind.COMPLAINT: 18.0,
    Kind.PRAISE: 6.0,
    Kind.APPEAL: 4.0,
}
MONTHS = (1.15, 1.1, 1.05, 1.0, 1.0, 0.9, 0.55, 1.1, 1.1, 1.05, 1.05, 0.9)
WEEKDAYS = (1.3, 1.15, 1.1, 1.05, 0.9, 0.45, 0.5)
HOLIDAY = 0.4
HOURS = (1, 0, 0, 0, 0, 1, 3, 6, 10, 11, 10, 9, 8, 8, 7, 7, 7, 7, 8, 9, 9, 8, 5, 2)
CHANNELS: Mapping[Channel, int] = {
    Channel.WEB: 62,
    Channel.EMAIL: 20,
    Channel.PHONE: 9,
    Channel.COUNTER: 5,
    Channel.LETTER: 3,
    Channel.API: 1,
}
LANGUAGES = {"nb": 90, "nn": 4, "en": 6}
SNOW = "vei-og-vinterdrift"
STORMS = 4
OF_THE_YEAR = 0.015
"""What a snow storm brings more than other days, of the whole year."""
WINTER = (1, 2, 3, 11, 12)
TOPICS: Mapping[str, tuple[float, Sequence[int]]] = {
    SNOW: (14, (1, 2, 3, 12)),
    "vann-og-avlop": (7, (3, 4)),
    "renovasjon": (11, (1, 12)),
    "byggesak": (10, (4, 5, 6)),
    "plan": (4, ()),
    "barnehage": (7, (3, 8)),
    "grunnskole": (8, (8, 9)),
    "sfo": (4, (6, 8)),
    "skoleskyss": (4, (8, 9)),
    "barnevern": (1, ()),
    "helsestasjon": (4, (10, 11)),
    "fastlege-og-legevakt": (5, ()),
    "sosialhjelp": (3, ()),
    "hjemmetjeneste": (5, (7,)),
    "sykehjem": (4, (7,)),
    "idrett": (4, (9,)),
    "kultur": (2, (8,)),
    "bibliotek": (3, ()),
    "eiendom": (2, ()),
    "gebyr-og-faktura": (6, (2, 5, 9)),
    "innsyn": (3, ()),
    "politikk": (2, ()),
    "nettside-og-service": (4, ()),
}
"""Weight over the year, and the months in which there is twice as much."""
PRAISED = {"bibliotek": 5, "hjemmetjeneste": 4, "sykehjem": 4, "barnehage": 3, "helsestasjon": 3, SNOW: 2}
APPEALED = {
    "byggesak": 8,
    "barnehage": 3,
    "sosialhjelp": 5,
    "skoleskyss": 3,
    "hjemmetjeneste": 3,
    "sykehjem": 3,
}


@dataclass(frozen=True)
class Arrival:
    """Something that comes on a day; `topic` only where the day itself decides it."""

    day: date
    kind: Kind
    topic: str | None = None


def residents_of(municipality: Municipality, year: int) -> int:
    """How many live there, as its figures per 1,000 residents are reckoned: else those would not be the field's."""
    return municipality.look.residents_in(year) or USUAL_RESIDENTS


def arrivals(year: int, residents: int, calendar: WorkCalendar, random: Random) -> Iterator[Arrival]:
    """Everything that comes in a year, by day."""
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(_days_in(year))]
    busy = [_busyness(day, calendar) for day in days]
    volume = residents / 1000
    found = [
        Arrival(day, kind)
        for kind, rate in PER_THOUSAND.items()
        for day in random.choices(days, busy, k=round(rate * volume))
    ]
    per_storm = round(sum(PER_THOUSAND.values()) * volume * OF_THE_YEAR)
    for begins in _storms(days, random):
        for number in range(per_storm):
            day = min(begins + timedelta(days=random.choice((0, 0, 1, 1, 1, 2))), days[-1])
            found.append(Arrival(day, Kind.COMPLAINT if number % 3 else Kind.QUESTION, SNOW))
    yield from sorted(found, key=lambda arrival: arrival.day)


def topic_of(arrival: Arrival, topics: Sequence[str], random: Random) -> str:
    """What something is about, among the municipality's topics."""
    if arrival.topic in topics:
        return str(arrival.topic)
    special = {Kind.PRAISE: PRAISED, Kind.APPEAL: APPEALED}.get(arrival.kind)
    if special and any(topic in special for topic in topics):
        return random.choices(topics, [special.get(topic, 0) for topic in topics])[0]
    return random.choices(topics, [_weight(topic, arrival.day.month) for topic in topics])[0]


def one_of(weights: Mapping[str, int], random: Random) -> str:
    """One of these, the heavier the oftener."""
    return random.choices(list(weights), list(weights.values()))[0]


def _weight(topic: str, month: int) -> float:
    weight, high_season = TOPICS.get(topic, (3, ()))
    return weight * (2 if month in high_season else 1)


def _busyness(day: date, calendar: WorkCalendar) -> float:
    weekday = WEEKDAYS[day.weekday()]
    if day.weekday() < 5 and not calendar.is_working_day(day):  # noqa: PLR2004 - Monday to Friday
        weekday = HOLIDAY
    return MONTHS[day.month - 1] * weekday


def _storms(days: Sequence[date], random: Random) -> list[date]:
    return random.sample([day for day in days if day.month in WINTER and day.weekday() < 5], STORMS)  # noqa: PLR2004


def _days_in(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days

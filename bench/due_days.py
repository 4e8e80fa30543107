"""Due days reckoned by walking, sharing no code with `shared/promise.py`: what deadlines are judged by.

Zones are dateutil's, holidays come from the date of Easter, and months and years are dateutil's too.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random

from dateutil import tz
from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

FIXED = ((1, 1), (5, 1), (5, 17), (12, 25), (12, 26))
AFTER_EASTER = (-3, -2, 0, 1, 39, 49, 50)
"""Maundy Thursday, Good Friday, Easter Sunday and Monday, Ascension, Whit Sunday and Monday."""
OSLO = tz.gettz("Europe/Oslo")
LAST_OF_ZONES = 2037
DAY = timedelta(days=1)
IsOpen = Callable[[date], bool]


def is_open(day: date) -> bool:
    """Whether it is neither a weekend nor a Norwegian public holiday."""
    holidays = [easter(day.year) + days * DAY for days in AFTER_EASTER]
    return day.weekday() < 5 and (day.month, day.day) not in FIXED and day not in holidays


def working_days(day: date, count: int, is_open: IsOpen = is_open) -> date:
    """So many working days later, or earlier."""
    step = DAY if count > 0 else -DAY
    while count:
        day += step
        if is_open(day):
            count -= 1 if count > 0 else -1
    return day


def due_on(day: date, rule: str, is_open: IsOpen = is_open) -> date:
    """The day an answer is due that is asked for on this day."""
    if rule.endswith("WD"):
        return working_days(day, int(rule[1:-2]), is_open)
    name = {"D": "days", "W": "weeks", "M": "months", "Y": "years"}[rule[-1]]
    end: date = day + relativedelta(**{name: int(rule[1:-1])})
    while not is_open(end):
        end += DAY
    return end


def oslo_day(instant: datetime) -> date:
    """The day it is in Norway; an instant without a zone is Norwegian time.

    dateutil's zones end with 2037; from then on summer is from the last Sunday of March to that of October, 01:00
    UTC each (directive 2000/84/EC).
    """
    if instant.tzinfo is None:
        return instant.date()
    there = instant.astimezone(tz.UTC)
    if there.year <= LAST_OF_ZONES:
        return there.astimezone(OSLO).date()
    is_summer = _last_sunday(there.year, 3) <= there < _last_sunday(there.year, 10)
    return (there + timedelta(hours=2 if is_summer else 1)).date()


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 1, tzinfo=tz.UTC)
    return last - (last.weekday() + 1) % 7 * DAY


def questions(count: int, random: Random) -> list[tuple[datetime, str]]:
    """Instants of all years the calendar knows, with and without a zone, and rules of every unit."""
    minutes = 217 * 365 * 24 * 60
    asked = []
    for _ in range(count):
        instant = datetime(1970, 1, 3) + timedelta(minutes=random.randrange(minutes))  # noqa: DTZ001 - local time
        zone = random.choice((None, None, tz.UTC, tz.tzoffset(None, -5 * 3600)))
        rule = f"P{random.randint(1, 12)}{random.choice(('D', 'WD', 'W', 'M', 'Y'))}"
        asked.append((instant.replace(tzinfo=zone), rule))
    return asked


def lines(asked: list[tuple[datetime, str]]) -> str:
    """What `svarfrist deadline` reads from standard input."""
    return "".join(f"{instant.isoformat()} {rule}\n" for instant, rule in asked)

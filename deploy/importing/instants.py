"""Times as an archive writes them, reckoned in its zone.

Written as ISO 8601 (`2022-01-17 11:20:00`, with or without a zone) or as in Norway (`17.01.2022 11:20`); a day
without a time is its beginning. In the hour that occurs twice, the first occurrence is meant; a time in the
hour that does not occur counts as the clock would have shown without the change: an hour later.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from shared.workdays import FIRST_YEAR, LAST_YEAR

_ISO = re.compile(
    r"\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|[+-]\d\d(?::?\d\d)?))?)?"
)
_NORWEGIAN = re.compile(
    r"(?P<day>\d{1,2})\.(?P<month>\d{1,2})\.(?P<year>\d{4})"
    r"(?:,? (?:kl\.? ?)?(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?:[:.](?P<second>\d\d))?)?"
)
_SPACE_BEFORE_ZONE = re.compile(r" (?=[Z+-])")
_DAY_ALONE = len("2022-01-17")


class Oddity(StrEnum):
    """What is peculiar about a local time without a zone."""

    TWICE = "occurs_twice"
    NEVER = "does_not_exist"


class NoInstantError(ValueError):
    """The text is no time."""


class OutsideYearsError(ValueError):
    """A year that the calendar does not reach."""


@dataclass(frozen=True)
class Told:
    """A time that was told: the instant in UTC, and the day it is there. `timed`: more than a day was told."""

    instant: datetime
    day: date
    timed: bool
    oddity: Oddity | None = None


def told(text: str, zone: ZoneInfo, *, later: bool = False) -> Told:
    """The time in a text; `later` means the second occurrence of an hour that occurs twice.

    Raises NoInstantError, or OutsideYearsError outside 1970 to 2199.
    """
    written, timed = _parsed(text)
    if not FIRST_YEAR <= written.year <= LAST_YEAR:
        raise OutsideYearsError(text)
    if written.tzinfo:
        local = written.astimezone(zone)
        if not FIRST_YEAR <= local.year <= LAST_YEAR:
            raise OutsideYearsError(text)
        return Told(written.astimezone(UTC), local.date(), timed)
    first, second = written.replace(tzinfo=zone), written.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return Told(first.astimezone(UTC), written.date(), timed)
    instant = first.astimezone(UTC)
    there = instant.astimezone(zone)
    if there.replace(tzinfo=None, fold=0) != written:
        return Told(instant, there.date(), timed, Oddity.NEVER)
    return Told(second.astimezone(UTC) if later else instant, written.date(), timed, Oddity.TWICE)


def _parsed(text: str) -> tuple[datetime, bool]:
    try:
        if _ISO.fullmatch(text):
            return datetime.fromisoformat(_SPACE_BEFORE_ZONE.sub("", text)), len(text) > _DAY_ALONE
        if match := _NORWEGIAN.fullmatch(text):
            numbers = (
                int(number or 0) for number in match.group("year", "month", "day", "hour", "minute", "second")
            )
            year, month, day, hour, minute, second = numbers
            written = datetime(year, month, day, hour, minute, second)  # noqa: DTZ001 - local, its zone is the map's
            return written, match["hour"] is not None
    except ValueError as error:
        raise NoInstantError(text) from error
    raise NoInstantError(text)

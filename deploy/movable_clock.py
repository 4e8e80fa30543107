"""The test clock of an embedded stack: a file with an offset in seconds, which every service adds to its time."""

import re
from datetime import datetime, timedelta

from deploy.data_folder import DataFolder
from deploy.errors import BadDurationError, ClockNotMovableError, NotRunningError
from shared.clock import OSLO, Clock, FileClock, SystemClock, write_offset

DURATION = re.compile(r"P(?:(\d+)W|(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?)")


def duration(text: str) -> timedelta:
    """An ISO 8601 duration in weeks, or in days, hours, minutes and seconds: months and years have no length.

    Raises BadDurationError.
    """
    match = DURATION.fullmatch(text.upper())
    if match is None or not any(match.groups()):
        raise BadDurationError(text)
    weeks, days, hours, minutes, seconds = (int(number or 0) for number in match.groups())
    try:
        return timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
    except OverflowError:
        raise BadDurationError(text) from None


def clock_of(folder: DataFolder) -> Clock:
    """The time that a folder's stack lives in."""
    return FileClock(folder.clock) if folder.record().test_clock else SystemClock()


def offset(folder: DataFolder) -> int:
    """How many seconds the stack's time is ahead of the real one; 0 where it has no clock of its own yet."""
    try:
        return int(float(folder.clock.read_text(encoding="ascii")))
    except FileNotFoundError:
        return 0


def advance(folder: DataFolder, by: timedelta, now: datetime) -> datetime:
    """Moves the stack's time forward and returns what it is then, in Oslo; `now` is the real time.

    Raises NoStackError, ClockNotMovableError or NotRunningError.
    """
    if not folder.record().test_clock:
        raise ClockNotMovableError(folder.path)
    if not folder.is_running():
        raise NotRunningError(folder.path)
    ahead = offset(folder) + int(by.total_seconds())
    write_offset(folder.clock, timedelta(seconds=ahead))
    return (now + timedelta(seconds=ahead)).astimezone(OSLO)

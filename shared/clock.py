"""Where time comes from: instants are aware and in UTC, days are Norwegian."""

import asyncio
import os
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

OSLO = ZoneInfo("Europe/Oslo")


class Clock(Protocol):
    """Gives the present instant, aware and in UTC."""

    def __call__(self) -> datetime:
        """Give the present instant."""


class NaiveInstantError(ValueError):
    """An instant without a time zone, from which no day can be told."""

    def __init__(self, instant: datetime) -> None:
        """Keep the instant that lacks its zone."""
        super().__init__(f"{instant.isoformat()} has no time zone")
        self.instant = instant


class ClockFileError(ValueError):
    """A test clock's file that does not hold a number of seconds."""

    def __init__(self, path: Path, content: str) -> None:
        """Keep the file and what stands in it."""
        super().__init__(f"{path} must hold a number of seconds, not {content!r}")
        self.path = path
        self.content = content


class SystemClock:
    """The machine's own clock."""

    def __call__(self) -> datetime:
        """Give the present instant."""
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is set or advanced: for tests and simulations."""

    def __init__(self, instant: datetime) -> None:
        """Stand at `instant`, in whatever zone it is given.

        :raises NaiveInstantError: it has none.
        """
        self.set(instant)

    def __call__(self) -> datetime:
        """Give the instant the clock stands at."""
        return self._instant

    def set(self, instant: datetime) -> None:
        """Stand at another instant, later or earlier.

        :raises NaiveInstantError: it has no time zone.
        """
        self._instant = _aware(instant).astimezone(UTC)

    def advance(self, by: timedelta) -> None:
        """Move on; a negative `by` sets the clock back."""
        self._instant += by


class FileClock:
    """The system's time, moved by the seconds that a file holds: the test clock of a whole running stack.

    Every process that is given the same file lives at the same time, and follows within one call when
    `write_offset` moves it. A missing or empty file moves nothing.
    """

    def __init__(self, path: Path, system: Clock | None = None) -> None:
        """Follow the file at `path`, which need not exist yet."""
        self._path = path
        self._system = system or SystemClock()
        self._seen: tuple[int, int, int] | None = None
        self._offset = timedelta()

    def __call__(self) -> datetime:
        """Give the present instant of the test clock.

        :raises ClockFileError: the file holds something else than a number.
        """
        return self._system() + self._current_offset()

    async def moved(self, *, poll: float = 0.03) -> None:
        """Return when somebody has moved it, at the latest `poll` seconds after they did.

        :raises ClockFileError: the file holds something else than a number.
        """
        before = self._current_offset()
        while self._current_offset() == before:  # noqa: ASYNC110 - it is another process that moves it
            await asyncio.sleep(poll)

    def _current_offset(self) -> timedelta:
        try:
            status = os.stat(self._path)  # noqa: PTH116 - half the time of Path.stat, and every event asks
        except FileNotFoundError:
            self._seen, self._offset = None, timedelta()
            return self._offset
        seen = (status.st_ino, status.st_mtime_ns, status.st_size)
        if seen != self._seen:
            self._offset = _read_offset(self._path)
            self._seen = seen
        return self._offset


def write_offset(path: Path, offset: timedelta) -> None:
    """Move every `FileClock` on this file; none of them can see a half-written number."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.new")
    beside.write_text(f"{offset.total_seconds()!r}\n", "ascii")
    beside.replace(path)


def oslo_day(instant: datetime) -> date:
    """Tell which day it is in Norway at an instant.

    :raises NaiveInstantError: the instant has no time zone.
    """
    return _aware(instant).astimezone(OSLO).date()


def _aware(instant: datetime) -> datetime:
    if instant.utcoffset() is None:
        raise NaiveInstantError(instant)
    return instant


def _read_offset(path: Path) -> timedelta:
    content = path.read_text("utf-8", "replace").strip()
    try:
        return timedelta(seconds=float(content or 0))
    except (ValueError, OverflowError):
        raise ClockFileError(path, content) from None

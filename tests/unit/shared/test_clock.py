"""Clocks give aware instants, and the test clock moves a whole stack at once."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from shared.clock import (
    OSLO,
    ClockFileError,
    FileClock,
    FixedClock,
    NaiveInstantError,
    SystemClock,
    oslo_day,
    write_offset,
)

NOON = datetime(2026, 12, 18, 12, tzinfo=UTC)


def test_the_system_clock_gives_aware_instants_in_utc() -> None:
    """An instant without a zone is no instant."""
    assert SystemClock()().tzinfo is UTC


def test_a_fixed_clock_stands_still_until_it_is_moved() -> None:
    """Tests say what time it is, also when a clock is set back."""
    clock = FixedClock(NOON)
    assert clock() == clock() == NOON
    clock.advance(timedelta(days=8))
    assert clock() == NOON + timedelta(days=8)
    clock.advance(timedelta(days=-8, hours=-1))
    assert clock() == NOON - timedelta(hours=1)
    clock.set(datetime(2027, 1, 1, 1, tzinfo=OSLO))
    assert clock() == datetime(2027, 1, 1, tzinfo=UTC)
    assert clock().tzinfo is UTC


def test_a_file_clock_follows_its_file_at_once(tmp_path: Path) -> None:
    """Every process on the same file lives at the same time."""
    path = tmp_path / "clock"
    clocks = [FileClock(path, FixedClock(NOON)) for _ in range(2)]
    assert [clock() for clock in clocks] == [NOON, NOON]
    for days in (8, 9, -1):
        write_offset(path, timedelta(days=days, microseconds=5))
        assert [clock() for clock in clocks] == [NOON + timedelta(days=days, microseconds=5)] * 2
    path.unlink()
    assert clocks[0]() == NOON
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "seconds"), [("", 0), ("\n", 0), ("3600", 3600), (" -1.5\n", -1.5), ("1e3", 1000)]
)
def test_the_file_holds_a_number_of_seconds(tmp_path: Path, content: str, seconds: float) -> None:
    """As a person may write it with an editor."""
    path = tmp_path / "clock"
    path.write_text(content)
    assert FileClock(path, FixedClock(NOON))() == NOON + timedelta(seconds=seconds)


@pytest.mark.parametrize("content", ["P8D", "nan", "inf", "1e300", "æ"])
def test_a_file_that_holds_no_number_is_an_error_that_names_it(tmp_path: Path, content: str) -> None:
    """Better no time than a wrong one; each call says so until the file is right again."""
    path = tmp_path / "clock"
    path.write_text(content, "utf-8")
    clock = FileClock(path, FixedClock(NOON))
    for _ in range(2):
        with pytest.raises(ClockFileError, match="clock must hold a number of seconds"):
            clock()
    path.write_text("60.0", "utf-8")
    assert clock() == NOON + timedelta(minutes=1)


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        # winter: midnight in Oslo is 23:00 UTC the day before
        ("2026-12-17T22:59", date(2026, 12, 17)),
        ("2026-12-17T23:00", date(2026, 12, 18)),
        # summer: 22:00 UTC
        ("2026-07-01T21:59", date(2026, 7, 1)),
        ("2026-07-01T22:00", date(2026, 7, 2)),
    ],
)
def test_the_day_is_norways_whatever_day_utc_has(utc: str, day: date) -> None:
    """00:30 in Oslo is yesterday in UTC."""
    assert oslo_day(datetime.fromisoformat(f"{utc}+00:00")) == day


def test_an_instant_without_a_zone_has_no_day() -> None:
    """Nobody can say which day it is then, so nobody guesses."""
    with pytest.raises(NaiveInstantError, match="no time zone"):
        oslo_day(datetime(2026, 12, 18, 12))  # noqa: DTZ001 - the naive instant is the point
    with pytest.raises(NaiveInstantError):
        FixedClock(datetime(2026, 12, 18, 12))  # noqa: DTZ001 - likewise

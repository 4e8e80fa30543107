"""What is remembered of backlogs stays within bounds."""

from datetime import date, timedelta

from services.metrics.backlog import REMEMBERED, _Memory

YEAR = {date(2026, 1, 1) + timedelta(days=number): number for number in range(365)}


def test_evenings_on_which_nothing_was_open_are_forgotten_too() -> None:
    """Anybody may ask the public figures for any evening: each is known by the prints of all days."""
    memory = _Memory()
    for number in range(2 * REMEMBERED // len(YEAR)):
        memory.evening(number).days[date(2026, 1, 1)] = YEAR
        memory.make_room()
    assert sum(evening.size for evening in memory.evenings.values()) <= REMEMBERED
    assert number in memory.evenings

"""What is remembered of backlogs stays within bounds."""

from datetime import date, timedelta

from services.metrics.backlog import MOST_VIEWS, REMEMBERED, _Evening, _Memory
from services.metrics.indicators import Dimension, Place, Question
from services.metrics.periods import Period
from shared import municipality

YEAR = {date(2026, 1, 1) + timedelta(days=number): number for number in range(365)}


def test_evenings_on_which_nothing_was_open_are_forgotten_too() -> None:
    """Anybody may ask the public figures for any evening: each is known by the prints of all days."""
    memory = _Memory()
    for number in range(2 * REMEMBERED // len(YEAR)):
        memory.evening(number).days[date(2026, 1, 1)] = YEAR
        memory.make_room()
    assert sum(evening.size for evening in memory.evenings.values()) <= REMEMBERED
    assert number in memory.evenings


def test_what_is_told_of_evenings_has_its_room_too() -> None:
    """Each choice and grouping keeps the days of its groups: a hundred of them are more than the evening itself."""
    day, evening = date(2026, 1, 31), _Evening()
    places = [("helse", "nav", "complaint", f"topic-{number}", None, "web") for number in range(1000)]
    evening.learn({day: dict.fromkeys(places, (1, 0, 0))})
    before, calendar = evening.size, municipality.load("asker").calendar
    for number in range(MOST_VIEWS):
        # Each an organisation of its own, so that each is a choice of its own.
        now = {f"unit-{number}": Place("nav", "helse")}
        evening.view(Question(Period(day, day), day, calendar, now=now), [Dimension.TOPIC])
    assert evening.size == before + MOST_VIEWS * len(places) // 5
    evening.learn({day: {}})
    assert evening.size == 0

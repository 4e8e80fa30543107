"""The catalogue of measures is whole: named, defined, and read off the indicators where the system has them."""

from datetime import date
from pathlib import Path

import pytest

from services.metrics.indicators import (
    Backlog,
    Declarations,
    Handover,
    Indicators,
    Interim,
    Promise,
    Ratings,
    Received,
    Response,
    Satisfaction,
)
from services.metrics.measures import MEASURES, Source, Value, value_of
from shared.catalogue import Catalogue

TEXTS = Catalogue(Path(__file__).parents[3] / "services/metrics/texts")
SOME = Indicators(
    promise=Promise(due=8, kept=6),
    response=Response(n=9, median=2.0, p90=6.5, median_without_pauses=1.5, p90_without_pauses=5.0),
    received=Received(praise=3, complaint=4, question=2, appeal=1),
    backlog=Backlog(date(2026, 4, 30), open=5, overdue=2, oldest_days=40),
    handover=Handover(n=7, median=0.5, handovers=3),
    satisfaction=Satisfaction(
        answered=10,
        helped=3,
        not_helped=1,
        process=Ratings((0, 1, 0, 2, 1)),
        outcome=Ratings((1, 0, 0, 0, 1)),
    ),
    interim=Interim(needed=4, in_time=3),
    declarations=Declarations(current=9, all=12),
    residents=2000,
)
EMPTY = Indicators(Promise(), Response(), Received(), Backlog(date(2026, 4, 30)), Handover(), Satisfaction())


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_every_measure_has_a_name_and_a_definition(language: str) -> None:
    """In every language; the definition is shown beside each figure."""
    wanted = {key for measure in MEASURES.values() for key in (measure.name, measure.definition)}
    assert wanted <= TEXTS.keys(language)


@pytest.mark.parametrize(
    ("measure", "value"),
    [
        ("promise_kept", Value(0.75, 6, 8)),
        ("interim_in_time", Value(0.75, 3, 4)),
        ("response_median", Value(2.0, 9)),
        ("response_p90", Value(6.5, 9)),
        ("response_median_without_pauses", Value(1.5, 9)),
        ("response_p90_without_pauses", Value(5.0, 9)),
        ("handover_median", Value(0.5, 7)),
        ("handovers", Value(3.0, 3)),
        ("backlog_open", Value(5.0, 5)),
        ("backlog_overdue", Value(2.0, 2, 5)),
        ("backlog_oldest", Value(40.0, 5)),
        ("praise_to_complaints", Value(0.75, 3, 4)),
        ("appeals_received", Value(1.0, 1)),
        ("satisfaction_process", Value(3.75, 4)),
        ("satisfaction_outcome", Value(3.0, 2)),
        ("satisfaction_answer_rate", Value(0.4, 4, 10)),
        ("declarations_current_share", Value(0.75, 9, 12)),
        ("enquiries_per_1000", Value(5.0, 10, 2000)),
    ],
)
def test_a_measure_of_the_system_is_read_off_the_indicators(measure: str, value: Value) -> None:
    """With what it was computed from."""
    assert value_of(MEASURES[measure], SOME) == value


def test_a_measure_of_another_source_is_not_the_systems_to_tell() -> None:
    """Nothing stands in for a value that somebody has to enter."""
    for measure in MEASURES.values():
        assert (value_of(measure, SOME) is None) == (measure.source is not Source.SYSTEM)


def test_a_measure_of_nothing_has_no_value_rather_than_nought() -> None:
    """A share, a mean or a median of no cases is not a number."""
    counted = {"handovers", "backlog_open", "backlog_overdue", "appeals_received"}
    for measure in MEASURES.values():
        told = value_of(measure, EMPTY)
        if told is not None:
            assert (told.value is None) == (measure.id not in counted), measure.id

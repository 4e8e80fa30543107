"""How a due day came about, told from a case's events."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from shared.events import (
    CaseExtended,
    CasePaused,
    CaseReclassified,
    CaseReopened,
    CaseRestarted,
    Event,
    Kind,
    Promised,
    SubmissionSupplemented,
)
from shared.explanation import explain
from shared.reckoning import Start, reckoned
from shared.workdays import WorkCalendar
from tests.events_for_tests import MONDAY, received

CALENDAR = WorkCalendar()
RECEIVED = received(UUID(int=1))
NOW = MONDAY + timedelta(days=30)


def said(model: type[Event], days: float, **fields: Any) -> Event:
    """An event of the case, some days after it came in."""
    person = {"person": "kari", "unit": "vei"} if "unit" in model.model_fields else {}
    return model.caused(RECEIVED, at=MONDAY + timedelta(days=days), **{**person, **fields})


def told(*events: Event) -> tuple[date, Start, list[str]]:
    """The due day, what it is counted from, and the sentences."""
    found = reckoned([RECEIVED, *events], CALENDAR, NOW)
    assert found
    return found.deadline.due_on, found.start, explain(found.deadline, "nb", start=found.start)


QUESTION = said(CasePaused, 1, question_id=uuid4(), until=date(2026, 11, 20))
ADDED = said(SubmissionSupplemented, 3, supplement_id=uuid4())


def test_without_a_promise_there_is_nothing_to_reckon() -> None:
    """Nor before the submission is known, nor where another kind is promised nothing."""
    assert reckoned([], CALENDAR, NOW) is None
    assert reckoned([received(promise=None)], CALENDAR, NOW) is None
    lapsed = said(CaseReclassified, 1, kind=Kind.APPEAL, topic=None, area=None, promise=None)
    assert reckoned([RECEIVED, lapsed], CALENDAR, NOW) is None


def test_what_was_waited_and_what_was_told_are_steps_of_their_own() -> None:
    """The receipt's rule, the days waited, the day given instead."""
    day, start, sentences = told(QUESTION, ADDED)
    assert (day, start, len(sentences)) == (date(2026, 11, 25), Start.RECEIVED, 3)
    assert "Vi ventet på svar fra deg i 2 dager" in sentences[2]
    day, _, sentences = told(
        QUESTION, ADDED, said(CaseExtended, 4, answer_id=uuid4(), due_on=date(2026, 12, 1))
    )
    assert (day, sentences[-1]) == (
        date(2026, 12, 1), "Vi har gitt beskjed om at svaret kommer innen tirsdag 1. desember."
    )  # fmt: skip


def test_a_new_start_says_what_it_is_counted_from() -> None:
    """What the resident added, or the reopening."""
    day, start, sentences = told(ADDED, said(CaseRestarted, 4, answer_id=uuid4(), counted_from=ADDED.at))
    assert (day, start) == (date(2026, 11, 26), Start.RESTARTED)
    assert sentences[0].startswith("Du la til noe nytt torsdag 19. november 2026")
    promised = Promised(promise_id="x", rule="P5WD", rule_version="1", due_on=date(2026, 12, 7))
    day, start, sentences = told(QUESTION, said(CaseReopened, 14, promise=promised))
    assert (day, start) == (date(2026, 12, 7), Start.REOPENED)
    assert sentences[0] == "Vi åpnet saken igjen mandag 30. november 2026."


def test_another_kind_is_counted_from_the_receipt_by_its_own_rule() -> None:
    """Whatever was told before."""
    promised = Promised(promise_id="byggesak", rule="P15WD", rule_version="1", due_on=date(2026, 12, 7))
    found = said(CaseReclassified, 5, kind=Kind.APPEAL, topic="byggesak", area=None, promise=promised)
    day, start, _ = told(said(CaseExtended, 4, answer_id=uuid4(), due_on=date(2026, 12, 1)), found)
    assert (day, start) == (date(2026, 12, 7), Start.RECEIVED)

"""Which messages a case's history calls for."""

from datetime import timedelta
from uuid import uuid4

from services.notify.case import fold
from services.notify.messages import MessageKind, called_for
from shared.events import CaseAnswered
from tests.events_for_tests import MONDAY, after, received


def test_a_second_answer_is_told_as_a_new_one() -> None:
    """Whoever has read the first knows that there is more to read; in whatever order they are heard."""
    submission = received()
    answers = [
        after(
            submission, CaseAnswered, at=MONDAY + timedelta(days=day), person="kari", unit="vei",
            answer_id=uuid4(),
        )
        for day in (1, 2)
    ]  # fmt: skip
    case = fold(submission.case_id, [submission, *answers])
    for heard in ([submission, *answers], [submission, *reversed(answers)]):
        told = {
            word.caused_by: dict(word.facts)
            for word in called_for(case, heard, {event.id for event in heard})
            if word.kind is MessageKind.ANSWER
        }
        assert told == {answers[0].id: {}, answers[1].id: {"again": "yes"}}

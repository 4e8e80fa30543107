"""The form of a survey: what an administrator typed, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from services.metrics.surveys.questions import QUESTIONS
from services.metrics.surveys.store import State, Survey
from services.metrics.typed import as_day
from shared.web.i18n import Message

MOST_OF_A_TITLE = 120


@dataclass
class SurveyForm:
    """What was typed, and, where there are no faults, what it means."""

    typed: Mapping[str, Any]
    title: str = ""
    opens_on: date | None = None
    closes_on: date | None = None
    questions: tuple[str, ...] = QUESTIONS
    by_code: bool = False
    faults: dict[str, Message] = field(default_factory=dict)


def read(form: Any, today: date, known: Survey | None = None, *, is_answered: bool = False) -> SurveyForm:
    """Reads the form of a new survey, or of `known`.

    One that has closed does not open again, and one that has answers keeps its questions and its first day:
    results seen before and after would tell single answers.
    """
    words = {name: str(value).strip() for name, value in form.items()}
    questions = [str(one) for one in form.getall("questions", [])]
    read_form = SurveyForm(
        {**words, "questions": questions},
        title=words.get("title", ""),
        by_code=words.get("access") == "codes",
    )
    faults = read_form.faults
    if not 0 < len(read_form.title) <= MOST_OF_A_TITLE:
        faults["title"] = Message("survey.error.title", {"most": MOST_OF_A_TITLE})
    read_form.opens_on, read_form.closes_on = as_day(words.get("opens_on")), as_day(words.get("closes_on"))
    if read_form.opens_on is None:
        faults["opens_on"] = Message("survey.error.opens_on")
    if read_form.closes_on is None:
        faults["closes_on"] = Message("survey.error.closes_on")
    elif read_form.opens_on and read_form.closes_on < read_form.opens_on:
        faults["closes_on"] = Message("survey.error.ends_first")
    elif read_form.closes_on < today and (known is None or known.closes_on != read_form.closes_on):
        faults["closes_on"] = Message("survey.error.over")
    read_form.questions = tuple(one for one in QUESTIONS if one in questions)
    if not read_form.questions:
        faults["questions"] = Message("survey.error.questions")
    if known is not None:
        _unchanged(read_form, known, today, is_answered=is_answered)
    return read_form


def _unchanged(form: SurveyForm, known: Survey, today: date, *, is_answered: bool) -> None:
    if known.state(today) is State.CLOSED and form.closes_on != known.closes_on:
        form.faults["closes_on"] = Message("survey.error.closed")
    if is_answered and form.opens_on != known.opens_on:
        form.faults["opens_on"] = Message("survey.error.has_answers")
    if is_answered and list(form.questions) != list(known.questions):
        form.faults["questions"] = Message("survey.error.has_answers")

"""The page where a word to the resident is looked over before it is sent."""

from dataclasses import dataclass

from litestar.response import Template

from services.routing import store
from services.routing.plain_language import Advice, hints
from services.routing.web.visits import AnswerForm, Visit, Visits, written
from shared.web.i18n import Message

ANSWERS = frozenset({"svar", "forelopig-svar"})
_OF_ANY_LETTER = frozenset({Advice.LONG_SENTENCE, Advice.OFFICIALESE})


@dataclass(frozen=True, slots=True)
class Check:
    """What is looked over.

    :param path: where the form goes, after the case's address.
    :param day_line: the day it names, in words.
    :param further: the resident has had an answer already.
    """

    form: AnswerForm
    path: str
    heading: Message
    send: Message
    day_line: Message | None = None
    further: bool = False


async def check_page(visits: Visits, visit: Visit, check: Check) -> Template:
    """How it will look, where it goes, and what could be plainer."""
    desk = visits.desk
    submission = await desk.submission(visit.row.case_id)
    async with desk.database.reading() as session:
        followers = await store.merged_into(session, visit.row.case_id)
    text = written(check.form.text)
    is_answer = check.path in ANSWERS
    advice = [hint for hint in hints(text, visit.row.language) if is_answer or hint.advice in _OF_ANY_LETTER]
    context = {
        **visits.frame(visit, visit.row),
        "check": check,
        "form": check.form,
        "written": text,
        "hints": advice,
        "is_answer": is_answer,
        "contact": submission.contact if submission else None,
        "by_sms": desk.municipality.messages.sms,
        "sender": visit.person.name,
        "unit_name": desk.names.unit(visit.row.unit),
        "followers": len(followers) if is_answer else 0,
    }
    return Template("letter_check.html", context=context)

"""The residents' pages of a survey: no sign-in, nothing kept but how many gave each answer."""

from datetime import date
from typing import Any

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from services.metrics.suppression import FEWEST
from services.metrics.surveys import store
from services.metrics.surveys.codes import hashed
from services.metrics.surveys.questions import SCALE
from services.metrics.surveys.results import answer_rate, result
from services.metrics.surveys.store import State, Survey
from services.metrics.surveys.telling import charts, result_table
from shared.clock import Clock, oslo_day
from shared.database import Database
from shared.web.csp import SECRET_PAGE
from shared.web.errors import NotFoundProblem
from shared.web.i18n import Message, Wording
from shared.web.site import Say

PATH = "/undersokelse"
_ONE = f"{PATH}/{{survey_id:str}}"
_NOT_ANSWERED = "0"
AnyRequest = Request[Any, Any, Any]


class UnknownSurveyProblem(NotFoundProblem):
    """No survey has this address."""

    def __init__(self) -> None:
        super().__init__(Message("survey.unknown.title"), Message("survey.unknown.detail"))


def routes(database: Database, clock: Clock) -> list[HTTPRouteHandler]:
    """The form, the thanks, and the results once the survey has closed."""

    def today() -> date:
        return oslo_day(clock())

    @get(_ONE, include_in_schema=False, response_headers=SECRET_PAGE)
    async def survey(survey_id: FromPath[str], say: Say, kode: FromQuery[str] = "") -> Template:
        async with database.reading() as session:
            found = await store.survey(session, survey_id)
            if found is None:
                raise UnknownSurveyProblem
            if found.state(today()) is State.OPEN:
                return _form(found, say, {"kode": kode}, {})
            count = (await store.answered(session, [survey_id]))[survey_id]
            tallies = await store.tallies(session, survey_id)
        results = [result(question, tallies.get(question, {})) for question in found.questions]
        told = found.state(today()) is State.CLOSED and count >= FEWEST
        context = {
            "survey": found,
            "state": found.state(today()),
            "count": count if count >= FEWEST else None,
            "rate": answer_rate(count, found.invited) if told else None,
            "say": say,
            "table": result_table(results, say) if told else None,
            "charts": charts(results, say) if told else [],
        }
        return Template("survey_closed.html", context=context)

    @post(_ONE, include_in_schema=False, response_headers=SECRET_PAGE, status_code=200)
    async def answer(request: AnyRequest, survey_id: FromPath[str], say: Say) -> Redirect | Template:
        """Counts the answers in, and forgets the code, in one transaction."""
        typed = {name: str(value).strip() for name, value in (await request.form()).items()}
        async with database.transaction() as tx:
            found = await store.survey(tx.session, survey_id)
            if found is None:
                raise UnknownSurveyProblem
            if found.state(today()) is not State.OPEN:
                return Redirect(f"{PATH}/{survey_id}", status_code=303)
            answers, errors = _read(found, typed)
            if not errors and found.invited is not None:
                if not await store.use_code(tx.session, survey_id, hashed(survey_id, typed.get("kode", ""))):
                    errors["kode"] = Message("survey.error.code")
            if not errors:
                await store.count(tx.session, survey_id, answers)
        if errors:
            return _form(found, say, typed, errors)
        return Redirect(f"{PATH}/{survey_id}/takk", status_code=303)

    @get(f"{_ONE}/takk", include_in_schema=False, response_headers=SECRET_PAGE)
    async def thanks(survey_id: FromPath[str]) -> Template:
        async with database.reading() as session:
            found = await store.survey(session, survey_id)
        if found is None:
            raise UnknownSurveyProblem
        return Template("survey_thanks.html", context={"survey": found})

    return [survey, answer, thanks]


def _form(survey: Survey, say: Wording, typed: dict[str, str], errors: dict[str, Message]) -> Template:
    steps = [(str(step), say.text(f"survey.step.{step}")) for step in SCALE]
    return Template(
        "survey_form.html",
        context={
            "survey": survey,
            "typed": typed,
            "errors": errors,
            "choices": [*steps, (_NOT_ANSWERED, say.text("survey.step.none"))],
        },
        status_code=422 if errors else 200,
    )


def _read(survey: Survey, typed: dict[str, str]) -> tuple[dict[str, int], dict[str, Message]]:
    """The answers given, by question; each may be left open, all of them not."""
    answers: dict[str, int] = {}
    errors: dict[str, Message] = {}
    for question in survey.questions:
        said = typed.get(question, "")
        if said in {str(step) for step in SCALE}:
            answers[question] = int(said)
        elif said not in {"", _NOT_ANSWERED}:
            errors[question] = Message("survey.error.step")
    if not answers and not errors:
        errors[survey.questions[0]] = Message("survey.error.nothing")
    if survey.invited is not None and not typed.get("kode"):
        errors = {"kode": Message("survey.error.code_missing"), **errors}
    return answers, errors

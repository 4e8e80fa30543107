"""The residents' pages of a survey: no sign-in, nothing kept but how many gave each answer."""

import asyncio
from datetime import date
from typing import Any

from litestar import Request, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

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
    pages = _Pages(database, clock)

    @get(_ONE, include_in_schema=False, response_headers=SECRET_PAGE)
    async def survey(survey_id: FromPath[str], say: Say, kode: FromQuery[str] = "") -> Template:
        return await pages.one(survey_id, say, kode)

    @post(_ONE, include_in_schema=False, response_headers=SECRET_PAGE, status_code=200)
    async def answer(request: AnyRequest, survey_id: FromPath[str], say: Say) -> Redirect | Template:
        return await pages.answer(survey_id, dict(await request.form()), say)

    @get(f"{_ONE}/takk", include_in_schema=False, response_headers=SECRET_PAGE)
    async def thanks(survey_id: FromPath[str]) -> Template:
        return await pages.thanks(survey_id)

    return [survey, answer, thanks]


class _Pages:
    """What the routes do."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def _today(self) -> date:
        return oslo_day(self._clock())

    async def one(self, survey_id: str, say: Wording, code: str) -> Template:
        """The form while it is open, the results once it has closed."""
        async with self._database.reading() as session:
            survey = _found(await store.survey(session, survey_id))
            state = survey.state(self._today())
            if state is State.OPEN:
                return _form(survey, say, {"kode": code}, {})
            count = (await store.answered(session, [survey_id]))[survey_id]
            tallies = await store.tallies(session, survey_id)
        results = [result(question, tallies.get(question, {})) for question in survey.questions]
        told = state is State.CLOSED and count >= FEWEST
        context = {
            "survey": survey,
            "state": state,
            "say": say,
            "fewest": FEWEST,
            "count": count if told else None,
            "rate": answer_rate(count, survey.invited) if told else None,
            "table": result_table(results, say) if told else None,
            "charts": await asyncio.to_thread(charts, results, say) if told else [],
        }
        return Template("survey_closed.html", context=context)

    async def answer(self, survey_id: str, form: dict[str, Any], say: Wording) -> Redirect | Template:
        """Counts the answers in, and forgets the code, in one transaction."""
        typed = {name: str(value).strip() for name, value in form.items()}
        async with self._database.transaction() as tx:
            survey = _found(await store.survey(tx.session, survey_id))
            if survey.state(self._today()) is not State.OPEN:
                return Redirect(f"{PATH}/{survey_id}", status_code=303)
            answers, errors = _read(survey, typed)
            if not errors and not await self._may_answer(tx.session, survey, typed.get("kode", "")):
                errors["kode"] = Message("survey.error.code")
            if not errors:
                await store.count(tx.session, survey_id, answers)
        if errors:
            return _form(survey, say, typed, errors)
        return Redirect(f"{PATH}/{survey_id}/takk", status_code=303)

    async def thanks(self, survey_id: str) -> Template:
        async with self._database.reading() as session:
            survey = _found(await store.survey(session, survey_id))
        return Template("survey_thanks.html", context={"survey": survey})

    @staticmethod
    async def _may_answer(session: AsyncSession, survey: Survey, code: str) -> bool:
        if survey.invited is None:
            return True
        return await store.use_code(session, survey.id, hashed(survey.id, code))


def _found(survey: Survey | None) -> Survey:
    if survey is None:
        raise UnknownSurveyProblem
    return survey


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

"""What the staff's pages of surveys show and do: each method is one page or one act in one transaction."""

import re
from datetime import date
from typing import Any

from litestar import Response
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.response import Redirect, Template

from services.metrics.rights import manages, name_of, require_manager
from services.metrics.suppression import FEWEST
from services.metrics.surveys import forms, importing, standing, store
from services.metrics.surveys.codes import hashed, new_code, new_survey_id
from services.metrics.surveys.forms import SurveyForm
from services.metrics.surveys.importing import Outcome, UnreadableFileError
from services.metrics.surveys.public import PATH as PUBLIC_PATH
from services.metrics.surveys.questions import QUESTIONS
from services.metrics.surveys.results import answer_rate, result
from services.metrics.surveys.store import State, Survey
from services.metrics.surveys.telling import charts, result_table
from services.metrics.tables import Row, Shows, Table
from shared.clock import Clock, oslo_day
from shared.database import Database
from shared.municipality import Municipality
from shared.web.errors import NotFoundProblem
from shared.web.i18n import Message, Wording
from shared.web.session import SignedIn

PATH = "/innsikt/undersokelser"
MOST_CODES = 20_000


class Pages:
    """What the routes lead to."""

    def __init__(self, database: Database, municipality: Municipality, clock: Clock, public_url: str) -> None:
        self._database = database
        self._municipality = municipality
        self._clock = clock
        self._public_url = public_url

    def _today(self) -> date:
        return oslo_day(self._clock())

    async def front(
        self,
        say: Wording,
        person: SignedIn,
        form: SurveyForm | None = None,
        *,
        outcome: Outcome | None = None,
        import_fault: Message | None = None,
    ) -> Template:
        """All surveys, the age of the last, and imported results."""
        today = self._today()
        async with self._database.reading() as session:
            surveys = await store.surveys(session)
            counts = await store.answered(session, [one.id for one in surveys])
            imported = await store.imported(session)
            latest = (await standing.asked(session)).latest(today)
        errors = dict(form.faults) if form else {}
        if import_fault:
            errors["file"] = import_fault
        context = {
            "errors": errors,
            "typed": form.typed if form else {"questions": list(QUESTIONS)},
            "manages": manages(person),
            "surveys": [
                (one, one.state(today), counts[one.id], answer_rate(counts[one.id], one.invited))
                for one in surveys
            ],
            "fewest": FEWEST,
            "imported": imported,
            "imported_table": _imported_table(imported, say),
            "sources": sorted({(one.source, one.imported_on) for one in imported}, reverse=True),
            "latest": latest,
            "age": standing.age_in_months(latest, today),
            "target": standing.TARGET_MONTHS,
            "all_questions": QUESTIONS,
            "outcome": outcome,
            "default_source": importing.DEFAULT_SOURCE,
            "today": today,
        }
        return Template("surveys.html", context=context, status_code=422 if errors else 200)

    async def make(self, form: FormMultiDict, say: Wording, person: SignedIn) -> Redirect | Template:
        """A new survey."""
        require_manager(person)
        typed = forms.read(form, self._today())
        if typed.faults or typed.opens_on is None or typed.closes_on is None:
            return await self.front(say, person, typed)
        async with self._database.transaction() as tx:
            made = Survey(
                id=new_survey_id(),
                title=typed.title,
                opens_on=typed.opens_on,
                closes_on=typed.closes_on,
                questions=list(typed.questions),
                invited=0 if typed.by_code else None,
                made_on=self._today(),
                made_by=person.person_id,
            )
            tx.session.add(made)
        return Redirect(f"{PATH}/{made.id}", status_code=303)

    async def bring_in(self, form: FormMultiDict, say: Wording, person: SignedIn) -> Template:
        """A file from the page; the page says what became of it."""
        require_manager(person)
        upload = form.get("file")
        content = await upload.read() if isinstance(upload, UploadFile) else b""
        source = str(form.get("source", "")).strip()[:200] or importing.DEFAULT_SOURCE
        try:
            outcome = await self.import_file(content, source, person.person_id)
        except UnreadableFileError as error:
            return await self.front(say, person, import_fault=error.message)
        return await self.front(say, person, outcome=outcome)

    async def import_file(self, content: bytes, source: str, by: str) -> Outcome:
        """Raises UnreadableFileError."""
        rows, refused = importing.read(content, self._today())
        async with self._database.transaction() as tx:
            outcome = await importing.keep(tx.session, rows, source=source, today=self._today(), by=by)
        outcome.refused = refused
        return outcome

    async def one(
        self,
        survey_id: str,
        say: Wording,
        person: SignedIn,
        form: SurveyForm | None = None,
        errors: dict[str, Message] | None = None,
    ) -> Template:
        """One survey: how it goes, its results once it has closed, and what may be done with it."""
        async with self._database.reading() as session:
            survey = _found(await store.survey(session, survey_id))
            count = (await store.answered(session, [survey_id]))[survey_id]
            unused = await store.unused_codes(session, survey_id)
            tallies = await store.tallies(session, survey_id)
        state = survey.state(self._today())
        results = [result(question, tallies.get(question, {})) for question in survey.questions]
        told = state is State.CLOSED and count >= FEWEST
        errors = {**(form.faults if form else {}), **(errors or {})}
        context = {
            "survey": survey,
            "state": state,
            "count": count,
            "fewest": FEWEST,
            "rate": answer_rate(count, survey.invited),
            "unused": unused,
            "say": say,
            "table": result_table(results, say) if told else None,
            "charts": charts(results, say) if told else [],
            "manages": manages(person),
            "errors": errors,
            "typed": form.typed
            if form
            else {
                "title": survey.title,
                "opens_on": survey.opens_on,
                "closes_on": survey.closes_on,
                "questions": survey.questions,
            },
            "address": f"{PATH}/{survey_id}",
            "public_address": f"{self._public_url}{PUBLIC_PATH}/{survey_id}",
            "all_questions": QUESTIONS,
            "most_codes": MOST_CODES,
            "made_by": name_of(survey.made_by, self._municipality, say),
        }
        return Template("survey_admin.html", context=context, status_code=422 if errors else 200)

    async def change(
        self, survey_id: str, form: FormMultiDict, say: Wording, person: SignedIn
    ) -> Redirect | Template:
        """Title, days and questions, as far as nobody has answered."""
        require_manager(person)
        async with self._database.transaction() as tx:
            survey = _found(await store.survey(tx.session, survey_id, lock=True))
            count = (await store.answered(tx.session, [survey_id]))[survey_id]
            typed = forms.read(form, self._today(), survey, is_answered=count > 0)
            if not typed.faults and typed.opens_on and typed.closes_on:
                survey.title = typed.title
                survey.opens_on, survey.closes_on = typed.opens_on, typed.closes_on
                survey.questions = list(typed.questions)
        if typed.faults:
            return await self.one(survey_id, say, person, typed)
        return Redirect(f"{PATH}/{survey_id}", status_code=303)

    async def give_codes(
        self, survey_id: str, form: FormMultiDict, say: Wording, person: SignedIn
    ) -> Response[bytes] | Template:
        """The codes as a file, this once: only their hashes are kept."""
        require_manager(person)
        typed = str(form.get("count", "")).strip()
        if not re.fullmatch(r"[0-9]{1,9}", typed) or not 0 < int(typed) <= MOST_CODES:
            return await self.one(
                survey_id,
                say,
                person,
                errors={"count": Message("survey.error.count", {"most": say.n(MOST_CODES)})},
            )
        codes = [new_code() for _ in range(int(typed))]
        async with self._database.transaction() as tx:
            survey = _found(await store.survey(tx.session, survey_id, lock=True))
            if survey.invited is None or survey.state(self._today()) is State.CLOSED:
                raise NotFoundProblem
            await store.add_codes(tx.session, survey, {hashed(survey_id, code) for code in codes})
        columns = [(say.text(f"survey.{name}"), Shows.WORDS) for name in ("code", "link")]
        address = f"{self._public_url}{PUBLIC_PATH}/{survey_id}?kode="
        rows = [Row([code, address + code]) for code in codes]
        return _file(Table("koder", survey.title, columns, rows), f"koder_{survey_id}.csv", say)

    async def withdraw(self, survey_id: str, person: SignedIn) -> Redirect:
        """Takes back the codes that nobody has used."""
        require_manager(person)
        async with self._database.transaction() as tx:
            survey = _found(await store.survey(tx.session, survey_id, lock=True))
            if survey.invited is not None and survey.state(self._today()) is not State.CLOSED:
                await store.withdraw_codes(tx.session, survey)
        return Redirect(f"{PATH}/{survey_id}", status_code=303)

    async def delete(self, survey_id: str, say: Wording, person: SignedIn) -> Redirect | Template:
        """Only a survey that nobody has answered."""
        require_manager(person)
        async with self._database.transaction() as tx:
            survey = _found(await store.survey(tx.session, survey_id, lock=True))
            is_answered = bool((await store.answered(tx.session, [survey_id]))[survey_id])
            if not is_answered:
                await tx.session.delete(survey)
        if is_answered:
            return await self.one(
                survey_id, say, person, errors={"delete": Message("survey.error.not_deleted")}
            )
        return Redirect(PATH, status_code=303)

    async def download(self, survey_id: str, say: Wording) -> Response[bytes]:
        """The results as a file, as far as they may be told."""
        async with self._database.reading() as session:
            survey = _found(await store.survey(session, survey_id))
            count = (await store.answered(session, [survey_id]))[survey_id]
            tallies = await store.tallies(session, survey_id)
        if survey.state(self._today()) is not State.CLOSED or count < FEWEST:
            raise NotFoundProblem
        table = result_table(
            [result(question, tallies.get(question, {})) for question in survey.questions], say
        )
        return _file(table, f"undersokelse_{survey_id}_{survey.closes_on}.csv", say)


def _found(survey: Survey | None) -> Survey:
    if survey is None:
        raise NotFoundProblem
    return survey


def _imported_table(imported: Any, say: Wording) -> tuple[list[Any], list[list[str]]]:
    columns = [
        say.text("survey.asked"),
        say.text("survey.service"),
        (say.text("survey.year"), "number"),
        (say.text("survey.mean"), "number"),
        (say.text("survey.comparison"), "number"),
        (say.text("survey.answers"), "number"),
        say.text("survey.source"),
    ]
    rows = [
        [
            one.question,
            one.service or say.text("survey.whole"),
            str(one.year),
            say.text("survey.mean_of", mean=say.n(float(one.mean), 2), scale=one.scale),
            say.n(None if one.comparison is None else float(one.comparison), 2),
            say.n(one.n, 0),
            f"{one.source}, {say.day_short(one.imported_on)}",
        ]
        for one in imported
    ]
    return columns, rows


def _file(table: Table, name: str, say: Wording) -> Response[bytes]:
    return Response(
        table.as_csv(say),
        media_type="text/csv",
        headers={
            "Content-Disposition": f'attachment; filename="{name}"',
            "Cache-Control": "private, no-store",
        },
    )

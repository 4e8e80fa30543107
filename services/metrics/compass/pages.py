"""What the pages of the Kommunekompass show and do: each method is one page or one act in one transaction."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.compass import area_form, assessing, store, telling
from services.metrics.compass.area_form import AreaForm, Suggested
from services.metrics.compass.judging import MOST_OF_A_SIDE, SIDES, Judgement, Method, Sheet
from services.metrics.compass.store import CompassAssessment
from services.metrics.compass.telling import Told
from services.metrics.compass.versions import versions
from services.metrics.rights import manages, name_of, require_manager
from shared.clock import Clock, oslo_day
from shared.database import Database
from shared.identity import new_id
from shared.municipality import Municipality
from shared.web.errors import NotFoundProblem
from shared.web.i18n import Message, Wording
from shared.web.session import SignedIn

PATH = "/innsikt/kommunekompass"
_MOST_OF_A_SOURCE = 200
FindEvidence = Callable[[AsyncSession, date, Wording], Awaitable[Suggested]]


class Pages:
    """What the routes lead to."""

    def __init__(
        self, database: Database, municipality: Municipality, clock: Clock, find_evidence: FindEvidence
    ) -> None:
        self._database = database
        self._municipality = municipality
        self._clock = clock
        self._find_evidence = find_evidence

    def _today(self) -> date:
        return oslo_day(self._clock())

    async def front(
        self, say: Wording, person: SignedIn, errors: dict[str, Message], typed: dict[str, Any]
    ) -> Template:
        """The one that stands, those before it, drafts, and the form of a new one."""
        async with self._database.reading() as session:
            told = await assessing.told(session, await store.assessments(session))
        issued = [one for one in told if one.assessment.issued_on]
        standing = issued[0] if issued else None
        lines = [
            await asyncio.to_thread(
                telling.chart_over_time, [one for one in issued if one.version.version == name], say
            )
            for name in versions()
        ]
        context: dict[str, Any] = {
            "errors": errors,
            "typed": typed,
            "manages": manages(person),
            "standing": standing,
            "drafts": [one for one in told if not one.assessment.issued_on],
            "issued": issued,
            "lines": [line for line in lines if line],
            "versions": list(versions()),
            "name_of": lambda person_id: name_of(person_id, self._municipality, say),
        }
        if standing:
            context["chart"] = await asyncio.to_thread(telling.chart, standing.sheet, say)
            context["compared"] = telling.compared(standing.sheet, assessing.others(standing, told, say), say)
        return Template("compass.html", context=context, status_code=422 if errors else 200)

    async def begin(self, form: dict[str, Any], say: Wording, person: SignedIn) -> Redirect | Template:
        """A draft, empty or with what the last issued one of the version holds."""
        require_manager(person)
        typed = {name: str(value).strip() for name, value in form.items()}
        errors = {}
        if typed.get("version") not in versions():
            errors["version"] = Message("compass.error.version")
        if typed.get("method") not in set(Method):
            errors["method"] = Message("compass.error.method")
        source = typed.get("source", "")
        if typed.get("method") == Method.EXTERNAL and not 0 < len(source) <= _MOST_OF_A_SOURCE:
            errors["source"] = Message("compass.error.source")
        if errors:
            return await self.front(say, person, errors, typed)
        async with self._database.transaction() as tx:
            begun = CompassAssessment(
                id=new_id(tx.now),
                version=typed["version"],
                method=typed["method"],
                source=source if typed["method"] == Method.EXTERNAL else "",
                begun_on=oslo_day(tx.now),
                begun_by=person.person_id,
            )
            tx.session.add(begun)
            await tx.session.flush()
            if typed.get("copy"):
                await assessing.copy_latest(tx.session, begun, tx.now)
        return Redirect(f"{PATH}/{begun.id}", status_code=303)

    async def example(self, say: Wording) -> Template:
        """The worked example of the newest version that has one."""
        version = next((one for one in versions().values() if one.examples), None)
        if version is None:
            raise NotFoundProblem
        (name, sheet), *_ = telling.examples(version)
        return Template(
            "compass_example.html",
            context={
                "name": name,
                "sheet": sheet,
                "version": version,
                "chart": await asyncio.to_thread(telling.chart, sheet, say),
            },
        )

    async def one(
        self,
        assessment_id: UUID,
        say: Wording,
        person: SignedIn,
        errors: dict[str, Message] | None = None,
    ) -> Template:
        """One assessment, beside the one before it and the examples."""
        async with self._database.reading() as session:
            everything = await assessing.told(session, await store.assessments(session))
        found = next((one for one in everything if one.assessment.id == assessment_id), None)
        if found is None:
            raise NotFoundProblem
        context = {
            "errors": errors or {},
            "told": found,
            "address": f"{PATH}/{assessment_id}",
            "may_write": manages(person) and not found.assessment.issued_on,
            "manages": manages(person),
            "chart": await asyncio.to_thread(telling.chart, found.sheet, say),
            "compared": telling.compared(found.sheet, assessing.others(found, everything, say), say),
            "name_of": lambda person_id: name_of(person_id, self._municipality, say),
        }
        return Template("compass_assessment.html", context=context, status_code=422 if errors else 200)

    async def download(self, assessment_id: UUID, say: Wording, *, as_json: bool) -> Response[bytes]:
        """The whole of it as a file."""
        async with self._database.reading() as session:
            (told,) = await assessing.told(session, [await assessing.found(session, assessment_id)])
        name = (
            f"kommunekompass_{told.version.version}_{told.assessment.issued_on or told.assessment.begun_on}"
        )
        if as_json:
            content, media_type, suffix = telling.as_json(told).encode(), "application/json", "json"
        else:
            content, media_type, suffix = telling.as_csv(told, say).encode("utf-8-sig"), "text/csv", "csv"
        return Response(
            content,
            media_type=media_type,
            headers={"Content-Disposition": f'attachment; filename="{name}.{suffix}"'},
        )

    async def issue(self, assessment_id: UUID, say: Wording, person: SignedIn) -> Redirect | Template:
        """Freezes it, where everything is judged and what has points is documented today."""
        require_manager(person)
        async with self._database.transaction() as tx:
            assessment = await assessing.draft(tx.session, assessment_id)
            (told,) = await assessing.told(tx.session, [assessment])
            errors = self._not_ready(told)
            if not errors:
                assessment.issued_on = oslo_day(tx.now)
                assessment.issued_by = person.person_id
                assessment.issued_at = tx.now
        if errors:
            return await self.one(assessment_id, say, person, errors)
        return Redirect(f"{PATH}/{assessment_id}", status_code=303)

    def _not_ready(self, told: Told) -> dict[str, Message]:
        errors = {}
        method = Method(told.assessment.method)
        for area in told.sheet.areas:
            bare = area_form.undocumented(told.judgements, area.area, method, self._today())
            if area.missing:
                listed = ", ".join(one.id for one in area.missing)
                errors[f"area-{area.area.number}"] = Message("compass.error.missing", {"criteria": listed})
            elif bare:
                listed = ", ".join(one.id for one in bare)
                errors[f"area-{area.area.number}"] = Message("compass.error.bare", {"criteria": listed})
        return errors

    async def delete(self, assessment_id: UUID, person: SignedIn) -> Redirect:
        """Only a draft."""
        require_manager(person)
        async with self._database.transaction() as tx:
            await tx.session.delete(await assessing.draft(tx.session, assessment_id))
        return Redirect(PATH, status_code=303)

    async def area(
        self, assessment_id: UUID, number: int, say: Wording, person: SignedIn, form: AreaForm | None = None
    ) -> Template:
        """The form of an area, or its judgements where nothing may be changed."""
        async with self._database.reading() as session:
            assessment = await assessing.found(session, assessment_id)
            area = assessing.area_of(assessment, number)
            savings = await store.savings(session, assessment_id, number)
            suggested = await self._find_evidence(session, self._today(), say)
        known = savings[0].judgements if savings else {}
        sheet = Sheet.judged(versions()[assessment.version], known, Method(assessment.method))
        context = {
            "assessment": assessment,
            "area": area,
            "areas": len(versions()[assessment.version].areas),
            "address": f"{PATH}/{assessment_id}",
            "may_write": manages(person) and not assessment.issued_on,
            "external": assessment.method == Method.EXTERNAL,
            "sides": SIDES,
            "most_of_a_side": MOST_OF_A_SIDE,
            "sheet": sheet.areas[number - 1],
            "known": {one.id: known.get(one.id, Judgement()) for one in area.criteria},
            "typed": form.typed if form else area_form.fields(known, area),
            "errors": form.faults if form else {},
            "suggested": {
                one.id: [
                    (place, found)
                    for place, found in enumerate(suggested.get(one.id, ()))
                    if found.title not in {held.title for held in known.get(one.id, Judgement()).evidence}
                ]
                for one in area.criteria
            },
            "savings": savings,
            "seen": savings[0].id if savings else 0,
            "today": self._today(),
            "name_of": lambda person_id: name_of(person_id, self._municipality, say),
        }
        return Template("compass_area.html", context=context, status_code=422 if form else 200)

    async def save(
        self, assessment_id: UUID, number: int, form: dict[str, Any], say: Wording, person: SignedIn
    ) -> Redirect | Template:
        """Saves the area whole; refused where somebody else has saved it since the form was opened."""
        require_manager(person)
        async with self._database.transaction() as tx:
            assessment = await assessing.draft(tx.session, assessment_id)
            area = assessing.area_of(assessment, number)
            savings = await store.savings(tx.session, assessment_id, number)
            known = savings[0].judgements if savings else {}
            suggested = await self._find_evidence(tx.session, self._today(), say)
            typed = area_form.read(form, area, Method(assessment.method), known, suggested, self._today())
            if str(savings[0].id if savings else 0) != str(form.get("seen", "")):
                typed.faults = {"saved": Message("compass.error.changed")}
            if not typed.faults and (not savings or typed.judgements != known):
                store.save(
                    tx.session, assessment_id, number, typed.judgements, at=tx.now, by=person.person_id
                )
        if typed.faults:
            return await self.area(assessment_id, number, say, person, typed)
        return Redirect(f"{PATH}/{assessment_id}/{number}?lagret=ja#saved", status_code=303)

    async def restore(
        self, assessment_id: UUID, number: int, form: dict[str, Any], person: SignedIn
    ) -> Redirect:
        """An earlier saving once more, as the newest: nothing is lost by going back."""
        require_manager(person)
        async with self._database.transaction() as tx:
            await assessing.draft(tx.session, assessment_id)
            savings = await store.savings(tx.session, assessment_id, number)
            wanted = next((one for one in savings if str(one.id) == form.get("saving")), None)
            if wanted is None:
                raise NotFoundProblem
            store.save(tx.session, assessment_id, number, wanted.judgements, at=tx.now, by=person.person_id)
        return Redirect(f"{PATH}/{assessment_id}/{number}#saved", status_code=303)

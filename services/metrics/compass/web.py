"""The pages of the Kommunekompass: what stands, assessments, and the form of each area."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from http import HTTPStatus
from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect, Template
from sqlalchemy.ext.asyncio import AsyncSession

from services.metrics.compass import area_form, store, telling
from services.metrics.compass.area_form import AreaForm, Suggested
from services.metrics.compass.judging import MOST_OF_A_SIDE, SIDES, Judgement, Method, Sheet
from services.metrics.compass.store import CompassAssessment
from services.metrics.compass.telling import Told
from services.metrics.compass.versions import Area, versions
from services.metrics.rights import manages, name_of, require_manager
from shared.clock import Clock, oslo_day
from shared.database import Database
from shared.identity import new_id
from shared.municipality import Municipality
from shared.web.errors import NotFoundProblem, Problem
from shared.web.i18n import Message, Wording
from shared.web.session import SignedIn
from shared.web.site import Person, Say

PATH = "/innsikt/kommunekompass"
ONE = f"{PATH}/{{assessment_id:uuid}}"
_AREA = f"{ONE}/{{number:int}}"
_MOST_OF_A_SOURCE = 200
AnyRequest = Request[Any, Any, Any]
FindEvidence = Callable[[AsyncSession, date, Wording], Awaitable[Suggested]]


class FrozenProblem(Problem):
    """An issued assessment does not change."""

    def __init__(self) -> None:
        super().__init__(Message("compass.frozen.title"), Message("compass.frozen.detail"))

    status = HTTPStatus.CONFLICT


def routes(
    database: Database, municipality: Municipality, clock: Clock, find_evidence: FindEvidence
) -> list[HTTPRouteHandler]:
    """Every page of the Kommunekompass."""
    pages = _Pages(database, municipality, clock, find_evidence)
    return [*_shown(pages), *_done(pages)]


def _shown(pages: "_Pages") -> list[HTTPRouteHandler]:
    """What can be looked at by anybody who is signed in."""

    @get(PATH, include_in_schema=False)
    async def compass(say: Say, person: Person) -> Template:
        return await pages.front(say, person, {}, {})

    @get(f"{PATH}/eksempel", include_in_schema=False)
    async def example(say: Say, person: Person) -> Template:  # noqa: ARG001 - only for those signed in
        return await pages.example(say)

    @get(ONE, include_in_schema=False)
    async def one(assessment_id: FromPath[UUID], say: Say, person: Person) -> Template:
        return await pages.one(assessment_id, say, person)

    @get([f"{ONE}/last-ned.csv", f"{ONE}/last-ned.json"], include_in_schema=False)
    async def download(
        request: AnyRequest,
        assessment_id: FromPath[UUID],
        say: Say,
        person: Person,  # noqa: ARG001 - only for those signed in
    ) -> Response[bytes]:
        return await pages.download(assessment_id, say, as_json=request.url.path.endswith(".json"))

    @get(_AREA, include_in_schema=False)
    async def area(
        assessment_id: FromPath[UUID], number: FromPath[int], say: Say, person: Person
    ) -> Template:
        return await pages.area(assessment_id, number, say, person)

    return [compass, example, one, download, area]


def _done(pages: "_Pages") -> list[HTTPRouteHandler]:
    """What those who manage do."""

    @post(PATH, include_in_schema=False, status_code=200)
    async def begin(request: AnyRequest, say: Say, person: Person) -> Redirect | Template:
        return await pages.begin(dict(await request.form()), say, person)

    @post([f"{ONE}/utgi", f"{ONE}/slett"], include_in_schema=False, status_code=200)
    async def settle(
        request: AnyRequest, assessment_id: FromPath[UUID], say: Say, person: Person
    ) -> Redirect | Template:
        if request.url.path.endswith("/slett"):
            return await pages.delete(assessment_id, person)
        return await pages.issue(assessment_id, say, person)

    @post(_AREA, include_in_schema=False, status_code=200)
    async def save(
        request: AnyRequest, assessment_id: FromPath[UUID], number: FromPath[int], say: Say, person: Person
    ) -> Redirect | Template:
        return await pages.save(assessment_id, number, dict(await request.form()), say, person)

    @post(f"{_AREA}/tilbake", include_in_schema=False, status_code=200)
    async def restore(
        request: AnyRequest, assessment_id: FromPath[UUID], number: FromPath[int], person: Person
    ) -> Redirect:
        return await pages.restore(assessment_id, number, dict(await request.form()), person)

    return [begin, settle, save, restore]


class _Pages:
    """What the routes do; each method is one page or one act in one transaction."""

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
        async with self._database.reading() as session:
            told = await _told(session, await store.assessments(session))
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
            "name_of": lambda person_id: name_of(person_id, self._municipality),
        }
        if standing:
            context["chart"] = await asyncio.to_thread(telling.chart, standing.sheet, say)
            context["compared"] = telling.compared(standing.sheet, _others(standing, told, say), say)
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
                await _copy(tx.session, begun, tx.now)
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
        async with self._database.reading() as session:
            everything = await _told(session, await store.assessments(session))
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
            "compared": telling.compared(found.sheet, _others(found, everything, say), say),
            "name_of": lambda person_id: name_of(person_id, self._municipality),
        }
        return Template("compass_assessment.html", context=context, status_code=422 if errors else 200)

    async def download(self, assessment_id: UUID, say: Wording, *, as_json: bool) -> Response[bytes]:
        async with self._database.reading() as session:
            (told,) = await _told(session, [await _found(session, assessment_id)])
        name = (
            f"kommunekompass_{told.version.version}_{told.assessment.issued_on or told.assessment.begun_on}"
        )
        if as_json:
            content, media_type, suffix = telling.as_json(told).encode(), "application/json", "json"
        else:
            content, media_type, suffix = telling.as_csv(told, say).encode("utf-8-sig"), "text/csv", "csv"
        return Response(
            content,
            media_type=f"{media_type}; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}.{suffix}"'},
        )

    async def issue(self, assessment_id: UUID, say: Wording, person: SignedIn) -> Redirect | Template:
        """Freezes it, where everything is judged and what has points is documented today."""
        require_manager(person)
        async with self._database.transaction() as tx:
            assessment = await _draft(tx.session, assessment_id)
            (told,) = await _told(tx.session, [assessment])
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
            await tx.session.delete(await _draft(tx.session, assessment_id))
        return Redirect(PATH, status_code=303)

    async def area(
        self, assessment_id: UUID, number: int, say: Wording, person: SignedIn, form: AreaForm | None = None
    ) -> Template:
        async with self._database.reading() as session:
            assessment = await _found(session, assessment_id)
            area = _area(assessment, number)
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
            "name_of": lambda person_id: name_of(person_id, self._municipality),
        }
        return Template("compass_area.html", context=context, status_code=422 if form else 200)

    async def save(
        self, assessment_id: UUID, number: int, form: dict[str, Any], say: Wording, person: SignedIn
    ) -> Redirect | Template:
        """Saves the area whole; refused where somebody else has saved it since the form was opened."""
        require_manager(person)
        async with self._database.transaction() as tx:
            assessment = await _draft(tx.session, assessment_id)
            area = _area(assessment, number)
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
            await _draft(tx.session, assessment_id)
            savings = await store.savings(tx.session, assessment_id, number)
            wanted = next((one for one in savings if str(one.id) == form.get("saving")), None)
            if wanted is None:
                raise NotFoundProblem
            store.save(tx.session, assessment_id, number, wanted.judgements, at=tx.now, by=person.person_id)
        return Redirect(f"{PATH}/{assessment_id}/{number}#saved", status_code=303)


async def _found(session: AsyncSession, assessment_id: UUID, *, lock: bool = False) -> CompassAssessment:
    found = await store.assessment(session, assessment_id, lock=lock)
    if found is None or found.version not in versions():
        raise NotFoundProblem
    return found


async def _draft(session: AsyncSession, assessment_id: UUID) -> CompassAssessment:
    """Locked, so that two savings come after each other and none after the issue."""
    found = await _found(session, assessment_id, lock=True)
    if found.issued_on:
        raise FrozenProblem
    return found


def _area(assessment: CompassAssessment, number: int) -> Area:
    area = next((one for one in versions()[assessment.version].areas if one.number == number), None)
    if area is None:
        raise NotFoundProblem
    return area


async def _told(session: AsyncSession, assessments: Sequence[CompassAssessment]) -> list[Told]:
    known = [one for one in assessments if one.version in versions()]
    held = await store.judgements(session, [one.id for one in known])
    return [
        Told(one, Sheet.judged(versions()[one.version], held[one.id], Method(one.method)), held[one.id])
        for one in known
    ]


async def _copy(session: AsyncSession, begun: CompassAssessment, at: Any) -> None:
    """What the last issued assessment of the same version and method holds, as the new one's first saving."""
    earlier = [
        one
        for one in await store.assessments(session)
        if one.issued_on and (one.version, one.method) == (begun.version, begun.method)
    ]
    if not earlier:
        return
    held = (await store.judgements(session, [earlier[0].id]))[earlier[0].id]
    for area in versions()[begun.version].areas:
        content = {one.id: held[one.id] for one in area.criteria if one.id in held}
        if content:
            store.save(session, begun.id, area.number, content, at=at, by=begun.begun_by)


def _others(told: Told, everything: Sequence[Told], say: Wording) -> list[tuple[str, Sheet]]:
    """The one issued before it, of the same version alone, and the published examples."""
    own = told.assessment
    before = [
        one
        for one in everything
        if one.version.version == told.version.version
        and one.assessment.issued_at
        and one.assessment.id != own.id
        and (own.issued_at is None or one.assessment.issued_at < own.issued_at)
    ]
    earlier = [
        (say.day_short(one.assessment.issued_on), one.sheet) for one in before[:1] if one.assessment.issued_on
    ]
    return [*earlier, *telling.examples(told.version)]

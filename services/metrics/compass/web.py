"""The pages of the Kommunekompass: what stands, assessments, and the form of each area."""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect, Template

from services.metrics.compass.pages import PATH, FindEvidence, Pages
from shared.clock import Clock
from shared.database import Database
from shared.municipality import Municipality
from shared.web.site import Person, Say

ONE = f"{PATH}/{{assessment_id:uuid}}"
_AREA = f"{ONE}/{{number:int}}"
AnyRequest = Request[Any, Any, Any]


def routes(
    database: Database, municipality: Municipality, clock: Clock, find_evidence: FindEvidence
) -> list[HTTPRouteHandler]:
    """Every page of the Kommunekompass."""
    pages = Pages(database, municipality, clock, find_evidence)
    return [*_shown(pages), *_done(pages)]


def _shown(pages: "Pages") -> list[HTTPRouteHandler]:
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


def _done(pages: "Pages") -> list[HTTPRouteHandler]:
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

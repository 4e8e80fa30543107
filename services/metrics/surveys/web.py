"""The staff's pages of surveys: making one, giving out codes, results, and importing results of others."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect, Template

from services.metrics.surveys import importing
from services.metrics.surveys.importing import UnreadableFileError
from services.metrics.surveys.pages import PATH, Pages
from shared.clock import Clock
from shared.database import Database
from shared.municipality import Municipality
from shared.web.site import Person, Say

INTERNAL_IMPORT = "/internal/surveys/import"
"""For the command line: not reachable through the front door."""
ONE = f"{PATH}/{{survey_id:str}}"
AnyRequest = Request[Any, Any, Any]


def routes(
    database: Database, municipality: Municipality, clock: Clock, public_url: str
) -> list[HTTPRouteHandler]:
    """Every page of the staff, and the command line's way in."""
    pages = Pages(database, municipality, clock, public_url)
    return [*_shown(pages), *_done(pages), _internal(pages)]


def _shown(pages: "Pages") -> list[HTTPRouteHandler]:
    """What can be looked at by anybody who is signed in."""

    @get(PATH, include_in_schema=False)
    async def surveys(say: Say, person: Person) -> Template:
        return await pages.front(say, person)

    @get(ONE, include_in_schema=False)
    async def one(survey_id: FromPath[str], say: Say, person: Person) -> Template:
        return await pages.one(survey_id, say, person)

    @get(f"{ONE}/last-ned.csv", include_in_schema=False)
    async def download(survey_id: FromPath[str], say: Say, person: Person) -> Response[bytes]:  # noqa: ARG001 - only for those signed in
        return await pages.download(survey_id, say)

    return [surveys, one, download]


def _done(pages: "Pages") -> list[HTTPRouteHandler]:
    """What those who manage do."""

    @post(PATH, include_in_schema=False, status_code=200)
    async def make(request: AnyRequest, say: Say, person: Person) -> Redirect | Template:
        return await pages.make(await request.form(), say, person)

    @post(
        f"{PATH}/import",
        include_in_schema=False,
        status_code=200,
        request_max_body_size=importing.MOST_BYTES * 2,
    )
    async def bring_in(request: AnyRequest, say: Say, person: Person) -> Template:
        return await pages.bring_in(await request.form(), say, person)

    @post(ONE, include_in_schema=False, status_code=200)
    async def change(
        request: AnyRequest, survey_id: FromPath[str], say: Say, person: Person
    ) -> Redirect | Template:
        return await pages.change(survey_id, await request.form(), say, person)

    @post(f"{ONE}/koder", include_in_schema=False, status_code=200)
    async def codes(
        request: AnyRequest, survey_id: FromPath[str], say: Say, person: Person
    ) -> Response[bytes] | Template:
        return await pages.give_codes(survey_id, await request.form(), say, person)

    @post([f"{ONE}/trekk-koder", f"{ONE}/slett"], include_in_schema=False, status_code=200)
    async def undo(
        request: AnyRequest, survey_id: FromPath[str], say: Say, person: Person
    ) -> Redirect | Template:
        if request.url.path.endswith("/slett"):
            return await pages.delete(survey_id, say, person)
        return await pages.withdraw(survey_id, person)

    return [make, bring_in, change, codes, undo]


def _internal(pages: "Pages") -> HTTPRouteHandler:
    @post(INTERNAL_IMPORT, include_in_schema=False, status_code=200, exclude_from_csrf=True)
    async def from_command_line(request: AnyRequest, say: Say) -> Response[dict[str, Any]]:
        source = request.query_params.get("source") or importing.DEFAULT_SOURCE
        try:
            outcome = await pages.import_file(await request.body(), source, "svarfrist")
        except UnreadableFileError as error:
            return Response({"error": say.tell_plainly(error.message)}, status_code=422)
        return Response(
            {
                "new": outcome.new,
                "changed": outcome.changed,
                "unchanged": outcome.unchanged,
                "refused": [
                    {"line": one.line, "reason": say.tell_plainly(one.reason)} for one in outcome.refused
                ],
            }
        )

    return from_command_line

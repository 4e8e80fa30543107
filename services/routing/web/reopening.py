"""Working on a finished case again, under a promise of its own."""

from collections.abc import Sequence

from litestar import get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response import Redirect, Template

from services.routing import promising
from services.routing.promising import Matter
from services.routing.web.choices import REOPEN
from services.routing.web.desk import Desk
from services.routing.web.visits import Plain, Visit, Visits, form_key, form_version, refusal
from services.routing.work import ChangedMeanwhileError, NotNowError
from shared.web.site import Person, Say

PATH = f"/saksbehandling/sak/{{reference:str}}/{REOPEN.path}"


def reopen_pages(desk: Desk) -> list[HTTPRouteHandler]:
    """Where a finished case is opened again."""
    visits = Visits(desk)

    @get(PATH)
    async def reopen_form(reference: FromPath[str], person: Person, say: Say) -> Template:
        return await _page(desk, visits, await visits.visit(reference, person, say))

    @post(PATH, status_code=200)
    async def reopen(reference: FromPath[str], person: Person, say: Say, data: Plain) -> Template | Redirect:
        visit, version = await visits.visit(reference, person, say), form_version(data.version)
        try:
            async with desk.database.transaction() as tx:
                await promising.reopen(visits.work(tx, visit), key=form_key(data.key), version=version)
        except ChangedMeanwhileError as changed:
            changes = visits.storyteller(visit).changes(changed.history, version)
            return await _page(desk, visits, visit, changes)
        except NotNowError as refused:
            raise refusal(refused) from refused
        return Redirect(f"{visit.address}?gjort=reopened", status_code=303)

    return [reopen_form, reopen]


async def _page(desk: Desk, visits: Visits, visit: Visit, changes: Sequence[object] = ()) -> Template:
    async with desk.database.transaction() as tx:
        case, _ = await visits.work(tx, visit).look()
    if not case.finished:
        raise refusal(NotNowError("reopen_open"))
    matter = Matter(case.kind, case.topic, case.area)
    promised = promising.promised_to(case, matter, desk.clock(), desk.municipality)
    context = {
        **visits.frame(visit, visit.row),
        "due_on": promised.due_on if promised else None,
        "judged": case.promise_kept is not None,
        "merged": case.merged_into is not None,
        "changes": changes,
        "key": desk.new_key(),
        "version": case.version,
    }
    return Template("reopen.html", context=context, status_code=409 if changes else 200)

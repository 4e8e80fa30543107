"""The residents our messages did not reach: a list for the front desk, who can ring them."""

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

from services.routing import listing
from services.routing.web.desk import Desk
from services.routing.web.lists import title
from shared.municipality import Role
from shared.questions import Excerpts, NoAnswerError, ReadExcerpts
from shared.web.errors import ForbiddenProblem
from shared.web.i18n import Message
from shared.web.site import Person, Say

ADDRESS = "/saksbehandling/kom-ikke-fram"
MOST = 50
_MAY_SEE = frozenset({Role.FRONT_DESK, Role.ADMINISTRATOR})


def undelivered_page(desk: Desk) -> HTTPRouteHandler:
    """Where the front desk finds them."""

    @get(ADDRESS)
    async def undelivered(person: Person, say: Say) -> Template:
        colleague = desk.colleague(person)
        if _MAY_SEE.isdisjoint(colleague.roles):
            raise ForbiddenProblem(detail=Message("unreached.forbidden"))
        async with desk.database.reading() as session:
            rows = [row for row in await listing.undelivered(session, MOST) if desk.may_see(colleague, row)]
        try:
            found: Excerpts | None = (
                await desk.ask(ReadExcerpts(case_ids=[row.case_id for row in rows], phones=True))
                if rows
                else Excerpts(excerpts={})
            )
        except NoAnswerError:
            found = None
        now = desk.clock()
        cases = [
            {
                "reference": row.reference,
                "title": title(row, desk, say),
                "since": say.when(row.undelivered_at, now) if row.undelivered_at else "",
                "unit": desk.names.unit(row.unit),
                "person": desk.names.person(row.person),
                "answered": row.ever_answered,
                "phone": found.phones.get(row.case_id) if found else None,
                "excerpt": found.excerpts.get(row.case_id) if found else None,
            }
            for row in rows
        ]
        return Template("undelivered.html", context={"cases": cases, "away": found is None})

    return undelivered

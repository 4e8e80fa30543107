"""What a resident is sent about the case: a page to choose on, and the one click of a mail program (RFC 8058)."""

from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from services.intake import store
from services.intake.case_pages import UnknownCaseProblem
from services.intake.parts import Intake
from shared.web.csp import SECRET_PAGE
from shared.web.errors import InvalidProblem
from shared.web.i18n import Message

AnyRequest = Request[Any, Any, Any]

ADDRESS = "/sak/{secret:str}/varsler"
_ONE_CLICK = ("List-Unsubscribe", "One-Click")


@get(ADDRESS, include_in_schema=False, response_headers=SECRET_PAGE)
async def notices_page(secret: FromPath[str], intake: Intake, lagret: FromQuery[bool] = False) -> Template:  # noqa: FBT002
    """What they get now, what they will get in any case, and the choice. `lagret`: it was just made."""
    async with intake.database.reading() as session:
        submission = await store.submission_by_secret(session, secret)
        if submission is None:
            raise UnknownCaseProblem
        contact = await store.contact(session, submission.id)
    return Template(
        "notices.html",
        context={
            "submission": submission,
            "reached_by": _reached_by(contact),
            "only_answers": bool(contact and contact.only_answers),
            "saved": lagret,
        },
    )


@post(ADDRESS, include_in_schema=False, response_headers=SECRET_PAGE, status_code=200)
async def choose_notices(request: AnyRequest, secret: FromPath[str], intake: Intake) -> Redirect:
    """Keeps the choice; it can be made again as often as they like."""
    chosen = (await request.form()).get("notices")
    if chosen not in {"all", "answers"}:
        raise InvalidProblem(fields={"notices": Message("notices.error")})
    await _keep(intake, secret, only_answers=chosen == "answers")
    return Redirect(f"/sak/{secret}/varsler?lagret=true", status_code=303)


@get(f"{ADDRESS}/av", include_in_schema=False, response_headers=SECRET_PAGE)
async def one_click_in_a_browser(secret: FromPath[str]) -> Redirect:
    """A mail program that does not know one click opens the address: nothing is changed by looking."""
    return Redirect(f"/sak/{secret}/varsler", status_code=303)


@post(
    f"{ADDRESS}/av",
    include_in_schema=False,
    response_headers=SECRET_PAGE,
    status_code=200,
    exclude_from_csrf=True,
)
async def one_click(request: AnyRequest, secret: FromPath[str], intake: Intake) -> Response[str]:
    """What `List-Unsubscribe-Post` announces: no page, no cookie, no redirect; the secret is the permission."""
    name, value = _ONE_CLICK
    if (await request.form()).get(name) != value:
        raise InvalidProblem(fields={name: Message("notices.error.one_click")})
    await _keep(intake, secret, only_answers=True)
    return Response("", media_type="text/plain")


async def _keep(intake: Intake, secret: str, *, only_answers: bool) -> None:
    async with intake.database.transaction() as tx:
        submission = await store.submission_by_secret(tx.session, secret)
        if submission is None:
            raise UnknownCaseProblem
        contact = await store.contact(tx.session, submission.id)
        if contact:
            contact.only_answers = only_answers


def _reached_by(contact: store.Contact | None) -> str | None:
    """How they are reached: `email`, `phone`, or None where they left neither."""
    if contact and contact.email:
        return "email"
    return "phone" if contact and contact.phone else None


def notice_pages() -> list[HTTPRouteHandler]:
    """The routes of the choice."""
    return [notices_page, choose_notices, one_click_in_a_browser, one_click]

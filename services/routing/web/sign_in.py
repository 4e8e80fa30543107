"""Signing in and out, whatever decides who somebody is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any

from litestar import Request, get, post
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body
from litestar.response import Redirect, Template

from services.routing.web.desk import Desk
from shared.municipality import Municipality, Role
from shared.municipality import Person as Colleague
from shared.web.errors import ForbiddenProblem
from shared.web.i18n import Message, Wording
from shared.web.session import SIGN_IN_PATH, SIGN_OUT_PATH, Session, SignedIn, SignIn, safe_next
from shared.web.site import Say

AnyRequest = Request[Any, Any, Any]


@dataclass
class Choice:
    """Who was chosen, and where they wanted to go."""

    person: str = ""
    neste: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody to choose."""

    id: str
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Group:
    """The people of a unit, under its section."""

    section: str
    unit: str
    people: Sequence[Shown]


def signed_in(person: Colleague) -> SignedIn:
    """Somebody of the configuration, as the session knows them."""
    return SignedIn(person.id, person.name, tuple(role.value for role in person.roles), person.unit)


def sign_in_pages(desk: Desk, session: Session, way: SignIn) -> list[HTTPRouteHandler]:
    """The page of signing in, where it leads, and signing out."""

    @get(SIGN_IN_PATH)
    async def sign_in_page(request: AnyRequest, say: Say) -> Template:
        words = request.query_params.get("finn", "")
        chosen = {person.person_id for person in way.choices()}
        people = [person for person in desk.municipality.people.values() if person.id in chosen]
        context = {
            "neste": safe_next(request.query_params.get("neste")),
            "finn": words,
            "groups": groups(people, words, desk.municipality, say),
            "by_choice": bool(chosen),
        }
        partial = request.headers.get("hx-request") == "true"
        return Template("sign_in_people.html" if partial else "sign_in.html", context=context)

    @post(SIGN_IN_PATH, status_code=303)
    async def sign_in(data: Annotated[Choice, Body(media_type=RequestEncodingType.URL_ENCODED)]) -> Redirect:
        back_to = safe_next(data.neste)
        elsewhere = await way.redirect_address(back_to)
        if elsewhere:
            return Redirect(elsewhere, status_code=303)
        person = await way.person({"person": data.person})
        if person is None:
            raise ForbiddenProblem(detail=Message("sign_in.unknown"))
        return Redirect(back_to, status_code=303, cookies=[session.begin(person, desk.clock())])

    @post(SIGN_OUT_PATH, status_code=303)
    async def sign_out() -> Redirect:
        return Redirect(SIGN_IN_PATH, status_code=303, cookies=[session.end()])

    return [sign_in_page, sign_in, sign_out]


def groups(people: Sequence[Colleague], words: str, municipality: Municipality, say: Wording) -> list[Group]:
    """People by section and unit, those above the units first; only those whose name, unit or role fits."""
    sought = words.casefold().split()
    by_place: dict[tuple[str, str], list[Shown]] = {}
    for person in people:
        section, unit = _place(person, municipality, say)
        shown = Shown(person.id, person.name, _role(person, say))
        text = f"{person.name} {section} {unit} {shown.role}".casefold()
        if all(word in text for word in sought):
            by_place.setdefault((section, unit), []).append(shown)
    order = {section.name: position for position, section in enumerate(municipality.sections.values())}
    places = sorted(by_place, key=lambda place: order.get(place[0], -1))
    return [Group(section, unit, by_place[section, unit]) for section, unit in places]


def _place(person: Colleague, municipality: Municipality, say: Wording) -> tuple[str, str]:
    if person.unit:
        return municipality.section_of(person.unit).name, municipality.units[person.unit].name
    return say.text("sign_in.management"), ""


def _role(person: Colleague, say: Wording) -> str:
    """The role that says most of what somebody sees here."""
    first = next(role for role in _TELLING if role in person.roles)
    return say.text(f"role.{first.value}")


_TELLING = (Role.DIRECTOR, Role.ADMINISTRATOR, Role.LEADER, Role.FRONT_DESK, Role.CASEWORKER)

"""Signing in and out, whatever decides who somebody is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest
from typing import Annotated, Any
from urllib.parse import parse_qs, urlsplit

from litestar import Request, get, post
from litestar.datastructures import Cookie
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body
from litestar.response import Redirect, Template

from services.routing.openid import LONGEST_WAY
from services.routing.web.desk import Desk
from shared.municipality import Municipality, Role
from shared.municipality import Person as Colleague
from shared.web.ended_sessions import EndedSessions
from shared.web.errors import ForbiddenProblem
from shared.web.i18n import Message, Wording
from shared.web.session import SIGN_IN_PATH, SIGN_OUT_PATH, Seal, Session, SignedIn, SignIn, safe_next
from shared.web.site import Say

PROVIDER_PATH = f"{SIGN_IN_PATH}/jobbkonto"
RETURN_PATH = f"{SIGN_IN_PATH}/tilbake"
"""Where the identity provider sends people back to: registered there, under the public address."""
_WAY_COOKIE = "svarfrist_vei"

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


class BrowserMemory:
    """Ties a way to the identity provider and back to one browser: nobody can be signed in by another's link."""

    def __init__(self, secret: str, *, secure: bool) -> None:
        """Take the services' shared secret; `secure` is whether residents reach us by https."""
        self._seal = Seal(secret, "on the way to the identity provider")
        self._secure = secure

    def remember(self, state: str, back_to: str, at: datetime) -> Cookie:
        """Make the cookie that must come back with this state."""
        return self._cookie(
            self._seal.close({"state": state, "back_to": back_to}, at), int(LONGEST_WAY.total_seconds())
        )

    def back_to(self, cookies: Mapping[str, str], state: str, at: datetime) -> str | None:
        """Where they were going; None where this browser did not begin the way with this state."""
        kept = self._seal.open(cookies.get(_WAY_COOKIE, ""), at, LONGEST_WAY)
        if kept is None or not compare_digest(str(kept["state"]).encode(), state.encode()):
            return None
        return safe_next(str(kept["back_to"]))

    def forget(self) -> Cookie:
        """Make the cookie that ends it."""
        return self._cookie("", 0)

    def _cookie(self, value: str, max_age: int) -> Cookie:
        return Cookie(
            key=_WAY_COOKIE,
            value=value,
            max_age=max_age,
            path=SIGN_IN_PATH,
            secure=self._secure,
            httponly=True,
            samesite="lax",
        )


def sign_in_pages(desk: Desk, session: Session, way: SignIn, kept: BrowserMemory) -> list[HTTPRouteHandler]:
    """The page of signing in, and where it leads."""

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
    async def choose(data: Annotated[Choice, Body(media_type=RequestEncodingType.URL_ENCODED)]) -> Redirect:
        # Only where there is somebody to choose: nobody else may be somebody by saying so.
        person = await way.person({"person": data.person}) if way.choices() else None
        return welcome(person, safe_next(data.neste))

    @get(PROVIDER_PATH)
    async def go_to_provider(request: AnyRequest) -> Redirect:
        back_to = safe_next(request.query_params.get("neste"))
        address = await way.redirect_address(back_to)
        if address is None:
            return Redirect(SIGN_IN_PATH, status_code=303)
        state = parse_qs(urlsplit(address).query)["state"][0]
        return Redirect(address, status_code=303, cookies=[kept.remember(state, back_to, desk.clock())])

    @get(RETURN_PATH)
    async def return_from_provider(request: AnyRequest) -> Redirect:
        parameters = dict(request.query_params)
        back_to = kept.back_to(request.cookies, parameters.get("state", ""), desk.clock())
        if back_to is None:
            raise ForbiddenProblem(detail=Message("sign_in.expired"))
        return welcome(await way.person(parameters), back_to)

    def welcome(person: SignedIn | None, back_to: str) -> Redirect:
        if person is None:
            raise ForbiddenProblem(detail=Message("sign_in.unknown"))
        return Redirect(
            back_to, status_code=303, cookies=[session.begin(person, desk.clock()), kept.forget()]
        )

    return [sign_in_page, choose, go_to_provider, return_from_provider]


def sign_out_page(desk: Desk, session: Session, ended: EndedSessions) -> HTTPRouteHandler:
    """Where the button leads: the session is over, in this browser and in whoever has a copy of its cookie."""

    @post(SIGN_OUT_PATH, status_code=303)
    async def sign_out(request: AnyRequest) -> Redirect:
        name = session.name(request.cookies, desk.clock())
        if name:
            ended.end(name)
        return Redirect(SIGN_IN_PATH, status_code=303, cookies=[session.end()])

    return sign_out


def groups(people: Sequence[Colleague], words: str, municipality: Municipality, say: Wording) -> list[Group]:
    """People by section and unit, those above the units first; only those whose name, unit or role fits."""
    sought = words.casefold().split()
    by_place: dict[tuple[str, str], list[Shown]] = {}
    for person in people:
        section, unit = _place(person, municipality, say)
        shown = Shown(person.id, person.name, _role(person, municipality, say))
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


def _role(person: Colleague, municipality: Municipality, say: Wording) -> str:
    """The role that says most of what somebody sees here."""
    section = next((one for one in municipality.sections.values() if one.leader == person.id), None)
    if section and person.unit is None and Role.DIRECTOR not in person.roles:
        return say.text("role.section_leader", section=section.name)
    first = next(role for role in _TELLING if role in person.roles)
    return say.text(f"role.{first.value}")


_TELLING = (Role.DIRECTOR, Role.ADMINISTRATOR, Role.LEADER, Role.FRONT_DESK, Role.CASEWORKER)

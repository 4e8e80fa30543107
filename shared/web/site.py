"""The site: what every service with pages plugs into its Litestar application.

    site = create_site(
        look=Look.of(municipality),
        catalogue=Catalogue(*SHARED_TEXTS, HERE / "texts", *filter(None, [municipality.texts_folder])),
        templates=HERE / "templates",
        secret=settings.secret.get_secret_value(),
        public_url=settings.public_url,
        prefix="/saksbehandling",        # where the front door sends this service's paths; "" for intake
        languages=municipality.languages,
        now=clock.now,
    )
    app = Litestar(route_handlers=[case_page], plugins=[site])

    @get("/saksbehandling/sak/{reference:str}")
    async def case_page(reference: FromPath[str], say: Say, person: Person) -> Template:
        ...
        return Template("case.html", context={"case": case})

Litestar wants parameters marked: `FromPath[str]`, `FromQuery[int]`, `URLEncodedBody[X]`, `MultipartBody[X]`.
A handler may ask for `say: Say` (texts, days and numbers in the visitor's language), `person: Person` (who
is signed in; redirects to the sign-in page where nobody is) and `visitor: Visitor` (the same, or None).
It raises a `Problem` of `shared.web.errors` for what the visitor should be told.

A template extends `resident.html` or `staff.html` and fills the blocks `title` and `content`:

    {% extends "resident.html" %}
    {% import "components.html" as c %}
    {% block title %}{{ t("form.title") }}{% endblock %}
    {% block content %}
      {{ c.error_summary(errors) }}
      {% call c.form(action="/send") %}
        {{ c.textarea("text", t("form.text"), value=text, error=errors.text, limit=4000) }}
        {{ c.buttons(t("form.send")) }}
      {% endcall %}
    {% endblock %}

Everywhere in templates, macros included: `t(key, **values)`, `tell(message)`, `day(d)`, `day_short(d)`,
`moment(i)`, `when(i)`, `until(d)`, `n(x)`, `pct(x)`, `asset(name)`, `lang()`, `languages()`, `path()`,
`signed_in()`, `csrf_field()`, and the `look` of the municipality. A service may set the global
`is_invented`, a function that says whether every page is to have a notice that its figures are (`add_globals`).
`errors` maps a field's name to a `Message` or to words; the macros say either.

There is no inline style or script anywhere: the content security policy forbids both.
htmx (version 4, attributes `hx-get` and so on) is loaded on every page with inline evaluation off.
"""

import re
from collections.abc import Callable, Container, Mapping, Sequence
from datetime import UTC, date, datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from litestar import Request, Response, get
from litestar.config.app import AppConfig
from litestar.config.csrf import CSRFConfig
from litestar.datastructures import Cookie, MutableScopeHeaders
from litestar.di import NamedDependency, Provide
from litestar.enums import MediaType, ScopeType
from litestar.handlers import HTTPRouteHandler
from litestar.middleware import ASGIMiddleware
from litestar.plugins import InitPlugin
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Redirect
from litestar.static_files import create_static_files_router
from litestar.template import TemplateConfig
from litestar.types import ASGIApp, Receive, Scope, Send
from litestar.types import Message as AsgiMessage

from shared.clock import oslo_day
from shared.web import visit
from shared.web.assets import Assets, fingerprint
from shared.web.csp import add_security_headers
from shared.web.errors import PROBLEM_JSON, fault_of
from shared.web.i18n import LANGUAGE_COOKIE, Message, Texts, Wording
from shared.web.look import Look
from shared.web.session import DESK_PATH, Session, SignedIn, SignInNeededError
from shared.web.visit import AnyRequest, Visit

TEMPLATES = Path(__file__).parent / "templates"
WEB_TEXTS = Path(__file__).parent / "texts"
SHARED_TEXTS = (Path(__file__).parents[1] / "texts", WEB_TEXTS)
API_PATHS = ("/api/", "/open311/")

_YEAR = 365 * 24 * 3600
_FOR_EVER = {"Cache-Control": f"public, max-age={_YEAR}, immutable"}
_LOGO_TYPES = {".svg": "image/svg+xml", ".png": "image/png"}

Say = NamedDependency[Wording]
Person = NamedDependency[SignedIn]
Visitor = NamedDependency[SignedIn | None]


class Site(InitPlugin):
    """Templates, texts, language, sign-in, errors and security headers of one service; see the module."""

    def __init__(
        self,
        *,
        look: Look,
        catalogue: Texts,
        session: Session,
        environment: Environment,
        assets: Assets,
        csrf: CSRFConfig,
        prefix: str,
        languages: Sequence[str],
        now: Callable[[], datetime],
    ) -> None:
        """Take the parts; `create_site` makes them."""
        self.look = look
        self.catalogue = catalogue
        self.session = session
        self.assets = assets
        self.now = now
        self._environment = environment
        self._csrf = csrf
        self._prefix = prefix
        self.languages = tuple(languages)
        self._look_address = ""
        self._logo_address: str | None = None
        self._environment.globals.update(self._globals())
        self._environment.filters["phone"] = phone_in_words

    def on_app_init(self, app_config: AppConfig) -> AppConfig:
        """Plug everything in."""
        app_config.template_config = TemplateConfig(
            instance=JinjaTemplateEngine.from_environment(self._environment)
        )
        app_config.csrf_config = self._csrf
        app_config.middleware = [_Visits(self), *app_config.middleware]
        app_config.before_send = [*app_config.before_send, add_security_headers, self._remember_language]
        app_config.exception_handlers = {
            SignInNeededError: self._to_sign_in,
            Exception: self._tell_what_went_wrong,
            **app_config.exception_handlers,
        }
        app_config.dependencies = {
            "say": Provide(visit.say, sync_to_thread=False),
            "person": Provide(visit.person),
            "visitor": Provide(visit.visitor, sync_to_thread=False),
            **app_config.dependencies,
        }
        static = create_static_files_router("/static", [self.assets.folder], include_in_schema=False)
        app_config.route_handlers = [*app_config.route_handlers, static, *self._look_routes()]
        return app_config

    def add_globals(self, **values: object) -> None:
        """Give all templates something more of a service's own."""
        self._environment.globals.update(values)

    def wording(self, language: str) -> Wording:
        """Texts in a language, outside of a request."""
        return Wording(self.catalogue, language)

    def visit(self, scope: Scope) -> Visit:
        """Look at who is here and what they read, and keep it for the templates of this request."""
        made = Visit(self, scope)
        visit.present.set(made)
        return made

    def render(self, template: str, context: Mapping[str, object]) -> str:
        """Render a template for the present visit."""
        return self._environment.get_template(template).render(context)

    async def _remember_language(self, message: AsgiMessage, scope: Scope) -> None:
        if message["type"] != "http.response.start" or scope["type"] != ScopeType.HTTP:
            return
        asked = Request[Any, Any, Any](scope).query_params.get("lang")
        if asked in self.languages:
            cookie = Cookie(
                key=LANGUAGE_COOKIE,
                value=asked,
                max_age=_YEAR,
                path="/",
                samesite="lax",
                secure=self._csrf.cookie_secure,
                httponly=True,
            )
            MutableScopeHeaders.from_message(message).add("set-cookie", cookie.to_header(header=""))

    def _tell_what_went_wrong(self, request: AnyRequest, exception: Exception) -> Response[Any]:
        here = self.visit(request.scope)
        fault = fault_of(exception, method=request.method, route=request.scope.get("path_template", "?"))
        if request.url.path.startswith(API_PATHS):
            return Response(
                fault.document(here.say),
                status_code=fault.status,
                headers=fault.problem.headers,
                media_type=PROBLEM_JSON,
            )
        staff = here.person is not None and request.url.path.startswith((DESK_PATH, "/innsikt"))
        page = self.render(
            "error.html", {"fault": fault, "layout": "staff.html" if staff else "resident.html"}
        )
        return Response(
            page, status_code=fault.status, headers=fault.problem.headers, media_type=MediaType.HTML
        )

    def _to_sign_in(self, request: AnyRequest, exception: SignInNeededError) -> Response[Any]:
        if request.headers.get("hx-request") == "true":
            return Response(b"", status_code=200, headers={"HX-Redirect": exception.address})
        if exception.typed:
            self.visit(request.scope)
            page = self.render(
                "signed_out.html",
                {
                    "typed": exception.typed,
                    # What was written, and not the keys, days and ids that go with it.
                    "words": [value for _, value in exception.typed if " " in value.strip()],
                    "sign_in": SignInNeededError(DESK_PATH).address,
                },
            )
            return Response(page, status_code=401, media_type=MediaType.HTML)
        return Redirect(exception.address, status_code=303)

    def _look_routes(self) -> list[HTTPRouteHandler]:
        # Under the service's own prefix, so that a page's look never waits for another service.
        stylesheet = self.look.stylesheet()
        self._look_address = f"{self._prefix}/utseende.{fingerprint(stylesheet.encode())}.css"

        @get(self._look_address, include_in_schema=False, media_type="text/css", response_headers=_FOR_EVER)
        async def look_stylesheet() -> str:
            return stylesheet

        routes: list[HTTPRouteHandler] = [look_stylesheet]
        if self.look.logo is not None:
            content = self.look.logo.read_bytes()
            suffix = self.look.logo.suffix
            self._logo_address = f"{self._prefix}/logo.{fingerprint(content)}{suffix}"
            media_type = _LOGO_TYPES[suffix]

            @get(
                self._logo_address, include_in_schema=False, media_type=media_type, response_headers=_FOR_EVER
            )
            async def logo() -> bytes:
                return content

            routes.append(logo)
        return routes

    def _globals(self) -> dict[str, object]:
        say = visit.say
        return {
            "t": lambda key, **values: say().t(key, **values),
            "tell": lambda message: say().tell(message),
            "day": lambda day: say().day(day),
            "day_short": lambda day: say().day_short(day),
            "moment": lambda instant: say().moment(instant),
            "when": lambda instant: say().when(instant, self.now()),
            "until": lambda day: say().until(day, self.today()),
            "n": lambda number, decimals=1: say().n(number, decimals),
            "pct": lambda share: say().pct(share),
            "lang": lambda: say().language,
            "languages": lambda: visit.present.get().language_links(),
            "asset": self.assets,
            "look": self.look,
            "look_stylesheet": lambda: self._look_address,
            "logo": lambda: self._logo_address,
            "path": lambda: visit.present.get().scope["path"],
            "signed_in": lambda: visit.present.get().person,
            "csrf_field": visit.csrf_field,
            "page_numbers": page_numbers,
            "is_invented": lambda: False,
        }

    def today(self) -> date:
        """Say which day it is in Oslo."""
        return oslo_day(self.now())


class _Visits(ASGIMiddleware):
    scopes = (ScopeType.HTTP,)

    def __init__(self, site: Site) -> None:
        self._site = site

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        self._site.visit(scope)
        await next_app(scope, receive, send)


def create_site(
    *,
    look: Look,
    catalogue: Texts,
    templates: Path | Sequence[Path],
    secret: str,
    public_url: str,
    prefix: str = "",
    languages: Sequence[str] = ("nb", "nn", "en"),
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    assets: Assets | None = None,
    ended: Container[str] = frozenset(),
) -> Site:
    """Make the plugin for a service's Litestar application.

    :param secret: hex digits, the same for all services.
    :param prefix: the path under which the front door sends requests to this service.
    :param ended: `shared.web.ended_sessions`, where staff's pages are served.
    :param languages: those offered, the municipality's own first.
    :raises AssetsMissingError: `python -m deploy.assets` has not been run.
    """
    folders = [templates] if isinstance(templates, Path) else list(templates)
    secure = urlsplit(public_url).scheme == "https"
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader([*folders, TEMPLATES])]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    csrf = CSRFConfig(
        secret=secret,
        # Named by the secret: a cookie from another stack on the same host must not block every form.
        cookie_name=f"csrf_{sha256(f'csrf {secret}'.encode()).hexdigest()[:8]}",
        cookie_secure=secure,
        cookie_httponly=True,
        exclude=[f"^{path}" for path in API_PATHS],
    )
    return Site(
        look=look,
        catalogue=catalogue,
        session=Session(secret, secure=secure, ended=ended),
        environment=environment,
        assets=assets or Assets(),
        csrf=csrf,
        prefix=prefix,
        languages=languages,
        now=now,
    )


def phone_in_words(number: str) -> str:
    """`+4790000002` as Norwegians read it, 900 00 002; a number of elsewhere as it is."""
    domestic = re.fullmatch(r"\+47(\d{8})", number)
    if domestic is None:
        return number
    digits = domestic[1]
    groups = (3, 5) if digits[0] in "49" else (2, 4, 6)
    return " ".join(digits[start:end] for start, end in pairwise((0, *groups, len(digits))))


def page_numbers(page: int, pages: int) -> list[int | None]:
    """Which pages to link to: the first, the last and those near this one; None where some are left out."""
    near = sorted({1, pages, *range(max(1, page - 1), min(pages, page + 1) + 1)})
    numbers: list[int | None] = []
    for number in near:
        if numbers and number - (numbers[-1] or 0) > 1:
            numbers.append(None)
        numbers.append(number)
    return numbers


__all__ = ["Look", "Message", "Site", "Visit", "create_site"]

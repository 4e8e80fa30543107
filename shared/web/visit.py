"""One request, as templates and handlers see it: who is here, and what they read."""

from contextvars import ContextVar
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from litestar import Request
from litestar.types import Scope
from litestar.utils.empty import value_or_default
from litestar.utils.scope.state import ScopeState
from markupsafe import Markup

from shared.web.i18n import LANGUAGE_COOKIE, Wording, negotiate
from shared.web.session import DESK_PATH, SignedIn, SignInNeededError, safe_next

if TYPE_CHECKING:
    from shared.web.site import Site

CSRF_FIELD = "_csrf_token"
LANGUAGE_NAMES = {"nb": "Bokmål", "nn": "Nynorsk", "en": "English"}

AnyRequest = Request[Any, Any, Any]


class Visit:
    """One request, as templates see it; looked into only as far as somebody asks."""

    def __init__(self, site: "Site", scope: Scope) -> None:
        """Keep the request; nothing is read from it yet."""
        self.scope = scope
        self._site = site
        self._request: AnyRequest = Request(scope)

    @cached_property
    def say(self) -> Wording:
        """The words in the language this visitor reads."""
        return self._site.wording(
            negotiate(
                asked=self._request.query_params.get("lang"),
                remembered=self._request.cookies.get(LANGUAGE_COOKIE),
                accepted=self._request.headers.get("accept-language"),
                offered=self._site.languages,
                default=self._site.languages[0],
            )
        )

    @cached_property
    def person(self) -> SignedIn | None:
        """Who is signed in, if anybody."""
        return self._site.session.person(self._request.cookies, self._site.now())

    @property
    def csrf_token(self) -> str:
        """What a form must send back."""
        return value_or_default(ScopeState.from_scope(self.scope).csrf_token, "")

    def language_links(self) -> list[dict[str, object]]:
        """Links to this page in each language offered."""
        query = [pair for pair in self._request.query_params.multi_items() if pair[0] != "lang"]
        return [
            {
                "code": code,
                "name": LANGUAGE_NAMES[code],
                "address": f"?{urlencode([*query, ('lang', code)])}",
                "current": code == self.say.language,
            }
            for code in self._site.languages
        ]


# Set for each request; a request is a task of its own, so that visits never see each other's.
present: ContextVar[Visit] = ContextVar("visit")


def csrf_field() -> Markup:
    """The hidden field that every form sends back."""
    return Markup('<input type="hidden" name="{}" value="{}">').format(CSRF_FIELD, present.get().csrf_token)


def say() -> Wording:
    """The words of the present visit."""
    return present.get().say


def visitor() -> SignedIn | None:
    """Who is signed in, if anybody."""
    return present.get().person


async def person(request: AnyRequest) -> SignedIn:
    """Who is signed in. Raises SignInNeededError, with what was typed where a form came too late."""
    signed_in = present.get().person
    if signed_in is None:
        raise SignInNeededError(_where_from(request), await _typed(request))
    return signed_in


async def _typed(request: AnyRequest) -> list[tuple[str, str]]:
    """The fields of a form that came too late; its files are to be chosen again."""
    if request.method != "POST":
        return []
    form = await request.form()
    return [
        (name, value) for name, value in form.multi_items() if isinstance(value, str) and name != CSRF_FIELD
    ]


def _where_from(request: AnyRequest) -> str:
    if request.method in {"GET", "HEAD"} and request.headers.get("hx-request") != "true":
        return request.url.path + (f"?{request.url.query}" if request.url.query else "")
    referrer = urlsplit(request.headers.get("referer", ""))
    return safe_next(referrer.path) if referrer.netloc == request.url.netloc else DESK_PATH

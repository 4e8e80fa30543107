"""Pages and their forms over HTTP, as a browser without scripts uses them."""

import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from html.parser import HTMLParser
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

TIME_LIMIT = 20
_FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
_OTHER_TAGS = re.compile(r"</?(?!form\b|input\b|textarea\b|select\b|option\b|button\b)[a-z][^>]*>")
"""What a form says, as far as it is not filled in: reading it takes longer than the rest."""


@cache
def trust() -> ssl.SSLContext:
    """Whose certificates are trusted: read once, since it takes longer than a page."""
    return httpx.create_ssl_context()


class UnexpectedPageError(Exception):
    """A page that was not what its visitor came for."""

    def __init__(self, address: str, wanted: str, status: int | None = None) -> None:
        self.status = status
        super().__init__(f"{urlsplit(address).path} has no {wanted}")


@dataclass
class Form:
    """A form with what is filled in already, its hidden fields included."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    """Every field it has, filled in or not; its buttons too."""


@dataclass(frozen=True)
class Page:
    """A page that was answered, with where it came from in the end."""

    address: str
    status: int
    text: str

    @cached_property
    def forms(self) -> Sequence[Form]:
        """Read when somebody wants to fill in one: most pages are only looked at."""
        reader = _Forms(self.address)
        for form in _FORM.findall(self.text):
            reader.feed(_OTHER_TAGS.sub("", form))
        return reader.forms

    def form(self, *names: str, action: str = "") -> Form:
        """The form with these fields whose action ends so. Raises UnexpectedPageError."""
        for form in self.forms:
            if form.names.issuperset(names) and urlsplit(form.action).path.endswith(action):
                return form
        raise UnexpectedPageError(self.address, f"form {action} with {', '.join(names)}")


class Visitor:
    """Somebody with cookies of their own."""

    def __init__(self, address: str) -> None:
        self._client = httpx.AsyncClient(base_url=address, timeout=TIME_LIMIT, verify=trust())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._client.aclose()

    async def get(self, address: str) -> Page:
        """Opens a page. Raises UnexpectedPageError where there is none."""
        return _page(await self._client.get(address, follow_redirects=True))

    async def send(self, form: Form, values: Mapping[str, str]) -> Page:
        """Fills in a form, sends it, and follows to where it leads. Raises UnexpectedPageError."""
        return _page(await self._post(form, values, follow=True))

    async def send_off(self, form: Form, values: Mapping[str, str]) -> None:
        """Fills in a form and sends it; it must be accepted, and lead on. Raises UnexpectedPageError."""
        answered = await self._post(form, values, follow=False)
        if not answered.is_redirect:
            raise UnexpectedPageError(
                form.action, f"thanks (status {answered.status_code})", answered.status_code
            )

    async def _post(self, form: Form, values: Mapping[str, str], *, follow: bool) -> httpx.Response:
        return await self._client.post(form.action, data={**form.fields, **values}, follow_redirects=follow)


def _page(answered: httpx.Response) -> Page:
    address = str(answered.url)
    if answered.is_error:
        raise UnexpectedPageError(
            address, f"page to show (status {answered.status_code})", answered.status_code
        )
    return Page(address, answered.status_code, answered.text)


class _Forms(HTMLParser):
    """Collects the forms of a page."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._address = address
        self._form: Form | None = None
        self._select: str | None = None
        self._textarea: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(urljoin(self._address, told.get("action") or self._address))
            self.forms.append(self._form)
            return
        name = told.get("name")
        if self._form is None or (name is None and tag != "option"):
            return
        if name:
            self._form.names.add(name)
        match tag:
            case "input":
                if told.get("type") not in {"checkbox", "radio", "submit", "file"} or "checked" in told:
                    self._form.fields[name or ""] = told.get("value", "")
            case "textarea":
                self._textarea = name
                self._form.fields[name or ""] = ""
            case "select":
                self._select = name
            case "option" if self._select and ("selected" in told or self._select not in self._form.fields):
                self._form.fields[self._select] = told.get("value", "")
            case _:
                pass

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = None
        elif tag == "textarea":
            self._textarea = None

    def handle_data(self, data: str) -> None:
        if self._form and self._textarea:
            self._form.fields[self._textarea] += data

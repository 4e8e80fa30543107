"""A resident without scripts: reads a page, fills in its form, presses a button."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Self
from urllib.parse import urljoin

import httpx


@dataclass
class Form:
    """A form of a page with what stands in its fields."""

    action: str = ""
    id: str = ""
    fields: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)


class Page(HTMLParser):
    """What a page says, and its forms."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.status = response.status_code
        self.url = response.url
        self.headers = response.headers
        self.html = response.text
        self.forms: list[Form] = []
        self.words = ""
        self._inside: Form | None = None
        self._textarea = ""
        self._select = ""
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collects fields."""
        given = dict(attrs)
        if tag == "form":
            self._inside = Form(given.get("action") or "", given.get("id") or "")
            self.forms.append(self._inside)
        if self._inside is None:
            return
        name, value = given.get("name") or "", given.get("value") or ""
        if tag == "textarea":
            self._textarea = name
            self._inside.fields[name] = ""
        elif tag == "select":
            self._select = name
            self._inside.fields.setdefault(name, "")
        elif tag == "option" and "selected" in given:
            self._inside.fields[self._select] = value
        elif tag == "button" and name:
            self._inside.buttons.append((name, value))
        elif tag == "input" and given.get("type") in {"radio", "checkbox"}:
            if "checked" in given:
                self._inside.fields[name] = value
        elif tag == "input" and given.get("type") != "file":
            self._inside.fields[name] = value

    def handle_endtag(self, tag: str) -> None:
        """Leaves forms and textareas."""
        if tag == "form":
            self._inside = None
        if tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        """Collects words and what stands in textareas."""
        if self._textarea and self._inside:
            # The first line break after the tag is not part of the text.
            self._inside.fields[self._textarea] += data.removeprefix("\n")
        else:
            self.words += " " + data

    @property
    def said(self) -> str:
        """The words of the page, in one line."""
        return " ".join(self.words.split())

    def form(self, action: str) -> Form:
        """The form that is sent to an address."""
        return next(form for form in self.forms if form.action == action)


class Resident:
    """Somebody in a browser of her own, without scripts."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.http = httpx.AsyncClient(
            base_url=client.base_url,
            headers={"Accept-Language": "nb", "Accept": "text/html"},
            follow_redirects=True,
            timeout=60,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def open(self, address: str) -> Page:
        """Goes to a page."""
        return Page(await self.http.get(address))

    async def press(
        self,
        page: Page,
        action: str,
        button: str = "next",
        files: list[tuple[str, bytes]] | None = None,
        **typed: str,
    ) -> Page:
        """Fills in the form sent to `action`, and presses one of its buttons."""
        form = page.form(action)
        data: dict[str, Any] = {**form.fields, **typed}
        if any(name == "do" for name, _ in form.buttons):
            data["do"] = button
        sent = [("files", (name, content)) for name, content in files or [("", b"")]]
        return Page(await self.http.post(urljoin(str(page.url), action), data=data, files=sent))

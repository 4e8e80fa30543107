"""What every service with pages gets from the site: language, protection, errors, sign-in, look."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import pytest
from litestar import Litestar, Request, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery
from litestar.response import Template
from litestar.testing import TestClient
from structlog.testing import capture_logs

from shared.catalogue import Catalogue
from shared.web.assets import Assets, AssetsMissingError
from shared.web.csp import SECRET_PAGE
from shared.web.errors import InvalidProblem, UnavailableProblem
from shared.web.i18n import Message
from shared.web.look import Look
from shared.web.session import SignedIn
from shared.web.site import WEB_TEXTS, Person, Say, Site, Visitor, create_site, page_numbers, phone_in_words

NOW = datetime(2026, 12, 18, 13, 3, tzinfo=UTC)
KARI = SignedIn("kari", "Kari Nordmann")
PAGE = """{% extends "resident.html" %}{% import "components.html" as c %}{% block title %}T{% endblock %}
{% block content %}{% call c.form(action="/send") %}<p>{{ day(today) }}</p>{% endcall %}{% endblock %}"""
LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"/>'


@dataclass
class Sent:
    """A form with a file."""

    text: str
    file: UploadFile | None = None


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """A site in a folder of its own, reached by https."""
    (tmp_path / "vendor").mkdir()
    names = ["inter.css", "designsystemet-theme.css", "designsystemet.css", "htmx.js"]
    (tmp_path / "vendor/manifest.json").write_text(json.dumps({name: f"1.{name}" for name in names}))
    for name in ("app.css", "app.js"):
        (tmp_path / name).write_text(name)
    (tmp_path / "page.html").write_text(PAGE)
    (tmp_path / "logo.svg").write_text(LOGO)
    return create_site(
        look=Look("Sørum kommune", "#14532d", logo=tmp_path / "logo.svg"),
        catalogue=Catalogue(WEB_TEXTS),
        templates=tmp_path,
        secret="0123456789abcdef" * 4,
        public_url="https://sorum.example",
        prefix="/saksbehandling",
        now=lambda: NOW,
        assets=Assets(tmp_path),
    )


@get(["/away", "/api/v1/away"])
async def away() -> str:
    """What needs a database that is away."""
    raise ConnectionRefusedError


@pytest.fixture
def client(site: Site) -> Iterator[TestClient[Litestar]]:
    """A visitor of a small service."""

    @get("/")
    async def page() -> Template:
        return Template("page.html", context={"today": NOW.date()})

    @post("/send")
    async def send(data: Annotated[Sent, Body(media_type=RequestEncodingType.MULTI_PART)]) -> str:
        content = await data.file.read() if data.file else b""
        return f"{data.text} {len(content)}"

    @get("/sak/{secret:str}", response_headers=SECRET_PAGE)
    async def secret_page(secret: FromPath[str]) -> str:
        message = f"{secret} wrote something private"
        raise RuntimeError(message)

    @get("/mine")
    async def mine(person: Person, say: Say) -> str:
        return f"{person.name} {say.language}"

    @get("/whose")
    async def whose(visitor: Visitor) -> str:
        return visitor.name if visitor else "nobody"

    @get("/saksbehandling/closed")
    async def closed() -> None:
        raise UnavailableProblem(retry_after=5)

    @get("/api/v1/number/{number:int}")
    async def number(number: FromPath[int], most: FromQuery[int]) -> int:
        return number + most

    @post("/api/v1/things")
    async def things() -> None:
        raise InvalidProblem(fields={"text": Message("error.field.invalid")})

    @post("/saksbehandling/svar", status_code=200)
    async def answer(request: Request[Any, Any, Any], person: Person) -> str:
        return f"{person.name}: {(await request.form())['text']}"

    handlers = [answer, page, send, away, secret_page, mine, whose, closed, number, things]
    with TestClient(Litestar(handlers, plugins=[site]), base_url="https://sorum.example") as visitor:
        yield visitor


def token(html: str) -> str:
    """The form's protection against forgery."""
    found = re.search(r'name="_csrf_token" value="(\w+)"', html)
    assert found
    return found[1]


def test_a_page_has_the_municipality_and_the_language(client: TestClient[Litestar]) -> None:
    """Name, look and texts of the layout, in the municipality's own language."""
    html = client.get("/", headers={"accept-language": "de"}).text
    assert '<html lang="nb"' in html
    assert "Sørum kommune" in html
    assert "fredag 18. desember 2026" in html
    assert "style=" not in html
    assert "<style" not in html
    assert not re.search(r"<script(?![^>]*src=)", html)


def test_every_response_has_the_security_headers(client: TestClient[Litestar]) -> None:
    """Pages, errors, unknown paths and the API alike."""
    for path in ("/", "/no-such-page", "/sak/x", "/api/v1/number/1", "/mine"):
        headers = client.get(path, follow_redirects=False).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert "referrer-policy" in headers


def test_a_language_that_is_asked_for_is_remembered(client: TestClient[Litestar]) -> None:
    """By a cookie for the whole site; one we do not have is ignored."""
    assert '<html lang="nn"' in client.get("/?lang=nn").text
    assert '<html lang="nn"' in client.get("/").text
    assert "set-cookie" not in client.get("/?lang=sv").headers


def test_language_links_keep_the_rest_of_the_address(client: TestClient[Litestar]) -> None:
    """Changing language does not lose what was searched for."""
    assert 'href="?q=br%C3%B8yting&amp;lang=en"' in client.get("/?q=brøyting&lang=nn").text


def test_an_unknown_page_is_explained_in_the_visitors_language(client: TestClient[Litestar]) -> None:
    """A page like the others, not a bare line."""
    response = client.get("/no-such-page", headers={"accept-language": "nn"})
    assert response.status_code == 404
    assert "Vi finn ikkje sida" in response.text
    assert "site-header" in response.text


def test_a_form_without_its_token_is_refused(client: TestClient[Litestar]) -> None:
    """Another site cannot send it."""
    client.get("/")
    response = client.post("/send", data={"text": "hei"})
    assert response.status_code == 403
    assert "Du har ikke tilgang" in response.text


def test_a_form_with_a_file_and_its_token_is_taken(client: TestClient[Litestar]) -> None:
    """The token is found in a multipart form, and the file still reaches the handler."""
    sent = {"text": "hei", "_csrf_token": token(client.get("/").text)}
    assert client.post("/send", data=sent, files={"file": b"123"}).text == "hei 3"


def test_a_fault_of_ours_is_told_without_its_cause(client: TestClient[Litestar]) -> None:
    """The page and the log share a reference; what somebody wrote, and the secret address, are in neither."""
    with capture_logs() as logs:
        response = client.get("/sak/hemmelig123")
    assert response.status_code == 500
    assert "private" not in response.text
    (entry,) = logs
    assert entry["error_reference"] in response.text
    assert entry["exception_type"] == "RuntimeError"
    assert entry["route"] == "/sak/{secret}"
    assert "private" not in str(logs)
    assert "hemmelig123" not in str(logs)


def test_a_database_that_is_away_is_said_to_be_away(client: TestClient[Litestar]) -> None:
    """Pages and the API say to try again, and when: it is no fault that somebody need look for."""
    with capture_logs() as logs:
        page, document = client.get("/away"), client.get("/api/v1/away")
    assert [answer.status_code for answer in (page, document)] == [503, 503]
    assert int(page.headers["retry-after"]) == int(document.headers["retry-after"]) == 30
    assert "Tjenesten er ikke tilgjengelig" in page.text
    assert document.json()["status"] == 503
    assert {entry["log_level"] for entry in logs} == {"warning"}


def test_the_api_answers_with_problem_documents(client: TestClient[Litestar]) -> None:
    """RFC 9457, with each field, without a token, also for paths that do not exist."""
    response = client.post("/api/v1/things", headers={"accept-language": "en"})
    assert response.status_code == 422
    assert response.headers["content-type"].startswith("application/problem+json")
    assert response.json() == {
        "type": "about:blank",
        "title": "Something needs to be corrected",
        "status": 422,
        "detail": "See what is wrong, correct it and send again.",
        "errors": [{"field": "text", "message": "The value is not valid."}],
    }
    assert client.get("/api/v1/number/1").json()["errors"][0]["field"] == "most"
    assert client.get("/api/v1/nothing").json()["status"] == 404
    assert client.delete("/api/v1/things").json()["status"] == 405


def test_a_part_that_is_down_says_when_to_try_again(client: TestClient[Litestar]) -> None:
    """503 with Retry-After."""
    response = client.get("/saksbehandling/closed")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "5"


def test_who_is_not_signed_in_is_sent_to_sign_in_and_back(client: TestClient[Litestar]) -> None:
    """With the address that was wanted; a part of a page (htmx) is told to send the whole page there."""
    response = client.get("/mine?side=2", follow_redirects=False)
    assert response.status_code == 303
    assert response.headers["location"] == "/saksbehandling/logg-inn?neste=/mine%3Fside%3D2"
    headers = {"hx-request": "true", "referer": "https://sorum.example/innsikt?x=1"}
    partial = client.get("/mine", headers=headers)
    assert partial.headers["hx-redirect"] == "/saksbehandling/logg-inn?neste=/innsikt"


def test_what_was_typed_outlives_the_session(client: TestClient[Litestar], site: Site) -> None:
    """A form sent too late waits on a page of its own, and goes on from there once somebody has signed in."""
    fields = {"_csrf_token": token(client.get("/").text), "text": "Vi <kommer> i morgen.", "key": "k-1"}
    late = client.post("/saksbehandling/svar", data=fields, follow_redirects=False)
    assert late.status_code == 401
    assert 'name="text" value="Vi &lt;kommer&gt; i morgen."' in late.text
    assert late.text.count("k-1") == 1
    assert 'action="/saksbehandling/svar"' in late.text
    assert 'href="/saksbehandling/logg-inn?neste=/saksbehandling" target="_blank"' in late.text
    cookie = site.session.begin(KARI, NOW)
    client.cookies.set(cookie.key, cookie.value or "")
    assert client.post("/saksbehandling/svar", data=fields).text == "Kari Nordmann: Vi <kommer> i morgen."


def test_a_button_alone_leads_to_sign_in_and_back(client: TestClient[Litestar]) -> None:
    """Where nothing was typed there is nothing to keep."""
    fields = {"_csrf_token": token(client.get("/").text)}
    from_page = {"referer": "https://sorum.example/mine"}
    sent = client.post("/saksbehandling/svar", data=fields, headers=from_page, follow_redirects=False)
    assert (sent.status_code, sent.headers["location"]) == (303, "/saksbehandling/logg-inn?neste=/mine")


@pytest.mark.parametrize(
    ("number", "words"),
    [("+4790000002", "900 00 002"), ("+4766000000", "66 00 00 00"), ("+46701234567", "+46701234567")],
)
def test_a_phone_number_is_written_as_it_is_read(number: str, words: str) -> None:
    """Norwegian ones in their groups; others as they were given."""
    assert phone_in_words(number) == words


def test_who_is_signed_in_is_known_to_handlers(client: TestClient[Litestar], site: Site) -> None:
    """By the cookie that the sign-in page set."""
    assert client.get("/whose").text == "nobody"
    cookie = site.session.begin(KARI, NOW)
    client.cookies.set(cookie.key, str(cookie.value))
    assert client.get("/mine").text == "Kari Nordmann nb"
    assert client.get("/whose").text == "Kari Nordmann"


def test_the_look_is_served_under_the_services_own_prefix(client: TestClient[Litestar]) -> None:
    """Stylesheet and logo, to be kept for ever, since their names change with them."""
    html = client.get("/").text
    for pattern, content in [
        (r'href="(/saksbehandling/utseende\.\w+\.css)"', "--municipality-colour: #14532d"),
        (r'src="(/saksbehandling/logo\.\w+\.svg)"', LOGO),
    ]:
        found = re.search(pattern, html)
        assert found
        response = client.get(found[1])
        assert content in response.text
        assert "immutable" in response.headers["cache-control"]


def test_the_forgery_cookie_is_the_stacks_own(tmp_path: Path, client: TestClient[Litestar]) -> None:
    """Two stacks on one host do not spoil each other's forms, and scripts never read the cookie."""
    del tmp_path
    header = client.get("/").headers["set-cookie"]
    assert re.match(r"csrf_[0-9a-f]{8}=", header)
    assert "HttpOnly" in header
    assert "Secure" in header


def test_missing_vendor_files_are_told_with_their_remedy(tmp_path: Path) -> None:
    """The service stops at once and says which command helps."""
    with pytest.raises(AssetsMissingError, match=r"npm ci && python -m deploy\.assets"):
        Assets(tmp_path)


@pytest.mark.parametrize(
    ("page", "pages", "numbers"),
    [
        (1, 1, [1]),
        (1, 3, [1, 2, 3]),
        (5, 12, [1, None, 4, 5, 6, None, 12]),
        (12, 12, [1, None, 11, 12]),
        (3, 5, [1, 2, 3, 4, 5]),
    ],
)
def test_pages_near_this_one_are_linked(page: int, pages: int, numbers: list[int | None]) -> None:
    """With the first and the last, and a gap where some are left out."""
    assert page_numbers(page, pages) == numbers

"""A site with one page of every building block, for the browser to look at; never shipped."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

from litestar import Litestar, get, post
from litestar.enums import RequestEncodingType
from litestar.handlers import HTTPRouteHandler
from litestar.params import Body
from litestar.response import Redirect, Template

from shared.catalogue import Catalogue
from shared.municipality import load
from shared.web.charts import Chart, bar, line
from shared.web.errors import ConflictProblem
from shared.web.i18n import Message, Wording
from shared.web.information import information_pages
from shared.web.look import Look
from shared.web.session import SignedIn
from shared.web.site import WEB_TEXTS, Person, create_site

HERE = Path(__file__).parent
NOW = datetime(2026, 12, 18, 13, 3, tzinfo=UTC)
KARI = SignedIn("kari", "Kari Nordmann", ("caseworker",), "kommunalteknikk")


@dataclass
class Post:
    """What the gallery's form sends."""

    kind: str = ""
    text: str = ""
    topic: str = ""
    name: str = ""


def create_app(name: str = "sorum", secret: str = "ab" * 32) -> Litestar:
    """Make the gallery in the colours of a municipality; its clock stands still."""
    municipality = load(name)
    site = create_site(
        look=Look.of(municipality),
        catalogue=Catalogue(WEB_TEXTS),
        templates=HERE / "templates",
        secret=secret,
        public_url="http://localhost",
        now=lambda: NOW,
    )

    @get("/")
    async def form() -> Template:
        return Template("form.html", context={"errors": {}, "values": Post()})

    @post("/")
    async def send(
        data: Annotated[Post, Body(media_type=RequestEncodingType.URL_ENCODED)],
    ) -> Template | Redirect:
        errors = {
            name: Message("error.field.invalid")
            for name in ("kind", "text", "topic")
            if not getattr(data, name)
        }
        if errors:
            return Template("form.html", context={"errors": errors, "values": data}, status_code=422)
        return Redirect("/telling")

    @get("/telling")
    async def telling() -> Template:
        return Template("telling.html", context={"promised": date(2026, 12, 28)})

    @get("/part", media_type="text/html")
    async def part() -> str:
        return "<p>Resten er hentet.</p>"

    @get("/staff")
    async def staff(person: Person) -> Template:
        return Template(
            "staff_gallery.html",
            context={"person": person, "page_link": "?page={}".format, "charts": _charts(site.wording("nb"))},
        )

    @get("/sign-in")
    async def sign_in() -> Redirect:
        return Redirect("/staff", cookies=[site.session.begin(KARI, NOW)])

    return Litestar(
        [*information_pages(), form, send, telling, part, staff, sign_in, *_faults()],
        plugins=[site],
        openapi_config=None,
    )


def _charts(say: Wording) -> list[Chart]:
    months = ["jan.", "feb.", "mars", "april", "mai", "juni", "juli", "aug.", "sep.", "okt.", "nov.", "des."]
    return [
        bar(
            "Løfter holdt etter enhet",
            ["Kommunalteknikk", "Barn, unge og familie", "Pleie, rehabilitering og omsorg", "Bibliotek"],
            [0.936, 0.78, 1.0, None],
            shown=say.pct,
            column=("Enhet", "Holdt"),
            most=1,
            note="Siste 30 dager",
        ),
        line(
            "Mottatt etter slag",
            months,
            {
                "Ros": [3, 4, 5, 3, 6, 7, 2, 3, 5, 6, 7, 8],
                "Klage": [9, 12, 8, 6, 5, 4, 3, 5, 6, 7, 12, 18],
                "Spørsmål": [5, 6, 7, 5, 4, 3, 3, 4, 6, 8, 9, 9],
            },
            shown=say.n,
            column="Måned",
        ),
        line(
            "Svartid i dager",
            months,
            {
                "Median": [2, 2.5, 3, 2, None, 1, 1.5, 2, 2, 2.5, 3, 3.5],
                "90 % innen": [6, 7, 6.5, 6, 5, 5, 4, 6, 7, 7, 8, 9],
            },
            shown=say.n,
            column="Måned",
        ),
    ]


def _faults() -> list[HTTPRouteHandler]:
    @get("/broken")
    async def broken() -> None:
        message = "what Ola wrote"
        raise RuntimeError(message)

    @get("/conflict")
    async def conflict() -> None:
        raise ConflictProblem

    return [broken, conflict]

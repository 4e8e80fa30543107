"""The pages the law wants on every site: how accessible it is, and what is done with personal data.

One service (intake, which has the root of the site) adds `information_pages()` to its route handlers. The
words are texts of the catalogue, so that a municipality can say it in its own; one that has a statement
elsewhere gives its address in `Look`, and the footer links there.
"""

from litestar import get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Template

ACCESSIBILITY_PATH = "/tilgjengelighet"
PRIVACY_PATH = "/personvern"

ACCESSIBILITY_SECTIONS = ("standard", "tested", "tell", "complain")
PRIVACY_SECTIONS = ("what", "why", "who", "long", "cookies", "rights")


def information_pages() -> list[HTTPRouteHandler]:
    """Make the routes of the two pages."""

    @get(ACCESSIBILITY_PATH, include_in_schema=False)
    async def accessibility_page() -> Template:
        return Template(
            "information.html", context={"topic": "accessibility", "sections": ACCESSIBILITY_SECTIONS}
        )

    @get(PRIVACY_PATH, include_in_schema=False)
    async def privacy_page() -> Template:
        return Template("information.html", context={"topic": "privacy", "sections": PRIVACY_SECTIONS})

    return [accessibility_page, privacy_page]

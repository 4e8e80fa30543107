"""Looks at a page as axe-core does, with the rules of WCAG 2.2 AA and good practice."""

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 900}

OpenPage = Callable[..., Page]
"""The fixture `open_page`: `open_page(phone=False, scripts=True, locale="nb-NO")`."""


def assert_accessible(page: Page) -> None:
    """Fail with every rule that is broken, and where, on the page as it is now."""
    # Through the debugger, since the page's own policy lets no script in.
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE.read_text("utf-8") + "\n;0")
    # What is in order is not told: telling of every element costs four times what looking at it does.
    violations: list[dict[str, Any]] = page.evaluate(
        """async tags => (await axe.run(document, {
            runOnly: {type: 'tag', values: tags}, resultTypes: ['violations'],
        })).violations""",
        RULES,
    )
    found = [
        f"{violation['id']} ({violation['impact']}): {violation['help']}\n"
        + "\n".join(
            f"    {json.dumps(node['target'])} {node['failureSummary']}" for node in violation["nodes"]
        )
        for violation in violations
    ]
    assert not found, f"{page.url} at {page.viewport_size}:\n" + "\n".join(found)


def assert_fits(page: Page) -> None:
    """Fail where the page scrolls sideways."""
    wider = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wider <= 0, f"{page.url} is {wider} px wider than {page.viewport_size}"


def look_at(page: Page) -> None:
    """Fail where the page, with everything unfolded, breaks a rule or is too wide, on a phone or at a desk."""
    # What unfolds is looked at when it has unfolded, not on its way.
    page.emulate_media(reduced_motion="reduce")
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true })")
    own = page.viewport_size or DESKTOP
    for size in (DESKTOP if own == PHONE else PHONE, own):
        page.set_viewport_size(size)
        assert_fits(page)
        assert_accessible(page)


@contextmanager
def browser() -> Iterator[Browser]:
    """Start the machine's own Chromium where it has one, else Playwright's."""
    found = next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield started
        started.close()

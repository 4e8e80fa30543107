"""`make screenshots`: the pictures of the README, taken of a demonstration that is made for them.

    python -m tests.browser.take_screenshots docs/screenshots

They show what the pages are, so they are taken again when the pages change.
"""

import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, ViewportSize

from shared import municipality
from shared.clock import oslo_day
from tests.browser.accessibility import browser
from tests.browser.following import follow
from tests.system.running_stack import WholeStack, free_port

NAME = "asker"
WINDOW: ViewportSize = {"width": 1600, "height": 1000}
SCALE = 0.8
"""1280 by 800 pixels, and yet as much as a large window shows."""
LARGEST = 300_000
"""Bytes; a README should not be heavy."""
PATIENCE = 400


def filled(stack: WholeStack) -> None:
    """Waits until the demonstration is there."""
    stack.wait_until_ready(120)
    log = stack.folder.log("supervisor")
    end = time.monotonic() + PATIENCE
    while "The demonstration" not in (told := log.read_text(encoding="utf-8") if log.exists() else ""):
        if time.monotonic() > end:
            sys.exit(told)
        time.sleep(0.5)
    if "The demonstration failed" in told:
        sys.exit(told)


def fill_in(page: Page, address: str) -> None:
    """The form, as somebody is about to send it."""
    page.goto(f"{address}/klage")
    topic = page.get_by_role("combobox").first
    topic.fill("brøyt")
    topic.press("ArrowDown")
    topic.press("Enter")
    page.get_by_label("Hvor gjelder det?").select_option("heggedal")
    page.get_by_label("Hva har skjedd?").fill("Gangveien i Heggedal er ikke brøytet på to dager.")
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")


def sign_in(page: Page, stack: WholeStack) -> None:
    """As the leader of the section that clears the snow."""
    place = municipality.load(NAME)
    unit = place.owner("vei-og-vinterdrift", None, oslo_day(stack.now())).unit_id
    leader = place.section_leader_of(unit).name
    page.goto(f"{stack.address}/saksbehandling")
    page.get_by_label("Finn en person").fill(leader)
    follow(page, page.locator("#people button.person", has_text=leader).first)


def take(page: Page, file: Path) -> None:
    """The part of the page that a window shows."""
    page.wait_for_load_state("networkidle")
    page.screenshot(path=file, animations="disabled")
    if file.stat().st_size > LARGEST:
        sys.exit(f"{file} has {file.stat().st_size} bytes, more than {LARGEST}")
    print(f"{file} ({file.stat().st_size // 1000} kB)")


def main(folder: Path) -> None:
    """Starts a stack, takes the pictures, stops it."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data:
        stack = WholeStack(Path(data) / "data", free_port(), "--demo", "--municipality", NAME)
        try:
            filled(stack)
            with browser() as chromium:
                page = chromium.new_context(
                    viewport=WINDOW, device_scale_factor=SCALE, locale="nb-NO"
                ).new_page()
                fill_in(page, stack.address)
                take(page, folder / "form.png")
                sign_in(page, stack)
                page.goto(f"{stack.address}/saksbehandling/enhet")
                take(page, folder / "desk.png")
                page.goto(f"{stack.address}/innsikt")
                take(page, folder / "dashboard.png")
        finally:
            stack.stop()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

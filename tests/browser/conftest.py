"""A browser, and a page of it that complains about whatever its console complains about."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, expect

from tests.browser.accessibility import DESKTOP, PHONE, OpenPage, browser
from tests.browser.gallery.app import create_app

# A busy machine is no fault of the pages.
expect.set_options(timeout=30_000)


# For a module and no longer: Playwright's loop runs in this thread, where asynchronous tests elsewhere want theirs.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module's tests, each of which has its own visitor in it."""
    with browser() as started:
        yield started


@pytest.fixture
def open_page(chromium: Browser) -> Iterator[OpenPage]:
    """Open a page of a fresh visitor; at the end nothing may have been blocked or broken in it."""
    contexts = []
    complaints: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        # A status of 4xx or 5xx is also told to the console; a test looks at the status itself.
        if message.type in {"error", "warning"} and "the server responded with a status" not in message.text:
            complaints.append(message.text)

    def opened(*, phone: bool = False, scripts: bool = True, locale: str = "nb-NO") -> Page:
        viewport = PHONE if phone else DESKTOP
        context = chromium.new_context(viewport=viewport, locale=locale, java_script_enabled=scripts)
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture(scope="module")
def gallery() -> Iterator[str]:
    """Serve the gallery of building blocks; gives its address."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(), log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.02)
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()

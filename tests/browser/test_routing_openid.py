"""Signing in with a real OpenID Connect provider, in a real browser."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
from playwright.sync_api import Page, Route, expect

from deploy.ports import LOOPBACK, assign
from tests.browser.accessibility import OpenPage, assert_accessible
from tests.browser.following import follow
from tests.browser.routing_desk import RunningDesk, running_desk

TOR, STRANGER = "1001", "1002"
USERS = (
    {"sub": TOR, "email": "tor.kvam@asker.example", "email_verified": True},
    {"sub": STRANGER, "email": "ukjent@asker.example", "email_verified": True},
)


@contextmanager
def running_provider() -> Iterator[str]:
    """An OpenID Connect provider in a process of its own; gives its issuer."""
    port = assign(("provider",), {})["provider"]
    issuer = f"http://{LOOPBACK}:{port}"
    users = [part for user in USERS for part in ("--user-claims", json.dumps(user))]
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "oidc_provider_mock",
        "--port",
        str(port),
        "-n",
        "true",
        *users,
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"{issuer}/.well-known/openid-configuration")
        yield issuer
    finally:
        process.terminate()
        process.wait(10)


def _wait_for(address: str) -> None:
    end = time.monotonic() + 60
    while True:
        try:
            return httpx.get(address).raise_for_status() and None
        except httpx.HTTPError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


@pytest.fixture(scope="module")
def desk() -> Iterator[RunningDesk]:
    """Routing in Asker, with the provider."""
    with (
        running_provider() as issuer,
        running_desk(
            "asker", oidc_issuer=issuer, oidc_client_id="svarfrist", oidc_client_secret="only-for-tests"
        ) as running,
    ):
        yield running


def go_as(page: Page, user: str) -> None:
    """From the sign-in page to the provider, and there say who one is."""
    # The provider's own page asks for a stylesheet elsewhere, which a test must not need.
    page.route(lambda url: LOOPBACK not in url, lambda route: route.fulfill(body=""))
    follow(page, page.get_by_role("link", name="Logg inn med jobbkonto"))
    follow(page, page.get_by_role("button", name=user))


def test_a_colleague_signs_in_at_the_provider_and_is_back_where_she_was_going(
    open_page: OpenPage, desk: RunningDesk
) -> None:
    """With the name and the unit that the municipality's configuration has; nobody can be chosen here."""
    page = open_page()
    page.goto(f"{desk.address}/saksbehandling/enhet?vis=ros")
    expect(page.get_by_role("heading", level=1)).to_have_text("Logg inn")
    expect(page.locator("button[name=person]")).to_have_count(0)
    assert_accessible(page)
    go_as(page, TOR)
    expect(page).to_have_url(f"{desk.address}/saksbehandling/enhet?vis=ros")
    expect(page.locator(".staff-bar__person")).to_contain_text("Tor Kvam")


def test_who_the_municipality_does_not_know_is_told_so(open_page: OpenPage, desk: RunningDesk) -> None:
    """An account at the provider is not yet a job here."""
    page = open_page()
    page.goto(f"{desk.address}/saksbehandling")
    go_as(page, STRANGER)
    expect(page.get_by_role("heading", level=1)).to_have_text("Du har ikke tilgang")
    expect(page.locator("main")).to_contain_text("Vi kjenner ikke igjen den som prøver å logge inn.")
    page.goto(f"{desk.address}/saksbehandling")
    expect(page.get_by_role("heading", level=1)).to_have_text("Logg inn")


def test_a_way_begun_in_one_browser_cannot_be_ended_in_another(
    open_page: OpenPage, desk: RunningDesk
) -> None:
    """A link that an attacker has fetched signs nobody in as the attacker."""
    attacker, victim = open_page(), open_page()
    attacker.goto(f"{desk.address}/saksbehandling")
    caught: list[str] = []

    def catch(route: Route) -> None:
        if route.request.method == "POST":
            caught.append(route.fetch(max_redirects=0).headers["location"])
            route.fulfill(body="")
        else:
            route.continue_()

    attacker.route("**/oauth2/authorize*", catch)
    go_as(attacker, TOR)
    victim.goto(caught[0])
    expect(victim.locator("main")).to_contain_text("begynt i en annen nettleser")
    victim.goto(f"{desk.address}/saksbehandling")
    expect(victim.get_by_role("heading", level=1)).to_have_text("Logg inn")


def test_nobody_becomes_somebody_by_posting_a_name(open_page: OpenPage, desk: RunningDesk) -> None:
    """The form of the trial is gone, and so is what it posted to."""
    page = open_page()
    page.goto(f"{desk.address}/saksbehandling/logg-inn")
    token = next(cookie for cookie in page.context.cookies() if cookie["name"].startswith("csrf_"))
    answer = page.request.post(
        f"{desk.address}/saksbehandling/logg-inn",
        form={"person": "tor-kvam", "_csrf_token": token["value"]},
        max_redirects=0,
    )
    assert answer.status == 403

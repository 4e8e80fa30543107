"""Signing out ends a session in every process that reads its cookie, on a real bus."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import nats
import pytest

from deploy.provision import SESSIONS_LAST, SESSIONS_STREAM, provision_streams
from shared.loops import ended as ended_loops
from shared.web.ended_sessions import STREAM, EndedSessions
from shared.web.session import SESSION_COOKIE, SESSION_LENGTH, Session, SignedIn

SECRET = "0123456789abcdef" * 4
NOW = datetime(2026, 12, 18, 13, 3, tzinfo=UTC)
KARI = SignedIn("kari", "Kari Nordmann", ("caseworker",), "kultur")


@asynccontextmanager
async def process(js: Callable[[], Any]) -> AsyncGenerator[tuple[EndedSessions, Session]]:
    """A process that staff's requests may come to."""
    ended = EndedSessions(js, poll=0.02)
    task = asyncio.create_task(ended.follow())
    yield ended, Session(SECRET, secure=True, ended=ended)
    await ended_loops([task], again=0.5)


async def until(is_so: Callable[[], bool]) -> None:
    """Waits until something holds."""
    async with asyncio.timeout(60):
        while not is_so():
            await asyncio.sleep(0.01)


def signed_in(session: Session) -> dict[str, str]:
    """The cookies of a browser in which Kari has just signed in."""
    return {SESSION_COOKIE: str(session.begin(KARI, NOW).value)}


async def test_a_copied_cookie_stops_working_everywhere_and_others_go_on(bus: nats.NATS) -> None:
    """At once where it was signed out, in a moment in other processes, and in those that start later."""
    async with process(bus.jetstream) as (ended, here), process(bus.jetstream) as (_, elsewhere):
        copied, other = signed_in(here), signed_in(here)
        assert elsewhere.person(copied, NOW) == KARI
        ended.end(here.name(copied, NOW) or "")
        assert here.person(copied, NOW) is None
        await until(lambda: elsewhere.person(copied, NOW) is None)
        assert (here.person(other, NOW), elsewhere.person(other, NOW)) == (KARI, KARI)
    async with process(bus.jetstream) as (_, later):
        await until(lambda: later.person(copied, NOW) is None)
        assert later.person(other, NOW) == KARI


async def test_what_is_ended_while_the_bus_is_away_is_said_when_it_is_back(bus: nats.NATS) -> None:
    """Whoever signs out does not wait for it."""
    away = True

    def js() -> Any:
        if away:
            raise nats.errors.ConnectionClosedError
        return bus.jetstream()

    async with process(js) as (ended, here), process(bus.jetstream) as (_, elsewhere):
        copied = signed_in(here)
        ended.end(here.name(copied, NOW) or "")
        await asyncio.sleep(0.1)
        assert (here.person(copied, NOW), elsewhere.person(copied, NOW)) == (None, KARI)
        away = False
        await until(lambda: elsewhere.person(copied, NOW) is None)


async def test_the_stream_keeps_what_has_ended_for_longer_than_a_cookie_lasts(bus: nats.NATS) -> None:
    """And says nothing of who it was."""
    await provision_streams(bus.jetstream(), {})
    config = (await bus.jetstream().stream_info(SESSIONS_STREAM)).config
    assert (STREAM, config.max_age) == (SESSIONS_STREAM, SESSIONS_LAST)
    assert SESSION_LENGTH.total_seconds() < SESSIONS_LAST
    async with process(bus.jetstream) as (ended, here):
        name = here.name(signed_in(here), NOW) or ""
        ended.end(name)
        async with asyncio.timeout(60):
            while True:
                with suppress(nats.js.errors.NotFoundError):
                    message = await bus.jetstream().get_msg(STREAM, subject="session.ended")
                    if message.data == name.encode():
                        break
                await asyncio.sleep(0.01)
    assert len(name) == 32
    assert set(message.headers or {}) == {"Nats-Expected-Stream"}


@pytest.mark.parametrize("others", [0, 3])
async def test_signing_out_is_heard_though_the_stream_was_made_anew(bus: nats.NATS, others: int) -> None:
    """A bus that lost its disk counts from one again, past where the old one was before anybody looks."""
    bus_js = bus.jetstream()
    away = False

    def js() -> Any:
        if away:
            raise nats.errors.ConnectionClosedError
        return bus_js

    await bus_js.delete_stream(STREAM)
    await provision_streams(bus_js, {})
    async with process(bus.jetstream) as (ended, here), process(js) as (_, elsewhere):
        before, after = signed_in(here), signed_in(here)
        for name in (here.name(before, NOW) or "", "b" * 32):
            ended.end(name)
        await until(lambda: elsewhere.person(before, NOW) is None)
        away = True
        await asyncio.sleep(0.05)
        await bus_js.delete_stream(STREAM)
        await provision_streams(bus_js, {})
        ended.end(here.name(after, NOW) or "")
        for number in range(others):
            ended.end(f"{number:032}")
        await said(bus, 1 + others)
        away = False
        await until(lambda: elsewhere.person(after, NOW) is None)
        assert elsewhere.person(before, NOW) is None


async def said(bus: nats.NATS, count: int) -> None:
    """Waits until the stream has so many."""
    async with asyncio.timeout(5):
        while (await bus.jetstream().stream_info(STREAM)).state.messages < count:
            await asyncio.sleep(0.01)


async def test_signing_out_is_heard_after_the_stream_was_emptied(bus: nats.NATS) -> None:
    """It goes on counting where it was."""
    async with process(bus.jetstream) as (ended, here), process(bus.jetstream) as (_, elsewhere):
        for _ in range(2):
            cookies = signed_in(here)
            ended.end(here.name(cookies, NOW) or "")
            await until(lambda cookies=cookies: elsewhere.person(cookies, NOW) is None)
            await bus.jetstream().purge_stream(STREAM)


@pytest.mark.parametrize("data", [{"person_id": "kari", "name": "Kari", "roles": [], "unit": None}])
def test_a_cookie_from_before_sessions_had_names_signs_nobody_in(data: dict[str, object]) -> None:
    """It could not be ended."""
    session = Session(SECRET, secure=False)
    old = session._seal.close(data, NOW)  # noqa: SLF001 - as the earlier version made it
    assert session.person({SESSION_COOKIE: old}, NOW) is None
    assert session.name({SESSION_COOKIE: old}, NOW) is None

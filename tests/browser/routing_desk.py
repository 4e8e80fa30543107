"""Routing as it runs: its own PostgreSQL and nats-server, its web server, and an intake that answers.

All of it lives in one thread of its own: Playwright's synchronous interface keeps the main one's event loop.
"""

import asyncio
import socket
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID

import asyncpg
import nats
import uvicorn
from nats.aio.msg import Msg
from playwright.sync_api import Page, expect
from sqlalchemy import select

from deploy.provision import provision_streams
from services.routing.app import create_app
from services.routing.settings import RoutingSettings
from shared import migrations
from shared.clock import oslo_day
from shared.database import Database, inbox
from shared.events import CONSUMED_BY, CaseAssigned, Event, Promised, SubmissionReceived
from shared.identity import new_id, new_reference
from shared.questions import (
    Answers,
    Contact,
    Excerpts,
    ReadAnswers,
    ReadExcerpts,
    ReadSubmission,
    SubmissionText,
)
from tests.browser.following import follow
from tests.events_for_tests import received
from tests.servers import running_nats, running_postgres

SECRET = "ab" * 32
CONTACT = Contact(name="Berit Solvang", email="berit.solvang@innbygger.example", phone="900 00 123")


@dataclass
class RunningDesk:
    """What a test does with the service, from its own thread."""

    loop: asyncio.AbstractEventLoop
    nc: nats.NATS
    database: Database
    address: str
    texts: dict[UUID, SubmissionText] = field(default_factory=dict)
    intake_answers: bool = True
    asked: list[int] = field(default_factory=list)

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something in the service's thread, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def receive(
        self, text: str, *, days_left: int = 7, contact: Contact | None = CONTACT, **fields: Any
    ) -> SubmissionReceived:
        """A resident sends something; returns when it is on somebody's desk."""
        now = datetime.now(UTC)
        wanted = fields.get("reply_wanted", True)
        promise = Promised(
            promise_id="svargaranti",
            rule="P1W",
            rule_version="1",
            due_on=oslo_day(now) + timedelta(days=days_left),
        )
        event = received(
            new_id(now), at=now, reference=new_reference(), promise=promise if wanted else None, **fields
        )
        self.texts[event.case_id] = SubmissionText(text=text, contact=contact)
        self.say(event)
        return event

    def say(self, event: Event) -> None:
        """Another service says something; returns when routing has heard it."""
        self.run(self._say(event))

    def said(self, case_id: UUID) -> list[str]:
        """The types of what is known of a case, in order."""
        return [str(row.type) for row in self.run(self.history(case_id))]

    def answers(self, case_id: UUID) -> Answers:
        """What intake is told when it asks."""
        return Answers.model_validate_json(self.run(self._ask(ReadAnswers(case_id=case_id))))

    async def _ask(self, question: ReadAnswers) -> bytes:
        reply = await self.nc.request(question.SUBJECT, question.model_dump_json().encode(), timeout=60)
        return reply.data

    async def _say(self, event: Event) -> None:
        await self.nc.jetstream().publish(event.subject, event.body(), headers=event.headers())
        async with asyncio.timeout(60):
            while event.id not in {row.event_id for row in await self.history(event.case_id)}:
                await asyncio.sleep(0.02)

    async def history(self, case_id: UUID) -> Sequence[Any]:
        """What routing knows of a case, in order, as its inbox keeps it."""
        async with self.database.reading() as session:
            rows = await session.execute(
                select(inbox).where(inbox.c.case_id == case_id).order_by(inbox.c.at, inbox.c.event_id)
            )
            return rows.all()

    async def submission(self, message: Msg) -> None:
        """As intake answers routing's question."""
        question = ReadSubmission.model_validate_json(message.data)
        await self._reply(message, self.texts.get(question.case_id, SubmissionText(found=False)))

    async def excerpts(self, message: Msg) -> None:
        """As intake answers a list's question."""
        question = ReadExcerpts.model_validate_json(message.data)
        self.asked.append(len(question.case_ids))
        found = {key: self.texts[key].text[:90] for key in question.case_ids if key in self.texts}
        phones = {
            key: contact.phone
            for key in question.case_ids
            if question.phones
            and key in self.texts
            and (contact := self.texts[key].contact)
            and contact.phone
        }
        await self._reply(message, Excerpts(excerpts=found, phones=phones))

    async def _reply(self, message: Msg, answer: SubmissionText | Excerpts) -> None:
        if self.intake_answers:
            await message.respond(answer.model_dump_json().encode())

    def sign_in(self, page: Page, person: str, path: str = "/saksbehandling") -> None:
        """As the person of this id, and on to a page."""
        page.goto(f"{self.address}/saksbehandling/logg-inn?neste={path}")
        follow(page, page.locator(f"button[value={person}]"))


@contextmanager
def running_desk(municipality: str = "asker", **more_settings: str) -> Iterator[RunningDesk]:
    """The service on real servers, until the block ends."""
    ready: list[RunningDesk | BaseException] = []
    is_ready, ended = threading.Event(), threading.Event()

    def run() -> None:
        try:
            with running_postgres() as postgres_url, running_nats() as nats_url:
                given = {"municipality": municipality, **more_settings}
                asyncio.run(_serve(postgres_url, nats_url, given, ready, is_ready, ended))
        except BaseException as error:  # noqa: BLE001 - told to the test that waits
            ready.append(error)
            is_ready.set()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    is_ready.wait(120)
    desk = ready[0]
    if isinstance(desk, BaseException):
        raise desk
    yield desk
    ended.set()
    thread.join(30)


async def _serve(
    postgres_url: str,
    nats_url: str,
    given: Mapping[str, str],
    ready: list[RunningDesk | BaseException],
    is_ready: threading.Event,
    ended: threading.Event,
) -> None:
    admin = await asyncpg.connect(postgres_url)
    await admin.execute("CREATE DATABASE routing")
    await admin.close()
    url = urlunsplit(urlsplit(postgres_url)._replace(scheme="postgresql+asyncpg", path="/routing"))
    await migrations.upgrade("routing", url)
    nc = await nats.connect(nats_url, allow_reconnect=False)
    filters = {service: [event.subject_filter() for event in heard] for service, heard in CONSUMED_BY.items()}
    await provision_streams(nc.jetstream(), filters)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
        settings = RoutingSettings(
            database_url=url,
            nats_url=nats_url,
            nats_user="routing",
            nats_password="only-for-tests",
            http_port=port,
            public_url=f"http://127.0.0.1:{port}",
            secret=SECRET,
            **given,
        )
        server = uvicorn.Server(uvicorn.Config(create_app(settings), log_level="error"))
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        await _until(lambda: server.started)
        desk = RunningDesk(
            asyncio.get_running_loop(), nc, Database(url, lambda: datetime.now(UTC)), settings.public_url
        )
        await nc.subscribe(ReadSubmission.SUBJECT, cb=desk.submission)
        await nc.subscribe(ReadExcerpts.SUBJECT, cb=desk.excerpts)
        ready.append(desk)
        is_ready.set()
        await _until(ended.is_set)
        server.should_exit = True
        await serving
    await desk.database.close()
    await nc.close()


async def _until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    while not condition():
        await asyncio.sleep(0.05)


def open_case(desk: RunningDesk, page: Page, event: SubmissionReceived, person: str | None = None) -> str:
    """Sign in as a colleague, or as who has the case, and open it; returns who."""
    who = person or caseworker(desk, event)
    desk.sign_in(page, who, f"/saksbehandling/sak/{event.reference}")
    expect(page.locator(".case-head .reference")).to_have_text(event.reference)
    return who


def caseworker(desk: RunningDesk, event: SubmissionReceived) -> str:
    """Who has the case."""
    rows = desk.run(desk.history(event.case_id))
    return str([row for row in rows if row.type == CaseAssigned.type_name()][-1].body["person"])


def say(page: Page, words: str) -> None:
    """Fill in the answer."""
    page.locator("textarea[name=text]").fill(words)

"""Intake as it runs: its own PostgreSQL and nats-server, its web server, and a routing that answers.

All of it lives in one thread of its own: Playwright's synchronous interface keeps the main one's event loop.
"""

import asyncio
import socket
import threading
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from uuid import UUID, uuid4

import asyncpg
import nats
import uvicorn
from nats.aio.msg import Msg
from sqlalchemy import select

from deploy.provision import provision_streams
from services.intake import store
from services.intake.app import create_app
from services.intake.settings import IntakeSettings
from shared import migrations
from shared.clock import oslo_day
from shared.database import Database, inbox
from shared.events import (
    CONSUMED_BY,
    AssignmentReason,
    CaseAnswered,
    CaseAssigned,
    CaseInterimAnswered,
    Event,
)
from shared.questions import Answers, AnswerText, ReadAnswers
from tests.servers import running_nats, running_postgres

UNIT = "kommunalteknikk-heggedal-dikemark"


@dataclass
class RunningIntake:
    """What a test does with the service, from its own thread."""

    loop: asyncio.AbstractEventLoop
    nc: nats.NATS
    database: Database
    address: str
    told: list[AnswerText] = field(default_factory=list)
    routing_is_there: bool = True

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Do something in the service's thread, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def submissions(self) -> list[store.Submission]:
        """Everything that was accepted, in order."""
        return list(self.run(self._submissions()))

    def assign(self, case_id: UUID, unit: str = UNIT) -> None:
        """Routing gives the case to a unit."""
        self._say(
            CaseAssigned, case_id, unit=unit, section="klima-miljo-teknisk", person="linh-pham",
            reason=AssignmentReason.TOPIC_AND_AREA,
        )  # fmt: skip

    def answer(self, case_id: UUID, text: str, *, final: bool = True, in_days: int = 10) -> None:
        """Routing answers the case; `in_days`: when an interim answer says to expect the final one."""
        expected_on: date | None = None if final else oslo_day(datetime.now(UTC)) + timedelta(days=in_days)
        answer_id = uuid4()
        self.told.append(
            AnswerText(
                id=answer_id, at=datetime.now(UTC), final=final, text=text, unit="Kommunalteknikk Heggedal",
                person="Linh Pham", expected_on=expected_on,
            )
        )  # fmt: skip
        if final:
            self._say(CaseAnswered, case_id, answer_id=answer_id, person="linh-pham", unit=UNIT)
        else:
            self._say(
                CaseInterimAnswered,
                case_id,
                answer_id=answer_id,
                person="linh-pham",
                unit=UNIT,
                expected_on=expected_on,
            )

    def say(self, model: type[Event], case_id: UUID, **fields: Any) -> None:
        """Another service says something; returns when intake has heard it."""
        self._say(model, case_id, **fields)

    def _say(self, model: type[Event], case_id: UUID, **fields: Any) -> None:
        event = model(id=uuid4(), at=datetime.now(UTC), case_id=case_id, municipality="asker", **fields)
        self.run(self._publish(event))

    async def _publish(self, event: Event) -> None:
        await self.nc.jetstream().publish(event.subject, event.body(), headers=event.headers())
        heard = select(inbox.c.event_id).where(inbox.c.event_id == event.id)
        async with asyncio.timeout(60):
            while True:
                async with self.database.reading() as session:
                    if await session.scalar(heard):
                        return
                await asyncio.sleep(0.02)

    async def _submissions(self) -> list[store.Submission]:
        async with self.database.reading() as session:
            found = await session.scalars(select(store.Submission).order_by(store.Submission.received_at))
            return list(found)

    async def answers(self, message: Msg) -> None:
        """As routing answers intake's question, unless it is away."""
        if self.routing_is_there:
            ReadAnswers.model_validate_json(message.data)
            await message.respond(Answers(answers=self.told).model_dump_json().encode())


@contextmanager
def running_intake(municipality: str) -> Iterator[RunningIntake]:
    """Start it all for the length of a block."""
    loop = asyncio.new_event_loop()
    ready = threading.Event()
    running: list[RunningIntake] = []
    stop = asyncio.Event()

    async def serve(postgres: str, bus: str) -> None:
        admin = await asyncpg.connect(postgres)
        await admin.execute("CREATE DATABASE intake")
        await admin.close()
        url = urlunsplit(urlsplit(postgres)._replace(scheme="postgresql+asyncpg", path="/intake"))
        await migrations.upgrade("intake", url)
        nc = await nats.connect(bus, allow_reconnect=False)
        filters = {
            service: [event.subject_filter() for event in heard] for service, heard in CONSUMED_BY.items()
        }
        await provision_streams(nc.jetstream(), filters)
        database = Database(url, lambda: datetime.now(UTC))
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            address = f"http://127.0.0.1:{listening.getsockname()[1]}"
            settings = IntakeSettings.model_validate(
                {
                    "database_url": url,
                    "nats_url": bus,
                    "nats_user": "intake",
                    "nats_password": "none",
                    "municipality": municipality,
                    "http_port": 1,
                    "public_url": address,
                    "secret": "ab" * 32,
                }
            )
            config = uvicorn.Config(create_app(settings), log_config=None, timeout_graceful_shutdown=2)
            server = uvicorn.Server(config)
            made = RunningIntake(loop, nc, database, address)
            await nc.subscribe(ReadAnswers.SUBJECT, cb=made.answers)
            task = asyncio.create_task(server._serve([listening]))  # noqa: SLF001 - serve() takes the signals
            while not server.started and not task.done():
                await asyncio.sleep(0.02)
            running.append(made)
            ready.set()
            await stop.wait()
            server.should_exit = True
            await task
        await database.close()
        await nc.close()

    def live() -> None:
        try:
            with running_postgres() as postgres, running_nats() as bus:
                loop.run_until_complete(serve(postgres, bus))
        finally:
            ready.set()
            loop.close()

    thread = threading.Thread(target=live, daemon=True)
    thread.start()
    ready.wait(120)
    yield running[0]
    loop.call_soon_threadsafe(stop.set)
    thread.join(20)

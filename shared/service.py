"""What a service process consists of: a web server, a consumer loop, a relay, the questions it answers, health.

def create_app(settings: ServiceSettings) -> Litestar:
    service = Service("routing", settings)
    desk = Desk(service.database, ...)
    service.consume(desk.handle)
    service.answer(ReadAnswers, desk.read_answers)
    service.keep_running("sender", sender.run)
    return Litestar([...pages, *service.routes()], plugins=[site], lifespan=[service.lifespan])
"""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

import structlog
import uvicorn
from faststream.nats import NatsBroker
from faststream.security import SASLPlaintext
from litestar import Litestar, Response, get
from litestar.handlers import HTTPRouteHandler
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from pydantic import BaseModel

from shared import logs, municipality, questions
from shared.clock import Clock, FileClock, SystemClock
from shared.database import Database
from shared.loops import REQUESTS, ended
from shared.messaging import Consumer, Handler, waiting_gauge
from shared.municipality import ConfigurationError
from shared.questions import Question
from shared.relay import STREAM, Relay
from shared.settings import ServiceSettings, from_environment
from shared.web.head import answering_head

Answer = TypeVar("Answer", bound=BaseModel)
log = structlog.get_logger()
outbox_gauge = Gauge("svarfrist_outbox_waiting", "Events in the outbox that JetStream has not acknowledged")


class Service:
    """The parts of one process, put together by its `create_app`; nothing happens before `lifespan`."""

    def __init__(self, name: str, settings: ServiceSettings) -> None:
        self.name = name
        self.settings = settings
        self.clock: Clock = FileClock(settings.clock_file) if settings.clock_file else SystemClock()
        self.municipality = municipality.load(settings.municipality)
        self.database = Database(
            settings.database_url.get_secret_value(), self.clock, pool=settings.database_pool
        )
        self.broker = NatsBroker(
            settings.nats_url,
            name=name,
            security=SASLPlaintext(settings.nats_user, settings.nats_password.get_secret_value()),
            inbox_prefix=f"_INBOX_{name}".encode(),
            max_reconnect_attempts=-1,
            reconnect_time_wait=1,
            logger=None,
        )  # fmt: skip
        self._handler: Handler | None = None
        self._keeps_history = True
        self._linger = 0.0
        self._batch = settings.batch
        self._beside = 1
        self._loops: list[tuple[str, Callable[[], Awaitable[None]]]] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._nc: Client | None = None
        self._js: JetStreamContext | None = None
        self._relay: Relay | None = None
        self._is_stopping = False

    def consume(
        self,
        handler: Handler,
        *,
        keeps_history: bool = True,
        linger: float = 0,
        batch: int | None = None,
        beside: int = 1,
    ) -> None:
        """Gives every new event of this service's durable consumer to `handler`, in batches.

        `linger` is how many seconds an event may wait for company: where nobody waits for the outcome, fewer
        and larger transactions leave the machine to those who do wait. `batch` is the most events of one,
        where it is to be more than the setting says; `beside` how many batches are under way at once.
        """
        self._handler = handler
        self._keeps_history = keeps_history
        self._linger = linger
        self._batch = max(batch or 0, self.settings.batch)
        self._beside = beside

    def answer(self, question: type[Question[Answer]], answerer: Callable[[Any], Awaitable[Answer]]) -> None:
        """Answers a question of the bus; copies of this service share the work."""

        async def on_question(message: question) -> question.ANSWER:  # type: ignore[valid-type, name-defined]
            try:
                return await answerer(message)
            except Exception:
                # Whoever asked hears only that nobody answered.
                log.exception("question.failed", subject=question.SUBJECT)
                raise

        self.broker.subscriber(question.SUBJECT, queue=self.name)(on_question)

    def keep_running(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        """Runs a loop of the service's own beside the others; if it ends, the process ends."""
        self._loops.append((name, loop))

    async def ask(self, question: Question[Answer]) -> Answer:
        """Asks another service. Raises NoAnswerError."""
        return await questions.ask(self.broker, question)

    @property
    def js(self) -> JetStreamContext:
        """JetStream, once the process has started."""
        if self._js is None:
            raise NotStartedError(self.name)
        return self._js

    @asynccontextmanager
    async def lifespan(self, _app: Litestar) -> AsyncIterator[None]:
        """Connects, runs the loops, and ends them: each in its own time, where it takes some."""
        await self._start()
        try:
            yield
        finally:
            await self._stop()

    async def _start(self) -> None:
        self._nc = nc = await self.broker.connect()
        await self.broker.start()
        self._js = nc.jetstream()
        self._relay = Relay(self.database, self._js, is_connected=lambda: nc.is_connected)
        self.database.on_published = (self._relay.wake,)
        self._run("relay", self._relay.run)
        if self._handler:
            consumer = Consumer(
                service=self.name,
                nc=nc,
                js=self._js,
                database=self.database,
                handler=self._handler,
                keeps_history=self._keeps_history,
                batch=self._batch,
                linger=self._linger,
                beside=self._beside,
                retry_delays=self.settings.retry_delays,
            )
            self._run("consumer", consumer.run)
        for name, loop in self._loops:
            self._run(name, loop)
        log.info("service.started", port=self.settings.http_port)

    def _run(self, name: str, loop: Callable[[], Awaitable[None]]) -> None:
        async def guarded() -> None:
            try:
                await loop()
            except asyncio.CancelledError:
                raise
            except Exception as error:
                log.critical("loop.died", loop=name, exc_info=error)
            if not self._is_stopping:
                os.kill(os.getpid(), signal.SIGTERM)

        self._tasks.append(asyncio.create_task(guarded(), name=name))

    async def _stop(self) -> None:
        self._is_stopping = True
        await ended(self._tasks)
        try:
            await self.broker.stop()
        except NatsError:
            # A bus that is away takes no leave.
            if self._nc:
                await self._nc.close()
        await self.database.close()

    async def lag(self) -> int:
        """Events this service has still to handle, and its own still to publish."""
        waiting = await self._relay.waiting() if self._relay else 0
        outbox_gauge.set(waiting)
        if self._handler:
            info = await self.js.consumer_info(STREAM, self.name, timeout=2)
            pending = (info.num_pending or 0) + (info.num_ack_pending or 0)
            waiting_gauge.set(pending)
            waiting += pending
        return waiting

    def routes(self) -> list[HTTPRouteHandler]:
        """`/health/live`, `/health/ready` and `/metrics`, which the front door does not pass on."""

        @get("/health/live", include_in_schema=False)
        async def live() -> dict[str, bool]:
            return {"live": True}

        @get("/health/ready", include_in_schema=False)
        async def ready() -> Response[dict[str, object]]:
            checks: dict[str, bool] = {"database": False, "bus": False}
            lag: int | None = None
            with suppress(Exception):
                checks["database"] = await self.database.answers()
            with suppress(Exception):
                lag = await self.lag()
                checks["bus"] = self._nc is not None and self._nc.is_connected
            is_ready = all(checks.values())
            body: dict[str, object] = {"ready": is_ready, "checks": checks, "lag": lag, "pid": os.getpid()}
            return Response(body, status_code=200 if is_ready else 503)

        @get("/metrics", include_in_schema=False)
        async def metrics() -> Response[bytes]:
            with suppress(Exception):
                await self.lag()
            return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

        return [live, ready, metrics]


class NotStartedError(RuntimeError):
    """Something of a service was used before it had started."""

    def __init__(self, service: str) -> None:
        super().__init__(f"{service} has not started")


def serve(
    name: str,
    settings_of: type[ServiceSettings],
    create_app: Callable[[Any], Litestar],
    *,
    requests: int = REQUESTS,
) -> None:
    """Runs a service until SIGTERM or SIGINT. What it cannot start without it says in a sentence.

    `requests` is how many seconds those under way then have.
    """
    settings = from_environment(settings_of)
    logs.configure(name, settings.log_level)
    try:
        app = create_app(settings)
    except ConfigurationError as error:
        sys.exit(str(error))
    # What a service consists of lives as long as it does. Looked through again and again by the collector, it cost
    # a third of the processor that an event took (docs/benchmarks.md).
    gc.collect()
    gc.freeze()
    uvicorn.run(
        answering_head(app),
        host=settings.http_host,
        port=settings.http_port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=True,
        timeout_graceful_shutdown=requests,
    )

"""The embedded stack, whole: which parts there are, in what order they start and stop."""

import asyncio
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from deploy import caddy, nats, ports, postgres
from deploy.configuration import municipality_id
from deploy.data_folder import SERVICES, DataFolder, PartRecord, Secrets, StackRecord
from deploy.errors import OtherMunicipalityError, PartNotReadyError, UnknownMunicipalityError
from deploy.movable_clock import offset
from deploy.ports import LOOPBACK
from deploy.processes import ProcessId, end_leftovers
from deploy.supervisor import Part, Program, Supervisor, finished, rotate
from shared.clock import write_offset
from shared.loops import STOPPED

DEFAULT_MUNICIPALITY = "sorum"
DEFAULT_PORT = 8080
CHECKOUT = Path(__file__).parent.parent
MUNICIPALITIES = Path(__file__).parent / "municipalities"
BACKGROUND = frozenset({"notify", "metrics"})
"""Services that give way: accepting what residents write, and showing it, comes first."""
LISTENERS = ("nats", "postgres", *SERVICES, "mailbox", "smtp", "bounces", "replies")
MAILS_PER_SECOND = "30"
"""More than a mail relay is asked to take: the mailbox is next door."""
STOPPING_ORDER: tuple[tuple[str, ...], ...] = (("caddy",), SERVICES, ("mailbox",), ("nats",), ("postgres",))
"""The front door first: it lets what is under way end, and then nobody comes to a service that is gone."""
FACES = {
    "Residents": "/",
    "Caseworkers": "/saksbehandling",
    "Dashboards": "/innsikt",
    "Public results": "/resultater",
    "Mailbox": "/postkasse",
}


class Display(Protocol):
    """Where progress is shown. Each method is told the name of a part or of a step."""

    def began(self, step: str) -> None:
        """Work on it has begun."""

    def ready(self, step: str) -> None:
        """It is ready."""

    def told(self, line: str) -> None:
        """Something happened that the operator should see."""

    def all_ready(self, addresses: Mapping[str, str], seconds: float) -> None:
        """The whole stack is ready, `seconds` after the start."""


@dataclass(frozen=True)
class Options:
    """What `svarfrist up` was asked for; None where nothing was said."""

    data: Path
    port: int | None = None
    municipality: str | None = None
    demo: bool = False
    test_clock: bool = False
    service_command: Callable[[str], tuple[str, ...]] = field(
        default=lambda service: (sys.executable, "-m", f"services.{service}")
    )
    provision_command: tuple[str, ...] = (sys.executable, "-m", "deploy.provision")


def up(options: Options, display: Display) -> None:
    """Runs the stack until Ctrl-C or SIGTERM. Raises StackError where it cannot start."""
    folder = DataFolder(options.data)
    with folder.locked():
        record = settled(folder, options)
        end_leftovers(part.process for part in record.parts.values() if part.process)
        asyncio.run(_Stack(folder, record, options, display).run())


def settled(folder: DataFolder, options: Options) -> StackRecord:
    """What the stack will be: what was asked for, else what it was before, else the defaults."""
    before = folder.remembered()
    asked_for = options.municipality or (before.municipality_folder if before else DEFAULT_MUNICIPALITY)
    municipality_folder = _municipality_folder(asked_for)
    municipality = municipality_id(municipality_folder)
    if before and before.municipality != municipality:
        raise OtherMunicipalityError(folder.path, made_for=before.municipality, asked_for=municipality)
    port = options.port or (before.public_port if before else DEFAULT_PORT)
    return StackRecord(
        municipality=municipality,
        municipality_folder=str(municipality_folder),
        public_port=port,
        test_clock=options.test_clock,
        ports=before.ports if before else {},
        parts=before.parts if before else {},
    )


def _municipality_folder(asked_for: str) -> Path:
    for folder in (MUNICIPALITIES / asked_for, Path(asked_for)):
        if folder.is_dir():
            return folder.resolve()
    known = (path.parent.name for path in MUNICIPALITIES.glob("*/organisation.yaml"))
    raise UnknownMunicipalityError(asked_for, known)


class _Stack:
    def __init__(self, folder: DataFolder, record: StackRecord, options: Options, display: Display) -> None:
        self._folder = folder
        self._options = options
        self._display = display
        self._secrets: Secrets = folder.secrets()
        ports.require_free(record.public_port)
        self._record = replace(record, ports=ports.assign(LISTENERS, record.ports), parts={})
        self._supervisor = Supervisor(folder.log, changed=self._process_changed, told=self._told)
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        began = time.monotonic()
        if self._has_clock_file:
            self._prepare_clock()
        self._folder.remember(self._record)
        background: list[asyncio.Task[None]] = []
        with self._heeding_signals():
            try:
                if await self._unless_stopped(self._start_all()):
                    addresses = {face: self._record.public_url + path for face, path in FACES.items()}
                    self._display.all_ready(addresses, time.monotonic() - began)
                    background.append(asyncio.create_task(self._supervisor.rotate_logs()))
                    if self._options.demo:
                        background.append(asyncio.create_task(self._fill_with_demo()))
                    await self._stopping.wait()
            finally:
                for task in background:
                    task.cancel()
                await asyncio.gather(*background, return_exceptions=True)
                await self._stop_all()

    @contextmanager
    def _heeding_signals(self) -> Generator[None]:
        loop = asyncio.get_running_loop()
        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        for number in signals:
            loop.add_signal_handler(number, self._asked_to_stop)
        try:
            yield
        finally:
            for number in signals:
                loop.remove_signal_handler(number)

    def _asked_to_stop(self) -> None:
        if self._stopping.is_set():
            self._display.told("Stopping at once")
            self._supervisor.kill()
        else:
            self._display.told("Stopping; once more to stop at once")
            self._stopping.set()

    async def _unless_stopped(self, work: Coroutine[None, None, None]) -> bool:
        """Does the work, or leaves it where the operator asks to stop meanwhile. Whether it was done."""
        task = asyncio.create_task(work)
        stopped = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if not task.done():
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            return False
        await task
        return True

    async def _start_all(self) -> None:
        await _together(
            self._start_database(),
            self._start_bus(),
            self._start(
                caddy.part(self._folder, port=self._record.public_port, upstream_ports=self._upstream_ports())
            ),
            self._start(self._mailbox()),
        )
        await _together(*(self._start(self._service(name)) for name in SERVICES))

    async def _start_database(self) -> None:
        self._display.began("postgres")
        account = await postgres.prepare(self._folder, self._secrets.postgres_admin)
        await self._start(postgres.part(self._folder, self._record.ports["postgres"], account))
        await self._provision("databases")

    async def _start_bus(self) -> None:
        await self._start(
            nats.part(
                self._folder,
                municipality=self._record.municipality,
                passwords=self._secrets.nats,
                port=self._record.ports["nats"],
            )
        )
        await self._provision("streams")

    async def _start(self, part: Part) -> None:
        self._display.began(part.name)
        rotate(self._folder.log(part.name))
        self._record = replace(
            self._record, parts={**self._record.parts, part.name: PartRecord(part.address, part.probe)}
        )
        await self._supervisor.start(part)
        self._display.ready(part.name)

    async def _provision(self, what: str) -> None:
        self._display.began(what)
        log = self._folder.log("provision")
        rotate(log)
        program = Program(
            command=(*self._options.provision_command, what),
            environment=self._provision_environment(),
            directory=CHECKOUT,
        )
        if await finished(program, log) != 0:
            raise PartNotReadyError(what, "could not be provisioned", log)
        self._display.ready(what)

    @property
    def _has_clock_file(self) -> bool:
        """A demonstration lives through its five weeks by moving the clock; only `clock advance` needs more."""
        return self._record.test_clock or self._options.demo

    def _prepare_clock(self) -> None:
        """A test clock goes on where it was; one that stands in the past was left so by a demonstration."""
        if not self._record.test_clock or offset(self._folder) < 0:
            write_offset(self._folder.clock, timedelta())

    async def _fill_with_demo(self) -> None:
        log = self._folder.log("demo")
        rotate(log)
        command = (sys.executable, "-m", "deploy.demo", "--data", str(self._folder.path))
        if await finished(Program(command=command, directory=CHECKOUT), log, heard=self._told) != 0:
            self._told(f"The demonstration failed: see {log}")

    async def _stop_all(self) -> None:
        for names in STOPPING_ORDER:
            await self._supervisor.stop(names)

    def _process_changed(self, part: str, process: ProcessId | None) -> None:
        self._record = self._record.with_process(part, process)
        self._folder.remember(self._record)

    def _told(self, line: str) -> None:
        with self._folder.log("supervisor").open("a", encoding="utf-8") as log:
            log.write(f"{time.strftime('%Y-%m-%dT%H:%M:%S%z')} {line}\n")
        self._display.told(line)

    def _upstream_ports(self) -> dict[str, int]:
        return {name: self._record.ports[name] for name in (*SERVICES, "mailbox")}

    def _mailbox(self) -> Part:
        port = self._record.ports["mailbox"]
        return Part(
            name="mailbox",
            command=(
                sys.executable, "-m", "deploy.mailbox", "--folder", str(self._folder.mailbox),
                "--smtp-port", str(self._record.ports["smtp"]), "--http-port", str(port),
                "--bounces-port", str(self._record.ports["bounces"]),
                "--replies-port", str(self._record.ports["replies"]),
            ),
            address=f"{self._record.public_url}/postkasse",
            probe=f"http://{LOOPBACK}:{port}/health/ready",
            environment=_lean_python(),
            directory=CHECKOUT,
        )  # fmt: skip

    def _service(self, name: str) -> Part:
        port = self._record.ports[name]
        environment = {
            "SVARFRIST_DATABASE_URL": postgres.service_url(
                name, self._record.ports["postgres"], self._secrets.postgres[name]
            ),
            "SVARFRIST_NATS_URL": f"nats://{LOOPBACK}:{self._record.ports['nats']}",
            "SVARFRIST_NATS_USER": name,
            "SVARFRIST_NATS_PASSWORD": self._secrets.nats[name],
            "SVARFRIST_MUNICIPALITY": self._record.municipality_folder,
            "SVARFRIST_HTTP_HOST": LOOPBACK,
            "SVARFRIST_HTTP_PORT": str(port),
            "SVARFRIST_PUBLIC_URL": self._record.public_url,
            "SVARFRIST_SECRET": self._secrets.shared,
            **_lean_python(),
        }
        if name in {"intake", "notify"}:
            environment["SVARFRIST_REPLY_DOMAIN"] = f"svar.{self._record.municipality}.example"
        if name == "intake":
            environment["SVARFRIST_MAIL_IN_PORT"] = str(self._record.ports["replies"])
        if name == "notify":
            environment["SVARFRIST_SMTP_HOST"] = LOOPBACK
            environment["SVARFRIST_SMTP_PORT"] = str(self._record.ports["smtp"])
            environment["SVARFRIST_SMTP_PER_SECOND"] = MAILS_PER_SECOND
            environment["SVARFRIST_SMTP_FROM"] = f"ikke-svar@{self._record.municipality}.example"
            environment["SVARFRIST_BOUNCE_PORT"] = str(self._record.ports["bounces"])
            environment["SVARFRIST_BOUNCE_DOMAIN"] = f"retur.{self._record.municipality}.example"
            environment["SVARFRIST_SMS_URL"] = f"http://{LOOPBACK}:{self._record.ports['mailbox']}/sms"
            environment["SVARFRIST_SMS_TOKEN"] = "none"  # noqa: S105 - the catcher next door asks for none
        if self._has_clock_file:
            environment["SVARFRIST_CLOCK_FILE"] = str(self._folder.clock)
        return Part(
            name=name,
            command=self._options.service_command(name),
            address=f"http://{LOOPBACK}:{port}",
            probe=f"http://{LOOPBACK}:{port}/health/ready",
            environment=environment,
            directory=CHECKOUT,
            niceness=5 if name in BACKGROUND else 0,
            stop_limit=STOPPED,
        )

    def _provision_environment(self) -> dict[str, str]:
        return {
            "SVARFRIST_ADMIN_DATABASE_URL": postgres.admin_url(
                self._record.ports["postgres"], self._secrets.postgres_admin
            ),
            **{
                f"SVARFRIST_{service.upper()}_DATABASE_URL": postgres.service_url(
                    service, self._record.ports["postgres"], self._secrets.postgres[service]
                )
                for service in SERVICES
            },
            "SVARFRIST_NATS_URL": f"nats://{LOOPBACK}:{self._record.ports['nats']}",
            "SVARFRIST_NATS_USER": nats.OPERATOR,
            "SVARFRIST_NATS_PASSWORD": self._secrets.nats[nats.OPERATOR],
        }


def _lean_python() -> dict[str, str]:
    return {"PYTHONUNBUFFERED": "1", "MALLOC_ARENA_MAX": "2"}


async def _together(*work: Coroutine[None, None, None]) -> None:
    """All at once; where one fails the others are left, and its error is the caller's."""
    try:
        async with asyncio.TaskGroup() as group:
            for each in work:
                group.create_task(each)
    except BaseExceptionGroup as failures:
        raise failures.exceptions[0] from None

"""One command starts the whole stack, keeps it running, and stops it without leaving anything."""

import asyncio
import os
import signal
import time
from pathlib import Path

import nats
import pytest

from deploy.processes import ProcessId
from tests.system.running_stack import RunningStack, Starter

PARTS = {"nats", "postgres", "caddy", "mailbox", "intake", "routing", "notify", "metrics"}


def test_status_tells_every_part_with_pid_address_readiness_and_lag(shared_stack: RunningStack) -> None:
    """What a program reads from `status --json`."""
    code, parts = shared_stack.status()
    assert code == 0
    assert set(parts) == PARTS
    assert all(part["ready"] and part["pid"] and part["address"] for part in parts.values())
    assert parts["intake"]["lag"] == 0


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/", "intake"),
        ("/sak/abc", "intake"),
        ("/api/v1/submissions", "intake"),
        ("/saksbehandling", "routing"),
        ("/saksbehandling/sak/1", "routing"),
        ("/innsikt?from=2026-01-01", "metrics"),
        ("/resultater", "metrics"),
        ("/api/v1/indicators", "metrics"),
    ],
)
def test_the_front_door_leads_to_the_service_that_has_the_page(
    shared_stack: RunningStack, path: str, service: str
) -> None:
    """The routes of docs/architecture.md."""
    status, body, headers = shared_stack.get(path)
    assert status == 200
    assert f'"service": "{service}", "path": "{path}"' in body
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-content-type-options"] == "nosniff"
    assert "server" not in headers


@pytest.mark.parametrize("path", ["/health/ready", "/health", "/metrics", "/metrics/"])
def test_what_is_for_operators_is_not_reachable_through_the_front_door(
    shared_stack: RunningStack, path: str
) -> None:
    """Health and metrics stay inside."""
    assert shared_stack.get(path)[0] == 404


@pytest.mark.parametrize(
    ("path", "status", "caching"),
    [
        ("/static/app.css?v=1a2b3c4d", 200, "public, max-age=31536000, immutable"),
        ("/static/app.css", 200, "public, max-age=60"),
        ("/static/vendor/nothing.1a2b3c4d.css", 404, None),
    ],
)
def test_static_files_are_kept_for_ever_only_by_an_address_that_changes_with_them(
    shared_stack: RunningStack, path: str, status: int, caching: str | None
) -> None:
    """A fingerprint in the query or in the name; what does not exist is not kept."""
    got, _, headers = shared_stack.get(path)
    assert (got, headers.get("cache-control")) == (status, caching)


def test_secrets_and_mail_are_readable_by_their_owner_alone(shared_stack: RunningStack) -> None:
    """Passwords and letters are nobody else's, though PostgreSQL's user may pass through the folder."""
    folder = shared_stack.folder
    for path in (
        folder.path / "secrets.json",
        folder.nats_config,
        folder.mailbox,
        folder.logs,
        folder.postgres,
    ):
        assert path.stat().st_mode & 0o077 == 0, path
    assert folder.path.stat().st_mode & 0o066 == 0


def test_services_that_only_follow_give_way_to_those_that_residents_wait_for(
    shared_stack: RunningStack,
) -> None:
    """Accepting a submission comes first when the machine is busy."""
    niceness = {
        part: os.getpriority(os.PRIO_PROCESS, shared_stack.pid(part))
        for part in ("intake", "notify", "metrics")
    }
    assert niceness["notify"] == niceness["metrics"] == niceness["intake"] + 5


async def test_a_stack_ends_whole_and_the_next_start_goes_on_where_it_stopped(start: Starter) -> None:
    """Ctrl-C and a service manager's stop are the same; the addresses and what was on the bus are still there."""
    first = start()
    parts = first.wait_until_ready()
    await publish(first, b"{}")
    assert_ends_whole(first, signal.SIGINT)
    second = start()
    addresses = {name: part["address"] for name, part in second.wait_until_ready().items()}
    assert addresses == {name: part["address"] for name, part in parts.items()}
    assert await published(second) == 1
    assert_ends_whole(second, signal.SIGTERM)


def assert_ends_whole(stack: RunningStack, with_signal: signal.Signals) -> None:
    """Stopping ends every part, and says so by exit code zero."""
    pids = [part["pid"] for part in stack.wait_until_ready().values()]
    assert stack.stop(with_signal) == 0
    assert not any(ProcessId.of(pid) for pid in pids)
    code, parts = stack.status()
    assert code == 1
    assert not any(part["ready"] or part["pid"] for part in parts.values())


def test_a_stop_while_it_starts_leaves_nothing_running(start: Starter) -> None:
    """Ctrl-C does not have to wait for the start."""
    stack = start()
    while not stack.folder.nats_config.exists():
        time.sleep(0.01)
    code, parts = stack.status()
    assert code == 1
    assert set(parts) == PARTS
    assert stack.stop(signal.SIGINT) == 0
    record = stack.folder.record()
    assert not any(part.process for part in record.parts.values())


@pytest.mark.parametrize("part", ["nats", "postgres", "caddy", "mailbox", "intake"])
def test_a_killed_part_is_started_again(battered_stack: RunningStack, part: str) -> None:
    """`kill -9` of any part is survived."""
    stack = battered_stack
    before = stack.wait_until_ready()[part]["pid"]
    os.kill(before, signal.SIGKILL)
    deadline = time.monotonic() + 120
    while stack.parts()[part]["pid"] in {before, None}:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert stack.wait_until_ready()[part]["pid"] != before


def test_parts_end_with_a_killed_supervisor_and_a_start_afterwards_takes_over_or_says_what_is_wrong(
    start: Starter, tmp_path: Path
) -> None:
    """It leaves no stack without a master, nor a folder that cannot be used; one that is damaged is named."""
    stack = start()
    pids = [part["pid"] for part in stack.wait_until_ready().values()]
    stack.process.kill()
    stack.process.communicate()
    again = start()
    again.wait_until_ready()
    assert not any(ProcessId.of(pid) for pid in pids)
    again.stop()
    assert_never_becomes_ready(again, start, tmp_path)


def assert_never_becomes_ready(stack: RunningStack, start: Starter, folder: Path) -> None:
    """A part that fails is named with its log: the sentence says where to look."""
    (stack.folder.postgres / "PG_VERSION").write_text("1\n")
    failing = start()
    _, errors = failing.process.communicate(timeout=180)
    assert failing.process.returncode == 2
    assert errors == f"postgres ended 4 times while it was starting: see {folder}/data/logs/postgres.log.\n"


async def test_an_acknowledged_event_survives_a_killed_bus(battered_stack: RunningStack) -> None:
    """What JetStream has acknowledged is on the disk."""
    stack = battered_stack
    before = stack.wait_until_ready()["nats"]["pid"]
    await publish(stack, b"{}")
    os.kill(before, signal.SIGKILL)
    while stack.parts()["nats"]["pid"] in {before, None}:
        await asyncio.sleep(0.05)
    stack.wait_until_ready()
    assert await published(stack) == 1


async def publish(stack: RunningStack, body: bytes) -> None:
    """Says something on the bus, as intake, and waits for the acknowledgement."""
    nc = await connected(stack, "intake")
    await nc.jetstream().publish("dialogue.testby.submission.received.v1", body, timeout=60)
    await nc.close()


async def published(stack: RunningStack) -> int:
    """How many events the stream holds."""
    nc = await connected(stack, "operator")
    state = (await nc.jetstream().stream_info("DIALOGUE")).state
    await nc.close()
    return state.messages


async def connected(stack: RunningStack, user: str) -> nats.NATS:
    """A connection with the password of the data folder."""
    return await nats.connect(
        stack.folder.record().parts["nats"].address,
        user=user,
        password=stack.folder.secrets().nats[user],
        inbox_prefix=f"_INBOX_{user}",
        allow_reconnect=False,
    )

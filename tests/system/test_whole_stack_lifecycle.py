"""The whole stack, with its services, from an empty folder to a second start."""

import re
import signal
import time
from dataclasses import dataclass, field
from typing import Any

import httpx
import psutil
import pytest

from deploy.data_folder import PARTS
from deploy.processes import ProcessId
from tests.system.running_stack import WholeStack, WholeStarter

MEMORY_AT_REST = 600
"""MB for everything, the supervisor included."""
STOPPED_WITHIN = 10.0


@dataclass
class Life:
    """What was seen of a stack: its first start, a submission, its end, and its second start."""

    ready_after: float = 0.0
    megabytes: dict[str, float] = field(default_factory=dict)
    exit_code: int | None = None
    stopped_after: float = 0.0
    left_over: list[int] = field(default_factory=list)
    told: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    mails_before: list[str] = field(default_factory=list)
    mails_after: list[str] = field(default_factory=list)
    addresses: list[dict[str, str]] = field(default_factory=list)


def proportional_size(pid: int) -> float:
    """What a process and its children have in memory for themselves, in MB; what is shared is divided."""
    process = psutil.Process(pid)
    family = [process, *process.children(recursive=True)]
    return float(sum(one.memory_full_info().pss for one in family)) / 1e6


def case_page(stack: WholeStack, status_url: str) -> dict[str, Any]:
    """A resident's case, as the API tells it."""
    told: dict[str, Any] = httpx.get(status_url.replace("localhost", "127.0.0.1"), timeout=60).json()
    assert str(stack.port) in status_url
    return told


def until_mailed(stack: WholeStack, count: int) -> list[str]:
    """The Message-IDs in the mailbox, once there are so many."""
    end = time.monotonic() + 60
    while len(found := stack.mails()) < count:
        assert time.monotonic() < end
        time.sleep(0.1)
    return sorted(mail["message_id"] for mail in found)


@pytest.fixture(scope="module")
def life(whole_stack: WholeStarter) -> Life:
    """Lives it."""
    seen = Life()
    stack = whole_stack()
    parts = stack.wait_until_ready()
    seen.addresses.append({name: part["address"] for name, part in parts.items()})
    answer = httpx.post(
        f"http://127.0.0.1:{stack.port}/api/v1/submissions",
        json={
            "kind": "question",
            "text": "Når åpner biblioteket?",
            "topic": "bibliotek",
            "reply_wanted": True,
            "contact": {"email": "kari.prove@innbygger.example"},
        },
        timeout=60,
    )
    status_url = answer.raise_for_status().json()["status_url"]
    seen.mails_before = until_mailed(stack, 2)
    seen.before = case_page(stack, status_url)
    seen.megabytes = {name: proportional_size(part["pid"]) for name, part in parts.items()}
    seen.megabytes["supervisor"] = psutil.Process(stack.process.pid).memory_full_info().pss / 1e6

    began = time.monotonic()
    seen.exit_code = stack.stop(signal.SIGINT)
    seen.stopped_after = time.monotonic() - began
    seen.told = stack.told
    found = re.search(r"ready after ([\d.]+) s", seen.told)
    seen.ready_after = float(found[1]) if found else float("inf")
    seen.left_over = [part["pid"] for part in parts.values() if ProcessId.of(part["pid"])]

    again = whole_stack(data=stack.folder.path, port=stack.port)
    seen.addresses.append({name: part["address"] for name, part in again.wait_until_ready().items()})
    seen.after = case_page(again, status_url)
    seen.mails_after = until_mailed(again, 2)
    return seen


def test_it_says_when_it_is_ready_and_after_how_long(life: Life) -> None:
    """From an empty data folder, the database cluster and all tables made on the way; `make bench` measures it."""
    assert 0 < life.ready_after < float("inf")


def test_it_stays_small_at_rest(life: Life) -> None:
    """Everything together, which a laptop hardly notices."""
    assert set(life.megabytes) == {*PARTS, "supervisor"}
    assert sum(life.megabytes.values()) < MEMORY_AT_REST, life.megabytes


def test_ctrl_c_ends_it_within_seconds_and_leaves_nothing(life: Life) -> None:
    """No process, and no error."""
    assert (life.exit_code, life.left_over) == (0, [])
    assert life.stopped_after < STOPPED_WITHIN
    assert "killed" not in life.told


def test_a_second_start_goes_on_where_the_first_stopped(life: Life) -> None:
    """The same addresses, the case as it was, and no mail is sent a second time."""
    assert life.addresses[0] == life.addresses[1]
    assert life.after == life.before
    assert life.before["state"] == "in_progress"
    assert life.mails_after == life.mails_before

"""Running stacks for the tests, each in a folder and on a port of its own, and stopped whatever happens."""

import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from deploy.stack import MUNICIPALITIES
from tests.system.running_stack import RunningStack, Starter, WholeStack, WholeStarter, free_port


def configured(folder: Path) -> Path:
    """A configuration folder for the municipality `testby`, otherwise like `sorum`."""
    made = folder / "testby"
    shutil.copytree(MUNICIPALITIES / "sorum", made)
    organisation = made / "organisation.yaml"
    organisation.write_text(
        organisation.read_text(encoding="utf-8").replace("\nid: sorum\n", "\nid: testby\n"), encoding="utf-8"
    )
    return made


@pytest.fixture
def municipality(tmp_path: Path) -> Path:
    """The configuration folder of a municipality with the id `testby`."""
    return configured(tmp_path)


@pytest.fixture
def start(tmp_path: Path, municipality: Path) -> Generator[Starter]:
    """Starts stacks, by default on one folder and port, and stops what still runs after the test."""
    started: list[RunningStack] = []
    port = free_port()

    def start_stack(*words: str, data: Path = tmp_path / "data", port: int = port) -> RunningStack:
        started.append(RunningStack(data, port, "--municipality", str(municipality), *words))
        return started[-1]

    yield start_stack
    for stack in started:
        stack.stop()


@pytest.fixture(scope="module")
def shared_stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningStack]:
    """One running stack for the tests of a module that leave it as it is."""
    yield from _running(tmp_path_factory.mktemp("stack"))


@pytest.fixture(scope="module")
def battered_stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[RunningStack]:
    """One running stack for the tests that kill a part of it, and leave it ready again."""
    yield from _running(tmp_path_factory.mktemp("battered"))


def _running(folder: Path) -> Generator[RunningStack]:
    """A stack of `testby` that is ready, and is stopped in the end."""
    stack = RunningStack(folder / "data", free_port(), "--municipality", str(configured(folder)))
    try:
        stack.wait_until_ready()
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="module")
def whole_stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[WholeStarter]:
    """Starts stacks with all their services, each in a folder of its own, and stops what still runs."""
    started: list[WholeStack] = []

    def start_stack(*words: str, data: Path | None = None, port: int | None = None) -> WholeStack:
        folder = data or tmp_path_factory.mktemp("stack") / "data"
        started.append(WholeStack(folder, port or free_port(), *words))
        return started[-1]

    yield start_stack
    for stack in started:
        stack.stop()

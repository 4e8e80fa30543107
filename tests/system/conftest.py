"""Running stacks for the tests, each in a folder and on a port of its own, and stopped whatever happens."""

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.system.running_stack import RunningStack, Starter, free_port


@pytest.fixture
def municipality(tmp_path: Path) -> Path:
    """A configuration folder; the stand-ins do not read it."""
    folder = tmp_path / "testby"
    folder.mkdir()
    return folder


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
    folder = tmp_path_factory.mktemp("stack")
    (folder / "testby").mkdir()
    stack = RunningStack(folder / "data", free_port(), "--municipality", str(folder / "testby"))
    try:
        stack.wait_until_ready()
        yield stack
    finally:
        stack.stop()

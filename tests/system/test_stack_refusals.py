"""What a person can get wrong is one clear sentence and exit code 2, never a traceback."""

import socket
from pathlib import Path

import pytest
from typer.testing import CliRunner

from deploy.cli import app
from deploy.data_folder import DataFolder, StackRecord
from deploy.errors import StackError
from tests.system.running_stack import RunningStack, Starter, free_port, svarfrist


def refusal(*words: str) -> str:
    """The sentence a command ends with."""
    code, output, errors = svarfrist(*words)
    assert (code, output) == (2, "")
    assert errors.count("\n") == 1
    assert "Traceback" not in errors
    return errors.strip()


@pytest.fixture
def stopped(tmp_path: Path, municipality: Path) -> DataFolder:
    """A folder whose stack has been stopped, on real time."""
    folder = DataFolder(tmp_path / "data")
    with folder.locked():
        folder.remember(StackRecord("testby", str(municipality), public_port=free_port()))
    return folder


def test_a_taken_port(tmp_path: Path, municipality: Path) -> None:
    """Another program listens there."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        said = refusal(
            "up", "--data", str(tmp_path / "data"), "--municipality", str(municipality), "--port", str(port)
        )
    assert said == f"Port {port} is taken by another program: stop it, or choose another with --port."


def test_a_folder_that_cannot_be_written_to(tmp_path: Path, municipality: Path) -> None:
    """A file is in the way; for root, the only kind of folder that cannot be written to."""
    (tmp_path / "file").write_text("", encoding="utf-8")
    data = tmp_path / "file" / "data"
    said = refusal("up", "--data", str(data), "--municipality", str(municipality))
    assert said == (
        f"The data folder {data} cannot be written to (Not a directory): choose another with --data, "
        "or change its permissions."
    )


def test_a_folder_that_another_running_stack_uses(shared_stack: RunningStack) -> None:
    """Two stacks on the same data would destroy it."""
    said = refusal("up", "--data", str(shared_stack.folder.path))
    assert said == (
        f"The data folder {shared_stack.folder.path} is in use by another running stack "
        f"(process {shared_stack.process.pid}): stop that one, or choose another folder with --data."
    )


def test_a_folder_that_belongs_to_another_municipality(stopped: DataFolder) -> None:
    """The cases of one municipality never come under another's name."""
    said = refusal("up", "--data", str(stopped.path), "--municipality", "asker")
    assert said == (
        f"The data folder {stopped.path} belongs to the municipality testby, not asker: "
        "choose another folder with --data."
    )


def test_a_municipality_that_does_not_exist(tmp_path: Path) -> None:
    """Neither a folder nor a name that comes with the code."""
    said = refusal("up", "--data", str(tmp_path / "data"), "--municipality", "atlantis")
    assert said.startswith(
        "There is no municipality atlantis: give the path of a configuration folder, or a name"
    )


def test_a_municipality_with_a_fault(tmp_path: Path, municipality: Path) -> None:
    """The first fault with its file and line, and how to see all."""
    (municipality / "look.yaml").write_text("name: 1\n", encoding="utf-8")
    said = refusal("up", "--data", str(tmp_path / "data"), "--municipality", str(municipality))
    assert said.startswith(f"The configuration in {municipality} has ")
    assert ": look.yaml:1: " in said
    assert said.endswith(f"(all of them: svarfrist check {municipality})")


def test_a_damaged_record_is_named(stopped: DataFolder) -> None:
    """A half-restored backup, say."""
    (stopped.path / "stack.json").write_text("{", encoding="utf-8")
    said = refusal("up", "--data", str(stopped.path))
    assert said == (
        f"{stopped.path}/stack.json cannot be read: restore it from a backup, or choose another folder with --data."
    )


def test_the_status_of_a_folder_that_has_held_no_stack(tmp_path: Path) -> None:
    """Nothing to tell."""
    said = refusal("status", "--data", str(tmp_path))
    assert said == (
        f"There is no stack in {tmp_path}: start one with 'svarfrist up', or name its folder with --data."
    )


def test_the_clock_of_a_stack_on_real_time_does_not_move(stopped: DataFolder) -> None:
    """Nobody moves time where residents are promised an answer."""
    said = refusal("clock", "advance", "P8D", "--data", str(stopped.path))
    assert said == (
        f"The stack in {stopped.path} runs on real time: only one that was started with "
        "'svarfrist up --test-clock' can have its clock moved."
    )
    assert not stopped.clock.exists()


@pytest.mark.parametrize("text", ["8D", "P", "PT", "P1M", "P1Y", "-P1D", "P1DT", "P99999999999D"])
def test_a_clock_moves_by_durations_only(stopped: DataFolder, text: str) -> None:
    """Months and years have no length of their own, and time does not go back."""
    said = CliRunner().invoke(app, ["clock", "advance", "--data", str(stopped.path), "--", text]).exception
    assert isinstance(said, StackError)
    assert str(said) == f"{text} is not a duration: write days and hours as in P8D, PT2H or P1DT30M."


def test_a_test_clock_moves_on_from_where_it_is_after_a_restart_and_not_while_it_is_stopped(
    start: Starter,
) -> None:
    """The offset is kept with the data; services that do not run would not notice."""
    stack = start("--test-clock")
    stack.wait_until_ready()
    code, output, _ = svarfrist("clock", "advance", "P8D", "--data", str(stack.folder.path))
    assert code == 0
    assert output.startswith("It is now ")
    assert output.endswith(" in Oslo.\n")
    stack.stop()
    said = refusal("clock", "advance", "P8D", "--data", str(stack.folder.path))
    assert said == (
        f"The stack in {stack.folder.path} is not running: start it with 'svarfrist up --data {stack.folder.path}'."
    )
    start("--test-clock").wait_until_ready()
    assert svarfrist("clock", "advance", "PT2H30M", "--data", str(stack.folder.path))[0] == 0
    assert float(stack.folder.clock.read_text(encoding="ascii")) == 8 * 86400 + 9000

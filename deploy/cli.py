"""The command line. A command's module is imported only when the command is used."""

import sys
from importlib import import_module
from typing import cast

import typer
from typer.core import TyperCommand, TyperGroup

from deploy.errors import StackError

COMMANDS = {
    "up": "deploy.cli_up",
    "status": "deploy.cli_status",
    "clock": "deploy.cli_clock",
    "deadline": "deploy.cli_deadline",
    "check": "deploy.cli_check",
    "audit": "deploy.cli_audit",
    "dead-letters": "deploy.cli_dead_letters",
    "set-aside": "deploy.cli_set_aside",
    "indicators": "deploy.cli_indicators",
    "report": "deploy.cli_report",
    "replay": "deploy.cli_replay",
    "survey": "deploy.cli_survey",
    "promises": "deploy.cli_promises",
    "import": "deploy.cli_import",
    "simulate": "deploy.cli_simulate",
}
"""Command and module. The module has a Typer application `app`, or a function of the command's name."""


class _Commands(TyperGroup):
    def list_commands(self, _ctx: object) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: object, cmd_name: str) -> TyperCommand | None:
        if cmd_name not in COMMANDS:
            return None
        module = import_module(COMMANDS[cmd_name])
        application = getattr(module, "app", None)
        if application is None:
            application = typer.Typer(add_completion=False)
            application.command()(getattr(module, cmd_name))
        command = cast("TyperCommand", typer.main.get_command(application))
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

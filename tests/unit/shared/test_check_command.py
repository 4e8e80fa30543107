"""`svarfrist check FOLDER`."""

from datetime import date
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from deploy.cli_check import check as check_command
from shared import municipality
from tests.unit.shared.municipalities import Write, faults


@pytest.fixture
def app() -> typer.Typer:
    """The command on its own."""
    app = typer.Typer()
    app.command()(check_command)
    return app


def test_the_command_prints_each_fault_and_exits_with_one(app: typer.Typer, lillevik: Write) -> None:
    """As compilers do, so that editors can jump to the line."""
    result = CliRunner().invoke(app, [str(lillevik(("promises.yaml", "rule: P1W", "rule: P1X")))])
    assert result.exit_code == 1
    assert result.stdout.startswith("promises.yaml:3: 'rule': 'P1X' has an unknown unit 'X'; write P5D")


def test_the_command_sums_up_a_folder_without_faults(app: typer.Typer, lillevik: Write) -> None:
    """One line, exit 0."""
    result = CliRunner().invoke(app, [str(lillevik()), "--on", "2027-06-30"])
    assert (result.exit_code, result.stdout) == (
        0,
        "Lillevik kommune: 3 units, 6 people, 1 topic, no faults\n",
    )


def test_the_command_warns_of_a_promise_past_its_review_and_finds_no_fault_in_it(
    app: typer.Typer, lillevik: Write
) -> None:
    """On the day after, with file and line, and still exit 0."""
    result = CliRunner().invoke(app, [str(lillevik()), "--on", "2027-07-01"])
    assert result.exit_code == 0
    warning, summary = result.stdout.splitlines()
    assert warning == (
        "promises.yaml:5: warning: the promise 'garanti' was to be reviewed by 2027-06-30; review it and give "
        "it a new 'review_by', or end it with 'to'"
    )
    assert summary.endswith("no faults")


def test_an_own_text_that_nothing_reads_is_a_warning(lillevik: Write) -> None:
    """Misspelt, it would be left out in silence; of a page that is no more, it harms nobody."""
    folder = lillevik()
    (folder / "texts").mkdir()
    (folder / "texts" / "en.yaml").write_text("mail.greting: Dear resident\n", encoding="utf-8")
    assert faults(folder) == []
    assert [str(warning) for warning in municipality.warnings(folder, date(2026, 11, 16))] == [
        "texts/en.yaml:1: there is no text 'mail.greting', so nobody reads this one; did you mean 'mail.greeting'?"
    ]


def test_a_promise_that_has_ended_is_not_to_be_reviewed(lillevik: Write) -> None:
    """Nor is one that has no day for it."""
    ended = lillevik(("promises.yaml", "    to: 2026-12-31", "    to: 2026-12-31\n    review_by: 2026-06-30"))
    assert [warning.line for warning in municipality.warnings(ended, date(2026, 12, 31))] == [12]
    assert municipality.warnings(ended, date(2027, 1, 1)) == []


def test_the_command_says_in_one_sentence_that_there_is_no_such_folder(
    app: typer.Typer, tmp_path: Path
) -> None:
    """Exit 2, apart from a folder with faults."""
    result = CliRunner().invoke(app, [str(tmp_path / "nowhere")])
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr == (
        f"There is no folder {tmp_path / 'nowhere'}; "
        "give the path of a configuration folder, or one of asker and sorum.\n"
    )

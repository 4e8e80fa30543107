"""`svarfrist deadline` answers one instant in words and thousands of lines in JSON."""

import json
import random
from datetime import date
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from bench.due_days import due_on, oslo_day, questions
from bench.due_days import lines as as_lines
from deploy.cli_deadline import deadline as command
from shared.municipality.loading import SHIPPED

APP = typer.Typer()
APP.command()(command)


def _run(*arguments: str, lines: str | bytes = b"") -> tuple[int, str, str]:
    result = CliRunner().invoke(APP, arguments, input=lines)
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


def _answers(lines: str | bytes, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    code, printed, _ = _run(*arguments, lines=lines)
    return code, [json.loads(line) for line in printed.splitlines()]


def test_one_instant_is_answered_in_words() -> None:
    """The conclusion first, then how it came about."""
    assert _run("--received", "2026-12-18T14:03", "--rule", "P1W") == (
        0,
        (
            "Fristen er mandag 28. desember 2026.\n"
            "- Vi fikk henvendelsen fredag 18. desember 2026.\n"
            "- Én uke senere er det fredag 25. desember, som er første juledag.\n"
            "- Fristen flyttes til mandag 28. desember, fordi første juledag, andre juledag og søndag "
            "ikke er arbeidsdager.\n"
        ),
        "",
    )


@pytest.mark.parametrize(
    ("language", "words"),
    [("nb", "Fristen er mandag"), ("nn", "Fristen er måndag"), ("en", "The deadline is Monday")],
)
def test_the_words_come_in_the_language_asked_for(language: str, words: str) -> None:
    """Bokmål where none is asked for."""
    _, printed, _ = _run("--received", "2026-12-18T14:03", "--rule", "P1W", "--language", language)
    assert printed.startswith(words)


def test_one_instant_is_answered_as_json() -> None:
    """The due day, and each step with its days, reasons and sentence."""
    code, printed, _ = _run("--received", "2026-05-07T12:00", "--rule", "P1W", "--json", "--language", "en")
    assert code == 0
    closed = [{"day": "2026-05-14", "reasons": ["ascension_day"]}]
    assert json.loads(printed) == {
        "due_on": "2026-05-15",
        "steps": [
            {
                "kind": "received",
                "day": "2026-05-07",
                "closed": [],
                "text": "We received the enquiry on Thursday 7 May 2026.",
            },
            {
                "kind": "ends",
                "day": "2026-05-14",
                "closed": closed,
                "text": "One week later is Thursday 14 May, which is Ascension Day.",
            },
            {
                "kind": "moved",
                "day": "2026-05-15",
                "closed": closed,
                "text": "The deadline moves to Friday 15 May, because Ascension Day is not a working day.",
            },
        ],
    }


@pytest.mark.parametrize(
    ("received", "due_on"),
    [
        ("2026-12-18T14:03", "2026-12-28"),
        ("2026-12-18", "2026-12-28"),
        ("2026-12-18 14:03:59.5", "2026-12-28"),
        # 00:30 on the 18th in Oslo
        ("2026-12-17T23:30Z", "2026-12-28"),
        ("2026-12-17T23:30", "2026-12-24"),
        ("2026-12-17T23:30+00:00", "2026-12-28"),
        # the hour that does not exist, and the one that occurs twice
        ("2026-03-29T02:30", "2026-04-07"),
        ("2026-10-25T02:30", "2026-11-02"),
        # the first day of the calendar begins in the year before
        ("1969-12-31T23:30Z", "1970-01-08"),
    ],
)
def test_an_instant_without_a_zone_is_oslo_time(received: str, due_on: str) -> None:
    """And one with a zone is what it says."""
    code, printed, _ = _run("--received", received, "--rule", "P1W", "--json")
    assert code == 0
    assert json.loads(printed)["due_on"] == due_on


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--received", "yesterday", "--rule", "P1W"], "'yesterday' is no instant"),
        (["--received", "2026-02-30T12:00", "--rule", "P1W"], "'2026-02-30T12:00' is no instant"),
        (["--received", "", "--rule", "P1W"], "'' is no instant"),
        (["--received", "2026-12-18T14:03", "--rule", "P1H"], "unknown unit 'H'"),
        (["--received", "2026-12-18T14:03", "--rule", ""], "must begin with P"),
        (["--received", "2026-12-18T14:03"], "--received and --rule go together"),
        (["--rule", "P1W"], "--received and --rule go together"),
        (["--received", "2199-12-20", "--rule", "P1M"], "1970 to 2199, not 2200"),
        (["--received", "0001-01-01T00:00+14:00", "--rule", "P1W"], "1970 to 2199, not 1"),
        (["--received", "9999-12-31T23:59-11:00", "--rule", "P1W"], "1970 to 2199, not 9999"),
    ],
)
def test_bad_input_is_one_clear_sentence_and_exit_code_2(arguments: list[str], sentence: str) -> None:
    """On standard error, without a traceback, and nothing on standard output."""
    code, printed, said = _run(*arguments)
    assert (code, printed) == (2, "")
    assert sentence in said
    assert said.startswith("svarfrist deadline: ")
    assert said.count("\n") == 1


def _closed_at_christmas(tmp_path: Path) -> str:
    """Asker, with Christmas Eve and a day of its own closed."""
    folder = tmp_path / "stengt"
    copytree(SHIPPED / "asker", folder)
    promises = (folder / "promises.yaml").read_text("utf-8")
    promises = promises.replace("christmas_eve_closed: false", "christmas_eve_closed: true")
    promises = promises.replace("closed_days: {}", "closed_days: {2026-12-28: Romjulsstengt}")
    (folder / "promises.yaml").write_text(promises, "utf-8")
    return str(folder)


def test_a_municipality_s_closed_days_count_where_one_is_named(tmp_path: Path) -> None:
    """For one instant and for lines; without one, and in one without such days, the law's working days do."""
    folder = _closed_at_christmas(tmp_path)
    one = ("--received", "2026-12-18T14:03", "--rule", "P1W")
    assert _run(*one, "--municipality", folder)[1].startswith("Fristen er tirsdag 29. desember 2026.")
    assert "kommunens fridag (Romjulsstengt)" in _run(*one, "--municipality", folder)[1]
    _, answers = _answers("2026-12-18T14:03 P4WD", "--municipality", folder)
    assert answers[0]["due_on"] == "2026-12-29"
    assert _run(*one, "--municipality", "asker") == _run(*one)


def test_a_municipality_s_own_wording_is_used_where_it_is_named(tmp_path: Path) -> None:
    """In words and as JSON; without it, ours."""
    folder = str(tmp_path / "asker")
    copytree(SHIPPED / "asker", folder)
    (tmp_path / "asker" / "texts").mkdir(exist_ok=True)
    (tmp_path / "asker" / "texts" / "nb.yaml").write_text('deadline.answer: "Svar innen {day}."', "utf-8")
    one = ("--received", "2026-12-18T14:03", "--rule", "P1W")
    assert _run(*one, "--municipality", folder)[1].startswith("Svar innen mandag 28. desember 2026.")
    assert _run(*one)[1].startswith("Fristen er mandag 28. desember 2026.")


def test_an_unknown_municipality_is_one_clear_sentence_and_exit_code_2() -> None:
    """Before anything is read."""
    code, printed, said = _run("--municipality", "nowhere", lines="2026-12-18T14:03 P1W\n")
    assert (code, printed) == (2, "")
    assert said.startswith("svarfrist deadline: There is no folder nowhere")


def test_an_unknown_language_is_refused() -> None:
    """With the three there are."""
    code, printed, said = _run("--received", "2026-12-18", "--rule", "P1W", "--language", "sv")
    assert (code, printed) == (2, "")
    assert "--language" in said


def test_lines_are_answered_one_by_one_in_their_order() -> None:
    """A date and time may have a space between, and empty lines are passed over."""
    code, answers = _answers("2026-12-18T14:03 P1W\n\n  2026-12-24\tP1W \r\n2026-01-31 12:00 P1M")
    assert code == 0
    assert [answer["due_on"] for answer in answers] == ["2026-12-28", "2026-12-31", "2026-03-02"]


def test_a_bad_line_is_named_and_the_rest_still_answered() -> None:
    """The exit code tells that there was one."""
    lines = "2026-12-18T14:03 P1W\nnonsense\n2026-12-18T14:03 P1H\n\n9999-01-01 P1W\n2026-12-24T09:00 P1W\n"
    code, answers = _answers(lines)
    assert code == 1
    assert [answer.get("due_on") or answer["line"] for answer in answers] == [
        "2026-12-28",
        2,
        3,
        5,
        "2026-12-31",
    ]
    assert [set(answer) for answer in answers if "error" in answer] == [{"error", "line"}] * 3


def test_bytes_that_are_no_text_are_a_bad_line() -> None:
    """Not a crash halfway through a file."""
    code, answers = _answers(b"\xff\xfe\x00 P1W\n2026-12-24T09:00 P1W\n")
    assert code == 1
    assert [answer.get("due_on") for answer in answers] == [None, "2026-12-31"]


def test_no_lines_are_no_answers() -> None:
    """An empty file is not a fault."""
    assert _run() == (0, "", "")


def test_thousands_of_lines_each_agree_with_an_independent_oracle() -> None:
    """All years of the calendar, all units, with and without a zone; the oracle shares no code with us."""
    asked = questions(4000, random.Random(2026))  # noqa: S311 - any spread will do, the same each time
    code, answers = _answers(as_lines(asked))
    assert code == 0
    expected = [due_on(oslo_day(instant), rule) for instant, rule in asked]
    assert [date.fromisoformat(answer["due_on"]) for answer in answers] == expected

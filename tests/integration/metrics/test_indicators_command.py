"""`svarfrist indicators` against a data folder whose metrics service is a stand-in."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from deploy.cli_indicators import BadQuestionError, NoFiguresError, app
from deploy.data_folder import DataFolder, StackRecord
from deploy.errors import NoStackError, NotRunningError
from services.metrics.documents import as_json, report
from services.metrics.indicators import (
    Backlog,
    Dimension,
    Handover,
    Indicators,
    Promise,
    Received,
    Response,
    Satisfaction,
)
from services.metrics.periods import Period
from tests.integration.metrics import stand_in

PERIOD = ["--from", "2026-01-01", "--to", "2026-01-31"]
FIGURES = Indicators(
    Promise(due=8, kept=6, open_overdue=1),
    Response(n=7, median=2.25, p90=6.5),
    Received(praise=2, complaint=5, question=3),
    Backlog(date(2026, 1, 31), open=3, overdue=1, due_soon=1, oldest_days=12),
    Handover(),
    Satisfaction(),
)


class _Metrics(stand_in.Silent):
    asked: list[dict[str, list[str]]] = []  # noqa: RUF012 - of one test at a time
    status = 200

    def do_GET(self) -> None:  # noqa: N802 - the name http.server calls
        """Answers with one group and the whole."""
        url = urlsplit(self.path)
        assert url.path == "/internal/indicators"
        self.asked.append(parse_qs(url.query))
        period = Period(date(2026, 1, 1), date(2026, 1, 31))
        groups = {("vei",): FIGURES} if "by" in self.asked[-1] else None
        body = as_json(report(period, FIGURES, [Dimension.UNIT] if groups else [], groups)).encode()
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose stack runs."""
    _Metrics.asked.clear()
    _Metrics.status = 200
    with stand_in.running(_Metrics, tmp_path):
        yield tmp_path


def test_json_is_what_the_service_tells(folder: Path) -> None:
    """Of the period that was asked for, both days included."""
    result = CliRunner().invoke(app, [*PERIOD, "--json", "--data", str(folder)])
    told = json.loads(result.output)
    assert result.exit_code == 0
    assert _Metrics.asked == [{"from": ["2026-01-01"], "to": ["2026-01-31"], "organisation": ["then"]}]
    assert told["period"] == {"from": "2026-01-01", "to": "2026-01-31"}
    assert (
        told["promise"] | {"due": 8, "kept": 6, "broken": 2, "open_overdue": 1, "share": 0.75}
        == told["promise"]
    )
    response = told["response_days"]
    assert (response["median"], response["p90"], response["n"]) == (2.25, 6.5, 7)
    assert "groups" not in told


def test_without_json_the_figures_are_lines_for_people(folder: Path) -> None:
    """The whole first, then each group under its key."""
    result = CliRunner().invoke(app, [*PERIOD, "--by", "unit", "--data", str(folder)])
    lines = result.output.splitlines()
    assert lines[0] == "promises kept  75.0%  (6 of 8)"
    assert lines[1] == "response       median 2.2 days, 90 % within 6.5 days"
    assert lines[6] == "vei"
    assert lines[7] == lines[0]


def test_the_organisation_of_now_is_asked_for(folder: Path) -> None:
    """As the service calls it."""
    CliRunner().invoke(app, [*PERIOD, "--organisation", "now", "--data", str(folder)])
    assert _Metrics.asked[0]["organisation"] == ["now"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--from", "2026-02-01", "--to", "2026-01-31"], "The period ends"),
        ([*PERIOD, "--by", "caseworker"], "Figures cannot be grouped by caseworker"),
        ([*PERIOD, "--organisation", "soon"], "Figures are by the organisation of then or of now"),
    ],
)
def test_a_question_that_makes_no_sense_is_one_sentence(
    folder: Path, arguments: list[str], sentence: str
) -> None:
    """Nobody is asked."""
    result = CliRunner().invoke(app, [*arguments, "--data", str(folder)])
    assert isinstance(result.exception, BadQuestionError)
    assert str(result.exception).startswith(sentence)
    assert _Metrics.asked == []


def test_a_service_that_does_not_give_the_figures_is_one_sentence(folder: Path) -> None:
    """With what it answered."""
    _Metrics.status = 503
    result = CliRunner().invoke(app, [*PERIOD, "--data", str(folder)])
    assert isinstance(result.exception, NoFiguresError)
    assert "503" in str(result.exception)


def test_a_stack_that_does_not_run_is_one_sentence(tmp_path: Path) -> None:
    """And so is a folder that never had one."""
    arguments = [*PERIOD, "--data", str(tmp_path)]
    assert isinstance(CliRunner().invoke(app, arguments).exception, NoStackError)
    data = DataFolder(tmp_path)
    with data.locked():
        data.remember(StackRecord("sorum", "sorum", 8080))
    assert isinstance(CliRunner().invoke(app, arguments).exception, NotRunningError)

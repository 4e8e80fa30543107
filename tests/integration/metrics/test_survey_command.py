"""`svarfrist survey import` against a data folder whose metrics service is a stand-in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from deploy.cli_survey import NotImportedError, app
from deploy.data_folder import DataFolder, PartRecord, StackRecord
from deploy.errors import NotRunningError
from tests.integration.metrics import stand_in

RESULTS = "question;mean;n;scale;year\nTillit;4,1;312;6;2025\n"


class _Metrics(stand_in.Silent):
    heard: ClassVar[list[tuple[dict[str, list[str]], bytes]]] = []
    status = 200
    told: ClassVar[dict[str, object]] = {}

    def do_POST(self) -> None:  # noqa: N802 - the name http.server calls
        """Answers as the test says."""
        url = urlsplit(self.path)
        assert url.path == "/internal/surveys/import"
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.heard.append((parse_qs(url.query), content))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(json.dumps(self.told).encode())


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose stack runs, with a file of results."""
    _Metrics.heard.clear()
    _Metrics.status = 200
    (tmp_path / "results.csv").write_text(RESULTS, "utf-8")
    with stand_in.running(_Metrics, tmp_path):
        yield tmp_path


def test_a_file_is_sent_whole_and_what_it_did_is_told(folder: Path) -> None:
    """In one line, with exit 0."""
    _Metrics.told = {"new": 1, "changed": 0, "unchanged": 0, "refused": []}
    result = CliRunner().invoke(app, ["import", str(folder / "results.csv"), "--data", str(folder)])
    assert (result.exit_code, result.output) == (0, "new 1, changed 0, unchanged 0\n")
    assert _Metrics.heard == [({"source": ["bedrekommune.no"], "lang": ["en"]}, RESULTS.encode())]


def test_refused_rows_are_named_by_file_and_line(folder: Path) -> None:
    """And the command says by its exit that not all was used."""
    refused = [{"line": 3, "reason": "Fewer than five have answered, which we do not show."}]
    _Metrics.told = {"new": 1, "changed": 0, "unchanged": 0, "refused": refused}
    file = folder / "results.csv"
    result = CliRunner().invoke(app, ["import", str(file), "--data", str(folder)])
    assert result.exit_code == 1
    assert f"{file}:3: Fewer than five" in result.output
    as_json = CliRunner().invoke(app, ["import", str(file), "--json", "--data", str(folder)])
    assert json.loads(as_json.output)["refused"] == refused


def test_a_file_that_cannot_be_used_is_one_sentence(folder: Path) -> None:
    """Whether it is missing, no table, or the service is away."""
    file, missing = folder / "results.csv", folder / "none.csv"
    result = CliRunner().invoke(app, ["import", str(missing), "--data", str(folder)])
    assert str(result.exception) == f"{missing} was not imported: No such file or directory"
    _Metrics.status, _Metrics.told = 422, {"error": "The file lacks these columns: year."}
    result = CliRunner().invoke(app, ["import", str(file), "--data", str(folder)])
    assert isinstance(result.exception, NotImportedError)
    assert str(result.exception).endswith("The file lacks these columns: year.")
    _Metrics.status = 500
    result = CliRunner().invoke(app, ["import", str(file), "--data", str(folder)])
    assert "status 500" in str(result.exception)


def test_without_a_running_stack_nothing_is_sent(tmp_path: Path) -> None:
    """It says how to start one."""
    file = tmp_path / "results.csv"
    file.write_text(RESULTS, "utf-8")
    DataFolder(tmp_path).remember(
        StackRecord("sorum", "sorum", 8080, parts={"metrics": PartRecord("http://x", "http://x")})
    )
    result = CliRunner().invoke(app, ["import", str(file), "--data", str(tmp_path)])
    assert isinstance(result.exception, NotRunningError)

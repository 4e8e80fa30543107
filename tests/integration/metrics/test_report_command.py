"""`svarfrist report` against a data folder whose metrics service is a stand-in."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from typer.testing import CliRunner

from deploy.cli_report import NoReportError, NoSuchReportError, NotWrittenError, OnePlaceError, app
from deploy.errors import NoStackError
from tests.integration.metrics import stand_in

TERTIAL = ["tertial", "--period", "2026-T2"]


class _Metrics(stand_in.Silent):
    asked: list[dict[str, list[str]]] = []  # noqa: RUF012 - of one test at a time
    status = 200

    def do_GET(self) -> None:  # noqa: N802 - the name http.server calls
        """Answers with a report."""
        url = urlsplit(self.path)
        assert url.path == "/internal/report"
        self.asked.append(parse_qs(url.query))
        self.send_response(self.status)
        self.end_headers()
        self.wfile.write(b"%PDF-1.7")


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose stack runs."""
    _Metrics.asked.clear()
    _Metrics.status = 200
    with stand_in.running(_Metrics, tmp_path):
        yield tmp_path


def test_a_report_is_written_to_the_file_it_is_to_be_in(folder: Path) -> None:
    """Asked for as the command line has it; `-` is standard output."""
    file = folder / "rapport.pdf"
    asked = [*TERTIAL, "--format", "pdf", "--section", "skole", "--data", str(folder)]
    result = CliRunner().invoke(app, [*asked, "-o", str(file)])
    assert result.exit_code == 0
    assert file.read_bytes() == b"%PDF-1.7"
    assert _Metrics.asked == [
        {"kind": ["tertial"], "period": ["2026-T2"], "format": ["pdf"], "lang": ["nb"], "section": ["skole"]}
    ]
    assert CliRunner().invoke(app, [*asked, "-o", "-"]).stdout_bytes == b"%PDF-1.7"


def test_what_cannot_be_is_one_sentence_that_says_how_it_can(folder: Path, tmp_path: Path) -> None:
    """Two places at once, a period of another kind, a service that fails, a folder that is no stack's."""
    data = ["--data", str(folder)]
    both = CliRunner().invoke(app, [*TERTIAL, "--unit", "a", "--section", "b", *data])
    assert isinstance(both.exception, OnePlaceError)
    assert _Metrics.asked == []
    nowhere = CliRunner().invoke(app, [*TERTIAL, *data, "-o", str(tmp_path / "no" / "such.html")])
    assert isinstance(nowhere.exception, NotWrittenError)
    _Metrics.status = 404
    wrong = CliRunner().invoke(app, ["tertial", "--period", "2026-11", *data])
    assert isinstance(wrong.exception, NoSuchReportError)
    assert "such as 2026-T2" in str(wrong.exception)
    _Metrics.status = 503
    assert isinstance(CliRunner().invoke(app, [*TERTIAL, *data]).exception, NoReportError)
    other = CliRunner().invoke(app, [*TERTIAL, "--data", str(tmp_path / "other")])
    assert isinstance(other.exception, NoStackError)

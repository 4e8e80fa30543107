"""Boston's requests through `svarfrist import` and `indicators`, against pandas; and a simulated year beside it."""

import csv
import io
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from deploy.data_folder import SERVICES
from deploy.settling import running_parts
from tests.system.running_stack import WholeStack, WholeStarter, svarfrist

BOSTON = Path(__file__).parents[2] / ".." / "shared" / "data" / "boston311_sample5k_recent.csv.gz"
ZONE = "America/New_York"
MAP = f"""
timezone = "{ZONE}"
system = "boston311"
[columns]
reference = "CASE_ENQUIRY_ID"
received = "OPEN_DT"
due = "TARGET_DT"
answered = "CLOSED_DT"
unit = "Department"
topic = "TYPE"
area = "neighborhood"
channel = "Source"
kind = {{ value = "complaint" }}
"""
PERIODS = [
    (date(2015, 1, 1), date(2024, 12, 31)),
    (date(2019, 1, 1), date(2019, 12, 31)),
    (date(2023, 3, 5), date(2023, 11, 12)),
]
needs_boston = pytest.mark.skipif(
    not BOSTON.is_file(), reason="the shared data is not beside this checkout: ../shared/data (see docs)"
)


@pytest.fixture(scope="module")
def stack(whole_stack: WholeStarter) -> WholeStack:
    """One stack for all tests here, which leave it without invented figures."""
    started = whole_stack("--municipality", "sorum")
    started.wait_until_ready()
    return started


def told(stack: WholeStack, *words: str) -> Any:
    """What a command prints as JSON."""
    code, out, errors = svarfrist(*words, "--json", "--data", str(stack.folder.path))
    assert (code, errors) == (0, ""), errors
    return json.loads(out)


def boston(stack: WholeStack, folder: Path) -> Any:
    """Imports it; the same again changes nothing."""
    (folder / "boston.toml").write_text(MAP, encoding="utf-8")
    return told(stack, "import", str(BOSTON), "--map", str(folder / "boston.toml"))


@needs_boston
def test_kept_broken_medians_and_percentiles_are_those_of_pandas(stack: WholeStack, tmp_path: Path) -> None:
    """In several periods, whole and by department, exactly; days are Boston's."""
    report = boston(stack, tmp_path)
    assert (report["rows"], report["refused"], report["reasons"]) == (4995, 0, {"answered_occurs_twice": 1})
    cases = pd.read_csv(BOSTON, parse_dates=["OPEN_DT", "TARGET_DT", "CLOSED_DT"])
    local = {
        name: cases[name].dt.tz_localize(ZONE, ambiguous=[True] * len(cases))
        for name in ("OPEN_DT", "CLOSED_DT")
    }
    cases["days"] = (local["CLOSED_DT"] - local["OPEN_DT"]) / pd.Timedelta(days=1)
    compared = 0
    day = {name: cases[name].dt.normalize() for name in ("OPEN_DT", "TARGET_DT", "CLOSED_DT")}
    for first, last in PERIODS:
        shown = told(stack, "indicators", "--from", str(first), "--to", str(last), "--by", "unit")
        within = {name: days.between(pd.Timestamp(first), pd.Timestamp(last)) for name, days in day.items()}
        # Another test here imports open cases of no unit, which stand in every later period.
        groups = {group["key"]["unit"]: group for group in shown["groups"] if group["key"]["unit"]}
        for unit, group in [(None, shown), *groups.items()]:
            those = cases["Department"].eq(unit) if unit else cases["Department"].notna()
            due = those & within["TARGET_DT"]
            kept = (due & (day["CLOSED_DT"] <= day["TARGET_DT"])).sum()
            answered = cases[those & within["CLOSED_DT"]]["days"]
            received = (those & within["OPEN_DT"]).sum()
            assert group["promise"]["due"] == due.sum()
            assert group["promise"]["kept"] == kept
            assert group["promise"]["broken"] == due.sum() - kept
            assert group["response_days"]["n"] == len(answered)
            assert group["received"]["complaint"] == received
            for name, share in (("median", 0.5), ("p90", 0.9)):
                expected = None if answered.empty else round(float(answered.quantile(share)), 6)
                assert group["response_days"][name] == pytest.approx(expected, abs=1.1e-6)
            compared += 1
    assert compared > 20


@needs_boston
def test_the_same_file_again_changes_nothing_and_a_changed_row_what_it_says(
    stack: WholeStack, tmp_path: Path
) -> None:
    """A row that is changed back is as it was, and the audit has nothing to say about any of it."""
    boston(stack, tmp_path)
    year = ("indicators", "--from", "2022-01-01", "--to", "2022-12-31")
    before = told(stack, *year)
    text = pd.read_csv(BOSTON, dtype=str, keep_default_na=False)
    chosen = text.index[text["CLOSED_DT"].str.startswith("2022-06")][:3]
    changed = text.copy()
    changed.loc[chosen, "CLOSED_DT"] = ""
    changed.to_csv(tmp_path / "changed.csv", index=False)
    report = told(stack, "import", str(tmp_path / "changed.csv"), "--map", str(tmp_path / "boston.toml"))
    assert (report["changed"], report["new"], report["unchanged"]) == (3, 0, 4992)
    assert told(stack, *year)["response_days"]["n"] == before["response_days"]["n"] - 3
    assert boston(stack, tmp_path)["changed"] == 3
    assert told(stack, *year) == before
    assert svarfrist("audit", "--data", str(stack.folder.path))[::2] == (0, "")


def test_rows_are_refused_by_number_and_beside_the_rest_nothing_is_simulated(
    stack: WholeStack, tmp_path: Path
) -> None:
    """As the report says; so is a map whose column is not there, and a year that would mix with real cases."""
    (tmp_path / "arkiv.toml").write_text(
        'timezone = "Europe/Oslo"\n[columns]\nreference = "Nr"\nreceived = "Inn"\ndue = "Frist"\nanswered = "Ut"\n',
        encoding="utf-8",
    )
    rows = [
        "Nr;Inn;Frist;Ut",
        "1;2014-01-05;;",
        "2;i går;;",
        "3;2014-03-01;2014-02-01;",
        "4;2014-01-05;;2014-01-04",
    ]
    (tmp_path / "saker.csv").write_text("\n".join(rows), encoding="latin-1")
    words = ("import", str(tmp_path / "saker.csv"), "--map", str(tmp_path / "arkiv.toml"))
    report = told(stack, *words, "--report", str(tmp_path / "rapport.csv"))
    assert (report["imported"], report["refused"]) == (2, 2)
    written = list(csv.DictReader(io.StringIO((tmp_path / "rapport.csv").read_text("utf-8"))))
    assert [(row["row"], row["outcome"], row["reason"]) for row in written] == [
        ("3", "refused", "bad_received"),
        ("4", "kept", "due_before_received"),
        ("5", "refused", "answered_before_received"),
    ]
    (tmp_path / "saker.csv").write_text("Nr;Innkommet;Frist;Ut\n", encoding="utf-8")
    code, out, errors = svarfrist(*words, "--data", str(stack.folder.path))
    assert (code, out) == (2, "")
    assert "no column 'Inn' (for received). It has: Nr, Innkommet, Frist, Ut" in errors
    code, _, errors = svarfrist("simulate", "--year", "2024", "--data", str(stack.folder.path))
    assert (code, "real or imported cases" in errors) == (2, True)


async def test_a_simulated_year_is_marked_reaches_metrics_alone_and_can_be_removed(
    whole_stack: WholeStarter,
) -> None:
    """The same seed is the same year; every page and answer says that it is invented, until it is removed."""
    stack = whole_stack("--municipality", "sorum")
    stack.wait_until_ready()
    data = ("--data", str(stack.folder.path))
    year = ("indicators", "--from", "2024-01-01", "--to", "2024-12-31")
    simulate = ("simulate", "--year", "2024", "--residents", "1500", *data)
    code, out, _ = svarfrist(*simulate)
    assert (code, "213 submissions of 1,500 residents in 2024" in out) == (0, True)
    figures = told(stack, *year, "--by", "unit")
    assert figures["invented"] is True
    assert figures["received"]["total"] == 213
    assert svarfrist(*simulate)[0] == 0
    assert told(stack, *year, "--by", "unit") == figures
    assert svarfrist(*simulate, "--seed", "2")[0] == 2
    _, page, headers = stack.get("/resultater")
    assert "site-notice" in page
    assert headers["svarfrist-invented"] == "true"
    async with running_parts(stack.folder) as parts:
        heard: Mapping[str, int] = {
            service: await parts.databases[service].fetchval("SELECT count(*) FROM inbox")
            for service in SERVICES
        }
    assert [service for service, count in heard.items() if count] == ["metrics"]
    assert stack.mails() == []
    assert svarfrist("audit", *data)[::2] == (0, "")
    code, out, _ = svarfrist("simulate", "--remove", *data)
    assert (code, "213 invented cases are removed" in out) == (0, True)
    assert told(stack, *year)["received"]["total"] == 0
    assert svarfrist("replay", "metrics", *data)[::2] == (0, "")
    assert "invented" not in told(stack, *year)
    assert svarfrist("audit", *data)[::2] == (0, "")
    assert svarfrist(*simulate)[0] == 0
    assert told(stack, *year, "--by", "unit") == figures

"""What operators read and load is true: the retry table, the alerts, and what to do about each."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from services.notify.settings import RETRY_DELAYS
from tests.exposed_metrics import exposed_metrics, metrics_named_in

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
_DURATION = re.compile(r"(\d+(ms|[smhdwy]))+")
_LABELS = {"severity"}


def alerts() -> list[dict[str, Any]]:
    """Every rule of the file."""
    groups = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def in_words(seconds: float) -> str:
    """`1 h 51 min`, as the table has it."""
    hours, minutes = divmod(round(seconds / 60), 60)
    return " ".join(part for part in (f"{hours} h" * (hours > 0), f"{minutes} min" * (minutes > 0)) if part)


def test_the_published_retry_table_is_the_one_in_force() -> None:
    """Row by row, and at least 72 hours in all."""
    since, rows = 0.0, []
    for number, delay in enumerate(RETRY_DELAYS, start=2):
        since += delay
        rows.append(f"| {number} | {in_words(delay)} | {in_words(since)} |")
    assert "\n".join(rows) + "\n\n" in OPERATIONS
    assert since >= 72 * 3600


def test_the_alerts_are_rules_as_prometheus_reads_them() -> None:
    """Groups with names, rules with the keys there are, durations."""
    document = yaml.safe_load(ALERTS.read_text("utf-8"))
    assert set(document) == {"groups"}
    for group in document["groups"]:
        assert set(group) <= {"name", "interval", "limit", "rules"}
        assert isinstance(group["name"], str)
    names = [rule["alert"] for rule in alerts()]
    assert len(names) == len(set(names))
    for rule in alerts():
        assert set(rule) <= {"alert", "expr", "for", "keep_firing_for", "labels", "annotations"}
        assert re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", rule["alert"])
        assert _DURATION.fullmatch(rule.get("for", "1m"))
        assert set(rule["labels"]) == _LABELS
        assert rule["labels"]["severity"] in {"critical", "warning", "info"}


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_an_alerts_expression_is_promql_and_yields_a_vector(rule: dict[str, Any]) -> None:
    """By a parser that knows the functions and checks their types; an alert fires for the series it gives."""
    compared = promql_parser.parse(rule["expr"])
    assert isinstance(compared, promql_parser.BinaryExpr)


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_an_alert_reads_only_metrics_that_there_are(rule: dict[str, Any]) -> None:
    """A misspelt one would never fire."""
    read = metrics_named_in(rule["expr"])
    assert read or rule["expr"].startswith("up{")
    assert read <= exposed_metrics()


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_an_alert_says_what_is_wrong_and_where_to_read_what_to_do(rule: dict[str, Any]) -> None:
    """Summary, description, and a section of its own in docs/operations.md."""
    said = rule["annotations"]
    assert set(said) == {"summary", "description", "runbook"}
    assert all(said.values())
    assert said["runbook"] == f"docs/operations.md#{rule['alert'].lower()}"
    section = re.search(rf"^### {rule['alert']}\n(.+)$", OPERATIONS, re.MULTILINE)
    assert section, f"docs/operations.md has no section {rule['alert']}"
    assert len(section[1]) > 80


def test_every_runbook_section_is_of_an_alert_there_is() -> None:
    """What was renamed or removed is not left behind."""
    sections = set(re.findall(r"^### (Svarfrist\w+)$", OPERATIONS, re.MULTILINE))
    assert sections == {rule["alert"] for rule in alerts()}


def test_what_an_alert_counts_is_exposed_before_the_first_time_it_happens() -> None:
    """A series that begins at its first count has not increased: the first failure would raise no alarm."""
    script = (
        "from tests.exposed_metrics import exposed_metrics; exposed_metrics()\n"
        "from prometheus_client import REGISTRY\n"
        "for metric in REGISTRY.collect():\n"
        "    if metric.type == 'counter' and not metric.samples: print(metric.name + '_total')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    counted = {
        name for rule in alerts() for name in metrics_named_in(rule["expr"]) if name.endswith("_total")
    }
    assert counted
    assert counted.isdisjoint(done.stdout.split())

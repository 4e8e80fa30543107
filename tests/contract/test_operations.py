"""What operators read and load is true: the retry table, the alerts, and what to do about each."""

import re
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import REGISTRY

from deploy.data_folder import SERVICES
from services.notify.settings import RETRY_DELAYS

ROOT = Path(__file__).parents[2]
OPERATIONS = (ROOT / "docs" / "operations.md").read_text("utf-8")
ALERTS = ROOT / "deploy" / "prometheus" / "alerts.yaml"
PROMETHEUS_OWN = {"up"}
_DURATION = re.compile(r"(\d+(ms|[smhdwy]))+")
_WORDS = {"and", "or", "by", "on"}
_LABELS = {"severity"}


def alerts() -> list[dict[str, Any]]:
    """Every rule of the file."""
    groups = yaml.safe_load(ALERTS.read_text("utf-8"))["groups"]
    return [rule for group in groups for rule in group["rules"]]


def exposed() -> set[str]:
    """The names of all samples that the services' /metrics can have."""
    for service in SERVICES:
        import_module(f"services.{service}.app")
    names: set[str] = set()
    for family in REGISTRY.collect():
        names |= {sample.name for sample in family.samples}
        names.add(f"{family.name}_total" if family.type == "counter" else family.name)
    return names


def metrics_in(expression: str) -> set[str]:
    """The metrics a PromQL expression reads."""
    without_labels = re.sub(r'\{[^}]*\}|\b(?:by|on)\s*\([^)]*\)|\[[^\]]*\]|"[^"]*"', " ", expression)
    names = re.findall(r"[a-zA-Z_:][a-zA-Z0-9_:]*(?!\s*\(|[a-zA-Z0-9_:])", without_labels)
    return {name for name in names if name not in _WORDS}


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
    """Groups with names, rules with the keys there are, expressions with balanced brackets, durations."""
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
        for opening, closing in ("()", "[]", "{}"):
            assert rule["expr"].count(opening) == rule["expr"].count(closing)
        for word in ("{{", "}}"):
            assert word not in rule["expr"]


@pytest.mark.parametrize("rule", alerts(), ids=lambda rule: rule["alert"])
def test_an_alert_reads_only_metrics_that_there_are(rule: dict[str, Any]) -> None:
    """A misspelt one would never fire."""
    read = metrics_in(rule["expr"])
    assert read
    assert read <= exposed() | PROMETHEUS_OWN


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

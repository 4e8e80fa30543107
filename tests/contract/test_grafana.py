"""The Grafana dashboard asks only for what there is."""

import json
import re
from pathlib import Path
from typing import Any

import promql_parser

from tests.exposed_metrics import exposed_metrics, metrics_named_in

PATH = Path(__file__).parents[2] / "deploy" / "grafana" / "svarfrist.json"


def panels() -> list[dict[str, Any]]:
    """All panels that ask for something."""
    found = json.loads(PATH.read_text("utf-8"))["panels"]
    return [panel for panel in found if panel["type"] != "row"]


def test_every_metric_of_the_dashboard_is_exposed() -> None:
    """A renamed metric would leave a panel empty, and nobody would see why."""
    asked = {
        name for panel in panels() for target in panel["targets"] for name in metrics_named_in(target["expr"])
    }
    assert len(asked) > 10
    assert asked <= exposed_metrics()


def test_every_query_of_the_dashboard_is_promql() -> None:
    """By a parser that knows the functions and checks their types, with Grafana's variables filled in."""
    queries = [target["expr"] for panel in panels() for target in panel["targets"]]
    for query in queries:
        assert promql_parser.parse(re.sub(r"\$__(rate_)?interval", "5m", query))


def test_every_panel_asks_and_none_lies_on_another() -> None:
    """Each has a query of the chosen source, a title, an id and a place of its own."""
    taken: set[tuple[int, int]] = set()
    for panel in panels():
        assert panel["title"]
        assert all(
            target["expr"] and target["datasource"]["uid"] == "${source}" for target in panel["targets"]
        )
        place = panel["gridPos"]
        cells = {
            (x, y)
            for x in range(place["x"], place["x"] + place["w"])
            for y in range(place["y"], place["y"] + place["h"])
        }
        assert not cells & taken
        taken |= cells
        assert place["x"] + place["w"] <= 24
    assert len({panel["id"] for panel in panels()}) == len(panels())


PANEL = {"id", "type", "title", "description", "datasource", "gridPos", "targets", "options", "fieldConfig"}
FIELD = {"unit", "min", "max", "decimals", "thresholds", "color", "custom", "mappings", "displayName"}
TARGET = {"datasource", "expr", "legendFormat", "refId", "range", "instant", "format", "editorMode"}


def test_every_panel_has_what_grafanas_schema_asks_and_nothing_it_does_not_know() -> None:
    """Of kinds/dashboard/dashboard_kind.cue: options, fields with defaults and overrides, steps from the lowest."""
    for panel in panels():
        assert set(panel) == PANEL, panel["title"]
        fields = panel["fieldConfig"]
        assert set(fields) == {"defaults", "overrides"}
        assert set(fields["defaults"]) <= FIELD
        steps = [step["value"] for step in fields["defaults"].get("thresholds", {"steps": []})["steps"]]
        assert steps[:1] in ([], [None])
        assert steps[1:] == sorted(steps[1:])
        assert all(set(target) <= TARGET for target in panel["targets"])
        names = [target["refId"] for target in panel["targets"]]
        assert len(set(names)) == len(names)

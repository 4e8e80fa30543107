"""The Grafana dashboard asks only for what there is."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser

from tests.exposed_metrics import exposed_metrics, gauges, labels_of_metrics, metrics_named_in

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


def selectors(expression: Any) -> Iterator[Any]:
    """Every choice of series in a query."""
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression
    for part in ("expr", "lhs", "rhs", "vector_selector"):
        if (inner := getattr(expression, part, None)) is not None:
            yield from selectors(inner)
    for argument in getattr(expression, "args", None) or ():
        yield from selectors(argument)


def aggregates(expression: Any) -> Iterator[Any]:
    """Every sum, maximum and so on of a query, the outermost first."""
    if isinstance(expression, promql_parser.AggregateExpr):
        yield expression
    for part in ("expr", "lhs", "rhs"):
        if (inner := getattr(expression, part, None)) is not None:
            yield from aggregates(inner)
    for argument in getattr(expression, "args", None) or ():
        yield from aggregates(argument)


def parsed() -> Iterator[tuple[Any, str]]:
    """Every query, and what its series are called in the legend."""
    for panel in panels():
        for target in panel["targets"]:
            query = re.sub(r"\$__(rate_)?interval", "5m", target["expr"])
            yield promql_parser.parse(query), target["legendFormat"]


def test_every_label_of_the_dashboard_is_one_its_metric_has() -> None:
    """What is grouped by, chosen by and written in the legend; `job` and `instance` are Prometheus' own."""
    given = {"job", "instance"}
    for query, legend in parsed():
        for aggregate in aggregates(query):
            (metric,) = selectors(aggregate)
            known = labels_of_metrics()[metric.name] | given
            grouped = set(aggregate.modifier.labels) if aggregate.modifier else set()
            chosen = {matcher.name for matcher in metric.matchers.matchers}
            assert grouped | chosen <= known, metric.name
        outermost = next(aggregates(query))
        shown = set(re.findall(r"{{(\w+)}}", legend))
        assert shown == (set(outermost.modifier.labels) if outermost.modifier else set())


def test_what_every_copy_of_a_service_tells_is_not_added_up() -> None:
    """A gauge is read from the database or the bus that the copies share: their sum would count it twice."""
    for query, _ in parsed():
        for aggregate in aggregates(query):
            (metric,) = selectors(aggregate)
            if metric.name in gauges() and isinstance(aggregate.expr, promql_parser.VectorSelector):
                assert str(aggregate.op) == "max", metric.name
                grouped = set(aggregate.modifier.labels) if aggregate.modifier else set()
                assert labels_of_metrics()[metric.name] <= grouped, metric.name


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

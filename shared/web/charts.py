"""Charts drawn on the server as SVG, each with the same figures as a table.

    chart = bar(say.text("insight.by_unit"), ["Skole", "Kultur"], [0.93, 0.7], shown=say.pct, column=...)
    {{ c.chart_with_table(chart) }}

The drawing has no style, script or address in it, so it stands in a page under the strict policy; app.css
colours it. Series are told apart by lightness, pattern of the line and a legend, never by colour alone.
A chart takes about 5 ms; draw it aside or keep it where a page has many.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from xml.etree import ElementTree as ET

from markupsafe import Markup

from shared.web.drawing import Graph, HorizontalBar, Line, StackedBar, Style
from shared.web.i18n import NO_FIGURE

SVG = "http://www.w3.org/2000/svg"
_WIDTH = 500
_FONT = 14
_MOST_LABELS = 9
_LONGEST_LABEL = 26
_UNSEEN = {"style", "script", "defs", "title", "desc"}
_UNSEEN_CLASSES = {"background", "tooltip-overlay", "titles", "tooltip"}
_KEPT_CLASSES = re.compile(
    r"^(pygal-chart|graph|[\w-]+-graph|horizontal|vertical|plot|axis|x|y|guides|guide|major"
    r"|line|series|serie-\d+|bars?|rect|dots?|text-overlay|value|always_show|nofill)$"
)
_METRICS = Style(
    font_family="sans-serif",
    label_font_size=_FONT,
    major_label_font_size=_FONT,
    value_font_size=_FONT,
    legend_font_size=_FONT,
)

Shown = Callable[[float | None], str]
Figures = Sequence[float | None]

ET.register_namespace("", SVG)


@dataclass(frozen=True)
class Chart:
    """A drawing, and the table of the same figures as `components.html` wants it."""

    title: str
    svg: Markup
    columns: Sequence[str | tuple[str, str]]
    rows: Sequence[Sequence[str]]
    legend: Sequence[str] = ()
    note: str = ""
    drawn: str = "bar"


def bar(
    title: str,
    labels: Sequence[str],
    figures: Figures,
    *,
    shown: Shown,
    column: tuple[str, str],
    note: str = "",
    most: float | None = None,
) -> Chart:
    """Draw horizontal bars, the first label on top, each with its figure written beside it.

    :param column: headings of the labels and of the figures in the table.
    :param most: the end of the scale, 1 for shares; by itself where it is not given.
    """
    graph = HorizontalBar(
        **_options(height=56 + 34 * max(1, len(labels)), shown=shown),
        print_values=True,
        print_values_position="top",
        show_x_labels=False,
        show_x_guides=False,
        range=(0, (most or max([figure or 0 for figure in figures], default=0) or 1) * 1.12),
    )
    # pygal draws the first at the bottom.
    graph.x_labels = [_short(label) for label in reversed(labels)]
    graph.add("", list(reversed(figures)))
    rows = [[label, shown(figure)] for label, figure in zip(labels, figures, strict=True)]
    return Chart(title, _drawing(graph, title, rows), [column[0], (column[1], "number")], rows, (), note)


def stacked_bar(
    title: str,
    labels: Sequence[str],
    series: Mapping[str, Figures],
    *,
    shown: Shown,
    column: str,
    note: str = "",
) -> Chart:
    """Draw one upright bar a label, with the series on top of each other, the first at the bottom."""
    graph = StackedBar(**_options(height=320, shown=shown), **_sparse(labels))
    return _of_series(graph, title, labels, series, shown, column, note)


def line(
    title: str,
    labels: Sequence[str],
    series: Mapping[str, Figures],
    *,
    shown: Shown,
    column: str,
    note: str = "",
    most: float | None = None,
) -> Chart:
    """Draw a line a series; a gap where there is no figure. The scale begins at zero."""
    highest = max((figure or 0 for figures in series.values() for figure in figures), default=0)
    graph = Line(
        **_options(height=320, shown=shown),
        **_sparse(labels),
        range=(0, most or highest or 1),
        dots_size=4,
        allow_interruptions=True,
    )
    return replace(_of_series(graph, title, labels, series, shown, column, note), drawn="line")


def _of_series(
    graph: Graph,
    title: str,
    labels: Sequence[str],
    series: Mapping[str, Figures],
    shown: Shown,
    column: str,
    note: str,
) -> Chart:
    graph.x_labels = list(labels)
    for name, figures in series.items():
        graph.add(name, list(figures))
    rows = [
        [label, *(shown(figures[position]) for figures in series.values())]
        for position, label in enumerate(labels)
    ]
    columns: list[str | tuple[str, str]] = [column, *((name, "number") for name in series)]
    return Chart(title, _drawing(graph, title, rows), columns, rows, tuple(series), note)


def _options(*, height: int, shown: Shown) -> dict[str, object]:
    return {
        "width": _WIDTH,
        "height": height,
        "style": _METRICS,
        "css": [],
        "js": [],
        "show_legend": False,
        "margin": 12,
        "max_scale": 6,
        "truncate_label": -1,
        "value_formatter": shown,
        "formatter": shown,
        "disable_xml_declaration": True,
        "no_data_text": NO_FIGURE,
    }


def _sparse(labels: Sequence[str]) -> dict[str, object]:
    every = -(-len(labels) // _MOST_LABELS)
    return {} if every <= 1 else {"x_labels_major_every": every, "show_minor_x_labels": False}


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1].rstrip() + "…"


def _drawing(graph: Graph, title: str, rows: Sequence[Sequence[str]]) -> Markup:
    root: ET.Element = ET.fromstring(graph.render())  # noqa: S314 - drawn by ourselves a moment ago
    _bare(root)
    root.attrib.pop("id", None)
    root.set("role", "img")
    root.set("aria-label", title)
    described = ET.Element(f"{{{SVG}}}desc")
    described.text = "; ".join(": ".join([row[0], ", ".join(row[1:])]) for row in rows)
    root.insert(0, described)
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 - ElementTree has escaped every text


def _bare(element: ET.Element) -> None:
    """Take out what the policy would block or a screen reader should not hear."""
    for child in list(element):
        classes = set(child.get("class", "").split())
        if _local(child) in _UNSEEN or classes & _UNSEEN_CLASSES:
            element.remove(child)
        else:
            _bare(child)
    element.attrib.pop("style", None)
    element.attrib.pop("id", None)
    kept = [name for name in element.get("class", "").split() if _KEPT_CLASSES.match(name)]
    element.attrib.pop("class", None)
    if kept:
        element.set("class", " ".join(kept))


def _local(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2]

"""Charts drawn on the server as SVG, each with the same figures as a table.

    chart = bar(say.text("insight.by_unit"), ["Skole", "Kultur"], [0.93, 0.7], shown=say.pct, column=...)
    {{ c.chart_with_table(chart) }}

The drawing has no style, script or address in it, so it stands in a page under the strict policy; app.css
colours it. Series are told apart by lightness, pattern of the line and a legend, never by colour alone.
A chart takes about 5 ms; draw it aside or keep it where a page has many.
"""

import re
import textwrap
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from markupsafe import Markup

from shared.web.drawing import XY, Graph, HorizontalBar, Line, Style
from shared.web.i18n import NO_FIGURE

SVG = "http://www.w3.org/2000/svg"
_WIDTH = 500
_FONT = 14
_MOST_LABELS = 9
_MOST_MONTHS = 5
_LONGEST_LABEL = 26
_LINE = 18
_MOST_OF_A_LINE = 60
"""Letters of a notice at 14 px: what has room in 500."""
_UNSEEN = {ET.Comment, "style", "script", "defs", "title", "desc"}
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

_SIGNS: Mapping[str, Sequence[tuple[str, str]]] = {
    "control": [("serie-0", "line"), ("serie-1", "line"), ("serie-2", "line"), ("serie-4", "dot")],
    "intervals": [("serie-0", "dot"), ("serie-1", "line"), ("serie-2", "line")],
}
_ALONE = """
svg { background: #fff; font: 14px sans-serif; }
text { font: 14px sans-serif; fill: #3b4250; }
.notice { font-weight: bold; }
.axis.y text { text-anchor: end; } .axis.x text { text-anchor: middle; }
.horizontal .text-overlay text { text-anchor: start; }
.axis path { fill: none; stroke: #e3e6ea; } .axis.x path { stroke: none; }
.series rect { fill: #0b5394; } .serie-1 rect { fill: #f0a830; } .serie-2 rect { fill: #6b7a90; }
.serie-3 rect { fill: #c5cbd3; stroke: #3b4250; }
.series path.line { fill: none; stroke: #0b5394; stroke-width: 2.5; }
.series circle { fill: #0b5394; }
.serie-1 path.line { stroke: #9a5b00; stroke-dasharray: 7 4; } .serie-1 circle { fill: #9a5b00; }
[data-drawn="control"] :is(.serie-2, .serie-3) path.line { stroke: #6b7a90; stroke-dasharray: 2 3; }
[data-drawn="control"] .serie-4 circle { fill: none; stroke: #b3261e; stroke-width: 2.5; }
[data-drawn="intervals"] .serie-1 path.line { stroke: #6b7a90; stroke-dasharray: none; }
[data-drawn="intervals"] .serie-2 path.line { stroke: #9a5b00; stroke-dasharray: 7 4; }
"""
"""The colours of a drawing that stands alone; in a page app.css has those of the municipality."""

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

    @property
    def signs(self) -> list[tuple[str, str, str]]:
        """The legend: each name with its class and its mark (box, line or dot)."""
        signs = _SIGNS.get(self.drawn) or [
            (f"serie-{place}", self.drawn) for place in range(len(self.legend))
        ]
        return [(name, *sign) for name, sign in zip(self.legend, signs, strict=False)]


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
    graph.x_labels = list(labels)
    for name, figures in series.items():
        graph.add(name, list(figures))
    rows = [
        [label, *(shown(figures[position]) for figures in series.values())]
        for position, label in enumerate(labels)
    ]
    columns: list[str | tuple[str, str]] = [column, *((name, "number") for name in series)]
    return Chart(title, _drawing(graph, title, rows), columns, rows, tuple(series), note, "line")


def control(
    title: str,
    labels: Sequence[str],
    figures: Figures,
    limits: tuple[float, float, float] | None,
    marked: Collection[int],
    *,
    names: tuple[str, str, str, str],
    shown: Shown,
    column: str,
    signal: str,
    most: float | None = None,
    note: str = "",
) -> Chart:
    """Draw a figure over time with its mean and process limits; a gap where there is no figure.

    :param limits: lower limit, mean and upper limit; None where they are not drawn.
    :param marked: places of the points that are a signal: drawn larger and hollow, and named in the table.
    :param names: of the figure, the mean, the limits and the signals, for the legend.
    :param signal: what the table says of a marked point.
    """
    reach = [figure for figure in figures if figure is not None] + list(limits or ())
    graph = Line(
        **_options(height=320, shown=shown),
        **_sparse(labels, _MOST_MONTHS),
        range=(0, most or max(reach, default=0) or 1),
        allow_interruptions=True,
    )
    graph.x_labels = list(labels)
    graph.add(names[0], list(figures), dots_size=4)
    if limits:
        lower, mean, upper = limits
        for name, level in ((names[1], mean), (names[2], lower), (names[2], upper)):
            graph.add(name, [level] * len(labels), show_dots=False)
        hollow = [figure if place in marked else None for place, figure in enumerate(figures)]
        graph.add(names[3], hollow, stroke=False, dots_size=9)
    rows = [
        [label, shown(figure), signal if place in marked else ""]
        for place, (label, figure) in enumerate(zip(labels, figures, strict=True))
    ]
    columns: list[str | tuple[str, str]] = [column, (names[0], "number"), names[3]]
    return Chart(
        title, _drawing(graph, title, rows), columns, rows, names if limits else names[:1], note, "control"
    )


def intervals(
    title: str,
    labels: Sequence[str],
    bounds: Sequence[tuple[float, float, float]],
    whole: float | None,
    *,
    names: tuple[str, str, str],
    told: Sequence[tuple[str, str]],
    column: str,
    axis: Shown,
    most: float | None = None,
    note: str = "",
) -> Chart:
    """Draw a figure a label with the interval it may lie in, and a line through all for the whole.

    The first label stands on top.

    :param bounds: of each label: the interval's low end, the figure, its high end.
    :param names: of the figure, the interval and the whole.
    :param told: the figure and the interval of each label in words.
    :param axis: how the scale is written.
    """
    # pygal counts from below.
    heights = [len(labels) - place for place in range(len(labels))]
    highest = max([high for _, _, high in bounds] + [whole or 0], default=0)
    graph = XY(
        **{
            **_options(height=72 + 34 * max(1, len(labels)), shown=str),
            "margin_right": 28,
        },
        allow_interruptions=True,
        range=(0.25, len(labels) + 0.75),
        xrange=(0, most or highest * 1.05 or 1),
        show_y_guides=False,
        x_value_formatter=axis,
    )
    graph.y_labels = [
        {"label": _short(label), "value": height} for label, height in zip(labels, heights, strict=True)
    ]
    dots = [(figure, height) for (_, figure, _), height in zip(bounds, heights, strict=True)]
    whiskers: list[tuple[float | None, float | None]] = []
    for (low, _, high), height in zip(bounds, heights, strict=True):
        whiskers += [(low, height), (high, height), (None, None)]
    graph.add(names[0], dots, stroke=False, dots_size=5)
    graph.add(names[1], whiskers, show_dots=False)
    if whole is not None:
        graph.add(names[2], [(whole, 0.25), (whole, len(labels) + 0.75)], show_dots=False)
    rows = [[label, *words] for label, words in zip(labels, told, strict=True)]
    columns: list[str | tuple[str, str]] = [column, (names[0], "number"), (names[1], "number")]
    return Chart(title, _drawing(graph, title, rows), columns, rows, names, note, "intervals")


def as_file(chart: Chart, notice: str = "") -> bytes:
    """The drawing as a file of its own, with a title and the colours it has without a page about it.

    :param notice: what must be read with it wherever it goes, written in the drawing below the figures.
    """
    root = ET.fromstring(chart.svg)  # noqa: S314 - drawn by ourselves
    if notice:
        _write_below(root, notice)
    for place, (name, words) in enumerate((("title", chart.title), ("style", _ALONE))):
        element = ET.Element(f"{{{SVG}}}{name}")
        element.text = words
        root.insert(place, element)
    root.set("data-drawn", chart.drawn)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode").encode()


def _write_below(root: ET.Element, notice: str) -> None:
    """Makes the drawing taller by the lines the notice needs."""
    _, _, width, height = (float(number) for number in root.get("viewBox", "").split())
    lines = textwrap.wrap(notice, _MOST_OF_A_LINE)
    root.set("viewBox", f"0 0 {width:g} {height + (len(lines) + 0.5) * _LINE:g}")
    words = ET.SubElement(root, f"{{{SVG}}}text", {"class": "notice"})
    for place, line in enumerate(lines, 1):
        position = {"x": "12", "y": f"{height + place * _LINE:g}"}
        ET.SubElement(words, f"{{{SVG}}}tspan", position).text = line


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


def _sparse(labels: Sequence[str], most: int = _MOST_LABELS) -> dict[str, object]:
    every = -(-len(labels) // most)
    return {} if every <= 1 else {"x_labels_major_every": every, "show_minor_x_labels": False}


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1].rstrip() + "…"


def _drawing(graph: Graph, title: str, rows: Sequence[Sequence[str]]) -> Markup:
    root: ET.Element = graph.render_tree()
    _bare(root)
    root.set("role", "img")
    root.set("aria-label", title)
    described = ET.Element("desc")
    described.text = "; ".join(": ".join([row[0], ", ".join(row[1:])]) for row in rows)
    root.insert(0, described)
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 - ElementTree has escaped every text


def _bare(element: ET.Element) -> None:
    """Take out what the policy would block or a screen reader should not hear."""
    for child in list(element):
        classes = set(child.get("class", "").split())
        if child.tag in _UNSEEN or classes & _UNSEEN_CLASSES:
            element.remove(child)
        else:
            _bare(child)
    element.attrib.pop("style", None)
    element.attrib.pop("id", None)
    kept = [name for name in element.get("class", "").split() if _KEPT_CLASSES.match(name)]
    element.attrib.pop("class", None)
    if kept:
        element.set("class", " ".join(kept))

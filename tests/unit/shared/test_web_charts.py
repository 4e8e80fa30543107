"""Charts that stand under the policy and say the same as their tables."""

import re
from xml.etree import ElementTree as ET

import pytest

from shared.web.charts import SVG, Chart, as_file, bar, control, intervals, line
from shared.web.i18n import NO_FIGURE


def shown(figure: float | None) -> str:
    """A whole number, a dash for none."""
    return NO_FIGURE if figure is None else f"{figure:.0f}"


def parsed(svg: str) -> ET.Element:
    """Read a drawing."""
    return ET.fromstring(svg)


LABELS = ["Skole & SFO", "<Kultur>"]
SERIES: dict[str, list[float | None]] = {"Ros": [3, None], "Klage": [0, 12]}
NAMES = ("Holdt", "Snitt", "Grenser", "Signal")
CONTROL = control(
    "Over tid",
    ["jan.", "feb.", "mars"],
    [80, None, 20],
    (50, 75, 100),
    {2},
    names=NAMES,
    shown=shown,
    column="Måned",
    signal="ja",
)
INTERVALS = intervals(
    "Enheter",
    LABELS,
    [(40, 60, 80), (10, 20, 30)],
    55,
    names=("Målt", "Mellom", "Alle"),
    told=[(shown(60), f"{shown(40)} – {shown(80)}"), (shown(20), f"{shown(10)} – {shown(30)}")],
    column="Enhet",
    axis=shown,
    most=100,
)
ALL = [
    CONTROL,
    INTERVALS,
    control("Uten grenser", ["jan."], [None], None, (), names=NAMES, shown=shown, column="M", signal="ja"),
    intervals("Ingen", [], [], None, names=("a", "b", "c"), told=[], column="Enhet", axis=shown),
    bar("Åpne", LABELS, [3, None], shown=shown, column=("Enhet", "Åpne")),
    line("Svartid", LABELS, SERIES, shown=shown, column="Enhet"),
    bar("Tom", [], [], shown=shown, column=("Enhet", "Åpne")),
    line("Tomt", [], {}, shown=shown, column="Enhet"),
    line("Ingen tall", ["Skole"], {"Ros": [None]}, shown=shown, column="Enhet"),
    line("Bare null", ["Skole"], {"Ros": [0]}, shown=shown, column="Enhet"),
]


@pytest.mark.parametrize("chart", ALL, ids=lambda chart: chart.title)
def test_a_drawing_has_nothing_the_policy_blocks(chart: Chart) -> None:
    """No style, script or address, no ids to collide, and nothing but SVG."""
    drawing = parsed(chart.svg)
    for element in drawing.iter():
        assert str(element.tag).startswith(f"{{{SVG}}}")
        assert element.tag.rpartition("}")[2] not in {"style", "script", "a", "image", "use", "foreignObject"}
        assert not {"style", "id", "href", "onclick"} & set(element.attrib)
    assert drawing.get("role") == "img"
    assert drawing.get("aria-label") == chart.title


def test_a_table_has_the_figures_of_its_chart() -> None:
    """Every label and figure, as it is shown."""
    chart = line("Mottatt", LABELS, SERIES, shown=shown, column="Enhet")
    assert chart.columns == ["Enhet", ("Ros", "number"), ("Klage", "number")]
    assert chart.rows == [["Skole & SFO", "3", "0"], ["<Kultur>", NO_FIGURE, "12"]]
    assert chart.legend == ("Ros", "Klage")
    described = parsed(chart.svg).find(f"{{{SVG}}}desc")
    assert described is not None
    assert described.text == "Skole & SFO: 3, 0; <Kultur>: \N{EN DASH}, 12"


def test_bars_stand_in_the_order_of_their_table() -> None:
    """The first is on top, where reading begins."""
    drawing = parsed(bar("Åpne", LABELS, [3, None], shown=shown, column=("Enhet", "Åpne")).svg)
    labels = {
        text.text: float(text.get("y", "0")) for text in drawing.iter(f"{{{SVG}}}text") if text.text in LABELS
    }
    assert labels["Skole & SFO"] < labels["<Kultur>"]


def test_many_labels_are_thinned_out() -> None:
    """Two years of months do not write over each other."""
    months = [f"måned {number}" for number in range(24)]
    chart = line("År", months, {"Ros": [1] * 24}, shown=shown, column="Måned")
    written = [text.text for text in parsed(chart.svg).iter(f"{{{SVG}}}text")]
    assert sum(1 for text in written if text in months) <= 9
    assert len(chart.rows) == 24


def test_a_signal_is_a_ring_and_is_said_in_the_table() -> None:
    """Limits and mean are lines; without limits there is no legend of them."""
    classes = [element.get("class", "") for element in parsed(CONTROL.svg).iter()]
    assert sum("serie-4" in of for of in classes) >= 1
    assert CONTROL.rows == [["jan.", "80", ""], ["feb.", NO_FIGURE, ""], ["mars", "20", "ja"]]
    assert [name for name, _, _ in CONTROL.signs] == list(NAMES)
    assert len(ALL[2].signs) == 1


def test_an_interval_is_drawn_as_wide_as_it_is() -> None:
    """Each whisker from its low end to its high, on one scale with the whole."""
    drawn = [
        [float(number) for number in re.findall(r"-?\d+\.?\d*", path.get("d", ""))]
        for path in parsed(INTERVALS.svg).iter(f"{{{SVG}}}path")
        if "nofill" in path.get("class", "")
    ]
    wide, narrow, whole = drawn
    assert wide[2] - wide[0] == pytest.approx(2 * (narrow[2] - narrow[0]), rel=0.01)
    assert whole[0] == whole[2] == pytest.approx((wide[0] * 25 + wide[2] * 15) / 40, rel=0.01)
    assert INTERVALS.rows == [["Skole & SFO", "60", "40 – 80"], ["<Kultur>", "20", "10 – 30"]]


def test_a_chart_is_a_file_of_its_own() -> None:
    """With a title, its description, and its own colours."""
    drawing = ET.fromstring(as_file(CONTROL))
    assert [child.tag.rpartition("}")[2] for child in drawing[:3]] == ["title", "style", "desc"]
    assert drawing[0].text == "Over tid"
    assert drawing.get("data-drawn") == "control"
    assert "notice" not in {child.get("class") for child in drawing}


def test_a_notice_stands_below_the_drawing() -> None:
    """In lines that have room, within what is shown, and below every figure."""
    words = "Invented figures. " + "The figures here were made by a program. " * 3
    drawing = ET.fromstring(as_file(CONTROL, words.strip()))
    height = float(ET.fromstring(as_file(CONTROL)).get("viewBox", "").split()[3])
    (seen,) = [child for child in drawing if child.get("class") == "notice"]
    assert " ".join(row.text or "" for row in seen) == words.strip()
    assert len(seen) > 1
    for row in seen:
        assert height < float(row.get("y", "")) < float(drawing.get("viewBox", "").split()[3])

"""Charts that stand under the policy and say the same as their tables."""

from xml.etree import ElementTree as ET

import pytest

from shared.web.charts import SVG, Chart, bar, line, stacked_bar
from shared.web.i18n import NO_FIGURE


def shown(figure: float | None) -> str:
    """A whole number, a dash for none."""
    return NO_FIGURE if figure is None else f"{figure:.0f}"


def parsed(svg: str) -> ET.Element:
    """Read a drawing."""
    return ET.fromstring(svg)


LABELS = ["Skole & SFO", "<Kultur>"]
SERIES: dict[str, list[float | None]] = {"Ros": [3, None], "Klage": [0, 12]}
ALL = [
    bar("Åpne", LABELS, [3, None], shown=shown, column=("Enhet", "Åpne")),
    stacked_bar("Mottatt", LABELS, SERIES, shown=shown, column="Enhet"),
    line("Svartid", LABELS, SERIES, shown=shown, column="Enhet"),
    bar("Tom", [], [], shown=shown, column=("Enhet", "Åpne")),
    stacked_bar("Tom", [], {}, shown=shown, column="Enhet"),
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
    chart = ALL[1]
    assert chart.columns == ["Enhet", ("Ros", "number"), ("Klage", "number")]
    assert chart.rows == [["Skole & SFO", "3", "0"], ["<Kultur>", NO_FIGURE, "12"]]
    assert chart.legend == ("Ros", "Klage")
    described = parsed(chart.svg).find(f"{{{SVG}}}desc")
    assert described is not None
    assert described.text == "Skole & SFO: 3, 0; <Kultur>: \N{EN DASH}, 12"


def test_bars_stand_in_the_order_of_their_table() -> None:
    """The first is on top, where reading begins."""
    drawing = parsed(ALL[0].svg)
    labels = {
        text.text: float(text.get("y", "0")) for text in drawing.iter(f"{{{SVG}}}text") if text.text in LABELS
    }
    assert labels["Skole & SFO"] < labels["<Kultur>"]


def test_many_labels_are_thinned_out() -> None:
    """Two years of months do not write over each other."""
    months = [f"måned {number}" for number in range(24)]
    chart = stacked_bar("År", months, {"Ros": [1] * 24}, shown=shown, column="Måned")
    written = [text.text for text in parsed(chart.svg).iter(f"{{{SVG}}}text")]
    assert sum(1 for text in written if text in months) <= 9
    assert len(chart.rows) == 24

"""A municipality's colour stays readable, whatever it is."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.municipality import load, shipped
from shared.web.look import Look, Rgb, contrast, luminance, with_luminance

channel = st.integers(0, 255)
colours = st.tuples(channel, channel, channel)
WHITE = (255, 255, 255)


def scale(colour: str) -> dict[str, Rgb]:
    """Read the stylesheet back."""
    found = re.findall(r"--ds-color-accent-([a-z-]+): #(..)(..)(..);", Look("X", colour).stylesheet())
    return {name: (int(red, 16), int(green, 16), int(blue, 16)) for name, red, green, blue in found}


@given(colours)
def test_text_and_buttons_are_readable_in_any_colour(colour: Rgb) -> None:
    """White on buttons, text on white and on the tints: at least 4.5 to 1."""
    steps = scale("#{:02x}{:02x}{:02x}".format(*colour))
    assert contrast(steps["base-default"], WHITE) >= 4.5
    assert contrast(steps["base-active"], WHITE) >= 4.5
    for surface in ("background-tinted", "surface-tinted", "surface-hover"):
        assert contrast(steps["text-default"], steps[surface]) >= 4.5
    assert contrast(steps["text-subtle"], WHITE) >= 4.5
    assert contrast(steps["text-subtle"], steps["surface-tinted"]) >= 4.5
    assert contrast(steps["border-default"], WHITE) >= 3


def test_the_scale_is_designsystemets_own() -> None:
    """From Digdir's blue come the steps of Digdir's theme, within a unit of each channel."""
    steps = scale("#0062ba")
    for name, expected in {
        "border-default": (0x2A, 0x7C, 0xC5),
        "border-strong": (0x00, 0x5D, 0xB1),
        "surface-tinted": (0xDD, 0xEA, 0xF6),
    }.items():
        assert all(abs(a - b) <= 1 for a, b in zip(steps[name], expected, strict=True)), name


@given(colours, st.floats(0.02, 0.95))
def test_a_colour_is_mixed_to_the_wanted_luminance(colour: Rgb, wanted: float) -> None:
    """As near as eight bits a channel allow."""
    assert luminance(with_luminance(colour, wanted)) == pytest.approx(wanted, abs=0.012)


@pytest.mark.parametrize("name", shipped())
def test_a_municipality_that_comes_with_the_code_has_its_look(name: str) -> None:
    """Name, address and a logo that is there, from its configuration."""
    look = Look.of(load(name))
    assert look.name.endswith("kommune")
    assert look.logo is not None
    assert look.logo.is_file()
    assert look.colour in look.stylesheet()


def test_a_colour_that_is_none_is_refused() -> None:
    """A wrong colour stops the start, not a page."""
    with pytest.raises(ValueError, match="#rrggbb"):
        Look("X", "green").stylesheet()

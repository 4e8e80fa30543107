"""Colours as WCAG 2.2 measures them."""

import re

Rgb = tuple[int, int, int]

WHITE: Rgb = (255, 255, 255)
READABLE = 4.5
"""The least contrast of text with what is behind it (WCAG 2.2, 1.4.3)."""
_COLOUR = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", re.IGNORECASE)
_SRGB_KNEE = 0.04045
"""Where sRGB's straight line becomes a curve."""


def parse(colour: str) -> Rgb:
    """The colour written `#rrggbb`. Raises ValueError."""
    found = _COLOUR.fullmatch(colour)
    if found is None:
        message = f"a colour is written #rrggbb, not {colour!r}"
        raise ValueError(message)
    red, green, blue = (int(digits, 16) for digits in found.groups())
    return red, green, blue


def luminance(colour: Rgb) -> float:
    """Relative luminance as WCAG 2.2 defines it, from 0 (black) to 1 (white)."""
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Contrast ratio as WCAG 2.2 defines it, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= _SRGB_KNEE else ((channel + 0.055) / 1.055) ** 2.4

"""A municipality's look: its colour made into a whole, readable scale, as a stylesheet of its own."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from shared.municipality import Municipality

_WHITE = (255, 255, 255)
_BLACK = (0, 0, 0)
_READABLE = 4.5
_COLOUR = re.compile(r"#([0-9a-f]{2})([0-9a-f]{2})([0-9a-f]{2})", re.IGNORECASE)

# Relative luminance of each step, as Designsystemet generates its light theme from one colour.
_STEPS = {
    "background-tinted": 0.90,
    "surface-tinted": 0.81,
    "surface-hover": 0.71,
    "surface-active": 0.61,
    "border-subtle": 0.51,
    "border-default": 0.19,
    "border-strong": 0.11,
    "text-subtle": 0.11,
    "text-default": 0.0245,
}

Rgb = tuple[int, int, int]


@dataclass(frozen=True)
class Look:
    """What the shared layout shows of a municipality.

    `colour` is `#rrggbb` and made readable, `accent` only decorates; `logo` is an SVG or PNG file; addresses are full or begin with a slash.
    """

    name: str
    colour: str
    accent: str = ""
    logo: Path | None = None
    email: str = ""
    phone: str = ""
    address: str = ""
    website: str = ""
    accessibility: str = ""
    privacy: str = ""

    @classmethod
    def of(cls, municipality: "Municipality") -> "Look":
        """Take it from a municipality's configuration."""
        look = municipality.look
        return cls(
            name=look.name,
            colour=look.colours.primary,
            accent=look.colours.accent,
            logo=municipality.folder / look.logo,
            email=look.email,
            phone=look.phone,
            address=f"{look.address.street}, {look.address.postcode} {look.address.place}",
            website=look.website,
        )

    def stylesheet(self) -> str:
        """CSS that gives Designsystemet's accent the municipality's colour, readable whatever it is."""
        given = _parse(self.colour)
        base = given
        while contrast(base, _WHITE) < _READABLE:
            base = _mixed(base, _BLACK, 0.04)
        scale = {
            "background-default": _WHITE,
            "surface-default": _WHITE,
            **{step: with_luminance(given, wanted) for step, wanted in _STEPS.items()},
            "base-default": base,
            "base-hover": _mixed(base, _BLACK, 0.2),
            "base-active": _mixed(base, _BLACK, 0.36),
            "base-contrast-subtle": with_luminance(given, 0.81),
            "base-contrast-default": _WHITE,
        }
        lines = [f"  --ds-color-accent-{step}: {_hex(rgb)};" for step, rgb in scale.items()]
        own = [
            f"  --municipality-colour: {_hex(given)};",
            f"  --municipality-accent: {_hex(_parse(self.accent or self.colour))};",
        ]
        return "\n".join([":root {", *own, *lines, "}", ""])


def luminance(colour: Rgb) -> float:
    """Relative luminance as WCAG 2.2 defines it, from 0 (black) to 1 (white)."""
    red, green, blue = (_linear(channel / 255) for channel in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: Rgb, other: Rgb) -> float:
    """Contrast ratio as WCAG 2.2 defines it, from 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def with_luminance(colour: Rgb, wanted: float) -> Rgb:
    """Mix with white or black until the luminance is the wanted one."""
    towards = _WHITE if luminance(colour) < wanted else _BLACK
    low, high = 0.0, 1.0
    for _ in range(16):
        share = (low + high) / 2
        mixed_is_lighter = luminance(_mixed(colour, towards, share)) > wanted
        if mixed_is_lighter == (towards is _WHITE):
            high = share
        else:
            low = share
    return _mixed(colour, towards, (low + high) / 2)


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _mixed(colour: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _parse(colour: str) -> Rgb:
    found = _COLOUR.fullmatch(colour)
    if found is None:
        message = f"a colour is written #rrggbb, not {colour!r}"
        raise ValueError(message)
    red, green, blue = (int(digits, 16) for digits in found.groups())
    return red, green, blue


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)

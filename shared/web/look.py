"""A municipality's look: its colour made into a whole, readable scale, as a stylesheet of its own."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from shared.colour import READABLE, WHITE, Rgb, contrast, luminance, parse

if TYPE_CHECKING:
    from shared.municipality import Municipality

_BLACK = (0, 0, 0)

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
        given = parse(self.colour)
        base = given
        while contrast(base, WHITE) < READABLE:
            base = _mixed(base, _BLACK, 0.04)
        scale = {
            "background-default": WHITE,
            "surface-default": WHITE,
            **{step: with_luminance(given, wanted) for step, wanted in _STEPS.items()},
            "base-default": base,
            "base-hover": _mixed(base, _BLACK, 0.2),
            "base-active": _mixed(base, _BLACK, 0.36),
            "base-contrast-subtle": with_luminance(given, 0.81),
            "base-contrast-default": WHITE,
        }
        lines = [f"  --ds-color-accent-{step}: {_hex(rgb)};" for step, rgb in scale.items()]
        own = [
            f"  --municipality-colour: {_hex(given)};",
            f"  --municipality-accent: {_hex(parse(self.accent or self.colour))};",
        ]
        return "\n".join([":root {", *own, *lines, "}", ""])


def with_luminance(colour: Rgb, wanted: float) -> Rgb:
    """Mix with white or black until the luminance is the wanted one."""
    towards = WHITE if luminance(colour) < wanted else _BLACK
    low, high = 0.0, 1.0
    for _ in range(16):
        share = (low + high) / 2
        mixed_is_lighter = luminance(_mixed(colour, towards, share)) > wanted
        if mixed_is_lighter == (towards is WHITE):
            high = share
        else:
            low = share
    return _mixed(colour, towards, (low + high) / 2)


def _mixed(colour: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(colour, other, strict=True))
    return red, green, blue


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)

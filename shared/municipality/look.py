"""How a municipality presents itself (`look.yaml`)."""

from typing import Annotated

from pydantic import Field

from shared.municipality.parts import Email, Language, Part, Text, Words, matching

Colour = Annotated[str, matching(r"#[0-9a-fA-F]{6}", "is no colour; write six hex digits such as '#0b5394'")]
WebAddress = Annotated[str, matching(r"https?://[^\s/]+\S*", "is no web address; begin it with https://")]


class Colours(Part):
    """`primary` carries white text (buttons, the header), `accent` is decoration only."""

    primary: Colour
    accent: Colour


class Address(Part):
    """Where to send a letter."""

    street: Text
    postcode: Annotated[str, matching(r"\d{4}", "is no Norwegian postcode; these have four digits")]
    place: Text


class Appeals(Part):
    """Where to turn with an appeal on a decision (klage på vedtak), which is a scheme of its own."""

    words: Words
    email: Email | None = None
    url: WebAddress | None = None


class Look(Part):
    """How the municipality presents itself; the first language is the one pages begin with."""

    name: Text
    short_name: Text
    website: WebAddress
    email: Email
    phone: Text
    address: Address
    colours: Colours
    logo: Text
    """An SVG file in the folder."""
    appeals: Appeals
    languages: Annotated[tuple[Language, ...], Field(min_length=1)]

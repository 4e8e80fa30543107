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
    residents: dict[Annotated[int, Field(ge=1900, le=2199)], Annotated[int, Field(ge=1)]] = Field(
        default_factory=dict
    )
    """How many live here, by year (1 January): what enquiries are told per thousand of."""

    def residents_in(self, year: int) -> int | None:
        """The latest number that is not of a later year; None where there is none."""
        known = [given for given in self.residents if given <= year]
        return self.residents[max(known)] if known else None

"""What the parts of a configuration have in common: strict keys, ids, texts by language, days of force."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

Language = Literal["nb", "nn", "en"]


def matching(pattern: str, wish: str) -> AfterValidator:
    """Hold a text to a pattern; `wish` completes the sentence that begins with the text."""
    expression = re.compile(pattern)

    def checked(value: str) -> str:
        if not expression.fullmatch(value):
            message = f"{value!r} {wish}"
            raise ValueError(message)
        return value

    return AfterValidator(checked)


Id = Annotated[
    str,
    matching(
        r"[a-z0-9]+(-[a-z0-9]+)*",
        "is no valid id; use small letters a-z, digits and single hyphens, such as 'vei-og-vinterdrift'",
    ),
]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Email = Annotated[
    str,
    matching(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+", "is no e-mail address; write one such as post@sorum.example"),
]


class Part(BaseModel):
    """Immutable, and strict about keys: a misspelt one is a fault, never ignored."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Words(Part):
    """The same text in each language; `words["nn"]` falls back to the first there is."""

    nb: Text | None = None
    nn: Text | None = None
    en: Text | None = None

    def __getitem__(self, language: str) -> str:
        """The text in this language, else in the first language there is; empty where there is none."""
        return self.given.get(language) or next(iter(self.given.values()), "")

    @property
    def given(self) -> Mapping[str, str]:
        """The languages that have a text, with it."""
        texts = (("nb", self.nb), ("nn", self.nn), ("en", self.en))
        return {language: text for language, text in texts if text}


class Dated(Part):
    """Holds from one day to another, both included; without a day it has always held, or goes on."""

    valid_from: date | None = Field(default=None, alias="from")
    valid_to: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _begins_before_it_ends(self) -> Self:
        if self.valid_from and self.valid_to and self.valid_from > self.valid_to:
            message = f"'from' ({self.valid_from}) is after 'to' ({self.valid_to}); swap them or mend one"
            raise ValueError(message)
        return self

    def in_force(self, on: date) -> bool:
        """Whether it holds on this day."""
        return (self.valid_from or date.min) <= on <= (self.valid_to or date.max)

    def overlaps(self, other: "Dated") -> bool:
        """Whether there is a day on which both hold."""
        starts = max(self.valid_from or date.min, other.valid_from or date.min)
        return starts <= min(self.valid_to or date.max, other.valid_to or date.max)

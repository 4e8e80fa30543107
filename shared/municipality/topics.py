"""What residents write about, and which unit owns it."""

from typing import Annotated

from pydantic import Field

from shared.municipality.parts import Id, Part, Text, Words, matching

Kostra = Annotated[
    str, matching(r"\d{3}", "is no KOSTRA function code; these have three digits, such as 332")
]


class Keywords(Part):
    """The words residents use for a topic, by language."""

    nb: Annotated[tuple[Text, ...], Field(min_length=1)]
    nn: Annotated[tuple[Text, ...], Field(min_length=1)]
    en: tuple[Text, ...] = ()


class Topic(Part):
    """What a submission is about; `owner` has it everywhere but in the areas that `owners` names."""

    id: Id
    names: Words
    description: Words
    keywords: Keywords
    kostra: tuple[Kostra, ...] = ()
    sensitive: bool = False
    owner: Id
    owners: dict[Id, Id] = Field(default_factory=dict)

    def name(self, language: str) -> str:
        """Its name in this language."""
        return self.names[language]

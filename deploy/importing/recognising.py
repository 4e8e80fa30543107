"""The municipality's own names in another system's file: they become the ids that the figures know them by."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import services.metrics
from deploy.importing.cases import Case
from services.metrics.indicators import Dimension
from services.metrics.names import Names
from shared.catalogue import Catalogue
from shared.municipality import Municipality
from shared.web.i18n import Wording

_TEXTS = Path(services.metrics.__file__).parent / "texts"
_RECOGNISED = (Dimension.KIND, Dimension.TOPIC, Dimension.UNIT, Dimension.AREA, Dimension.CHANNEL)


@dataclass(frozen=True)
class Words:
    """What an id is also called, by dimension; a name that two of them share is nobody's."""

    ids: Mapping[Dimension, Mapping[str, str]]

    @classmethod
    def of(cls, municipality: Municipality) -> Self:
        """The names as the dashboards show them, in every language, whatever their case."""
        texts = Catalogue(_TEXTS)
        every = [Names(municipality, Wording(texts, language)) for language in ("nb", "nn", "en")]
        return cls({dimension: _ids(dimension, every) for dimension in _RECOGNISED})

    def recognised(self, cases: Iterable[Case]) -> Iterator[Case]:
        """The cases with ids in place of the names that are known; other words stay as they are."""
        for case in cases:
            known: dict[str, Any] = {str(one): self._id(one, getattr(case, one)) for one in self.ids}
            yield replace(case, **known)

    def _id(self, dimension: Dimension, word: str | None) -> str | None:
        return self.ids[dimension].get(word.casefold(), word) if word else word


def _ids(dimension: Dimension, every: Sequence[Names]) -> Mapping[str, str]:
    called: dict[str, set[str]] = {}
    for names in every:
        for value in names.values(dimension):
            called.setdefault(names.name(dimension, value).casefold(), set()).add(str(value))
    ids = {value.casefold(): str(value) for value in every[0].values(dimension)}
    return {word: next(iter(values)) for word, values in called.items() if len(values) == 1} | ids

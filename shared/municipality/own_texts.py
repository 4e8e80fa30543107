"""A municipality's own wording (`texts/{nb,nn,en}.yaml`), held against the texts it takes the place of."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import get_args

from shared.municipality.faults import Fault
from shared.municipality.parts import Language
from shared.municipality.yaml_document import Document, closest

LANGUAGES: tuple[str, ...] = get_args(Language)
_ROOT = Path(__file__).parents[2]


def faults(folder: Path) -> list[Fault]:
    """What no page or mail could be made with: another file, a key without a text, a placeholder that none fills."""
    found: list[Fault] = []
    for path in sorted((folder / "texts").glob("*")):
        if path.stem not in LANGUAGES or path.suffix != ".yaml":
            names = ", ".join(f"{code}.yaml" for code in LANGUAGES)
            found.append(Fault(f"texts/{path.name}", 1, f"only {names} belong here"))
            continue
        document, ours = _document(folder, path.stem), _ours(path.stem)
        for key, text in document.data.items():
            if not isinstance(text, str):
                document.fault((key,), f"{key!r} must have a text; write keys flat, as 'page.part: text'")
            elif key in ours:
                for message in _wrong_braces(key, text, ours):
                    document.fault((key,), message)
        found += document.faults
    return found


def unread(folder: Path) -> list[Fault]:
    """Texts by keys that nothing reads: misspelt, or of a page that is no more."""
    found: list[Fault] = []
    for language in LANGUAGES:
        if (folder / "texts" / f"{language}.yaml").is_file():
            document, ours = _document(folder, language), _ours(language)
            for key in document.data:
                if key not in ours:
                    likely = closest(str(key), list(ours))
                    document.fault((key,), f"there is no text {key!r}, so nobody reads this one{likely}")
            found += document.faults
    return found


def _document(folder: Path, language: str) -> Document:
    return Document.read(folder, f"texts/{language}.yaml")


@cache
def _ours(language: str) -> Mapping[str, str]:
    """Every text of the code, by its key."""
    services = _ROOT / "services"
    folders = [*services.glob("*/texts"), *services.glob("*/*/texts"), *(_ROOT / "shared").glob("**/texts")]
    return {
        key: text
        for folder in folders
        for key, text in Document.read(folder, f"{language}.yaml").data.items()
    }


def _wrong_braces(key: str, text: str, ours: Mapping[str, str]) -> Iterator[str]:
    try:
        given = _placeholders(text)
    except ValueError:
        yield f"{key!r} has a brace without its other half; write {{{{ and }}}} for braces that are to be read"
        return
    known, family = _placeholders(ours[key]), key.partition(".")[0]
    # A text may say what its sisters do: whoever fills those fills it too, as far as can be told from here.
    fillable = {
        name for sister in ours if sister.startswith(f"{family}.") for name in _placeholders(ours[sister])
    }
    for name in sorted(given - fillable):
        may = f"it may have {', '.join(f'{{{each}}}' for each in sorted(known))}" if known else "it has none"
        yield f"{key!r} has a placeholder {{{name}}} that nobody fills; {may}"


def _placeholders(text: str) -> frozenset[str]:
    return frozenset(name for _, name, _, _ in Formatter().parse(text) if name is not None)

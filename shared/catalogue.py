"""The message catalogue: everything a person reads, in bokmål, nynorsk and English."""

from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import yaml
from babel import Locale

LANGUAGES = ("nb", "nn", "en")


class TextMissingError(KeyError):
    """No folder of the catalogue has this key in this language."""

    def __init__(self, language: str, key: str) -> None:
        """Keep what was asked for, so that the log can bind it."""
        super().__init__(key)
        self.language = language
        self.key = key

    def __str__(self) -> str:
        return f"the catalogue has no text {self.key!r} in language {self.language!r}"


class PlaceholderMissingError(KeyError):
    """A text names a placeholder that its caller did not fill."""

    def __init__(self, language: str, key: str, placeholder: str) -> None:
        """Keep which text wanted what."""
        super().__init__(placeholder)
        self.language = language
        self.key = key
        self.placeholder = placeholder

    def __str__(self) -> str:
        return f"text {self.key!r} in language {self.language!r} needs a value for {{{self.placeholder}}}"


class CatalogueFileError(ValueError):
    """A catalogue file that cannot be used; says which, where and why."""

    def __init__(self, path: Path, reason: str) -> None:
        """Keep the file, for a report that names it."""
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason


class Catalogue:
    """Texts from `{nb,nn,en}.yaml` in each folder; a later folder overrides an earlier one, key by key.

    A folder need not have every language: a municipality may reword only its bokmål.
    Files are read once, when the catalogue is made.
    """

    def __init__(self, *folders: Path) -> None:
        """Read every folder.

        :raises CatalogueFileError: a file is not YAML, or not flat `key: "text"`, or says a key twice.
        """
        self._texts = {language: dict(_entries(folders, language)) for language in LANGUAGES}

    def text(self, language: str, key: str, /, **placeholders: object) -> str:
        """Give the text with its placeholders filled.

        With a `count`, `key.one` or `key.other` is chosen by the language's plural rule where they exist.

        :raises TextMissingError: a `KeyError`; no such text in this language.
        :raises PlaceholderMissingError: a `KeyError`; the text names a placeholder that was not given.
        """
        template = self.template(language, key, placeholders.get("count"))
        try:
            return template.format_map(placeholders)
        except KeyError as missing:
            raise PlaceholderMissingError(language, key, missing.args[0]) from None

    def template(self, language: str, key: str, count: object = None) -> str:
        """Give the text with its placeholders unfilled.

        :raises TextMissingError: no such text in this language.
        """
        texts = self._texts.get(language, {})
        if isinstance(count, int | float):
            plural = texts.get(f"{key}.{Locale(language).plural_form(count)}")
            if plural is not None:
                return plural
        try:
            return texts[key]
        except KeyError:
            raise TextMissingError(language, key) from None

    def keys(self, language: str) -> frozenset[str]:
        """Every key there is in a language, plural forms each for itself."""
        return frozenset(self._texts.get(language, {}))

    def placeholders(self, language: str, key: str) -> frozenset[str]:
        """Name the placeholders of a text, for the test that holds the languages alike.

        :raises TextMissingError: no such text in this language.
        """
        return frozenset(name for _, name, _, _ in Formatter().parse(self.template(language, key)) if name)


class _OnceLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc] # with libyaml ten times faster
    """YAML in which a key said twice is an error: the second would silently replace the first."""


def _mapping_once(loader: _OnceLoader, node: yaml.MappingNode) -> dict[object, object]:
    mapping: dict[object, object] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in mapping:
            problem = f"the key {key!r} is there twice"
            raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
        mapping[key] = loader.construct_object(value_node, deep=True)
    return mapping


_OnceLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_once)


def _entries(folders: tuple[Path, ...], language: str) -> Iterator[tuple[str, str]]:
    for folder in folders:
        path = folder / f"{language}.yaml"
        if path.is_file():
            yield from _read(path)


def _read(path: Path) -> Iterator[tuple[str, str]]:
    try:
        content = yaml.load(path.read_text("utf-8"), Loader=_OnceLoader)  # noqa: S506 - derives from SafeLoader
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise CatalogueFileError(path, str(fault)) from fault
    if content is None:
        return
    if not isinstance(content, dict):
        raise CatalogueFileError(path, "must be keys with texts, one a line")
    for key, text in content.items():
        if not isinstance(key, str) or not isinstance(text, str):
            raise CatalogueFileError(
                path, f"the key {key!r} and its text must both be text; put quotes round"
            )
        yield key, text
